import Postgres

/// What the mirror is doing, for status pages and readiness.
public struct ReplicationStatus: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case starting
        /// The tables are being copied anew; the reason says why.
        case copying(rows: Int, reason: String)
        case streaming
        /// The record cannot be reached or followed; tried again by itself.
        case waiting(reason: String)
        case stopped
    }

    public var state: State = .starting
    /// How far the store is.
    public var position: LogPosition?
    /// How far the record is, as last heard.
    public var recordPosition: LogPosition?
    /// Values that the store cannot hold and shows as NULL.
    public var valuesLost = 0
    public var commits = 0

    public init() {}

    /// Bytes of the record's log that the store has not seen.
    public var lagBytes: UInt64? {
        guard let position, let recordPosition else { return nil }
        return recordPosition > position ? recordPosition.rawValue - position.rawValue : 0
    }

    public var isStreaming: Bool { state == .streaming }

    /// One line for people.
    public var summary: String {
        switch state {
        case .starting: "starting"
        case .copying(let rows, let reason): "copying the tables anew (\(reason)): \(rows) rows so far"
        case .streaming: "in step with the record, \(lagBytes ?? 0) bytes behind"
        case .waiting(let reason): "waiting: \(reason)"
        case .stopped: "stopped"
        }
    }
}
