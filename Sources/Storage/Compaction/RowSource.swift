import Columns

/// Gives rows in an order of its own, a chunk at a time. Owned by one merge.
protocol RowSource: AnyObject {
    /// Flat columns of the table's types, of 1 to `DataChunk.capacity` rows, all of which exist; nil at the
    /// end.
    func next() throws(StorageError) -> DataChunk?

    /// The place in the source's order of rows by their rank among the rows that went in, for a source that
    /// has ended.
    func places(ofRanks ranks: [Int]) -> [Int]
}

/// The rows of some row groups one after another: of a sorted run, or of a table that keeps the order of
/// arrival. Reads a vector at a time.
final class GroupSequence: RowSource {
    private let scan: TableScan
    private let reader: MorselReader
    private var nextMorsel = 0
    private var isOpen = false

    /// - Parameter table: A version of a table with only the groups to read.
    init(_ table: TableState, cache: BlockCache) {
        scan = TableScan(
            table: table, columns: Array(0..<table.definition.columns.count), predicates: [],
            includesRowLocator: false, cache: cache)
        reader = scan.makeReader()
    }

    func next() throws(StorageError) -> DataChunk? {
        while true {
            if isOpen, let chunk = try reader.next() {
                let compact = chunk.compacted()
                return DataChunk(columns: compact.columns.map { $0.flattened() }, rowCount: compact.rowCount)
            }
            guard nextMorsel < scan.morselCount else { return nil }
            isOpen = try reader.open(morsel: nextMorsel)
            nextMorsel += 1
        }
    }

    func places(ofRanks ranks: [Int]) -> [Int] { ranks }
}

/// The rows of some row groups in the order of the clustering key; equal keys keep the order in which they
/// came. Holds all of them in memory.
///
/// Sorting takes O(rows × log(rows)) comparisons, nearly all of them of one 64-bit word.
final class SortedBatch: RowSource {
    private struct Entry {
        var prefix: UInt64
        var row: UInt32
    }

    /// For each column a vector of each chunk that was read.
    private let columns: [[Vector]]
    /// The rank of the first row of each chunk.
    private let firstRanks: [UInt32]
    /// Ranks in sorted order.
    private var order: [UInt32] = []
    private var emitted = 0
    private var picks = RowPicks()

    /// Reads and sorts the rows.
    ///
    /// - Parameter table: A version of a table with only the groups to read.
    init(_ table: TableState, cache: BlockCache) throws(StorageError) {
        let sequence = GroupSequence(table, cache: cache)
        let keys = SortKeys()
        var columns = [[Vector]](repeating: [], count: table.definition.columns.count)
        var firstRanks: [UInt32] = []
        var rowCount = 0
        while let chunk = try sequence.next() {
            keys.append(table.definition.clusteringKey.map { chunk.columns[$0] }, rowCount: chunk.rowCount)
            for (index, vector) in chunk.columns.enumerated() { columns[index].append(vector) }
            firstRanks.append(UInt32(rowCount))
            rowCount += chunk.rowCount
        }
        self.columns = columns
        self.firstRanks = firstRanks
        order = Self.order(of: keys)
    }

    private static func order(of keys: SortKeys) -> [UInt32] {
        var entries: [Entry] = []
        entries.reserveCapacity(keys.prefixes.count)
        for (row, prefix) in keys.prefixes.enumerated() {
            entries.append(Entry(prefix: prefix, row: UInt32(truncatingIfNeeded: row)))
        }
        entries.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            let order = keys.compareWhole(Int(left.row), keys, Int(right.row))
            return order != 0 ? order < 0 : left.row < right.row
        }
        return entries.map(\.row)
    }

    func next() throws(StorageError) -> DataChunk? {
        let end = min(emitted + DataChunk.capacity, order.count)
        guard emitted < end else { return nil }
        picks.removeAll()
        for place in emitted..<end {
            let rank = order[place]
            let chunk = chunk(of: rank)
            picks.append(chunk: chunk, row: Int(rank - firstRanks[chunk]))
        }
        emitted = end
        return RowPicker.pick(picks, from: columns)
    }

    private func chunk(of rank: UInt32) -> Int {
        var low = 0
        var high = firstRanks.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if firstRanks[middle] <= rank { low = middle } else { high = middle - 1 }
        }
        return low
    }

    func places(ofRanks ranks: [Int]) -> [Int] {
        var places = [Int](repeating: 0, count: order.count)
        for (place, rank) in order.enumerated() { places[Int(rank)] = place }
        return ranks.map { places[$0] }
    }
}
