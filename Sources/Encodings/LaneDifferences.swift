/// Differences that a vector of numbers is kept as where it ascends smoothly (`storage/FORMAT.md`, "Packed
/// stream"): the first 64 numbers less their neighbours, all others less the number 64 before them. So the
/// sums of 64 lanes are independent of each other, and adding them up is a plain vector loop.
///
/// All arithmetic wraps: taking differences and adding them up again is exact for any numbers.
/// Source: Afroozeh, Boncz, "The FastLanes Compression Layout", VLDB 2023 (interleaved delta encoding).
struct LaneDifferences: Equatable {
    static let lanes = 64
    static let byteCount = 16

    /// The least difference of neighbours among the first 64 numbers.
    var head: UInt64
    /// The least difference to the number 64 before.
    var stride: UInt64

    /// Takes the differences of `count` numbers, less the least of their kind; the first becomes 0.
    ///
    /// - Returns: What was taken off, and the greatest number written.
    static func take(
        _ values: UnsafePointer<UInt64>, count: Int, into output: UnsafeMutablePointer<UInt64>
    ) -> (LaneDifferences, maximum: UInt64) {
        output[0] = 0
        let headCount = min(lanes, count)
        for index in 1..<max(1, headCount) { output[index] = values[index] &- values[index &- 1] }
        for index in headCount..<max(headCount, count) {
            output[index] = values[index] &- values[index &- lanes]
        }
        let head = normalise(output + 1, count: headCount - 1)
        let stride = normalise(output + headCount, count: count - headCount)
        return (
            LaneDifferences(head: head.minimum, stride: stride.minimum), max(head.range, stride.range)
        )
    }

    /// Takes the least number, in signed order, off all of them.
    private static func normalise(
        _ values: UnsafeMutablePointer<UInt64>, count: Int
    ) -> (minimum: UInt64, range: UInt64) {
        if count <= 0 { return (0, 0) }
        var minimum = Int64.max
        var maximum = Int64.min
        for index in 0..<count {
            let value = Int64(bitPattern: values[index])
            minimum = value < minimum ? value : minimum
            maximum = value > maximum ? value : maximum
        }
        let base = UInt64(bitPattern: minimum)
        for index in 0..<count { values[index] &-= base }
        return (base, UInt64(bitPattern: maximum) &- base)
    }

    /// Turns differences back into numbers, in place.
    func add(_ values: UnsafeMutablePointer<UInt64>, count: Int) {
        for index in 1..<max(1, min(Self.lanes, count)) {
            values[index] &+= values[index &- 1] &+ head
        }
        let stride = self.stride
        var index = Self.lanes
        while index < count {
            let before = UnsafePointer(values + index - Self.lanes)
            let target = values + index
            for lane in 0..<min(Self.lanes, count &- index) { target[lane] &+= before[lane] &+ stride }
            index &+= Self.lanes
        }
    }
}
