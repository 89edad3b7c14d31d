import Columns

/// Decodes one column of one row group into vectors. Owned by one thread.
final class ParquetColumnReader {
    private let column: ParquetColumn
    private let stream: ParquetPageStream
    private let place: PagePlace
    private var dictionary: VectorDictionary?
    private var page: ParquetOpenPage?
    private var rowsRead = 0

    init(column: ParquetColumn, stream: ParquetPageStream, place: PagePlace) {
        self.column = column
        self.stream = stream
        self.place = place
    }

    /// Goes forward by `rowCount` rows: over whole pages by their headers alone.
    func skip(rowCount: Int) throws(FileFormatError) {
        var left = rowCount
        while left > 0 {
            if let page, page.rowsLeft > 0 {
                let taken = min(left, page.rowsLeft, DataChunk.capacity)
                _ = try nextVector(rowCount: taken)
                left -= taken
                continue
            }
            guard let header = try stream.nextHeader(isSkipping: true) else { throw endsEarly() }
            if header.kind == .data || header.kind == .dataV2, header.valueCount <= left {
                stream.skipPage(header)
                left -= header.valueCount
                rowsRead += header.valueCount
            } else {
                try take(header)
            }
        }
    }

    /// The next rows as vectors of `DataChunk.capacity` rows, the last one shorter.
    func vectors(rowCount: Int) throws(FileFormatError) -> [Vector] {
        var vectors: [Vector] = []
        vectors.reserveCapacity(rowCount / DataChunk.capacity + 1)
        var left = rowCount
        while left > 0 {
            let taken = min(left, DataChunk.capacity)
            vectors.append(try nextVector(rowCount: taken))
            left -= taken
        }
        return vectors
    }

    private func endsEarly() -> FileFormatError {
        place.malformed("column chunk ends after \(rowsRead) rows")
    }

    /// Makes the page behind a header the current one, or the dictionary.
    private func take(_ header: ParquetPageHeader) throws(FileFormatError) {
        switch header.kind {
        case .index: stream.skipPage(header)
        case .dictionary:
            guard dictionary == nil else { throw place.malformed("two dictionaries in a column chunk") }
            dictionary = try ParquetDictionary.read(try stream.readPage(header), column: column)
        case .data, .dataV2: page = try ParquetOpenPage(try stream.readPage(header), column: column)
        }
    }

    private func nextVector(rowCount: Int) throws(FileFormatError) -> Vector {
        let mask = column.isOptional ? ValidityMask(count: rowCount, allValid: false) : nil
        var rows = ParquetRowAssembly(column: column, rowCount: rowCount, dictionary: dictionary)
        var filled = 0
        var valid = 0
        while filled < rowCount {
            guard var current = page, current.rowsLeft > 0 else {
                guard let header = try stream.nextHeader(isSkipping: false) else { throw endsEarly() }
                try take(header)
                rows.dictionary = dictionary
                continue
            }
            // The page must not be held twice while its decoder changes.
            page = nil
            let taken = min(rowCount - filled, current.rowsLeft)
            let present = try current.takeRows(taken, into: mask?.words, from: filled)
            try rows.append(from: &current, rowCount: taken, present: present, mask: mask)
            page = current
            filled += taken
            valid += present
            rowsRead += taken
        }
        return rows.finish(validity: valid == rowCount ? nil : mask)
    }
}
