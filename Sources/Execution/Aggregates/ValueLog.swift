import Columns

/// Numbers of all groups, kept for an aggregate that needs them all: words whose unsigned order is the order
/// of the numbers, each with its group. Belongs to one worker.
///
/// Invariants: blocks are full up to their count; `low...high` holds every word.
final class ValueLog {
    struct Block {
        let words: VectorBuffer
        /// nil where there is one group only.
        let groups: VectorBuffer?
        let capacity: Int
        var count = 0
    }

    private let isGrouped: Bool
    private(set) var blocks: [Block] = []
    private(set) var count = 0
    private(set) var low = UInt64.max
    private(set) var high = UInt64.min
    private var capacityNext = 2 * DataChunk.capacity

    private static let blockRowsMax = 1 << 18
    private static let sign: UInt64 = 1 << 63

    init(isGrouped: Bool) { self.isGrouped = isGrouped }

    var bytes: Int { blocks.reduce(0) { $0 + $1.capacity * (isGrouped ? 12 : 8) } }

    /// Whether numbers of the form can be kept.
    static func takes(_ physical: PhysicalType) -> Bool {
        switch physical {
        case .bool, .int16, .int32, .int64, .float32, .float64: true
        case .int128, .uint128, .interval, .string: false
        }
    }

    /// Adds `count` rows of a flat vector without NULLs, at most a chunk.
    func append(_ vector: Vector, groups: UnsafePointer<UInt32>?, count: Int) {
        if count == 0 { return }
        let index = room(for: count)
        let start = blocks[index].count
        let target = blocks[index].words.pointer(as: UInt64.self) + start
        switch vector.physical {
        case .bool: Self.fill(target, vector.pointer(as: UInt8.self), count) { UInt64($0) }
        case .int16: Self.fill(target, vector.pointer(as: Int16.self), count) { Self.word(Int64($0)) }
        case .int32: Self.fill(target, vector.pointer(as: Int32.self), count) { Self.word(Int64($0)) }
        case .int64: Self.fill(target, vector.pointer(as: Int64.self), count) { Self.word($0) }
        case .float32: Self.fill(target, vector.pointer(as: Float.self), count) { Self.word(Double($0)) }
        case .float64: Self.fill(target, vector.pointer(as: Double.self), count) { Self.word($0) }
        default: preconditionFailure("a log keeps numbers of one word")
        }
        for row in 0..<count {
            low = min(low, target[row])
            high = max(high, target[row])
        }
        if let groups, let kept = blocks[index].groups {
            (kept.pointer(as: UInt32.self) + start).update(from: groups, count: count)
        }
        blocks[index].count += count
        self.count += count
    }

    /// Bytes when at most `extra` more rows have come.
    func bytes(adding extra: Int) -> Int {
        if let last = blocks.last, last.count + extra <= last.capacity { return bytes }
        return bytes + max(capacityNext, extra) * (isGrouped ? 12 : 8)
    }

    /// Copies those rows of another log whose group `g` has a place: their group here is `places[g]`.
    ///
    /// - Parameter places: By group, `GroupTable.notFound` for one that is not wanted; groups beyond it are
    ///   not.
    func copy(_ other: ValueLog, places: [UInt32]) {
        precondition(isGrouped && other.isGrouped, "groups are dealt out only where there are groups")
        let groupBuffer = VectorBuffer(byteCount: DataChunk.capacity * 4)
        let wordBuffer = VectorBuffer(byteCount: DataChunk.capacity * 8)
        let wantedGroups = groupBuffer.pointer(as: UInt32.self)
        let wantedWords = wordBuffer.pointer(as: UInt64.self)
        for block in other.blocks {
            guard let groups = block.groups?.pointer(as: UInt32.self) else { continue }
            let words = block.words.pointer(as: UInt64.self)
            var start = 0
            while start < block.count {
                let end = min(start + DataChunk.capacity, block.count)
                var found = 0
                for row in start..<end {
                    let group = Int(groups[row])
                    if group >= places.count || places[group] == GroupTable.notFound { continue }
                    wantedGroups[found] = places[group]
                    wantedWords[found] = words[row]
                    found &+= 1
                }
                append(wantedWords, groups: wantedGroups, count: found)
                start = end
            }
        }
        withExtendedLifetime((groupBuffer, wordBuffer)) {}
    }

    /// Adds `count` words with their groups, at most a chunk.
    private func append(
        _ words: UnsafePointer<UInt64>, groups: UnsafePointer<UInt32>, count: Int
    ) {
        if count == 0 { return }
        let index = room(for: count)
        let start = blocks[index].count
        (blocks[index].words.pointer(as: UInt64.self) + start).update(from: words, count: count)
        if let kept = blocks[index].groups {
            (kept.pointer(as: UInt32.self) + start).update(from: groups, count: count)
        }
        for row in 0..<count {
            low = min(low, words[row])
            high = max(high, words[row])
        }
        blocks[index].count += count
        self.count += count
    }

    /// Takes over the rows of another log, whose group `g` is `mapping[g]` here.
    func absorb(_ other: ValueLog, mapping: UnsafePointer<UInt32>) {
        for block in other.blocks {
            if let groups = block.groups?.pointer(as: UInt32.self) {
                for row in 0..<block.count { groups[row] = mapping[Int(groups[row])] }
            }
            blocks.append(block)
        }
        // The last block need not be the one with room.
        capacityNext = max(capacityNext, other.capacityNext)
        count += other.count
        low = min(low, other.low)
        high = max(high, other.high)
        other.removeAll()
    }

    func removeAll() {
        blocks = []
        count = 0
    }

    /// The index of a block with room for so many rows.
    private func room(for count: Int) -> Int {
        if let last = blocks.last, last.count + count <= last.capacity { return blocks.count - 1 }
        let capacity = max(capacityNext, count)
        capacityNext = min(capacity * 2, Self.blockRowsMax)
        let words = VectorBuffer(byteCount: capacity * 8)
        let groups = isGrouped ? VectorBuffer(byteCount: capacity * 4) : nil
        blocks.append(Block(words: words, groups: groups, capacity: capacity))
        return blocks.count - 1
    }

    @inline(__always) private static func fill<Element>(
        _ target: UnsafeMutablePointer<UInt64>, _ values: UnsafeMutablePointer<Element>, _ count: Int,
        _ word: (Element) -> UInt64
    ) {
        for row in 0..<count { target[row] = word(values[row]) }
    }

    @inline(__always) static func word(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ sign }

    /// NaN is the greatest, both zeros are equal.
    @inline(__always) static func word(_ value: Double) -> UInt64 {
        let bits = KeyEncoder.canonical(value).bitPattern
        return bits >> 63 == 0 ? bits | sign : ~bits
    }

    @inline(__always) static func wholeNumber(_ word: UInt64) -> Int64 { Int64(bitPattern: word ^ sign) }

    @inline(__always) static func number(_ word: UInt64) -> Double {
        Double(bitPattern: word >> 63 == 1 ? word & ~sign : ~word)
    }
}
