import Columns

/// Turns the rows of one column into a segment. Holds buffers that it reuses; one thread at a time.
public final class SegmentEncoder {
    let codec: BlockCompression
    let level: Int
    let words = UnsafeMutablePointer<Int64>.allocate(capacity: ColumnValues.rowCountMax)
    let runValues = UnsafeMutablePointer<Int64>.allocate(capacity: ColumnValues.rowCountMax)
    let runLengths = UnsafeMutablePointer<Int64>.allocate(capacity: ColumnValues.rowCountMax)
    let dictionary = DictionaryEncoding()
    let packing = PackingScratch()
    let chooser: EncodingChooser
    let buffers = RawBytesPool()

    public init(codec: BlockCompression = .zstd, level: Int = 1) {
        self.codec = codec
        self.level = level
        chooser = EncodingChooser(codec: codec, level: level)
    }

    deinit {
        words.deallocate()
        runValues.deallocate()
        runLengths.deallocate()
    }

    /// Appends the column as a segment to `target`, in the form that the chooser prefers.
    ///
    /// - Returns: The form taken.
    /// - Throws: `.tooLarge` when one stream exceeds 1 GiB.
    ///
    /// O(rows); about 5 to 15 ns a number and 20 ns a string, and the time of the compression.
    @discardableResult
    public func encode(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) -> SegmentEncoding {
        buffers.giveBackAll()
        if column.nullCount == column.rowCount {
            let assembler = SegmentAssembler(
                encoding: .constant, physical: column.physical, flags: SegmentHeader.flagAllNull,
                rowCount: column.rowCount, blockCount: 0, codec: codec, level: level, target: target)
            assembler.finish()
            return .constant
        }
        if column.physical == .string { return try encodeStrings(column, to: target) }
        if WordColumn.supports(column.physical) && WordColumn.widen(column, into: words) {
            return try encodeWords(column, to: target)
        }
        return try encodeFixed(column, to: target)
    }

    /// Appends codes into the table's dictionary as a segment. NULL rows may have any code below
    /// `entryCount`.
    ///
    /// - Parameter entryCount: Entries that the dictionary must have for these codes.
    public func encode(
        tableCodes codes: UnsafePointer<UInt32>, of column: ColumnValues, entryCount: Int, to target: RawBytes
    ) throws(EncodingError) {
        for row in 0..<column.rowCount { words[row] = Int64(codes[row]) }
        buffers.giveBackAll()
        let stream = packed(words, count: column.rowCount)
        _ = try assemble(
            .init(encoding: .tableDictionary, entryCount: entryCount, streams: [(.codes, stream)]), column,
            to: target)
    }

    /// Appends a segment of the chosen form, with the validity bitmap in front where there are NULLs.
    func assemble(
        _ form: EncodingChooser.Candidate, _ column: ColumnValues, to target: RawBytes
    ) throws(EncodingError) -> SegmentEncoding {
        var assembler = SegmentAssembler(
            encoding: form.encoding, physical: column.physical, rowCount: column.rowCount,
            entryCount: form.entryCount,
            blockCount: form.streams.count + (column.validity == nil ? 0 : 1), codec: codec, level: level,
            target: target)
        if let validity = column.validity {
            let byteCount = (column.rowCount + 63) / 64 * 8
            try assembler.add(.validity, UnsafeRawBufferPointer(start: validity, count: byteCount))
        }
        for (kind, stream) in form.streams { try assembler.add(kind, stream.bytes) }
        assembler.finish()
        return form.encoding
    }
}

/// Buffers that are reused between segments. Owned by one encoder.
final class RawBytesPool {
    private var buffers: [RawBytes] = []
    private var used = 0

    /// An empty buffer, the caller's until `giveBackAll`.
    func take() -> RawBytes {
        if used == buffers.count { buffers.append(RawBytes(capacity: 1 << 16)) }
        let buffer = buffers[used]
        used += 1
        buffer.removeAll()
        return buffer
    }

    func giveBackAll() { used = 0 }
}
