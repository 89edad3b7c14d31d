import CIntrinsics
import Columns
import DurableIO

/// Cuts a stream of CSV into pieces of whole rows. Owned by one thread at a time.
struct CSVCutter {
    /// Readable bytes in front of and behind a piece, so that kernels may load whole words at its edges.
    static let padBytes = 64

    private let reader: any SequentialReader
    private let options: CSVOptions
    private var left: (buffer: VectorBuffer, start: Int, count: Int)?
    private var isAtEnd = false
    private var line = 1
    private(set) var bytesRead = 0

    /// A piece before it has a number: `byteCount` bytes from `padBytes` of the buffer on.
    struct Cut {
        var buffer: VectorBuffer
        var byteCount: Int
        var firstLine: Int
    }

    init(_ reader: any SequentialReader, _ options: CSVOptions) {
        self.reader = reader
        self.options = options
    }

    /// The next rows, about `options.pieceBytes` of them; nil at the end.
    mutating func next() throws(FileFormatError) -> Cut? {
        if isAtEnd { return nil }
        var capacity = max(options.pieceBytes, 1)
        var filled = 0
        var buffer = VectorBuffer(byteCount: capacity + 2 * Self.padBytes)
        if let left {
            capacity = max(capacity, left.count)
            buffer = VectorBuffer(byteCount: capacity + 2 * Self.padBytes)
            (buffer.base + Self.padBytes).copyMemory(
                from: left.buffer.base + left.start, byteCount: left.count)
            filled = left.count
        }
        left = nil
        while true {
            try fill(buffer, &filled, capacity)
            let start = (buffer.base + Self.padBytes).assumingMemoryBound(to: UInt8.self)
            memoryPads(buffer, filled)
            if isAtEnd {
                if filled == 0 { return nil }
                // The last row may do without a line feed; the pad behind has room for one.
                if start[filled - 1] != 10 {
                    start[filled] = 10
                    filled += 1
                }
                return cut(buffer, filled)
            }
            let end = rowsEnd(start, filled)
            if end > 0 {
                left = (buffer, Self.padBytes + end, filled - end)
                return cut(buffer, end)
            }
            guard capacity < CSVOptions.rowBytesMax else {
                throw .badRow(
                    file: reader.path, line: line, column: nil, code: "54000",
                    reason: "row is longer than \(CSVOptions.rowBytesMax) bytes: a quote may be missing")
            }
            let larger = VectorBuffer(byteCount: capacity * 2 + 2 * Self.padBytes)
            (larger.base + Self.padBytes).copyMemory(from: start, byteCount: filled)
            buffer = larger
            capacity *= 2
        }
    }

    private mutating func fill(
        _ buffer: VectorBuffer, _ filled: inout Int, _ capacity: Int
    ) throws(FileFormatError) {
        while filled < capacity {
            let space = UnsafeMutableRawBufferPointer(
                start: buffer.base + Self.padBytes + filled, count: capacity - filled)
            let count: Int
            do { count = try reader.read(into: space) } catch { throw .files(error) }
            if count == 0 {
                isAtEnd = true
                return
            }
            filled += count
            bytesRead += count
        }
    }

    /// Whatever lies in front and behind is not read as digits.
    private func memoryPads(_ buffer: VectorBuffer, _ filled: Int) {
        buffer.base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.padBytes)
        (buffer.base + Self.padBytes + filled).initializeMemory(
            as: UInt8.self, repeating: 0, count: Self.padBytes)
    }

    private mutating func cut(_ buffer: VectorBuffer, _ byteCount: Int) -> Cut {
        let first = line
        let start = (buffer.base + Self.padBytes).assumingMemoryBound(to: UInt8.self)
        line += Self.lineFeeds(start, byteCount)
        return Cut(buffer: buffer, byteCount: byteCount, firstLine: first)
    }

    /// Line feeds among `count` bytes, behind which 64 more may be read.
    static func lineFeeds(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var total = 0
        var start = 0
        while start < count {
            let valid: UInt64 =
                count - start >= 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: count - start)) &- 1
            total += (ambar_equal_bits64(bytes + start, 10) & valid).nonzeroBitCount
            start += 64
        }
        return total
    }

    /// Where the last row that is whole ends; 0 when there is none.
    private func rowsEnd(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        if options.escape != options.quote { return escapedRowsEnd(bytes, count) }
        var inside: UInt64 = 0
        var end = 0
        var start = 0
        while start < count {
            let left = count - start
            let valid: UInt64 = left >= 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: left)) &- 1
            let quotes = ambar_equal_bits64(bytes + start, options.quote) & valid
            var lines = ambar_equal_bits64(bytes + start, 10) & valid
            if quotes != 0 || inside != 0 {
                let within = CSVFieldIndex.prefixXOR(quotes) ^ inside
                inside = UInt64(bitPattern: Int64(bitPattern: within) >> 63)
                lines &= ~within
            }
            if lines != 0 { end = start + 64 - lines.leadingZeroBitCount }
            start += 64
        }
        return end
    }

    private func escapedRowsEnd(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var walk = CSVEscapeWalk(options)
        var end = 0
        // The last byte may protect the next, which is not there yet.
        for offset in 0..<(count - 1) {
            walk.step(bytes[offset], next: bytes[offset + 1])
            if !walk.isInside, bytes[offset] == 10 { end = offset + 1 }
        }
        return end
    }
}
