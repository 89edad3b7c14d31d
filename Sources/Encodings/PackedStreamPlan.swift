import Columns

/// How numbers are to be packed: what analysing them found.
struct PackedStreamPlan {
    /// Which vectors may be kept as differences.
    enum Differences { case never, wherePaying }

    private struct VectorPlan {
        var minimum: Int64
        var width: Int
        var order: Int
    }

    private let factor: UInt64
    private var vectors: [VectorPlan] = []
    private let rowCount: Int
    /// Bytes that `encode` appends.
    private(set) var byteCount: Int
    /// Whether any vector is kept as differences.
    var hasDifferences: Bool { vectors.contains { $0.order > 0 } }

    /// Differences must save this share: they take a pass more to decode, and more to look at one row.
    private static let differencesShare = 0.85

    /// Finds base, factor, order and width of each vector of `count` (at least one) values. `scratch` is any
    /// memory to work in.
    ///
    /// About 1 ns a value.
    init(
        _ values: UnsafePointer<Int64>, count: Int, differences: Differences = .wherePaying,
        scratch: PackingScratch
    ) {
        rowCount = count
        let vectorCount = PackedStream.vectorCount(rows: count)
        var factor: UInt64 = 0
        var ranges: [UInt64] = []
        for vector in 0..<vectorCount {
            let length = min(DataChunk.capacity, count - vector * DataChunk.capacity)
            let source = values + vector * DataChunk.capacity
            let (minimum, maximum) = PackedStream.bounds(source, count: length)
            vectors.append(VectorPlan(minimum: minimum, width: 0, order: 0))
            ranges.append(UInt64(bitPattern: maximum &- minimum))
            if factor != 1 {
                scratch.subtract(minimum, from: source, count: length)
                SharedDivisor.fold(scratch.first, count: length, into: &factor)
            }
        }
        self.factor = max(1, factor)
        byteCount = PackedStream.factorBytes + vectorCount * PackedStream.descriptorBytes
        for vector in 0..<vectorCount {
            let length = min(DataChunk.capacity, count - vector * DataChunk.capacity)
            vectors[vector].width = Self.width(ranges[vector] / self.factor)
            var best = BitPacking.byteCount(values: length, width: vectors[vector].width)
            if differences == .wherePaying && best > 0 && length > 2 * LaneDifferences.lanes {
                let source = values + vector * DataChunk.capacity
                scratch.divide(source, count: length, base: vectors[vector].minimum, factor: self.factor)
                for order in 1...PackedStream.orderMax {
                    let (_, maximum) = scratch.takeDifferences(count: length)
                    let width = Self.width(maximum)
                    let bytes =
                        order * LaneDifferences.byteCount + BitPacking.byteCount(values: length, width: width)
                    if Double(bytes) <= Double(best) * Self.differencesShare {
                        vectors[vector].width = width
                        vectors[vector].order = order
                        best = bytes
                    }
                }
            }
            byteCount += best
        }
    }

    private static func width(_ maximum: UInt64) -> Int { 64 - maximum.leadingZeroBitCount }

    /// Appends the stream of the values that the plan was made for.
    func encode(_ values: UnsafePointer<Int64>, to target: RawBytes, scratch: PackingScratch) {
        target.append(number: factor)
        let headerStart = target.count
        target.extend(byBytes: vectors.count * PackedStream.descriptorBytes)
        let dataStart = target.count
        for (vector, plan) in vectors.enumerated() {
            let length = min(DataChunk.capacity, rowCount - vector * DataChunk.capacity)
            let descriptor = target.base + headerStart + vector * PackedStream.descriptorBytes
            // Differences start from the first value, whichever is the least.
            let base = plan.order > 0 ? values[vector * DataChunk.capacity] : plan.minimum
            descriptor.storeBytes(of: base, as: Int64.self)
            descriptor.storeBytes(of: UInt32(target.count - dataStart), toByteOffset: 8, as: UInt32.self)
            descriptor.storeBytes(of: UInt32(plan.width | plan.order << 8), toByteOffset: 12, as: UInt32.self)
            if plan.width == 0 && plan.order == 0 { continue }
            scratch.divide(
                values + vector * DataChunk.capacity, count: length, base: plan.minimum, factor: factor)
            for _ in 0..<plan.order {
                let (taken, _) = scratch.takeDifferences(count: length)
                target.append(number: taken.head)
                target.append(number: taken.stride)
            }
            if plan.width == 0 { continue }
            let byteCount = BitPacking.byteCount(values: length, width: plan.width)
            let words = target.extend(byBytes: byteCount)
            words.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
            BitPacking.pack(scratch.first, count: length, width: plan.width, into: words)
        }
        precondition(target.count - headerStart + 8 == byteCount, "a plan knows the size of its stream")
    }
}

/// Memory for packing one vector. Owned by one encoder.
final class PackingScratch {
    private(set) var first = UnsafeMutablePointer<UInt64>.allocate(capacity: DataChunk.capacity)
    private var second = UnsafeMutablePointer<UInt64>.allocate(capacity: DataChunk.capacity)

    deinit {
        first.deallocate()
        second.deallocate()
    }

    /// Fills `first` with the differences of the values from `base`.
    func subtract(_ base: Int64, from values: UnsafePointer<Int64>, count: Int) {
        let output = first
        for row in 0..<count { output[row] = UInt64(bitPattern: values[row] &- base) }
    }

    /// Fills `first` with the differences divided by `factor`, which divides all of them.
    func divide(_ values: UnsafePointer<Int64>, count: Int, base: Int64, factor: UInt64) {
        subtract(base, from: values, count: count)
        if factor == 1 { return }
        let division = ExactDivision(by: factor)
        let output = first
        for row in 0..<count { output[row] = division.quotient(output[row]) }
    }

    /// Replaces `first` by its differences.
    func takeDifferences(count: Int) -> (LaneDifferences, maximum: UInt64) {
        let taken = LaneDifferences.take(first, count: count, into: second)
        swap(&first, &second)
        return taken
    }
}
