import Postgres
import Storage
import TableCatalog

/// Reads the stream and commits it in batches of whole transactions. Used by one thread.
struct StreamPump {
    let replication: ReplicationConnection
    let identity: String
    let start: LogPosition
    let tables: [String: (table: MirroredTable, id: TableID)]
    let configuration: PostgresConfiguration
    let report: (@Sendable (inout ReplicationStatus) -> Void) -> Void
    let isStopped: @Sendable () -> Bool

    /// Bytes of the record's log without a change for us that are held back at most.
    private static let idleLogBytesMax: UInt64 = 16 << 20

    private var relations: [UInt32: (table: MirroredTable, id: TableID)] = [:]
    private var applier: ChangeApplier
    private var durable: LogPosition
    /// Whether the transaction that is being read is already in the store.
    private var isSkipping = false
    private var isInTransaction = false
    /// The end of the record's log up to which nothing concerns us.
    private var idleEnd: LogPosition

    init(
        replication: ReplicationConnection, store: ColumnStore, identity: String, start: LogPosition,
        tables: [String: (table: MirroredTable, id: TableID)], configuration: PostgresConfiguration,
        report: @escaping (@Sendable (inout ReplicationStatus) -> Void) -> Void,
        isStopped: @escaping @Sendable () -> Bool
    ) {
        self.replication = replication
        self.identity = identity
        self.start = start
        self.tables = tables
        self.configuration = configuration
        self.report = report
        self.isStopped = isStopped
        durable = start
        idleEnd = start
        applier = ChangeApplier(store: store, identity: identity, record: configuration)
    }

    /// Runs until it is stopped.
    mutating func run(batchTime: Duration, acknowledgeEvery: Duration) throws {
        var batchStart: ContinuousClock.Instant?
        var acknowledged = ContinuousClock.now
        defer { applier.rollback() }
        while !isStopped() {
            let message = try replication.receive(
                waitingMilliseconds: applier.hasCollected && !isInTransaction ? 0 : 50)
            switch message {
            case .data(_, _, let bytes):
                try take(try PgOutputDecoder.decode(bytes))
                if applier.hasCollected, batchStart == nil { batchStart = .now }
            case .keepalive(let end, let replyRequested):
                try heard(end, replyRequested: replyRequested)
                if replyRequested { acknowledged = .now }
            case nil:
                break
            }
            let isDue = batchStart.map { ContinuousClock.now - $0 > batchTime } ?? false
            if applier.hasCollected, !isInTransaction, message == nil || isDue {
                try commit()
                batchStart = nil
                acknowledged = .now
            } else if ContinuousClock.now - acknowledged > acknowledgeEvery {
                try passIdleLog()
                try replication.acknowledge(durable)
                acknowledged = .now
            }
        }
        // What is whole goes in; an open transaction is sent again next time.
        if !isInTransaction { try commit() }
        try replication.acknowledge(durable)
    }

    private mutating func take(_ message: PgOutputMessage) throws {
        switch message {
        case .begin(let finalPosition, _, _):
            isInTransaction = true
            isSkipping = finalPosition < start
        case .commit(_, let endPosition):
            isInTransaction = false
            if !isSkipping, endPosition > durable { applier.endTransaction(at: endPosition) }
            isSkipping = false
        case .relation(let relation): try learn(relation)
        default:
            if !isSkipping { try applier.apply(message) }
        }
    }

    /// Ties a number of the stream to its table, and notices when the table has changed.
    private mutating func learn(_ relation: PgOutputMessage.Relation) throws {
        let name = "\(relation.schema).\(relation.name)"
        guard let known = tables[name] else { return }
        let types = relation.columns.map { RecordType.twin(oid: $0.typeOID, modifier: $0.typeModifier).type }
        guard relation.columns.map(\.name) == known.table.columns.map(\.name),
            types == known.table.columns.map(\.type)
        else { throw ReplicationError.schemaChanged(table: name) }
        guard relations[relation.id] == nil else { return }
        relations[relation.id] = known
        applier.know(relation.id, known.table, known.id)
    }

    private mutating func heard(_ end: LogPosition, replyRequested: Bool) throws {
        // Between transactions a keepalive says that nothing for us lies before its position.
        if !isInTransaction, !applier.hasCollected, end > idleEnd { idleEnd = end }
        let idle = max(idleEnd, durable)
        report { status in
            status.recordPosition = end
            if status.position.map({ $0 < idle }) ?? true { status.position = idle }
        }
        if replyRequested { try replication.acknowledge(durable) }
    }

    /// Records that a long stretch of the log held nothing for the mirror, so that the record may forget it.
    private mutating func passIdleLog() throws {
        guard !isInTransaction, !applier.hasCollected, idleEnd > durable,
            idleEnd.rawValue - durable.rawValue > Self.idleLogBytesMax
        else { return }
        applier.endTransaction(at: idleEnd)
        try commit()
    }

    private mutating func commit() throws {
        guard let position = try applier.commit() else { return }
        durable = position
        try replication.acknowledge(position)
        let lost = applier.valuesLost
        report { status in
            if status.position.map({ $0 < position }) ?? true { status.position = position }
            if status.recordPosition.map({ $0 < position }) ?? true { status.recordPosition = position }
            status.commits += 1
            status.valuesLost = max(status.valuesLost, lost)
        }
    }
}
