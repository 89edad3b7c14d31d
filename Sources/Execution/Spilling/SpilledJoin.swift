import Columns
import Synchronization

/// A join whose build side found no room: both sides lie in files, dealt out by the hash of the keys, so that
/// rows that match are in parts of the same number.
///
/// Source: Kitsuregawa, Tanaka, Moto-oka, "Application of Hash to Data Base Machine and Its Architecture",
/// New Generation Computing 1, 1983 (grace hash join).
final class SpilledJoin: Sendable {
    let keyCount: Int
    let memory: OperatorMemory
    private let sides = Mutex<Sides>(Sides())

    private struct Sides: @unchecked Sendable {
        // Guarded by the mutex until the parts are joined, read-only afterwards.
        var build: [SpilledRows] = []
        var probe: [SpilledRows] = []
        var hasNullKey = false
    }

    init(keyCount: Int, _ memory: OperatorMemory) {
        self.keyCount = keyCount
        self.memory = memory
    }

    var partCount: Int { keyCount == 0 ? 1 : RowPartitioner.partCount }

    func addBuild(_ rows: DealtRows) {
        sides.withLock { sides in
            sides.hasNullKey = sides.hasNullKey || rows.hasNullKey
            Self.add(rows.parts, to: &sides.build)
        }
    }

    func addProbe(_ rows: DealtRows) { sides.withLock { Self.add(rows.parts, to: &$0.probe) } }

    private static func add(_ parts: [SpilledRows], to side: inout [SpilledRows]) {
        if side.isEmpty { side = parts } else { for (all, part) in zip(side, parts) { all.absorb(part) } }
    }

    /// Whether some build row has a NULL key.
    var hasNullKey: Bool { sides.withLock { $0.hasNullKey } }

    /// Both sides' rows of a part; the probe's are nil when there were none at all.
    func part(_ number: Int) -> (build: SpilledRows, probe: SpilledRows?) {
        sides.withLock { ($0.build[number], $0.probe.isEmpty ? nil : $0.probe[number]) }
    }
}

/// Sets the probe side of a spilled join aside.
final class SpillingProbe: ChunkConsumer {
    private let step: JoinProbeStep
    private let join: SpilledJoin
    private let keys: ComputedColumns
    private let next: ChunkConsumer
    private var rows: DealtRows?

    init(_ step: JoinProbeStep, _ join: SpilledJoin, _ keys: ComputedColumns, _ next: ChunkConsumer) {
        self.step = step
        self.join = join
        self.keys = keys
        self.next = next
    }

    override func consume(_ chunk: DataChunk) throws(ExecutionError) {
        // NOT IN of a side with a NULL lets no row through.
        if step.kind == .nullAwareAnti, join.hasNullKey { return }
        guard let space = join.memory.space else { preconditionFailure("a join that spilled has a place") }
        let compact = chunk.compacted()
        let values = join.keyCount > 0 ? try keys.evaluate(compact) : []
        if rows == nil {
            rows = try DealtRows(types: step.leftTypes, keyCount: join.keyCount, space, join.memory)
        }
        try rows?.append(compact, keys: values)
    }

    override func finish() throws(ExecutionError) {
        if let rows {
            try rows.flush()
            join.addProbe(rows)
        }
        try next.finish()
    }
}

/// The joined rows of a spilled join, a part a morsel.
struct SpilledJoinSource: ChunkSource {
    let step: JoinProbeStep
    let join: SpilledJoin
    let context: QueryContext

    var morselCount: Int { join.partCount }
    var isOrdered: Bool { false }

    func makeReader() throws(ExecutionError) -> any ChunkReader {
        Reader(try JoinPart(step: step, join: join, context: context), join)
    }

    private final class Reader: PushingReader {
        private let part: JoinPart
        private let join: SpilledJoin
        private var number = 0

        init(_ part: JoinPart, _ join: SpilledJoin) {
            self.part = part
            self.join = join
        }

        func open(morsel: Int) -> Bool {
            number = morsel
            return true
        }

        func next() -> DataChunk? { nil }

        func push(into consumer: ChunkConsumer, isStopped: () -> Bool) throws(ExecutionError) {
            let sides = join.part(number)
            try part.join(
                sides.build, sides.probe ?? SpilledRows(types: part.step.leftTypes), level: 1,
                into: consumer, isStopped)
        }
    }
}
