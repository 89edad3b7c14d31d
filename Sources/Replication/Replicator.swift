import Foundation
import Logging
import Postgres
import Storage
import Synchronization

/// Keeps the mirrored tables of a store in step with the record, on a thread of its own: copies them once,
/// then follows the record's log. Lost connections are made anew; when the log has been lost or a table has
/// changed, the tables are copied anew.
public final class Replicator: Sendable {
    private let configuration: PostgresConfiguration
    private let patterns: [MirrorPattern]
    private let store: ColumnStore
    private let logger: Logger
    private let status = Mutex(ReplicationStatus())
    private let isStopped = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)
    private let isStarted = Atomic<Bool>(false)

    private static let retryPause: TimeInterval = 1

    public init(
        record: PostgresConfiguration, tables: [MirrorPattern] = MirrorPattern.standard, store: ColumnStore,
        logger: Logger
    ) {
        configuration = record.writingTextAsTheMirrorReadsIt
        patterns = tables
        self.store = store
        self.logger = logger
    }

    public var currentStatus: ReplicationStatus { status.withLock { $0 } }

    /// Starts following. Call once.
    public func start() {
        guard !isStarted.exchange(true, ordering: .relaxed) else { return }
        let thread = Thread { [self] in
            // Many small commits leave many small row groups: merged aside, so that no change waits.
            let compactor = makeCompactor()
            follow()
            compactor?.stop()
            ended.signal()
        }
        thread.name = "ambar.replication"
        thread.start()
    }

    private func makeCompactor() -> BackgroundCompactor? {
        do { return try BackgroundCompactor(store) } catch {
            logger.error("the mirror is not compacted: \(error)")
            return nil
        }
    }

    /// Stops and waits until the thread has ended. What was committed stays.
    public func stop() {
        guard isStarted.load(ordering: .relaxed), !isStopped.exchange(true, ordering: .relaxed) else {
            return
        }
        ended.wait()
        status.withLock { $0.state = .stopped }
    }

    /// Blocks until the store holds everything that the record had when this was called.
    ///
    /// - Throws: `.timedOut`, or `.postgres` when the record cannot be asked.
    public func catchUp(withinSeconds seconds: Int) throws {
        let connection = try PostgresConnection(configuration)
        let wanted = try RecordPosition.current(on: connection)
        let deadline = Date().addingTimeInterval(TimeInterval(seconds))
        while Date() < deadline {
            let now = currentStatus
            if now.isStreaming, let position = now.position, position >= wanted { return }
            if case .waiting(let reason) = now.state, isFinal(reason) {
                throw ReplicationError.serverUnsuitable(reason: reason)
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw ReplicationError.timedOut(seconds: seconds)
    }

    private func isFinal(_ reason: String) -> Bool { reason.contains("cannot be followed") }

    private func follow() {
        while !isStopped.load(ordering: .relaxed) {
            do {
                let session = ReplicationSession(
                    configuration: configuration, patterns: patterns, store: store, logger: logger,
                    isStopped: { [self] in isStopped.load(ordering: .relaxed) },
                    report: { [self] change in status.withLock { change(&$0) } })
                try session.run()
            } catch ReplicationError.stopped {
                return
            } catch {
                let reason = "\(error)"
                let isNew = status.withLock { status in
                    defer { status.state = .waiting(reason: reason) }
                    return status.state != .waiting(reason: reason)
                }
                if isNew { logger.warning("replication waits", metadata: ["reason": "\(reason)"]) }
                pause()
            }
        }
    }

    private func pause() {
        let until = Date().addingTimeInterval(Self.retryPause)
        while Date() < until, !isStopped.load(ordering: .relaxed) { Thread.sleep(forTimeInterval: 0.05) }
    }
}

extension PostgresConfiguration {
    /// The same server, with sessions whose text forms do not depend on its settings.
    var writingTextAsTheMirrorReadsIt: PostgresConfiguration {
        var configuration = self
        let forms = "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3"
        configuration.options["options"] = [options["options"], forms].compactMap { $0 }.joined(
            separator: " ")
        return configuration
    }
}

/// Where the record's log ends.
enum RecordPosition {
    /// Everything that was committed before the call lies before this position. A message without content
    /// makes the stream reach it also when nothing else is written.
    static func current(on connection: PostgresConnection) throws -> LogPosition {
        let row = try connection.execute(
            "SELECT pg_logical_emit_message(true, 'ambar', '')::text AS written")[0]
        guard let position = LogPosition(try row.text("written")) else {
            throw ReplicationError.unexpectedMessage("a log position \(try row.text("written"))")
        }
        return position
    }
}
