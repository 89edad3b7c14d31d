import Columns
import Synchronization

/// GROUP BY: each worker groups its rows in its own table; tables are merged at the end. A worker without
/// room for more groups deals the rest of its rows out to temporary files, by their keys' hashes.
final class AggregateSink: PipelineSink {
    private let node: AggregateNode
    private let groupTypes: [DataType]
    private let memory: OperatorMemory
    private let merged = Mutex<Merged>(Merged())

    fileprivate struct Merged: @unchecked Sendable {
        // Guarded by the mutex until `finalize`, read-only afterwards.
        var worker: Worker?
        /// Workers whose groups have other keys than those of `worker` and of each other.
        var beside: [Worker] = []
        /// Workers whose groups were not merged, in the order in which they ended; none, or all of them.
        var apart: [Worker] = []
        var spilled: SpilledGroups?
    }

    init(_ node: AggregateNode, _ memory: OperatorMemory) {
        self.node = node
        self.memory = memory
        groupTypes = node.groups.map(\.type)
    }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        try Worker(node, groupTypes, memory, context)
    }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {
        guard let worker = consumer as? Worker else { preconditionFailure("the sink made its consumers") }
        let failure = merged.withLock { merged in
            if worker.isSpilled || !merged.apart.isEmpty {
                merged.setApart(worker)
                return ExecutionError?.none
            }
            guard let first = merged.worker else {
                merged.worker = worker
                return nil
            }
            do throws(ExecutionError) {
                if try worker.joinBeside([first] + merged.beside) {
                    merged.beside.append(worker)
                    return nil
                }
                if !merged.beside.isEmpty || !first.hasRoom(for: worker) {
                    merged.setApart(worker)
                    return nil
                }
                // The smaller table goes into the larger one.
                if first.groupCount >= worker.groupCount {
                    try first.absorb(worker)
                } else {
                    try worker.absorb(first)
                    merged.worker = worker
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    func finalize(_ context: QueryContext) throws(ExecutionError) {
        let fresh = Merged(worker: try Worker(node, groupTypes, memory, context))
        let failure = merged.withLock { merged in
            do throws(ExecutionError) {
                if !merged.apart.isEmpty {
                    let (node, types, memory) = (node, groupTypes, memory)
                    merged.spilled = try SpilledGroups(merged.apart, level: 0) {
                        (level) throws(ExecutionError) in
                        try Worker(node, types, memory, context, level: level)
                    }
                    return ExecutionError?.none
                }
                if merged.worker == nil { merged = fresh }
                merged.worker?.addConstantGroups()
                try merged.worker?.prepareResults()
                for worker in merged.beside { try worker.prepareResults() }
                return ExecutionError?.none
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// The result: group columns, then aggregates.
    func source() -> any ChunkSource {
        let made = merged.withLock { $0 }
        if let spilled = made.spilled { return spilled }
        guard let worker = made.worker else {
            preconditionFailure("a source is made after the sink's pipeline has run")
        }
        return GroupSource([worker] + made.beside)
    }
}

extension AggregateSink.Merged {
    /// Gives up merging: the groups of all workers are put together by parts of their keys.
    fileprivate mutating func setApart(_ last: AggregateSink.Worker) {
        if let worker { apart.append(worker) }
        apart += beside
        apart.append(last)
        worker = nil
        beside = []
    }
}

extension AggregateSink {
    /// One worker's groups and states.
    final class Worker: ChunkConsumer {
        let grouping: Grouping?
        /// Groups of a query without GROUP BY: one row, always there.
        private let single: GroupTable
        let aggregates: [AggregateInput]
        private let inputs: ComputedColumns
        let inputTypes: [DataType]
        let groupColumnCount: Int
        private let groupTypes: [DataType]
        let constantGroups: [[Value]]
        let context: QueryContext
        /// How many times the worker's rows have been dealt out before they came here.
        let level: Int
        /// Takes the rows since there was no room for more groups.
        var partitioner: RowPartitioner?
        private let groups = VectorBuffer(byteCount: DataChunk.capacity * 4)
        private let rowCounts = VectorBuffer(byteCount: 4 * 4 * GroupBatch.laneGroupsMax)
        let reservation: MemoryReservation
        /// A bit a group: whether it is still here, not in a worker beside; nil while all are.
        var kept: [UInt64]?

        init(
            _ node: AggregateNode, _ groupTypes: [DataType], _ memory: OperatorMemory,
            _ context: QueryContext, level: Int = 0
        ) throws(ExecutionError) {
            self.context = context
            self.level = level
            var expressions = node.groups
            groupColumnCount = node.groups.count
            self.groupTypes = groupTypes
            constantGroups = node.constantGroups
            var aggregates: [AggregateInput] = []
            var stateBytes = 0
            let made = try AggregatorFactory.make(node.aggregates, isGrouped: !node.groups.isEmpty)
            for (call, aggregator) in zip(node.aggregates, made) {
                let arguments = AggregatorFactory.inputs(of: call).map { Self.place($0, in: &expressions) }
                let filter = call.filter.map { Self.place($0, in: &expressions) }
                aggregates.append(
                    AggregateInput(aggregator: aggregator, arguments: arguments, filter: filter))
                stateBytes += aggregator.stateBytes
            }
            self.aggregates = aggregates
            inputs = try ComputedColumns(expressions, context)
            inputTypes = expressions.map(\.type)
            grouping = node.groups.isEmpty ? nil : Grouping(types: groupTypes, stateBytes: stateBytes)
            single = GroupTable(wordCount: 1, stateBytes: stateBytes)
            reservation = MemoryReservation(memory)
            super.init()
            if grouping == nil {
                let zero = VectorBuffer(byteCount: 8)
                zero.fillWithZeros()
                _ = single.append([zero.pointer(as: UInt64.self)], row: 0)
            }
            var offset = table.stateOffset
            for aggregate in aggregates {
                aggregate.aggregator.offset = offset
                offset += aggregate.aggregator.stateBytes
            }
        }

        /// The index of an expression among the computed columns; equal ones are computed once.
        private static func place(_ expression: Expression, in expressions: inout [Expression]) -> Int {
            if expression.isRepeatable, let index = expressions.firstIndex(of: expression) { return index }
            expressions.append(expression)
            return expressions.count - 1
        }

        var table: GroupTable { grouping?.table ?? single }

        var groupCount: Int { table.count }

        var stateRows: StateRows { StateRows(rows: table.rows, stride: table.stride) }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let columns = try inputs.evaluate(chunk)
            if try setAside(columns, chunk.selectedCount) { return }
            try add(columns, chunk.selectedCount)
        }

        /// Adds rows whose groups, arguments and filters have been computed.
        func add(_ columns: [Vector], _ count: Int) throws(ExecutionError) {
            guard let grouping else {
                for aggregate in aggregates { try aggregate.updateAll(columns, count, stateRows) }
                return try account()
            }
            let groups = groups.pointer(as: UInt32.self)
            grouping.assign(Array(columns[0..<groupColumnCount]), count: count, into: groups)
            table.prefetchRows(groups, count: count)
            var batch = GroupBatch(
                groups: groups, count: count, groupCount: table.count, rows: table.rows, stride: table.stride)
            if GroupBatch.usesLanes(groupCount: table.count, count: count) {
                let counts = rowCounts.pointer(as: UInt32.self)
                GroupBatch.countRows(groups, count: count, groupCount: table.count, into: counts)
                batch.rowCounts = UnsafePointer(counts)
            }
            for aggregate in aggregates { try aggregate.update(columns, batch) }
            try account()
        }

        private func account() throws(ExecutionError) {
            let bytes = heldBytes
            // What was reserved for groups to come stays so while more rows come.
            if bytes > reservation.bytes { try reservation.resize(to: bytes) }
        }

        /// Adds another worker's groups.
        func absorb(_ other: Worker) throws(ExecutionError) {
            let mapping = VectorBuffer(byteCount: max(other.groupCount, 1) * 4)
            let target = mapping.pointer(as: UInt32.self)
            if let grouping, let otherGrouping = other.grouping {
                var start = 0
                while start < other.groupCount {
                    let range = start..<min(start + DataChunk.capacity, other.groupCount)
                    grouping.assign(otherGrouping.keys(range), count: range.count, into: target + start)
                    start = range.upperBound
                }
                try account()
            } else {
                target[0] = 0
            }
            for (mine, theirs) in zip(aggregates, other.aggregates) {
                (mine.aggregator as? ExactSumAggregator)?.combinedGroups = groupCount
                try mine.aggregator.combine(
                    theirs.aggregator, other.stateRows, count: other.groupCount,
                    mapping: UnsafePointer(target),
                    into: stateRows)
            }
        }

        /// Makes the groups that are there without rows too.
        func addConstantGroups(where isWanted: ([Vector]) -> Bool = { _ in true }) {
            guard let grouping else { return }
            for values in constantGroups {
                let keys = zip(values, groupTypes).map { Vector.constant($0, type: $1, count: 1) }
                guard isWanted(keys) else { continue }
                grouping.assign(keys, count: 1, into: groups.pointer(as: UInt32.self))
            }
        }

        func prepareResults() throws(ExecutionError) {
            for aggregate in aggregates { try aggregate.aggregator.prepareResults(stateRows) }
        }

        func chunk(_ range: Range<Int>) throws(ExecutionError) -> DataChunk {
            var columns = grouping?.keys(range) ?? []
            for aggregate in aggregates { columns.append(try aggregate.aggregator.results(stateRows, range)) }
            return DataChunk(columns: columns, rowCount: range.count, selection: keptSelection(range))
        }
    }
}

/// An aggregate with the computed columns that it takes.
struct AggregateInput {
    let aggregator: Aggregator
    let arguments: [Int]
    let filter: Int?

    func updateAll(_ columns: [Vector], _ count: Int, _ rows: StateRows) throws(ExecutionError) {
        guard aggregator.takesRows else { return }
        let taken = take(columns, count)
        if taken.count == 0 { return }
        try aggregator.updateAll(rows, taken.arguments, count: taken.count)
    }

    func update(_ columns: [Vector], _ batch: GroupBatch) throws(ExecutionError) {
        guard aggregator.takesRows else { return }
        let taken = take(columns, batch.count)
        if taken.count == 0 { return }
        guard let selection = taken.selection else { return try aggregator.update(batch, taken.arguments) }
        let groups = VectorBuffer(byteCount: taken.count * 4)
        let target = groups.pointer(as: UInt32.self)
        for row in 0..<taken.count { target[row] = batch.groups[Int(selection.rows[row])] }
        try aggregator.update(
            GroupBatch(
                groups: UnsafePointer(target), count: taken.count, groupCount: batch.groupCount,
                rows: batch.rows,
                stride: batch.stride), taken.arguments)
    }

    /// The arguments' rows that count: those that the filter lets through, without NULLs, flat.
    private func take(
        _ columns: [Vector], _ count: Int
    ) -> (arguments: [Vector], count: Int, selection: SelectionVector?) {
        var mask: ValidityMask?
        if let filter { mask = TruthMask(columns[filter]).isTrue }
        for (index, argument) in arguments.enumerated() where !aggregator.takesNull(index) {
            if columns[argument].isConstantNull { return ([], 0, nil) }
            mask = ValidityMask.intersection(mask, columns[argument].rowValidity)
        }
        guard let mask, mask.validCount < count else {
            return (handedOn { columns[$0].flat(count: count) }, count, nil)
        }
        let selection = SelectionVector(bitmap: mask.words, rowCount: count)
        return (handedOn { columns[$0].gathered(selection).flattened() }, selection.count, selection)
    }

    /// The flat arguments, those without NULLs known to be so.
    private func handedOn(_ flat: (Int) -> Vector) -> [Vector] {
        arguments.enumerated().map { index, argument in
            aggregator.takesNull(index) ? flat(argument) : flat(argument).withoutValidity()
        }
    }
}

extension Vector {
    /// The same flat vector, known to have no NULLs.
    func withoutValidity() -> Vector {
        validity == nil ? self : Vector(flat: values, type: type, count: count, heap: heap)
    }
}
