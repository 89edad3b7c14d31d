import Columns

/// Decodes pieces of NDJSON into chunks; used by one thread at a time, its buffers are reused.
final class NDJSONDecoder {
    private let file: String
    private let columns: [FileColumn]
    private let options: NDJSONOptions
    private let keys: [[UInt8]]
    private let indices: [[UInt8]: Int]
    private let lists: [FieldList]
    /// Offsets of the batch's rows.
    private var begins: [Int] = []
    private var ends: [Int] = []

    init(file: String, columns: [FileColumn], options: NDJSONOptions) {
        self.file = file
        self.columns = columns
        self.options = options
        keys = columns.map { Array($0.name.utf8) }
        indices = Dictionary(keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        lists = columns.map { _ in FieldList() }
    }

    func decode(_ piece: TextPiece) throws(FileFormatError) -> DecodedPiece {
        var result = DecodedPiece(chunks: [])
        var problems = RowProblems()
        let bytes = piece.block.base
        var position =
            piece.sequence == 0 && piece.byteCount >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB ? 3 : 0
        while position < piece.byteCount {
            let heap = StringHeap(keeping: [piece.block])
            begins.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            for list in lists { list.beginWithNulls() }
            while position < piece.byteCount && begins.count < DataChunk.capacity {
                let begin = position
                while bytes[position] != 10 { position += 1 }
                readLine(piece, begin, position, heap, &problems)
                position += 1
            }
            let chunk = readColumns(heap, &problems)
            if !options.skipsBadRows, let error = problems.firstError(in: piece, file: file) { throw error }
            if chunk.rowCount > 0 { result.chunks.append(chunk) }
        }
        result.rejected = problems.isEmpty ? [] : problems.rejectedRows(in: piece)
        return result
    }

    /// Takes a line as the batch's next row, unless it is empty or wrong.
    private func readLine(
        _ piece: TextPiece, _ begin: Int, _ lineFeed: Int, _ heap: StringHeap, _ problems: inout RowProblems
    ) {
        let bytes = piece.block.base
        let end = lineFeed > begin && bytes[lineFeed - 1] == 13 ? lineFeed - 1 : lineFeed
        var line = JSONLine(bytes, from: begin, to: end)
        line.skipSpaces()
        if line.isAtEnd { return }
        let row = begins.count
        if let fault = TextCheck.firstFault(bytes, from: begin, to: end) {
            problems.add(begin, end, bytes[fault] == 0 ? .nulByte : .invalidUTF8([bytes[fault]]))
            return
        }
        var fault: RowFault?
        var faultyColumn: String?
        if !readObject(&line, row, heap, &fault, &faultyColumn) {
            // The row's slot goes to the next line.
            for list in lists { list.clear(row) }
            let reason = fault ?? .malformedJSON(line.failure ?? "an object is missing")
            problems.add(begin, end, column: faultyColumn, reason)
            return
        }
        begins.append(begin)
        ends.append(end)
    }

    private func readObject(
        _ line: inout JSONLine, _ row: Int, _ heap: StringHeap, _ fault: inout RowFault?,
        _ faultyColumn: inout String?
    ) -> Bool {
        guard line.accept(123) else { return line.fail("a line is no object") }
        // Keys mostly come in the order of the columns.
        var expected = 0
        if !line.accept(125) {
            repeat {
                guard let key = line.string() else { return false }
                let place = column(line, key, expected: expected)
                guard line.accept(58) else { return line.fail("a colon is missing") }
                guard let value = line.value() else { return false }
                guard let index = place else {
                    if options.ignoresUnknownKeys { continue }
                    let range = key.range
                    let name = UnsafeBufferPointer(start: line.bytes + range.lowerBound, count: range.count)
                    fault = .unknownKey(String(decoding: name.prefix(100), as: UTF8.self))
                    return false
                }
                expected = index + 1
                guard lists[index].markSeen(row) else {
                    fault = .repeatedKey(columns[index].name)
                    return false
                }
                guard take(value, line, index, row, heap) else {
                    faultyColumn = columns[index].name
                    return line.fail("an escape in a string that there is not")
                }
            } while line.accept(44)
            guard line.accept(125) else { return line.fail("a comma or the end of the object is missing") }
        }
        line.skipSpaces()
        return line.isAtEnd || line.fail("something behind the object")
    }

    /// The column of a key; nil when there is none.
    private func column(
        _ line: JSONLine, _ key: (range: Range<Int>, hasEscapes: Bool), expected: Int
    ) -> Int? {
        let text = UnsafeBufferPointer(start: line.bytes + key.range.lowerBound, count: key.range.count)
        if key.hasEscapes {
            var copy = [UInt8](repeating: 0, count: key.range.count)
            let count = copy.withUnsafeMutableBufferPointer { target in
                target.baseAddress.flatMap {
                    JSONEscapes.resolve(line.bytes + key.range.lowerBound, key.range.count, into: $0)
                }
            }
            return count.flatMap { indices[Array(copy[..<$0])] }
        }
        if expected < keys.count, keys[expected].elementsEqual(text) { return expected }
        return indices[Array(text)]
    }

    /// Puts a value into its column's list; false for a string whose escapes are wrong.
    private func take(
        _ value: (range: Range<Int>, kind: JSONLine.Kind), _ line: JSONLine, _ index: Int, _ row: Int,
        _ heap: StringHeap
    ) -> Bool {
        var start = line.bytes + value.range.lowerBound
        var count = value.range.count
        switch value.kind {
        case .null: return true
        case .other: break
        case .string where columns[index].type == .json:
            // JSON columns hold the value as it is written, with its quotes.
            start -= 1
            count += 2
        case .string(hasEscapes: false): break
        case .string(hasEscapes: true):
            let target = heap.reserve(count + 16).assumingMemoryBound(to: UInt8.self)
            guard let written = JSONEscapes.resolve(start, count, into: target) else { return false }
            start = UnsafePointer(target)
            count = written
        }
        lists[index].setValid(row, start, count)
        return true
    }

    private func readColumns(_ heap: StringHeap, _ problems: inout RowProblems) -> DataChunk {
        var vectors: [Vector] = []
        var bad: Set<Int> = []
        for (index, column) in columns.enumerated() {
            lists[index].end(count: begins.count)
            var reader = FieldReader(type: column.type)
            vectors.append(reader.read(lists[index], heap: heap))
            var failures = reader.failures
            if !column.isNullable && lists[index].hasNulls {
                for row in begins.indices where lists[index].isNull(row) {
                    failures.append(.init(row: row, fault: .nullInColumn(column.name)))
                }
            }
            for failure in failures where bad.insert(failure.row).inserted {
                problems.add(begins[failure.row], ends[failure.row], column: column.name, failure.fault)
            }
        }
        let chunk = DataChunk(columns: vectors, rowCount: begins.count)
        if bad.isEmpty { return chunk }
        let good = SelectionVector(begins.indices.filter { !bad.contains($0) })
        return DataChunk(columns: vectors, rowCount: begins.count, selection: good).compacted()
    }
}
