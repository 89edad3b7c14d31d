import Columns
import Synchronization

/// The right side of a nearest join: its rows by key, within a key by order.
final class AsOfTable: @unchecked Sendable {
    // Read-only once made.
    let columns: [Vector]
    /// Finds the number + 1 of a key; nil for a join without keys.
    let keys: JoinTable?
    /// Places in `rows` where the rows of each key begin, and the end.
    let starts: [Int]
    /// Row numbers, those of one key together, in ascending order.
    let rows: [UInt32]
    let order: SortedWords
    private let owner: RowCollection

    /// - Parameter rows: Columns, then keys, then the order.
    init(_ collected: RowCollection, columnCount: Int, keyCount: Int) throws(ExecutionError) {
        let rowCount = collected.rowCount
        precondition(rowCount < Int(UInt32.max), "rows are numbered by 32 bits")
        let all = try collected.concatenated()
        owner = collected
        columns = Array(all[0..<columnCount])
        let keyColumns = Array(all[columnCount..<(columnCount + keyCount)])
        let last = all[columnCount + keyCount]
        let words = OrderWords.of(last, count: rowCount)
        let groups = Self.groups(keyColumns, rowCount)
        var kept: [UInt32] = []
        for row in 0..<rowCount where groups.numbers[row] != .max && !last.isNull(row) {
            kept.append(UInt32(truncatingIfNeeded: row))
        }
        kept.sort { first, second in
            let one = Int(first)
            let other = Int(second)
            if groups.numbers[one] != groups.numbers[other] {
                return groups.numbers[one] < groups.numbers[other]
            }
            return words[one] == words[other] ? one < other : words[one] < words[other]
        }
        var starts = [Int](repeating: 0, count: groups.count + 1)
        for row in kept { starts[Int(groups.numbers[Int(row)]) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        self.starts = starts
        rows = kept
        order = SortedWords(words: kept.map { words[Int($0)] })
        keys = groups.keys
    }

    private struct Groups {
        /// Of each row; `.max` where a key is NULL.
        var numbers: [UInt32]
        var count: Int
        var keys: JoinTable?
    }

    private static func groups(_ keys: [Vector], _ rowCount: Int) -> Groups {
        if keys.isEmpty { return Groups(numbers: [UInt32](repeating: 0, count: rowCount), count: 1) }
        let grouping = Grouping(types: keys.map(\.type), stateBytes: 0)
        var numbers = [UInt32](repeating: 0, count: rowCount)
        numbers.withUnsafeMutableBufferPointer { numbers in
            guard let base = numbers.baseAddress else { return }
            var start = 0
            while start < rowCount {
                let range = start..<min(start + DataChunk.capacity, rowCount)
                grouping.assign(keys.map { $0.slice(range) }, count: range.count, into: base + start)
                start = range.upperBound
            }
            for row in 0..<rowCount where keys.contains(where: { $0.isNull(row) }) { base[row] = .max }
        }
        let count = grouping.count
        var parts: [[Vector]] = keys.map { _ in [] }
        var start = 0
        while start < count {
            let range = start..<min(start + DataChunk.capacity, count)
            for (index, part) in grouping.keys(range).enumerated() { parts[index].append(part) }
            start = range.upperBound
        }
        let whole = zip(parts, keys).map { VectorConcatenation.concatenate($0, type: $1.type) }
        return Groups(
            numbers: numbers, count: count, keys: JoinTable(columns: [], keys: whole, rowCount: count))
    }

    /// Bytes beside the columns.
    var indexBytes: Int { rows.count * 20 + starts.count * 8 + (keys?.indexBytes ?? 0) }
}

final class AsOfBuildSink: PipelineSink {
    private let node: AsOfJoinNode
    private let memory: OperatorMemory
    private let rows = SharedRows()
    private let made = Mutex<AsOfTable?>(nil)

    init(_ node: AsOfJoinNode, _ memory: OperatorMemory) {
        self.node = node
        self.memory = memory
    }

    private var computed: [Expression] { node.rightKeys + [node.rightOrder] }

    private func collection() -> RowCollection {
        RowCollection(types: node.right.outputTypes + computed.map(\.type), memory)
    }

    var table: AsOfTable {
        guard let table = made.withLock({ $0 }) else {
            preconditionFailure("a join's build side runs before its probe side")
        }
        return table
    }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        guard OrderWords.exist(for: node.rightOrder.type) else {
            throw .unsupported(feature: "a nearest join by \(node.rightOrder.type.sqlName)")
        }
        return Worker(try ComputedColumns(computed, context), collection())
    }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {
        guard let worker = consumer as? Worker else { preconditionFailure("the sink made its consumers") }
        try rows.absorb(worker.rows)
    }

    func finalize(_ context: QueryContext) throws(ExecutionError) {
        let table = try AsOfTable(
            rows.take() ?? collection(), columnCount: node.right.outputTypes.count,
            keyCount: node.rightKeys.count)
        try memory.reserve(table.indexBytes)
        memory.release(table.indexBytes)
        made.withLock { $0 = table }
    }

    private final class Worker: ChunkConsumer {
        private let computed: ComputedColumns
        let rows: RowCollection

        init(_ computed: ComputedColumns, _ rows: RowCollection) {
            self.computed = computed
            self.rows = rows
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            let values = try computed.evaluate(compact)
            try rows.append(DataChunk(columns: compact.columns + values, rowCount: compact.rowCount))
        }
    }
}

/// Finds the nearest right row of each left row: O(log n) a row.
struct AsOfProbeStep: PipelineStep {
    let node: AsOfJoinNode
    let build: AsOfBuildSink
    let counter: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Consumer(
            self, try ComputedColumns(node.leftKeys + [node.leftOrder], context), next, counter.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let node: AsOfJoinNode
        private let table: AsOfTable
        private let finder: JoinTable.Finder?
        private let computed: ComputedColumns
        private let next: ChunkConsumer
        private let counter: RowCounter.Worker
        private let heads = VectorBuffer(byteCount: DataChunk.capacity * 4)

        init(
            _ step: AsOfProbeStep, _ computed: ComputedColumns, _ next: ChunkConsumer,
            _ counter: RowCounter.Worker
        ) {
            node = step.node
            table = step.build.table
            finder = table.keys.map { JoinTable.Finder($0) }
            self.computed = computed
            self.next = next
            self.counter = counter
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            let count = compact.rowCount
            let values = try computed.evaluate(compact)
            let heads = heads.pointer(as: UInt32.self)
            heads.update(repeating: 1, count: count)
            if let finder { finder.find(Array(values.dropLast()), count: count, into: heads) }
            let order = values[values.count - 1]
            let words = OrderWords.of(order, count: count)
            let matches = VectorBuffer(byteCount: max(count, 1) * 4)
            let matchRows = matches.pointer(as: UInt32.self)
            let found = ValidityMask(count: count, allValid: false)
            for row in 0..<count {
                matchRows[row] = 0
                guard heads[row] != 0, !order.isNull(row) else { continue }
                let group = Int(heads[row]) - 1
                guard let place = nearest(words[row], table.starts[group]..<table.starts[group + 1]) else {
                    continue
                }
                matchRows[row] = table.rows[place]
                found.setValid(row)
            }
            try handOn(compact, matches, found)
        }

        /// The place of the nearest row among those of a key.
        private func nearest(_ word: UInt128, _ range: Range<Int>) -> Int? {
            let place: Int
            switch node.comparison {
            case .greaterOrEqual: place = table.order.first(above: word, in: range) - 1
            case .greater: place = table.order.first(notBelow: word, in: range) - 1
            case .lessOrEqual: place = table.order.first(notBelow: word, in: range)
            default: place = table.order.first(above: word, in: range)
            }
            return range.contains(place) ? place : nil
        }

        private func handOn(
            _ compact: DataChunk, _ matches: VectorBuffer, _ found: ValidityMask
        ) throws(ExecutionError) {
            let count = compact.rowCount
            let foundCount = found.validCount
            if foundCount == 0, node.kind == .inner { return }
            let selection = SelectionVector(buffer: matches, count: count)
            let right = table.columns.map { column -> Vector in
                if column.count == 0 { return Vector.null(type: column.type, count: count) }
                let gathered = column.gathered(selection)
                return foundCount == count ? gathered : gathered.masked(by: found)
            }
            let isWhole = foundCount == count || node.kind == .left
            let joined = DataChunk(
                columns: compact.columns + right, rowCount: count,
                selection: isWhole ? nil : SelectionVector(bitmap: found.words, rowCount: count))
            counter.rows += joined.selectedCount
            try next.consume(joined)
        }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}
