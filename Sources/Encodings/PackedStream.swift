import Columns

/// Whole numbers packed a vector at a time: each vector has its smallest value as base; the differences from
/// it, divided by a factor common to the stream, are kept in the fewest bits that hold them (frame of
/// reference), or their differences once more are (delta, delta of delta), where that is much smaller.
/// Layout: `storage/FORMAT.md`, "Packed stream".
///
/// Invariant: made only by `init(validating:)`, after which every read lies inside the bytes.
struct PackedStream {
    static let factorBytes = 8
    static let descriptorBytes = 16
    /// How often differences may be taken.
    static let orderMax = 2

    private let descriptors: UnsafeRawPointer
    private let data: UnsafeRawPointer
    let factor: UInt64
    let rowCount: Int

    static func vectorCount(rows: Int) -> Int { (rows + DataChunk.capacity - 1) / DataChunk.capacity }

    /// Checks every descriptor against the length. `bytes` must be 8-byte aligned and outlive the stream.
    init(validating bytes: UnsafeRawBufferPointer, rowCount: Int) throws(EncodingError) {
        let vectors = Self.vectorCount(rows: rowCount)
        let frontBytes = Self.factorBytes + vectors * Self.descriptorBytes
        guard let base = bytes.baseAddress, bytes.count >= frontBytes else {
            throw .truncated(what: "packed stream")
        }
        factor = base.load(as: UInt64.self)
        guard factor > 0 else { throw .malformed(what: "factor", value: 0) }
        descriptors = base + Self.factorBytes
        data = base + frontBytes
        self.rowCount = rowCount
        let dataBytes = bytes.count - frontBytes
        for vector in 0..<vectors {
            let shape = Shape(descriptors + vector * Self.descriptorBytes)
            guard shape.width <= 64 else { throw .malformed(what: "bit width", value: shape.width) }
            guard shape.order <= Self.orderMax else {
                throw .malformed(what: "order of differences", value: shape.order)
            }
            let length = min(DataChunk.capacity, rowCount - vector * DataChunk.capacity)
            let needed =
                shape.order * LaneDifferences.byteCount
                + BitPacking.byteCount(values: length, width: shape.width)
            guard shape.byteOffset % 8 == 0, shape.byteOffset <= dataBytes,
                needed <= dataBytes - shape.byteOffset
            else { throw .truncated(what: "packed vector \(vector)") }
        }
    }

    /// How the vector is packed.
    @inline(__always) func shape(of vector: Int) -> Shape {
        Shape(descriptors + vector &* Self.descriptorBytes)
    }

    /// The packed numbers of a vector with that shape.
    @inline(__always) func words(_ shape: Shape) -> UnsafeRawPointer {
        data + (shape.byteOffset &+ shape.order &* LaneDifferences.byteCount)
    }

    /// A vector's descriptor.
    struct Shape {
        var base: UInt64
        var byteOffset: Int
        var width: Int
        var order: Int

        @inline(__always) init(_ descriptor: UnsafeRawPointer) {
            base = descriptor.load(as: UInt64.self)
            byteOffset = Int(descriptor.load(fromByteOffset: 8, as: UInt32.self))
            width = Int(descriptor.load(fromByteOffset: 12, as: UInt8.self))
            order = Int(descriptor.load(fromByteOffset: 13, as: UInt8.self))
        }
    }

    func length(of vector: Int) -> Int {
        min(DataChunk.capacity, rowCount &- vector &* DataChunk.capacity)
    }

    /// Writes the vector's values. `output` has room for 2,048.
    func unpack(vector: Int, into output: UnsafeMutablePointer<Int64>) {
        let shape = shape(of: vector)
        let count = length(of: vector)
        let words = words(shape)
        let target = UnsafeMutableRawPointer(output).assumingMemoryBound(to: UInt64.self)
        if shape.order == 0 && shape.width == 0 {
            target.update(repeating: shape.base, count: count)
            return
        }
        let plain = shape.order == 0 && factor == 1
        if shape.width == 0 {
            target.update(repeating: 0, count: count)
        } else {
            BitPacking.unpack(
                words, count: count, width: shape.width, base: plain ? shape.base : 0, into: target)
        }
        if plain { return }
        for order in stride(from: shape.order &- 1, through: 0, by: -1) {
            differences(shape, order).add(target, count: count)
        }
        scale(target, count: count, base: shape.base, isNarrow: shape.order == 0 && shape.width <= 32)
    }

    private func differences(_ shape: Shape, _ order: Int) -> LaneDifferences {
        let at = data + (shape.byteOffset &+ order &* LaneDifferences.byteCount)
        return LaneDifferences(
            head: at.load(as: UInt64.self), stride: at.load(fromByteOffset: 8, as: UInt64.self))
    }

    /// Multiplies with the factor and adds the base.
    private func scale(
        _ values: UnsafeMutablePointer<UInt64>, count: Int, base: UInt64, isNarrow: Bool
    ) {
        if factor == 1 {
            for row in 0..<count { values[row] &+= base }
        } else if isNarrow && factor <= UInt64(UInt32.max) {
            // A product of 32-bit numbers is one vector instruction; of 64-bit ones it is many.
            let multiplier = factor & 0xFFFF_FFFF
            for row in 0..<count {
                values[row] = (values[row] & 0xFFFF_FFFF) &* (multiplier & 0xFFFF_FFFF) &+ base
            }
        } else {
            let multiplier = factor
            for row in 0..<count { values[row] = values[row] &* multiplier &+ base }
        }
    }

    /// Writes the low 32 bits of the vector's values. `output` and `scratch` have room for 2,048.
    func unpackLow32(
        vector: Int, into output: UnsafeMutablePointer<UInt32>, scratch: UnsafeMutablePointer<Int64>
    ) {
        let shape = shape(of: vector)
        let count = length(of: vector)
        let base = UInt32(truncatingIfNeeded: shape.base)
        if shape.order > 0 || shape.width > 32 {
            unpack(vector: vector, into: scratch)
            for row in 0..<count { output[row] = UInt32(truncatingIfNeeded: scratch[row]) }
        } else if shape.width == 0 {
            output.update(repeating: base, count: count)
        } else {
            let plain = factor == 1
            BitPacking.unpack32(
                data + shape.byteOffset, count: count, width: shape.width, base: plain ? base : 0,
                into: output)
            if plain { return }
            let multiplier = UInt32(truncatingIfNeeded: factor)
            for row in 0..<count { output[row] = output[row] &* multiplier &+ base }
        }
    }

    /// One value without its neighbours, where differences were taken at most once: O(1), or the sum of at
    /// most 95 differences. Else the whole vector is unpacked.
    func value(at row: Int) -> Int64 {
        precondition(row >= 0 && row < rowCount, "a row of this stream")
        let vector = row / DataChunk.capacity
        let index = row % DataChunk.capacity
        let shape = shape(of: vector)
        if shape.order > 1 {
            return withUnsafeTemporaryAllocation(of: Int64.self, capacity: DataChunk.capacity) { values in
                guard let base = values.baseAddress else { return 0 }
                unpack(vector: vector, into: base)
                return base[index]
            }
        }
        let words = words(shape)
        var quotient: UInt64
        if shape.order == 0 {
            quotient = BitPacking.value(words, index: index, width: shape.width)
        } else {
            let taken = differences(shape, 0)
            let lane = index % LaneDifferences.lanes
            quotient = BitPacking.value(words, index: 0, width: shape.width)
            for position in 1..<(lane + 1) {
                quotient &+= BitPacking.value(words, index: position, width: shape.width) &+ taken.head
            }
            for position in stride(
                from: lane + LaneDifferences.lanes, through: index, by: LaneDifferences.lanes)
            {
                quotient &+= BitPacking.value(words, index: position, width: shape.width) &+ taken.stride
            }
        }
        return Int64(bitPattern: quotient &* factor &+ shape.base)
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

extension PackedStream {
    /// Bytes of 64-bit values for all rows, rounded up to whole vectors, which `unpack` may write.
    static func paddedBytes(_ rowCount: Int) -> Int { vectorCount(rows: rowCount) * DataChunk.capacity * 8 }
}
