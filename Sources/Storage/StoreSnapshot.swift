import Columns
import TableCatalog

/// One version of the store, as of one commit: never changes, and keeps the files that it needs. Cheap to
/// make, copy and hold; any number of threads may read it.
public struct StoreSnapshot: Sendable {
    let state: StoreState
    private let cache: BlockCache
    private let statistics: StatisticsCache
    /// Also keeps the lock of a read-only store for as long as its snapshots live.
    let store: ColumnStore

    init(state: StoreState, cache: BlockCache, statistics: StatisticsCache, store: ColumnStore) {
        self.state = state
        self.cache = cache
        self.statistics = statistics
        self.store = store
    }

    /// Counts commits from 1.
    public var version: UInt64 { state.version }
    /// When the version was committed: microseconds since 1970-01-01 UTC.
    public var time: Int64 { state.time }
    public var catalog: Catalog { state.catalog }

    /// The last version that changed a table's rows or definition: what cached results hang on. nil if it is
    /// missing.
    public func version(of table: TableID) -> UInt64? { state.tables[table]?.version }

    /// Rows of a table; nil if it is missing. O(1).
    public func rowCount(of table: TableID) -> Int? { state.tables[table]?.rowCount }

    /// Row groups of a table and the bytes of its data files' parts that they use; nil if it is missing.
    public func size(of table: TableID) throws(StorageError) -> (rowGroups: Int, bytes: Int)? {
        guard let table = state.tables[table] else { return nil }
        var bytes = 0
        for live in table.rowGroups {
            bytes += live.group.footerBytes
            for column in try live.group.footer().columns { bytes += column.byteCount + column.bloomBytes }
        }
        return (table.rowGroups.count, bytes)
    }

    /// The log sequence number recorded last for a source; nil before the first.
    public func replicationPosition(of identity: String) -> UInt64? { state.replicationPositions[identity] }

    /// A property of a table, or of the store when `table` is nil.
    public func property(_ key: String, of table: TableID? = nil) -> String? {
        guard let table else { return state.properties[key] }
        return state.tables[table]?.properties[key]
    }

    /// All properties of a table; none of one that is not there.
    public func properties(of table: TableID) -> [String: String] { state.tables[table]?.properties ?? [:] }

    /// Scans columns of a table.
    ///
    /// - Parameters:
    ///   - columns: Indices of table columns in output order; may be empty, to count rows.
    ///   - predicates: All of them hold for the wanted rows; they only skip.
    ///   - includesRowLocator: Adds a BIGINT column of `RowLocator.rawValue` at the end.
    /// - Throws: `.tableMissing`.
    public func scan(
        _ table: TableID, columns: [Int], predicates: [ScanPredicate] = [],
        zonePredicates: [ScanPredicate] = [], includesRowLocator: Bool = false
    ) throws(StorageError) -> TableScan {
        guard let state = state.tables[table] else { throw .tableMissing(id: table) }
        return TableScan(
            table: state, columns: columns, predicates: predicates, zonePredicates: zonePredicates,
            includesRowLocator: includesRowLocator, cache: cache)
    }

    /// What the planner may know. Reads the footers of at most 256 row groups (on first use), spread over the
    /// table.
    ///
    /// - Throws: `.tableMissing`, `.files`, `.damagedFile`.
    public func statistics(of table: TableID) throws(StorageError) -> TableStatistics {
        guard let state = state.tables[table] else { throw .tableMissing(id: table) }
        return try statistics.statistics(of: state)
    }
}
