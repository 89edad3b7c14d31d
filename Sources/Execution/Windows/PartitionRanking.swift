import Columns

/// Tells which rows may be among the first of their partitions. Belongs to one worker.
protocol PartitionRanking: AnyObject {
    /// Columns that are held beside the rows.
    var columnCount: Int { get }
    var bytes: Int { get }

    /// Looks at the next rows, at most a chunk of them.
    ///
    /// - Parameters:
    ///   - values: The partition's keys, then those of the order.
    ///   - heldRows: How many rows are held by now.
    /// - Returns: The rows to hold, nil for all, and the columns to hold beside them.
    func admit(
        _ values: [Vector], count: Int, heldRows: Int
    ) -> (rows: SelectionVector?, columns: [Vector])

    /// Which rows are the first of their partitions so far. The others are dropped by the caller.
    func first(_ held: [DataChunk], heldRows: Int) -> RowBits

    func removeAll()
}

/// A set of row numbers.
struct RowBits {
    private var words: [UInt64]

    init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    private func contains(_ row: Int) -> Bool { words[row &>> 6] &>> UInt64(row & 63) & 1 != 0 }

    /// The members of a range, counted from its start.
    func rows(_ range: Range<Int>) -> SelectionVector {
        let buffer = VectorBuffer(byteCount: max(range.count, 1) * 4)
        let target = buffer.pointer(as: UInt32.self)
        var count = 0
        for row in range where contains(row) {
            target[count] = UInt32(truncatingIfNeeded: row &- range.lowerBound)
            count &+= 1
        }
        return SelectionVector(buffer: buffer, count: count)
    }

    /// How many members lie before each multiple of 64.
    func counts() -> [UInt32] {
        var total: UInt32 = 0
        return words.map { word in
            defer { total &+= UInt32(truncatingIfNeeded: word.nonzeroBitCount) }
            return total
        }
    }

    /// How many members lie before a member.
    func rank(_ row: Int, _ counts: [UInt32]) -> Int {
        let below = words[row &>> 6] & ((1 &<< UInt64(row & 63)) &- 1)
        return Int(counts[row &>> 6]) &+ below.nonzeroBitCount
    }
}

/// The one first row of each partition: its order words lie beside the partition's keys.
///
/// A partition's state is the number of its row among those held, from 1, then two or three words a key:
/// where NULLs go, then the value.
final class FirstRowRanking: PartitionRanking {
    private let order: [SortKey]
    private let partition: [DataType]
    private let wordCount: Int
    private var grouping: Grouping
    private let groups = VectorBuffer(byteCount: DataChunk.capacity * 4)
    /// The order words of the rows at hand, word by word.
    private let words: VectorBuffer

    let columnCount = 0

    init(partition: [DataType], order: [SortKey]) {
        self.order = order
        self.partition = partition
        wordCount = order.reduce(0) { $0 + Self.wordCount($1.expression.type) }
        grouping = Self.grouping(partition, wordCount)
        words = VectorBuffer(byteCount: max(1, wordCount) * DataChunk.capacity * 8)
    }

    /// Whether values of the keys have words that tell everything; texts have none.
    static func takes(_ order: [SortKey]) -> Bool {
        order.allSatisfy { $0.expression.type.physical != .string }
    }

    private static func wordCount(_ type: DataType) -> Int { type.physical.byteCount > 8 ? 3 : 2 }

    /// Rows without partition are one partition.
    private static func grouping(_ partition: [DataType], _ wordCount: Int) -> Grouping {
        Grouping(types: partition.isEmpty ? [.boolean] : partition, stateBytes: 8 + wordCount * 8)
    }

    var bytes: Int { grouping.bytes }

    func removeAll() { grouping = Self.grouping(partition, wordCount) }

    func admit(
        _ values: [Vector], count: Int, heldRows: Int
    ) -> (rows: SelectionVector?, columns: [Vector]) {
        var keys = Array(values.prefix(partition.count))
        if keys.isEmpty { keys = [Vector.constant(.boolean(true), type: .boolean, count: count)] }
        let groups = groups.pointer(as: UInt32.self)
        grouping.assign(keys, count: count, into: groups)
        grouping.table.prefetchRows(groups, count: count)
        fillWords(Array(values[partition.count...]), count)
        let table = grouping.table
        let base = table.rows + table.stateOffset
        let stride = table.stride
        let words = words.pointer(as: UInt64.self)
        func state(_ row: Int) -> UnsafeMutablePointer<UInt64> {
            (base + Int(groups[row]) &* stride).assumingMemoryBound(to: UInt64.self)
        }
        for row in 0..<count {
            let state = state(row)
            if state[0] != 0, !isBefore(words + row, state + 1) { continue }
            state[0] = UInt64(truncatingIfNeeded: heldRows &+ row &+ 1)
            for word in 0..<wordCount { state[1 &+ word] = words[word &* DataChunk.capacity &+ row] }
        }
        // Of several rows of a partition only the one that was last put in is held.
        let buffer = VectorBuffer(byteCount: max(count, 1) * 4)
        let kept = buffer.pointer(as: UInt32.self)
        var keptCount = 0
        for row in 0..<count {
            let state = state(row)
            guard state[0] == UInt64(truncatingIfNeeded: heldRows &+ row &+ 1) else { continue }
            kept[keptCount] = UInt32(truncatingIfNeeded: row)
            keptCount &+= 1
            state[0] = UInt64(truncatingIfNeeded: heldRows &+ keptCount)
        }
        return (SelectionVector(buffer: buffer, count: keptCount), [])
    }

    @inline(__always)
    private func isBefore(_ words: UnsafePointer<UInt64>, _ best: UnsafePointer<UInt64>) -> Bool {
        for word in 0..<wordCount {
            let own = words[word &* DataChunk.capacity]
            if own != best[word] { return own < best[word] }
        }
        return false
    }

    private func fillWords(_ columns: [Vector], _ count: Int) {
        var target = words.pointer(as: UInt64.self)
        for (column, key) in zip(columns, order) {
            let flat = column.flat(count: count)
            let values = SortKeys.words(flat, count, key.isDescending ? ~0 : 0)
            let nullWord: UInt64 = key.nullsFirst ? 0 : 2
            for row in 0..<count { target[row] = 1 }
            if let validity = flat.validity {
                for row in 0..<count where !validity.isValid(row) { target[row] = nullWord }
            }
            let nulls = target
            target += DataChunk.capacity
            for value in values {
                for row in 0..<count { target[row] = nulls[row] == 1 ? value[row] : 0 }
                target += DataChunk.capacity
            }
        }
    }

    func first(_ held: [DataChunk], heldRows: Int) -> RowBits {
        let table = grouping.table
        func state(_ group: Int) -> UnsafeMutablePointer<UInt64> {
            (table.rows + (group &* table.stride &+ table.stateOffset)).assumingMemoryBound(to: UInt64.self)
        }
        var bits = RowBits(count: heldRows)
        for group in 0..<table.count where state(group)[0] != 0 { bits.insert(Int(state(group)[0]) - 1) }
        let counts = bits.counts()
        for group in 0..<table.count where state(group)[0] != 0 {
            state(group)[0] = UInt64(bits.rank(Int(state(group)[0]) - 1, counts) + 1)
        }
        return bits
    }
}

/// Several first rows of each partition, or keys of any type: what is held is sorted from time to time.
final class SortedRanking: PartitionRanking {
    private let order: [SortKey]
    private let partition: [DataType]
    private let limit: Int
    private var grouping: Grouping?

    init(partition: [DataType], order: [SortKey], limit: Int) {
        self.order = order
        self.partition = partition
        self.limit = limit
        removeAll()
    }

    /// The partition's number and the keys.
    var columnCount: Int { 1 + order.count }
    var bytes: Int { grouping?.bytes ?? 0 }

    func removeAll() { grouping = partition.isEmpty ? nil : Grouping(types: partition, stateBytes: 0) }

    func admit(
        _ values: [Vector], count: Int, heldRows: Int
    ) -> (rows: SelectionVector?, columns: [Vector]) {
        let buffer = VectorBuffer(byteCount: max(count, 1) * 4)
        let numbers = buffer.pointer(as: UInt32.self)
        numbers.update(repeating: 0, count: count)
        grouping?.assign(Array(values.prefix(partition.count)), count: count, into: numbers)
        let group = Vector(flat: buffer, type: .integer, count: count)
        return (nil, [group] + values[partition.count...])
    }

    func first(_ held: [DataChunk], heldRows: Int) -> RowBits {
        guard let width = held.first?.columns.count else { return RowBits(count: 0) }
        let columns = (width - columnCount..<width).map { index in
            VectorConcatenation.concatenate(
                held.map { $0.columns[index] }, type: held[0].columns[index].type)
        }
        let group = SortKey(.column(0, .integer))
        let sorted = SortKeys(columns, [group] + order, rowCount: heldRows).sortedRows()
        let groups = columns[0].flat(count: heldRows).pointer(as: UInt32.self)
        var bits = RowBits(count: heldRows)
        var taken = 0
        var last: UInt32?
        for row in sorted {
            let group = groups[Int(row)]
            if group != last { taken = 0 }
            last = group
            if taken < limit { bits.insert(Int(row)) }
            taken += 1
        }
        withExtendedLifetime(columns) {}
        return bits
    }
}
