import CZstd
import Columns

/// Lays out the buffers of one record batch.
struct ArrowBatchWriter {
    /// All buffers, each padded to 8 bytes.
    let body = TextBuffer(capacity: 1 << 16)
    private(set) var nodes: [Int] = []
    private(set) var parts: [Int] = []
    let compression: ArrowOptions.Compression
    let zstd: OpaquePointer?

    init(_ compression: ArrowOptions.Compression, zstd: OpaquePointer?) {
        self.compression = compression
        self.zstd = zstd
    }

    /// Appends a column: one vector a chunk, in order.
    /// - Throws: `.invalidRequest` for a value that Arrow has no place for.
    mutating func append(
        _ vectors: [Vector], of column: FileColumn, rowCount: Int
    ) throws(FileFormatError) {
        let flat = vectors.map { $0.flattened() }
        var nullCount = 0
        for vector in flat { nullCount += vector.validity?.nullCount ?? 0 }
        nodes += [rowCount, nullCount]
        if nullCount == 0 {
            try appendBuffer([])
        } else {
            try appendBits(flat, rowCount) { vector, row in !vector.isNull(row) }
        }
        switch column.type {
        case .boolean:
            try appendBits(flat, rowCount) { vector, row in vector.pointer(as: UInt8.self)[row] != 0 }
        case .text, .json, .array: try appendText(flat, column, rowCount)
        case .decimal where column.type.physical == .int64:
            try appendMapped(flat, Int64.self) { Int128($0) }
        case .uuid: try appendMapped(flat, UInt128.self) { $0.bigEndian }
        case .interval: try appendIntervals(flat, column)
        default: try appendBuffer(flat.map { ($0.values.base, $0.count * $0.physical.byteCount) })
        }
        withExtendedLifetime(flat) {}
    }

    private mutating func appendBits(
        _ vectors: [Vector], _ rowCount: Int, _ bit: (Vector, Int) -> Bool
    ) throws(FileFormatError) {
        let bits = VectorBuffer(byteCount: (rowCount + 7) / 8)
        bits.fillWithZeros()
        let target = bits.pointer(as: UInt8.self)
        var row = 0
        for vector in vectors {
            for index in 0..<vector.count {
                if bit(vector, index) { target[row >> 3] |= 1 << UInt8(row & 7) }
                row += 1
            }
        }
        try appendBuffer([(bits.base, bits.byteCount)])
        withExtendedLifetime(bits) {}
    }

    private mutating func appendMapped<Source: BitwiseCopyable, Raw: BitwiseCopyable>(
        _ vectors: [Vector], _ type: Source.Type, _ raw: (Source) -> Raw
    ) throws(FileFormatError) {
        let mapped = vectors.map { vector in
            let buffer = VectorBuffer(byteCount: vector.count * MemoryLayout<Raw>.stride)
            let source = vector.pointer(as: Source.self)
            let target = buffer.pointer(as: Raw.self)
            for row in 0..<vector.count { target[row] = raw(source[row]) }
            return buffer
        }
        try appendBuffer(mapped.map { ($0.base, $0.byteCount) })
        withExtendedLifetime(mapped) {}
    }

    private mutating func appendIntervals(
        _ vectors: [Vector], _ column: FileColumn
    ) throws(FileFormatError) {
        for vector in vectors {
            let source = vector.pointer(as: Interval.self)
            for row in 0..<vector.count where !vector.isNull(row) {
                guard !source[row].microseconds.multipliedReportingOverflow(by: 1_000).overflow else {
                    throw .invalidRequest("interval too long for Arrow, column \(column.name)")
                }
            }
        }
        try appendMapped(vectors, Interval.self) { span in
            // Months and days of 32 bits each, then nanoseconds.
            UInt128(UInt64(bitPattern: span.microseconds &* 1_000)) << 64
                | UInt128(UInt32(bitPattern: span.days)) << 32 | UInt128(UInt32(bitPattern: span.months))
        }
    }

    private mutating func appendText(
        _ vectors: [Vector], _ column: FileColumn, _ rowCount: Int
    ) throws(FileFormatError) {
        let offsets = VectorBuffer(byteCount: (rowCount + 1) * 4)
        let target = offsets.pointer(as: Int32.self)
        let text = TextBuffer(capacity: 1 << 16)
        var row = 0
        target[0] = 0
        for vector in vectors {
            let views = vector.pointer(as: StringView.self)
            for index in 0..<vector.count {
                if !vector.isNull(index) { views[index].withBytes { text.append($0) } }
                guard text.count <= Int(Int32.max) else {
                    throw .invalidRequest("text of one batch is longer than 2 GiB, column \(column.name)")
                }
                row += 1
                target[row] = Int32(text.count)
            }
        }
        try appendBuffer([(offsets.base, offsets.byteCount)])
        if let base = text.bytes.baseAddress {
            try appendBuffer([(UnsafeMutableRawPointer(mutating: base), text.count)])
        } else {
            try appendBuffer([])
        }
        withExtendedLifetime((offsets, text)) {}
    }

    /// Appends one buffer that is given in pieces.
    private mutating func appendBuffer(
        _ pieces: [(base: UnsafeMutableRawPointer, byteCount: Int)]
    ) throws(FileFormatError) {
        let start = body.count
        let byteCount = pieces.reduce(0) { $0 + $1.byteCount }
        if case .zstd(let level) = compression, let zstd, byteCount > 0 {
            let whole = TextBuffer(capacity: byteCount)
            for piece in pieces { Self.append(piece.base, piece.byteCount, to: whole) }
            let bound = ZSTD_compressBound(byteCount)
            var size = Int64(byteCount).littleEndian
            withUnsafeMutableBytes(of: &size) { size in
                if let base = size.baseAddress { Self.append(base, 8, to: body) }
            }
            let target = body.reserve(bound)
            let source = whole.bytes
            let count = ZSTD_compressCCtx(
                zstd, target, bound, source.baseAddress, source.count, Int32(level))
            guard ZSTD_isError(count) == 0 else { throw .invalidRequest("zstd cannot compress a buffer") }
            body.advance(count)
            withExtendedLifetime(whole) {}
        } else {
            for piece in pieces { Self.append(piece.base, piece.byteCount, to: body) }
        }
        parts += [start, body.count - start]
        while body.count % 8 != 0 { body.append(0) }
    }

    private static func append(_ base: UnsafeMutableRawPointer, _ count: Int, to buffer: TextBuffer) {
        let bytes = UnsafeRawBufferPointer(start: base, count: count).bindMemory(to: UInt8.self)
        buffer.append(bytes)
    }

    /// The structure `RecordBatch` of what was appended.
    func metadata(rowCount: Int) -> FlatTableValue {
        var batch = FlatTableValue()
        batch.number(0, Int64(rowCount))
        batch.words(1, nodes, wordsOfElement: 2)
        batch.words(2, parts, wordsOfElement: 2)
        if compression != .none {
            var codec = FlatTableValue()
            codec.number(0, Int8(1))
            codec.number(1, Int8(0))
            batch.table(3, codec)
        }
        return batch
    }
}
