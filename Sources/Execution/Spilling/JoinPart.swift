import Columns

/// Joins the rows of both sides that lie in one part. Belongs to one worker.
struct JoinPart {
    let step: JoinProbeStep
    private let memory: OperatorMemory
    private let keyCount: Int
    private let keys: ComputedColumns
    private let residual: RowFilter?
    private let context: QueryContext

    init(step: JoinProbeStep, join: SpilledJoin, context: QueryContext) throws(ExecutionError) {
        self.step = step
        memory = join.memory
        keyCount = join.keyCount
        keys = try ComputedColumns(step.keys, context)
        residual =
            if let residual = step.residual { try RowFilter(residual, EvaluationContext(context)) } else {
                nil
            }
        self.context = context
    }

    /// Hands the joined rows on. A build side that is too large is dealt out again with its probe side, and
    /// where that does not help, because most rows have one key, it comes in several tables.
    ///
    /// - Parameters:
    ///   - level: How many times the rows have been dealt out.
    ///   - isOneKey: Whether dealing out has not helped.
    func join(
        _ build: SpilledRows, _ probe: SpilledRows, level: Int, isOneKey: Bool = false,
        into consumer: ChunkConsumer, _ isStopped: () -> Bool
    ) throws(ExecutionError) {
        if isStopped() || (probe.rowCount == 0 && !step.kind.marksBuildRows) { return }
        if build.rowCount == 0, needsBuildRows { return }
        let rows = makeRows()
        let loaded = try load(build, from: 0, into: rows)
        let isWhole = loaded == build.blocks.count
        if !isWhole, !isOneKey, keyCount > 0, level < RowPartitioner.levelMax, let space = memory.space {
            try rows.removeAll()
            let buildParts = try dealOut(build, level, space) { Array($0.columns.suffix(keyCount)) }
            let probeParts = try dealOut(probe, level, space) { (chunk) throws(ExecutionError) in
                try keys.evaluate(chunk)
            }
            for (part, probePart) in zip(buildParts, probeParts) {
                try join(
                    part, probePart, level: level + 1, isOneKey: part.rowCount * 5 > build.rowCount * 4,
                    into: consumer, isStopped)
            }
            return
        }
        try joinTables(build, rows, loaded: loaded, probe, into: consumer, isStopped)
    }

    /// Whether nothing comes out without a build row.
    private var needsBuildRows: Bool {
        switch step.kind {
        case .inner, .right, .semi, .rightSemi, .rightAnti: true
        case .left, .full, .single, .anti, .nullAwareAnti: false
        }
    }

    private func makeRows() -> RowCollection {
        let types = step.rightTypes + step.build.keyTypes
        return RowCollection(types: types, memory, workBytes: keyCount == 0 ? 0 : JoinTable.indexBytesPerRow)
    }

    /// Loads build rows while there is room.
    ///
    /// - Returns: The block after the last one that was loaded: at least one is, where there is one.
    private func load(
        _ build: SpilledRows, from first: Int, into rows: RowCollection
    ) throws(ExecutionError) -> Int {
        var block = first
        while block < build.blocks.count {
            try context.checkpoint()
            let chunk = try build.chunk(block)
            if try !rows.appendToHalf(chunk) {
                if block > first { return block }
                try rows.append(chunk)
            }
            block += 1
        }
        return block
    }

    private func dealOut(
        _ rows: SpilledRows, _ level: Int, _ space: SpillSpace,
        _ keys: (DataChunk) throws(ExecutionError) -> [Vector]
    ) throws(ExecutionError) -> [SpilledRows] {
        let dealt = try DealtRows(types: rows.types, keyCount: keyCount, level: level, space, memory)
        for block in rows.blocks.indices {
            try context.checkpoint()
            let chunk = try rows.chunk(block)
            try dealt.append(chunk, keys: try keys(chunk))
        }
        try dealt.flush()
        return dealt.parts
    }

    /// Joins the probe rows with one table of build rows after the other.
    private func joinTables(
        _ build: SpilledRows, _ first: RowCollection, loaded: Int, _ probe: SpilledRows,
        into consumer: ChunkConsumer, _ isStopped: () -> Bool
    ) throws(ExecutionError) {
        let isOnly = loaded == build.blocks.count
        // A bit a probe row, held until the last table has been met.
        let found = isOnly ? [] : probe.blocks.map { ValidityMask(count: $0.rowCount, allValid: false) }
        var rows = first
        var end = loaded
        while !isStopped() {
            let isLast = end == build.blocks.count
            let table = try makeTable(rows)
            let worker = JoinProbe(step, table, isPart: true, keys, residual, consumer, context)
            for block in probe.blocks.indices where !isStopped() {
                try context.checkpoint()
                let chunk = try probe.chunk(block)
                if isOnly {
                    try worker.consume(chunk)
                } else {
                    try worker.consume(chunk, found: found[block], isLast: isLast)
                }
            }
            worker.flushCounter()
            if step.kind.marksBuildRows { try handOnMarked(table, worker.matchedWords, consumer, isStopped) }
            withExtendedLifetime(rows) {}
            if isLast { return }
            rows = makeRows()
            end = try load(build, from: end, into: rows)
        }
    }

    private func makeTable(_ rows: RowCollection) throws(ExecutionError) -> JoinTable {
        let rowCount = rows.rowCount
        let columns = try rows.concatenated()
        let width = step.rightTypes.count
        return JoinTable(
            columns: Array(columns[0..<width]), keys: Array(columns[width...]), rowCount: rowCount)
    }

    private func handOnMarked(
        _ table: JoinTable, _ words: [UInt64], _ consumer: ChunkConsumer, _ isStopped: () -> Bool
    ) throws(ExecutionError) {
        let matched = MatchedRows()
        matched.add(words)
        let source = MarkedRowsSource(
            table: table, matched: matched, kind: step.kind, leftTypes: step.leftTypes)
        let reader = source.makeReader()
        for morsel in 0..<source.morselCount where !isStopped() {
            guard try reader.open(morsel: morsel) else { continue }
            while let chunk = try reader.next() {
                if chunk.rowCount > 0 { try consumer.consume(chunk) }
            }
        }
    }
}
