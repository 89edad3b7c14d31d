import Columns
import TableCatalog

extension ColumnStore {
    /// Merges and rewrites row groups of a table until `CompactionPolicy` finds none left to do; each merge
    /// is a commit. Cheap when there is nothing to do: O(row groups). Snapshots keep the old ones.
    ///
    /// - Returns: Row groups rewritten.
    /// - Throws: As `Compactor.runOnce`.
    @discardableResult
    public func compactIfNeeded(_ table: TableID) throws(StorageError) -> Int {
        try compact(table, everything: false).reduce(0) { $0 + $1.rowGroupsRead }
    }

    /// Merges and rewrites row groups of a table.
    ///
    /// - Parameters:
    ///   - everything: Until the table is as if it had been loaded at once: full row groups, no deleted rows,
    ///     current options, sorted by the clustering key. Otherwise only what pays.
    ///   - pace: Slows the rewriting down, or ends it early.
    /// - Returns: What was done, merge by merge.
    /// - Throws: As `Compactor.runOnce`. What was done before stays.
    @discardableResult
    public func compact(
        _ table: TableID, everything: Bool, pace: @escaping Compactor.Pace = { _ in true }
    ) throws(StorageError) -> [CompactionStep] {
        let compactor = Compactor(self, pace: pace)
        var steps: [CompactionStep] = []
        var start = 0
        // Each step leaves fewer groups, runs, deleted rows or old options; the bound only guards against our
        // own mistakes.
        for _ in 0..<Self.compactionStepsMax {
            let step =
                everything
                ? try compactor.runOnceOfEverything(table, from: &start) : try compactor.runOnce(table)
            guard let step else { break }
            if step.isCommitted { steps.append(step) }
        }
        return steps
    }

    static let compactionStepsMax = 100_000
}
