import Columns
import TableCatalog

/// What one rewriting did.
public struct CompactionStep: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        case small, deleted
        /// By the clustering key.
        case overlapping
        /// Written with other options than the table has now.
        case options
        /// Everything was asked for.
        case everything
    }

    public var table: TableID
    public var reason: Reason
    public var rowGroupsRead: Int
    public var rowGroupsWritten: Int
    public var rowsWritten: Int
    /// Before encoding.
    public var rawBytesWritten: Int
    /// false when the row groups changed too much meanwhile: nothing has happened, the next call looks again.
    public var isCommitted: Bool
}

/// Rewrites row groups, one merge at a time: plans by `CompactionPolicy`, writes from a pinned snapshot while
/// others commit, and enters the writer's gate only to exchange the groups. Any number may exist; a store
/// does one merge at a time.
public final class Compactor: Sendable {
    /// Told of raw bytes as they are written; may wait to slow the rewriting down, and ends it by returning
    /// false. Also asked, with 0, while another transaction holds the gate.
    public typealias Pace = @Sendable (_ bytes: Int) -> Bool

    private let store: ColumnStore
    private let pace: Pace
    /// How long to wait for the gate before asking the pace again.
    private static let gateWait: Duration = .milliseconds(200)

    public init(_ store: ColumnStore, pace: @escaping Pace = { _ in true }) {
        self.store = store
        self.pace = pace
    }

    /// Does at most one merge of a table.
    ///
    /// - Returns: What it did; nil when there is nothing to do, or the pace ended it.
    /// - Throws: `.tableMissing`, `.files`, `.damagedFile`, `.readOnly`, `.needsReopening`.
    ///
    /// Planning takes O(row groups), for a table with a clustering key also their footers (read once).
    public func runOnce(_ table: TableID) throws(StorageError) -> CompactionStep? {
        try store.compactions.withLock { () throws(StorageError) in
            let state = try state(of: table)
            let (policy, groups) = try Self.input(of: state)
            guard let action = policy.next(groups) else { return nil }
            return try carryOut(action, on: state)
        }
    }

    /// Does at most one step on the way to a table as if it had been loaded at once.
    ///
    /// - Parameter start: 0 at first, then what the call before left.
    func runOnceOfEverything(
        _ table: TableID, from start: inout Int
    ) throws(StorageError) -> CompactionStep? {
        var place = start
        defer { start = place }
        return try store.compactions.withLock { () throws(StorageError) in
            let state = try state(of: table)
            let (policy, groups) = try Self.input(of: state)
            guard let action = policy.everything(groups, from: &place) else { return nil }
            let step = try carryOut(action, on: state)
            guard let step, step.isCommitted, place < groups.count else { return step }
            // The last group written may take more rows; a step that made nothing fewer is passed over.
            let isFewer = step.rowGroupsWritten < step.rowGroupsRead
            place += max(step.rowGroupsWritten - 1, isFewer ? 0 : 1)
            return step
        }
    }

    private func state(of table: TableID) throws(StorageError) -> TableState {
        guard store.mode == .readWrite else { throw .readOnly(directory: store.directory) }
        guard let state = store.snapshot().state.tables[table] else { throw .tableMissing(id: table) }
        return state
    }

    private func carryOut(
        _ action: CompactionPolicy.Action, on table: TableState
    ) throws(StorageError) -> CompactionStep? {
        let inputs = Array(table.rowGroups[action.groups])
        let rewrite = RowGroupRewrite(of: inputs, in: table, store: store)
        guard try rewrite.run(pace) else { return nil }
        var step = CompactionStep(
            table: table.id, reason: action.reason, rowGroupsRead: inputs.count,
            rowGroupsWritten: rewrite.written.count, rowsWritten: rewrite.rowCount,
            rawBytesWritten: rewrite.byteCount, isCommitted: false)
        while true {
            let transaction: StoreTransaction
            do {
                transaction = try store.begin(waitingAtMost: Self.gateWait)
            } catch .writerBusy {
                if pace(0) { continue }
                rewrite.discard()
                return nil
            } catch {
                rewrite.discard()
                throw error
            }
            step.isCommitted = try rewrite.install(in: transaction)
            return step
        }
    }

    /// What the policy knows of a table.
    static func input(
        of table: TableState
    ) throws(StorageError) -> (policy: CompactionPolicy, groups: [CompactionPolicy.Group]) {
        let key = table.definition.clusteringKey
        var groups: [CompactionPolicy.Group] = []
        groups.reserveCapacity(table.rowGroups.count)
        for live in table.rowGroups {
            var group = CompactionPolicy.Group(
                liveRows: live.liveCount, allRows: live.group.rowCount,
                hasCurrentOptions: live.form.optionsNumber == table.optionsNumber)
            if let first = key.first {
                group.sortedRun = live.form.sortedRun
                group.range = KeyRange(try live.group.footer().columns[first].zone)
            }
            groups.append(group)
        }
        let isExact = key.count == 1 && table.definition.columns[key[0]].type.physical != .string
        return (CompactionPolicy(allowsTouching: isExact), groups)
    }
}
