import TableCatalog

/// Statistics of the newest version of each table that was asked for: planning asks for every query, and
/// merging sketches of many row groups takes a millisecond.
final class StatisticsCache: @unchecked Sendable {
    private let lock = Lock()
    /// Guarded by `lock`.
    private var known: [TableID: (version: UInt64, statistics: TableStatistics)] = [:]

    func statistics(of table: TableState) throws(StorageError) -> TableStatistics {
        if let found = lock.withLock({ known[table.id] }), found.version == table.version {
            return found.statistics
        }
        let fresh = try StatisticsReader.statistics(of: table)
        lock.withLock {
            let newest = known[table.id]?.version ?? 0
            if newest <= table.version { known[table.id] = (table.version, fresh) }
        }
        return fresh
    }
}
