import Columns

/// Whole numbers packed a vector at a time: each vector has its smallest value as base and the fewest bits
/// that hold the differences (frame of reference). Layout: `storage/FORMAT.md`, "Packed stream".
///
/// Invariant: made only by `init(validating:)`, after which every read lies inside the bytes.
struct PackedStream {
    static let descriptorBytes = 16

    private let descriptors: UnsafeRawPointer
    private let data: UnsafeRawPointer
    let rowCount: Int

    static func vectorCount(rows: Int) -> Int { (rows + DataChunk.capacity - 1) / DataChunk.capacity }

    /// Bytes that `encode` would append.
    static func analyse(_ values: UnsafePointer<Int64>, count: Int) -> Int {
        var total = 0
        var start = 0
        while start < count {
            let length = min(DataChunk.capacity, count - start)
            let (minimum, maximum) = bounds(values + start, count: length)
            let width = bitWidth(minimum, maximum)
            total += descriptorBytes + BitPacking.byteCount(values: length, width: width, is64: width > 32)
            start += length
        }
        return total
    }

    static func encode(_ values: UnsafePointer<Int64>, count: Int, to target: RawBytes) {
        let vectors = vectorCount(rows: count)
        let headerStart = target.count
        target.extend(byBytes: vectors * descriptorBytes)
        var dataBytes = 0
        for vector in 0..<vectors {
            let start = vector * DataChunk.capacity
            let length = min(DataChunk.capacity, count - start)
            let (minimum, maximum) = bounds(values + start, count: length)
            let width = bitWidth(minimum, maximum)
            let byteCount = BitPacking.byteCount(values: length, width: width, is64: width > 32)
            if width > 0 {
                let words = target.extend(byBytes: byteCount)
                words.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
                if width > 32 {
                    BitPacking.pack64(
                        values + start, count: length, base: minimum, width: width,
                        into: words.assumingMemoryBound(to: UInt64.self))
                } else {
                    BitPacking.pack32(
                        values + start, count: length, base: minimum, width: width,
                        into: words.assumingMemoryBound(to: UInt32.self))
                }
            }
            let descriptor = target.base + headerStart + vector * descriptorBytes
            descriptor.storeBytes(of: minimum, as: Int64.self)
            descriptor.storeBytes(of: UInt32(dataBytes), toByteOffset: 8, as: UInt32.self)
            descriptor.storeBytes(of: UInt32(width), toByteOffset: 12, as: UInt32.self)
            dataBytes += byteCount
        }
    }

    /// Checks every descriptor against the length. `bytes` must be 8-byte aligned and outlive the stream.
    init(validating bytes: UnsafeRawBufferPointer, rowCount: Int) throws(EncodingError) {
        let vectors = Self.vectorCount(rows: rowCount)
        guard let base = bytes.baseAddress, bytes.count >= vectors * Self.descriptorBytes else {
            throw .truncated(what: "packed stream")
        }
        descriptors = base
        data = base + vectors * Self.descriptorBytes
        self.rowCount = rowCount
        let dataBytes = bytes.count - vectors * Self.descriptorBytes
        for vector in 0..<vectors {
            let descriptor = base + vector * Self.descriptorBytes
            let offset = Int(descriptor.load(fromByteOffset: 8, as: UInt32.self))
            let width = Int(descriptor.load(fromByteOffset: 12, as: UInt32.self))
            guard width <= 64 else { throw .malformed(what: "bit width", value: width) }
            let length = min(DataChunk.capacity, rowCount - vector * DataChunk.capacity)
            let needed = BitPacking.byteCount(values: length, width: width, is64: width > 32)
            guard offset % 8 == 0, offset <= dataBytes, needed <= dataBytes - offset else {
                throw .truncated(what: "packed vector \(vector)")
            }
        }
    }

    func length(of vector: Int) -> Int {
        min(DataChunk.capacity, rowCount &- vector &* DataChunk.capacity)
    }

    /// Where and how a vector's differences from its base are packed.
    @inline(__always) func frame(of vector: Int) -> (base: Int64, width: Int, words: UnsafeRawPointer) {
        let descriptor = descriptors + vector &* Self.descriptorBytes
        return (
            descriptor.load(as: Int64.self), Int(descriptor.load(fromByteOffset: 12, as: UInt32.self)),
            data + Int(descriptor.load(fromByteOffset: 8, as: UInt32.self))
        )
    }

    /// Writes the low 32 bits of the vector's values. `output` has room for 2,048.
    func unpackLow32(
        vector: Int, into output: UnsafeMutablePointer<UInt32>, scratch: UnsafeMutablePointer<Int64>
    ) {
        let descriptor = descriptors + vector &* Self.descriptorBytes
        let base = descriptor.load(as: Int64.self)
        let words = data + Int(descriptor.load(fromByteOffset: 8, as: UInt32.self))
        let width = Int(descriptor.load(fromByteOffset: 12, as: UInt32.self))
        let count = length(of: vector)
        if width == 0 {
            output.update(repeating: UInt32(truncatingIfNeeded: base), count: count)
        } else if width <= 32 {
            BitPacking.unpack32(
                words.assumingMemoryBound(to: UInt32.self), steps: (count &+ 63) / 64, width: width,
                base: UInt32(truncatingIfNeeded: base), into: output)
        } else {
            unpack(vector: vector, into: scratch)
            for row in 0..<count { output[row] = UInt32(truncatingIfNeeded: scratch[row]) }
        }
    }

    /// Writes the vector's values. `output` has room for 2,048.
    func unpack(vector: Int, into output: UnsafeMutablePointer<Int64>) {
        let descriptor = descriptors + vector &* Self.descriptorBytes
        let base = descriptor.load(as: Int64.self)
        let words = data + Int(descriptor.load(fromByteOffset: 8, as: UInt32.self))
        let width = Int(descriptor.load(fromByteOffset: 12, as: UInt32.self))
        let count = length(of: vector)
        if width == 0 {
            output.update(repeating: base, count: count)
        } else if width <= 32 {
            BitPacking.unpack32Widening(
                words.assumingMemoryBound(to: UInt32.self), steps: (count &+ 63) / 64, width: width,
                base: base,
                into: output)
        } else {
            BitPacking.unpack64(
                words.assumingMemoryBound(to: UInt64.self), steps: (count &+ 31) / 32, width: width,
                base: base,
                into: output)
        }
    }

    /// One value without its neighbours.
    func value(at row: Int) -> Int64 {
        precondition(row >= 0 && row < rowCount, "a row of this stream")
        let descriptor = descriptors + (row / DataChunk.capacity) &* Self.descriptorBytes
        let base = descriptor.load(as: Int64.self)
        let words = data + Int(descriptor.load(fromByteOffset: 8, as: UInt32.self))
        let width = Int(descriptor.load(fromByteOffset: 12, as: UInt32.self))
        if width == 0 { return base }
        let difference = BitPacking.value(
            words, index: row % DataChunk.capacity, width: width, is64: width > 32)
        return base &+ Int64(bitPattern: difference)
    }

    static func bounds(_ values: UnsafePointer<Int64>, count: Int) -> (Int64, Int64) {
        var minimum = Int64.max
        var maximum = Int64.min
        for index in 0..<count {
            let value = values[index]
            minimum = value < minimum ? value : minimum
            maximum = value > maximum ? value : maximum
        }
        return (minimum, maximum)
    }

    static func bitWidth(_ minimum: Int64, _ maximum: Int64) -> Int {
        64 - UInt64(bitPattern: maximum &- minimum).leadingZeroBitCount
    }
}
