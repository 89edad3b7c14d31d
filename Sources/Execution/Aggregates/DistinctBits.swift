import Columns

/// Pairs of a group and a whole number as one bit each, while the numbers lie close together. Belongs to one
/// worker.
///
/// Invariants: bit `value` - `base` of the `wordsPerGroup` words of its group is set for each pair; there are
/// words for `groupCapacity` groups, all zero beyond the groups that were met; `count` bits are set.
struct DistinctBits: ~Copyable {
    private var memory = TableMemory(byteCount: 8)
    private var base: Int64 = 0
    private var wordsPerGroup = 0
    private var groupCapacity = 0
    private(set) var count = 0

    /// Bytes that are always allowed: little beside what an operator may hold whatever the budget.
    static let bytesMin = 1 << 18
    /// Bytes a pair that are allowed beyond, a step at most doubling them; a hash table takes more.
    static let bytesPerPairMax = 16

    var bytes: Int { groupCapacity * wordsPerGroup * 8 }

    /// Whether numbers of the type can be kept.
    static func takes(_ type: DataType) -> Bool {
        switch type.physical {
        case .int16, .int32, .int64: true
        default: false
        }
    }

    /// Adds pairs of a flat vector without NULLs; false when the bits would be too many, and then nothing is
    /// added.
    ///
    /// - Parameter groups: Below `groupCount`; nil where all rows belong to group 0.
    mutating func add(
        _ vector: Vector, groups: UnsafePointer<UInt32>?, groupCount: Int, count rowCount: Int
    ) -> Bool {
        guard let range = NumberRange.of(vector, count: rowCount) else { return true }
        guard makeRoom(range.low, range.high, groupCount) else { return false }
        switch vector.physical {
        case .int16: set(vector.pointer(as: Int16.self), groups, rowCount)
        case .int32: set(vector.pointer(as: Int32.self), groups, rowCount)
        default: set(vector.pointer(as: Int64.self), groups, rowCount)
        }
        return true
    }

    @inline(__always) private mutating func set<Number: FixedWidthInteger>(
        _ values: UnsafeMutablePointer<Number>, _ groups: UnsafePointer<UInt32>?, _ rowCount: Int
    ) {
        let words = memory.base.assumingMemoryBound(to: UInt64.self)
        let base = base
        let width = wordsPerGroup
        var fresh: UInt64 = 0
        for row in 0..<rowCount {
            let code = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- base)
            let group = groups.map { Int($0[row]) } ?? 0
            let place = group &* width &+ Int(truncatingIfNeeded: code &>> 6)
            let bit = code & 63
            let word = words[place]
            fresh &+= (word &>> bit) & 1 ^ 1
            words[place] = word | 1 &<< bit
        }
        count += Int(fresh)
    }

    /// Makes room for numbers `low...high` of `groupCount` groups; false when there would be too many bits.
    ///
    /// - Parameter other: Pairs and bytes of another worker's that come with their memory.
    private mutating func makeRoom(
        _ low: Int64, _ high: Int64, _ groupCount: Int, with other: (count: Int, bytes: Int) = (0, 0)
    ) -> Bool {
        let isWithin =
            wordsPerGroup > 0 && low >= base
            && UInt64(bitPattern: high &- base) < UInt64(wordsPerGroup) * 64
        if isWithin, groupCount <= groupCapacity { return true }
        var newBase = base
        var newWidth = wordsPerGroup
        if !isWithin {
            let last = wordsPerGroup == 0 ? high : max(high, base &+ Int64(wordsPerGroup) * 64 - 1)
            // Whole words, so that widening moves words.
            let first = (wordsPerGroup == 0 ? low : min(low, base)) & ~63
            let (span, overflow) = last.subtractingReportingOverflow(first)
            guard !overflow, span < Int64(Int32.max), first < Int64.max - 2 * Int64(Int32.max) else {
                return false
            }
            let wanted = Int(span) / 64 + 1
            // Half as much again, so that a slowly growing domain does not move the words each time.
            newWidth = wordsPerGroup == 0 ? wanted : wanted + wanted / 2
            newBase = first
        }
        let limit = max(
            Self.bytesMin, min((count + other.count) * Self.bytesPerPairMax, (bytes + other.bytes) * 2))
        guard groupCount * newWidth * 8 <= limit else { return false }
        // Half as many again, so that slowly more groups do not move the words each time.
        var newCapacity = max(groupCapacity, groupCount)
        if groupCount > groupCapacity, groupCount * 3 / 2 * newWidth * 8 <= limit {
            newCapacity = groupCount * 3 / 2
        }
        guard newCapacity * newWidth * 8 <= limit else { return false }
        rebuild(newBase, newWidth, newCapacity)
        return true
    }

    private mutating func rebuild(_ newBase: Int64, _ newWidth: Int, _ newCapacity: Int) {
        if newWidth == wordsPerGroup, newBase == base, groupCapacity > 0 {
            memory.grow(to: newCapacity * newWidth * 8)
            groupCapacity = newCapacity
            return
        }
        let larger = TableMemory(byteCount: newCapacity * newWidth * 8)
        let shift = Int((base &- newBase) / 64)
        for group in 0..<groupCapacity where wordsPerGroup > 0 {
            (larger.base + (group * newWidth + shift) * 8).copyMemory(
                from: memory.base + group * wordsPerGroup * 8, byteCount: wordsPerGroup * 8)
        }
        memory = larger
        (base, wordsPerGroup, groupCapacity) = (newBase, newWidth, newCapacity)
    }

    /// Whether a group without words has been met by nobody.
    private func hasWords(_ group: Int) -> Bool { group < groupCapacity && wordsPerGroup > 0 }

    /// The number of pairs of a group. O(words of a group).
    func count(of group: Int) -> Int {
        guard hasWords(group) else { return 0 }
        let words = memory.base.assumingMemoryBound(to: UInt64.self) + group * wordsPerGroup
        var total = 0
        for index in 0..<wordsPerGroup { total &+= words[index].nonzeroBitCount }
        return total
    }

    /// Calls `body` with all pairs, by group, a chunk at most at a time; the buffers are used again.
    func forEachChunk<Failure: Error>(
        type: DataType, _ body: (UnsafePointer<UInt32>, Vector, Int) throws(Failure) -> Void
    ) throws(Failure) {
        let groupBuffer = VectorBuffer(byteCount: DataChunk.capacity * 4)
        let groups = groupBuffer.pointer(as: UInt32.self)
        let words = memory.base.assumingMemoryBound(to: UInt64.self)
        var values = VectorBuffer(byteCount: DataChunk.capacity * 8)
        var rowCount = 0
        func hand(_ rowCount: Int) throws(Failure) {
            if rowCount == 0 { return }
            try body(UnsafePointer(groups), Self.vector(values, type: type, count: rowCount), rowCount)
            // A vector is read-only once others have seen it.
            values = VectorBuffer(byteCount: DataChunk.capacity * 8)
        }
        for group in 0..<groupCapacity {
            for index in 0..<wordsPerGroup {
                var word = words[group * wordsPerGroup + index]
                if word == 0 { continue }
                if rowCount + 64 > DataChunk.capacity {
                    try hand(rowCount)
                    rowCount = 0
                }
                let target = values.pointer(as: Int64.self)
                while word != 0 {
                    target[rowCount] = base &+ Int64(index * 64 + word.trailingZeroBitCount)
                    groups[rowCount] = UInt32(truncatingIfNeeded: group)
                    rowCount += 1
                    word &= word &- 1
                }
            }
        }
        try hand(rowCount)
        withExtendedLifetime(groupBuffer) {}
    }

    /// Whole numbers as a vector of a type of fewer bits.
    private static func vector(_ values: VectorBuffer, type: DataType, count: Int) -> Vector {
        func narrowed<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) -> Vector {
            let buffer = VectorBuffer(byteCount: count * MemoryLayout<Number>.size)
            let (source, target) = (values.pointer(as: Int64.self), buffer.pointer(as: Number.self))
            for row in 0..<count { target[row] = Number(truncatingIfNeeded: source[row]) }
            return Vector(flat: buffer, type: type, count: count)
        }
        return switch type.physical {
        case .int16: narrowed(Int16.self)
        case .int32: narrowed(Int32.self)
        default: Vector(flat: values, type: type, count: count)
        }
    }

    /// Adds the pairs of another worker whose bits are of the same place and width, group `g` as
    /// `mapping[g]`, all below `groupCount`; false when they must be added one by one.
    mutating func absorb(
        _ other: borrowing DistinctBits, mapping: UnsafePointer<UInt32>, groupsMapped: Int, groupCount: Int
    ) -> Bool {
        if other.wordsPerGroup == 0 { return true }
        let last = other.base &+ Int64(other.wordsPerGroup) * 64 - 1
        guard makeRoom(other.base, last, groupCount, with: (other.count, other.bytes)) else { return false }
        let words = memory.base.assumingMemoryBound(to: UInt64.self)
        let added = other.memory.base.assumingMemoryBound(to: UInt64.self)
        let shift = Int((other.base &- base) / 64)
        for group in 0..<min(groupsMapped, other.groupCapacity) {
            let target = words + (Int(mapping[group]) * wordsPerGroup + shift)
            let source = added + group * other.wordsPerGroup
            var fresh = 0
            for index in 0..<other.wordsPerGroup {
                fresh &+= (source[index] & ~target[index]).nonzeroBitCount
                target[index] |= source[index]
            }
            count += fresh
        }
        return true
    }

    mutating func removeAll() {
        memory = TableMemory(byteCount: 8)
        (base, wordsPerGroup, groupCapacity, count) = (0, 0, 0, 0)
    }
}
