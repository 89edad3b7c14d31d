import Columns

/// Finds the build rows of each probe row and hands on the joined rows.
struct JoinProbeStep: PipelineStep {
    let kind: JoinKind
    let build: JoinBuildSink
    let keys: [Expression]
    let residual: Expression?
    let leftTypes: [DataType]
    let rightTypes: [DataType]
    /// Which build rows have met a probe row, for RIGHT and FULL.
    let matched: MatchedRows?
    let counter: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        let filter: RowFilter? =
            if let residual { try RowFilter(residual, EvaluationContext(context)) } else { nil }
        let keys = try ComputedColumns(keys, context)
        if let spilled = build.spilled {
            return SpillingProbe(self, spilled, keys, next)
        }
        return JoinProbe(self, build.table, keys, filter, next, context)
    }
}

/// One worker's probe.
final class JoinProbe: ChunkConsumer {
    private let step: JoinProbeStep
    private let table: JoinTable
    private let finder: JoinTable.Finder
    private let keys: ComputedColumns
    private let residual: RowFilter?
    private let next: ChunkConsumer
    private let context: QueryContext
    private let counter: RowCounter.Worker
    private let heads = VectorBuffer(byteCount: DataChunk.capacity * 4)
    private(set) var matchedWords: [UInt64] = []
    /// The table is a part of the build side; rows with its keys may be in others.
    private let isPart: Bool

    init(
        _ step: JoinProbeStep, _ table: JoinTable, isPart: Bool = false, _ keys: ComputedColumns,
        _ residual: RowFilter?, _ next: ChunkConsumer,
        _ context: QueryContext
    ) {
        self.step = step
        self.table = table
        self.isPart = isPart
        finder = JoinTable.Finder(table)
        self.keys = keys
        self.residual = residual
        self.next = next
        self.context = context
        counter = step.counter.worker()
        if step.matched != nil { matchedWords = [UInt64](repeating: 0, count: (table.rowCount + 63) / 64) }
    }

    override func consume(_ chunk: DataChunk) throws(ExecutionError) {
        if next.needsNoMore { return }
        let count = chunk.selectedCount
        let heads = heads.pointer(as: UInt32.self)
        let values = try find(chunk, heads)
        if residual == nil {
            switch step.kind {
            case .semi: return try handOn(chunk) { heads[$0] != 0 }
            case .anti: return try handOn(chunk) { heads[$0] == 0 }
            case .nullAwareAnti: return try handOnNullAware(chunk, values, heads)
            case .rightSemi, .rightAnti: return mark(heads, count)
            case .inner, .left, .right, .full, .single: break
            }
            if !table.hasDuplicates, !table.matchesAllPairs { return try handOnSingle(chunk, count, heads) }
        }
        try handOnPairs(chunk, count, heads)
    }

    /// Writes the first build row + 1 of each row; the rows' keys.
    private func find(
        _ chunk: DataChunk, _ heads: UnsafeMutablePointer<UInt32>
    ) throws(ExecutionError) -> [Vector] {
        let count = chunk.selectedCount
        let values = step.keys.isEmpty ? [] : try keys.evaluate(chunk)
        if table.matchesAllPairs {
            heads.update(repeating: table.rowCount > 0 ? 1 : 0, count: count)
        } else {
            finder.find(values, count: count, into: heads)
        }
        return values
    }

    /// As `consume`, for a build side that comes in several tables one after the other.
    ///
    /// - Parameters:
    ///   - found: The rows of the chunk that have met a build row so far; without a selection.
    ///   - isLast: Whether this is the last table.
    func consume(_ chunk: DataChunk, found: ValidityMask, isLast: Bool) throws(ExecutionError) {
        let count = chunk.rowCount
        let heads = heads.pointer(as: UInt32.self)
        let values = try find(chunk, heads)
        let needsPairs: Bool
        switch step.kind {
        case .inner, .left, .right, .full, .single: needsPairs = true
        case .semi, .anti, .nullAwareAnti: needsPairs = residual != nil
        case .rightSemi, .rightAnti:
            needsPairs = residual != nil
            if !needsPairs { mark(heads, count) }
        }
        if needsPairs {
            try handOnPairs(chunk, count, heads, found)
        } else {
            for row in 0..<count where heads[row] != 0 { found.setValid(row) }
        }
        guard isLast else { return }
        if step.kind == .nullAwareAnti {
            try handOn(chunk) { row in !found.isValid(row) && !values.contains { $0.isNull(row) } }
        } else {
            try handOnRest(chunk, found)
        }
    }

    /// The chunk with only those selected rows that pass.
    private func handOn(_ chunk: DataChunk, _ passes: (Int) -> Bool) throws(ExecutionError) {
        let count = chunk.selectedCount
        let buffer = VectorBuffer(byteCount: count * 4)
        let rows = buffer.pointer(as: UInt32.self)
        var kept = 0
        for index in 0..<count {
            rows[kept] = chunk.selection.map { $0.rows[index] } ?? UInt32(truncatingIfNeeded: index)
            kept &+= Int(unsafeBitCast(passes(index), to: UInt8.self))
        }
        if kept == 0 { return }
        try emit(
            DataChunk(
                columns: chunk.columns, rowCount: chunk.rowCount,
                selection: SelectionVector(buffer: buffer, count: kept)))
    }

    private func handOnNullAware(
        _ chunk: DataChunk, _ keys: [Vector], _ heads: UnsafeMutablePointer<UInt32>
    ) throws(ExecutionError) {
        if table.hasNullKey { return }
        if table.rowCount == 0, !isPart { return try emit(chunk) }
        try handOn(chunk) { row in heads[row] == 0 && !keys.contains { $0.isNull(row) } }
    }

    private func emit(_ chunk: DataChunk) throws(ExecutionError) {
        counter.rows += chunk.selectedCount
        try next.consume(chunk)
    }

    /// At most one match a row: the probe columns stay as they are when most rows match.
    private func handOnSingle(
        _ chunk: DataChunk, _ count: Int, _ heads: UnsafeMutablePointer<UInt32>
    ) throws(ExecutionError) {
        let keepsUnmatched = step.kind == .left || step.kind == .full || step.kind == .single
        let compact = chunk.compacted()
        let buildRows = VectorBuffer(byteCount: count * 4)
        let rows = buildRows.pointer(as: UInt32.self)
        let kept = VectorBuffer(byteCount: count * 4)
        let keptRows = kept.pointer(as: UInt32.self)
        var matchCount = 0
        for row in 0..<count {
            let isMatch = heads[row] != 0
            keptRows[matchCount] = UInt32(truncatingIfNeeded: row)
            matchCount &+= Int(unsafeBitCast(isMatch, to: UInt8.self))
            rows[row] = isMatch ? heads[row] &- 1 : 0
        }
        if !matchedWords.isEmpty { for row in 0..<count where heads[row] != 0 { mark(Int(rows[row])) } }
        if keepsUnmatched || matchCount == count {
            var missing: ValidityMask?
            if matchCount < count {
                let mask = ValidityMask(count: count, allValid: false)
                BitFill.fill(mask.words, count: count) { heads[$0] != 0 }
                missing = mask
            }
            return try emit(joined(compact.columns, buildRows, count, missing))
        }
        if matchCount == 0 { return }
        let selection = SelectionVector(buffer: kept, count: matchCount)
        if matchCount * 2 >= count {
            let whole = joined(compact.columns, buildRows, count, nil)
            return try emit(DataChunk(columns: whole.columns, rowCount: count, selection: selection))
        }
        let fewRows = VectorBuffer(byteCount: matchCount * 4)
        let few = fewRows.pointer(as: UInt32.self)
        for index in 0..<matchCount { few[index] = rows[Int(keptRows[index])] }
        try emit(joined(compact.columns.map { $0.gathered(selection) }, fewRows, matchCount, nil))
    }

    /// Probe columns beside the build columns at `buildRows`.
    private func joined(
        _ left: [Vector], _ buildRows: VectorBuffer, _ count: Int, _ missing: ValidityMask?
    ) -> DataChunk {
        let rows = buildRows.pointer(as: UInt32.self)
        let right = table.columns.indices.map { index in
            table.gather(index, rows, count: count, missing: missing, keep: buildRows)
        }
        return DataChunk(columns: left + right, rowCount: count)
    }

    /// Marks the build rows of all keys that were met. The rows of a key are marked together, so a key whose
    /// first row is marked is done.
    private func mark(_ heads: UnsafeMutablePointer<UInt32>, _ count: Int) {
        matchedWords.withUnsafeMutableBufferPointer { words in
            for index in 0..<count where heads[index] != 0 {
                var row = Int(heads[index]) &- 1
                if words[row &>> 6] &>> UInt64(row & 63) & 1 != 0 { continue }
                if table.matchesAllPairs {
                    for row in 0..<table.rowCount { words[row &>> 6] |= 1 &<< UInt64(row & 63) }
                    return
                }
                while true {
                    words[row &>> 6] |= 1 &<< UInt64(row & 63)
                    let following = table.following(row)
                    if following == 0 { break }
                    row = Int(following) &- 1
                }
            }
        }
    }

    private func mark(_ row: Int) { matchedWords[row &>> 6] |= 1 &<< UInt64(row & 63) }

    /// The general case: all pairs of rows, a chunk of pairs at a time.
    private func handOnPairs(
        _ chunk: DataChunk, _ count: Int, _ heads: UnsafeMutablePointer<UInt32>
    ) throws(ExecutionError) {
        let compact = chunk.compacted()
        let found = ValidityMask(count: count, allValid: false)
        try handOnPairs(compact, count, heads, found)
        try handOnRest(compact, found)
    }

    private func handOnPairs(
        _ compact: DataChunk, _ count: Int, _ heads: UnsafeMutablePointer<UInt32>, _ found: ValidityMask
    ) throws(ExecutionError) {
        var pairs = PairBuffer()
        for row in 0..<count {
            var head = heads[row]
            while head != 0 {
                let buildRow = Int(head) &- 1
                pairs.add(UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: buildRow))
                if pairs.count == DataChunk.capacity {
                    try flush(&pairs, compact, found)
                    if next.needsNoMore { return }
                    try context.checkpoint()
                }
                head =
                    table.matchesAllPairs
                    ? (buildRow &+ 1 < table.rowCount ? head &+ 1 : 0) : table.following(buildRow)
            }
        }
        try flush(&pairs, compact, found)
    }

    /// What a chunk gives beside its pairs, once all of them are known.
    private func handOnRest(_ compact: DataChunk, _ found: ValidityMask) throws(ExecutionError) {
        switch step.kind {
        case .semi: try handOn(compact) { found.isValid($0) }
        case .anti: try handOn(compact) { !found.isValid($0) }
        case .left, .full, .single: try handOnUnmatched(compact, found)
        case .inner, .right, .rightSemi, .rightAnti: break
        case .nullAwareAnti: throw .unsupported(feature: "NOT IN with a further join condition")
        }
    }

    private struct PairBuffer {
        var left = VectorBuffer(byteCount: DataChunk.capacity * 4)
        var right = VectorBuffer(byteCount: DataChunk.capacity * 4)
        var count = 0

        @inline(__always) mutating func add(_ first: UInt32, _ second: UInt32) {
            left.pointer(as: UInt32.self)[count] = first
            right.pointer(as: UInt32.self)[count] = second
            count &+= 1
        }

        func taking(_ rows: SelectionVector) -> PairBuffer {
            var few = PairBuffer()
            few.count = rows.count
            let sources = (left.pointer(as: UInt32.self), right.pointer(as: UInt32.self))
            let targets = (few.left.pointer(as: UInt32.self), few.right.pointer(as: UInt32.self))
            for index in 0..<rows.count {
                targets.0[index] = sources.0[Int(rows.rows[index])]
                targets.1[index] = sources.1[Int(rows.rows[index])]
            }
            return few
        }
    }

    private func flush(
        _ pairs: inout PairBuffer, _ compact: DataChunk, _ found: ValidityMask
    ) throws(ExecutionError) {
        if pairs.count == 0 { return }
        let filled = pairs
        pairs = PairBuffer()
        let leftRows = SelectionVector(buffer: filled.left, count: filled.count)
        var passing: SelectionVector?
        if let residual {
            // Of all columns only those of the condition are fetched for every pair.
            let used = residual.usedColumns.map { column($0, of: compact, leftRows, filled.right) }
            switch try residual.passing(used, rowCount: filled.count, selection: nil) {
            case .none: return
            case .all: break
            case .some(let rows): passing = rows
            }
        }
        let leftRow = filled.left.pointer(as: UInt32.self)
        let rightRow = filled.right.pointer(as: UInt32.self)
        for index in 0..<(passing?.count ?? filled.count) {
            let pair = passing.map { Int($0.rows[index]) } ?? index
            if step.kind == .single, found.isValid(Int(leftRow[pair])) { throw .cardinalityViolation }
            found.setValid(Int(leftRow[pair]))
            if !matchedWords.isEmpty { mark(Int(rightRow[pair])) }
        }
        switch step.kind {
        case .inner, .left, .right, .full, .single:
            let pairs = passing.map { filled.taking($0) } ?? filled
            let rows = SelectionVector(buffer: pairs.left, count: pairs.count)
            try emit(joined(compact.columns.map { $0.gathered(rows) }, pairs.right, pairs.count, nil))
        case .semi, .anti, .nullAwareAnti, .rightSemi, .rightAnti: break
        }
    }

    /// Column `index` of the joined rows, for pairs of rows.
    private func column(
        _ index: Int, of probe: DataChunk, _ left: SelectionVector, _ right: VectorBuffer
    ) -> Vector {
        if index < probe.columns.count { return probe.columns[index].gathered(left) }
        return table.gather(
            index - probe.columns.count, right.pointer(as: UInt32.self), count: left.count, missing: nil,
            keep: right)
    }

    private func handOnUnmatched(_ compact: DataChunk, _ found: ValidityMask) throws(ExecutionError) {
        let unmatched = ValidityMask(count: found.count, allValid: false)
        for word in 0..<ValidityMask.wordCount(for: found.count) {
            unmatched.words[word] = ~found.words[word]
        }
        if found.count > 0 { unmatched.clearTail() }
        let selection = SelectionVector(bitmap: unmatched.words, rowCount: found.count)
        if selection.count == 0 { return }
        let left = compact.columns.map { $0.gathered(selection) }
        let right = step.rightTypes.map { Vector.null(type: $0, count: selection.count) }
        try emit(DataChunk(columns: left + right, rowCount: selection.count))
    }

    func flushCounter() { counter.flush() }

    override var needsNoMore: Bool { next.needsNoMore }

    override func finish() throws(ExecutionError) {
        step.matched?.add(matchedWords)
        counter.flush()
        try next.finish()
    }
}
