import Columns

/// Strings of any length: lengths as a packed stream, the byte at which each vector starts, and the bytes.
struct StringEncoding {
    private let lengths: PackedStream
    private let starts: UnsafePointer<UInt32>
    private let bytes: UnsafePointer<UInt8>
    private let rowCount: Int

    /// Appends the byte at which each vector of strings of those lengths starts, and their end.
    static func encode(starts lengths: UnsafePointer<Int64>, count: Int, to target: RawBytes) {
        var offset: Int64 = 0
        for row in 0..<count {
            if row % DataChunk.capacity == 0 { target.append(number: UInt32(truncatingIfNeeded: offset)) }
            offset &+= lengths[row]
        }
        target.append(number: UInt32(truncatingIfNeeded: offset))
    }

    /// Checks that the lengths of every vector fill the bytes from its start to the next one's.
    init(
        lengths lengthBytes: UnsafeRawBufferPointer, starts startBytes: UnsafeRawBufferPointer,
        bytes: UnsafeRawBufferPointer, rowCount: Int
    ) throws(EncodingError) {
        let vectors = PackedStream.vectorCount(rows: rowCount)
        guard let startBase = startBytes.baseAddress, startBytes.count == (vectors + 1) * 4,
            let byteBase = bytes.baseAddress
        else { throw .truncated(what: "string starts") }
        lengths = try PackedStream(validating: lengthBytes, rowCount: rowCount)
        starts = startBase.assumingMemoryBound(to: UInt32.self)
        self.bytes = byteBase.assumingMemoryBound(to: UInt8.self)
        self.rowCount = rowCount
        let scratch = UnsafeMutablePointer<Int64>.allocate(capacity: DataChunk.capacity)
        defer { scratch.deallocate() }
        for vector in 0..<vectors {
            lengths.unpack(vector: vector, into: scratch)
            var offset = Int64(starts[vector])
            for row in 0..<min(DataChunk.capacity, rowCount - vector * DataChunk.capacity) {
                let length = scratch[row]
                guard length >= 0, length <= Int64(bytes.count) else {
                    throw .malformed(what: "string length", value: Int(length))
                }
                offset += length
            }
            guard offset == Int64(starts[vector + 1]), offset <= Int64(bytes.count) else {
                throw .malformed(what: "string bytes", value: Int(offset))
            }
        }
    }

    /// Writes views of the vector's strings, which point into this segment's bytes.
    func decode(
        vector: Int, into output: UnsafeMutablePointer<StringView>, scratch: UnsafeMutablePointer<UInt32>,
        wide: UnsafeMutablePointer<Int64>
    ) {
        let count = min(DataChunk.capacity, rowCount &- vector &* DataChunk.capacity)
        lengths.unpackLow32(vector: vector, into: scratch, scratch: wide)
        var next = bytes + Int(starts[vector])
        for row in 0..<count {
            let length = Int(scratch[row])
            output[row] = Self.view(next, count: length)
            next += length
        }
    }

    /// A view of `count` bytes behind which 12 more may be read, as they may in a segment's memory.
    @inline(__always) static func view(_ bytes: UnsafePointer<UInt8>, count: Int) -> StringView {
        let raw = UnsafeRawPointer(bytes)
        let prefix = UInt64(raw.loadUnaligned(as: UInt32.self))
        let size = UInt64(truncatingIfNeeded: count)
        if count > StringView.inlineBytesMax {
            return StringView(low: size | prefix &<< 32, high: UInt64(UInt(bitPattern: bytes)))
        }
        let rest = raw.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
        let prefixMask: UInt64 = (1 &<< (min(size, 4) &* 8)) &- 1
        // A shift by 64 is defined as zero here: strings of 12 bytes keep all of the rest.
        let restMask: UInt64 = ~(~0 << ((max(size, 4) &- 4) &* 8))
        return StringView(low: size | (prefix & prefixMask) &<< 32, high: rest & restMask)
    }

    /// One string. Adds up the lengths of its vector: O(2,048).
    func string(at row: Int) -> UnsafeBufferPointer<UInt8> {
        let vector = row / DataChunk.capacity
        var offset = Int(starts[vector])
        for earlier in (vector * DataChunk.capacity)..<row { offset &+= Int(lengths.value(at: earlier)) }
        return UnsafeBufferPointer(start: bytes + offset, count: Int(lengths.value(at: row)))
    }
}
