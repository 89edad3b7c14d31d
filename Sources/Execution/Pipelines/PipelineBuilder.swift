import Columns

/// Cuts a plan into pipelines at the operators that need all of their input first.
struct PipelineBuilder {
    let context: QueryContext
    /// In the order in which they must run.
    var pipelines: [Pipeline] = []
    private var collected: [Int: CollectSink] = [:]
    /// What the steps of recursions read, by number.
    var working: [Int: WorkingTable] = [:]
    private var operatorCount = 0

    init(_ context: QueryContext) { self.context = context }

    /// - Returns: The pipelines of the plan, the last of which ends in `sink`.
    static func pipelines(
        _ plan: PhysicalPlan, into sink: any PipelineSink, _ context: QueryContext
    ) throws(ExecutionError) -> [Pipeline] {
        var builder = PipelineBuilder(context)
        let branches = try builder.branches(plan)
        return builder.pipelines + [Pipeline(branches: branches, sink: sink)]
    }

    mutating func counter(_ name: String) -> RowCounter {
        defer { operatorCount += 1 }
        return RowCounter(number: operatorCount, name: name, profile: context.profile)
    }

    /// The branches whose rows, one after the other, are the plan's.
    ///
    /// - Parameter demands: Rows of which joins above have no need; leaving them in is no mistake.
    mutating func branches(
        _ plan: PhysicalPlan, _ demands: [KeyDemand] = []
    ) throws(ExecutionError) -> [PipelineBranch] {
        switch plan.node {
        case .scan(let node): return [scan(node, plan.outputTypes, demands)]
        case .values(let rows): return [values(rows, plan.outputTypes)]
        case .filter(let input, let predicate):
            let counter = counter("filter")
            return try branches(input, demands).appending(FilterStep(predicate: predicate, probe: counter))
        case .project(let input, let expressions):
            let counter = counter("project")
            return try branches(input, demands.through(expressions))
                .appending(ProjectStep(expressions: expressions, counter: counter))
        case .hashJoin(let node): return try hashJoin(node, demands)
        case .crossJoin(let left, let right, let condition):
            return try crossJoin(left, right, condition, demands)
        case .aggregate(let node): return [try aggregate(node, demands)]
        case .expand(let node):
            let counter = counter("grouping sets")
            return try branches(node.input).appending(ExpandStep(node: node, counter: counter))
        case .sort(let input, let keys, let limit, let offset):
            return [try sort(input, keys, limit, offset)]
        case .limit(let input, let count, let offset): return try limit(input, count, offset)
        case .unionAll(let inputs):
            _ = counter("union all")
            var all: [PipelineBranch] = []
            for input in inputs { all += try branches(input, demands) }
            return all
        case .distinct(let input):
            let groups = input.outputTypes.enumerated().map { Expression.column($0, $1) }
            return [
                try aggregate(
                    AggregateNode(input: input, groups: groups, aggregates: []), demands, name: "distinct")
            ]
        case .appendScalar(let input, let scalar):
            return try appendScalar(input, scalar, demands)
        case .materialize(let id, let plan, let body):
            let sink = CollectSink(
                types: plan.outputTypes, context.makeMemory(for: counter("materialize")))
            pipelines.append(Pipeline(branches: try branches(plan), sink: sink))
            collected[id] = sink
            return try branches(body, demands)
        case .cteScan(let id): return [try cteScan(id)]
        case .recursive(let node): return [try recursive(node, plan.outputTypes)]
        case .tableFunctions(let node):
            let counter = counter("table function")
            return try branches(node.input).appending(TableFunctionStep(node: node, counter: counter))
        case .asOfJoin(let node): return try asOfJoin(node)
        case .window(let node): return try window(node)
        case .rankedLimit(let node): return [try rankedLimit(node, plan.outputTypes)]
        }
    }

    private mutating func scan(
        _ node: ScanNode, _ types: [DataType], _ demands: [KeyDemand]
    ) -> PipelineBranch {
        let counter = counter("scan")
        return PipelineBranch(
            makeSource: { (context) throws(ExecutionError) in
                let keys = demands.compactMap { demand in
                    demand.slot.filter.map { ScanKeyFilter(column: demand.column, filter: $0) }
                }
                if keys.contains(where: \.filter.isEmpty) { return MemorySource(chunks: []) }
                let table = try context.tables.source(for: node.limited(by: keys))
                let own = table as? any FilteringSource
                let filter = own == nil ? node.filter : own?.remainingFilter
                if filter == nil && keys.isEmpty { return table }
                return FilteredSource(
                    base: table, filter: filter, keys: keys, types: types, context: EvaluationContext(context)
                )
            }, hasFilter: node.filter != nil || !demands.isEmpty, operatorNumber: counter.number,
            name: counter.name)
    }

    private mutating func values(_ rows: [[Expression]], _ types: [DataType]) -> PipelineBranch {
        let counter = counter("values")
        return PipelineBranch(
            makeSource: { (context) throws(ExecutionError) in
                MemorySource(chunks: try ValuesRows.chunks(rows, types: types, context), isOrdered: true)
            }, operatorNumber: counter.number, name: counter.name)
    }

    private mutating func cteScan(_ id: Int) throws(ExecutionError) -> PipelineBranch {
        let counter = counter("cte scan")
        if let table = working[id] {
            return PipelineBranch(
                makeSource: { (_) throws(ExecutionError) in MemorySource(chunks: table.chunks) },
                operatorNumber: counter.number, name: counter.name)
        }
        guard let sink = collected[id] else {
            throw .unsupported(feature: "a CTE that is read before it is made")
        }
        return PipelineBranch(
            makeSource: { (_) throws(ExecutionError) in sink.source },
            operatorNumber: counter.number, name: counter.name)
    }

    private mutating func hashJoin(
        _ node: HashJoinNode, _ demands: [KeyDemand]
    ) throws(ExecutionError) -> [PipelineBranch] {
        if node.kind == .nullAwareAnti, node.residual != nil {
            throw .unsupported(feature: "NOT IN with a further join condition")
        }
        let counter = counter("hash join")
        let own = node.ownDemands()
        let above = node.passedOn(demands)
        let build = JoinBuildSink(
            types: node.right.outputTypes, keys: node.rightKeys, filters: own.slots,
            context.makeMemory(for: counter))
        let left = try both(
            (node.left, own.left + above.left), (node.right, above.right), into: build)
        return joined(
            left, kind: node.kind, build: build, keys: node.leftKeys, residual: node.residual,
            types: (node.left.outputTypes, node.right.outputTypes), counter)
    }

    /// The branches of the left side. Operators are numbered left before right, but everything of the right
    /// side runs first, so that its keys are known to all of the left side's scans.
    private mutating func both(
        _ left: (plan: PhysicalPlan, demands: [KeyDemand]),
        _ right: (plan: PhysicalPlan, demands: [KeyDemand]),
        into build: JoinBuildSink
    ) throws(ExecutionError) -> [PipelineBranch] {
        let before = pipelines
        pipelines = []
        let probe = try branches(left.plan, left.demands)
        let ofLeft = pipelines
        pipelines = before
        let built = try branches(right.plan, right.demands)
        pipelines.append(Pipeline(branches: built, sink: build))
        pipelines += ofLeft
        return probe
    }

    private mutating func crossJoin(
        _ left: PhysicalPlan, _ right: PhysicalPlan, _ condition: Expression?, _ demands: [KeyDemand]
    ) throws(ExecutionError) -> [PipelineBranch] {
        let counter = counter("cross join")
        let build = JoinBuildSink(
            types: right.outputTypes, keys: [], context.makeMemory(for: counter))
        let sides = demands.split(at: left.outputTypes.count)
        let probe = try both((left, sides.left), (right, sides.right), into: build)
        return joined(
            probe, kind: .inner, build: build, keys: [], residual: condition,
            types: (left.outputTypes, right.outputTypes), counter)
    }

    private func joined(
        _ left: [PipelineBranch], kind: JoinKind, build: JoinBuildSink, keys: [Expression],
        residual: Expression?,
        types: (left: [DataType], right: [DataType]), _ counter: RowCounter
    ) -> [PipelineBranch] {
        let matched = kind.marksBuildRows ? MatchedRows() : nil
        let step = JoinProbeStep(
            kind: kind, build: build, keys: keys, residual: residual, leftTypes: types.left,
            rightTypes: types.right,
            matched: matched, counter: counter)
        var all = left.appending(step)
        if let matched {
            all.append(
                PipelineBranch(
                    makeSource: { (_) throws(ExecutionError) in
                        MarkedRowsSource(
                            table: build.table, matched: matched, kind: kind, leftTypes: types.left)
                    }, isNeeded: { build.spilled == nil }, operatorNumber: counter.number,
                    name: counter.name))
        }
        all.append(
            PipelineBranch(
                makeSource: { (context) throws(ExecutionError) in
                    guard let spilled = build.spilled else {
                        preconditionFailure("a branch that is not needed is not run")
                    }
                    return SpilledJoinSource(step: step, join: spilled, context: context)
                }, isNeeded: { build.spilled != nil }, operatorNumber: counter.number, name: counter.name))
        return all
    }

    private mutating func aggregate(
        _ node: AggregateNode, _ demands: [KeyDemand], name: String = "aggregate"
    ) throws(ExecutionError) -> PipelineBranch {
        let counter = counter(name)
        let sink = AggregateSink(node, context.makeMemory(for: counter))
        // Groups that a join above drops need not be made.
        var input = try branches(node.input, demands.through(node.groups))
        if node.aggregates.contains(where: AggregatorFactory.needsInputOrder) {
            // Texts and the like are joined in the order of the rows.
            for index in input.indices { input[index].isSerial = true }
        }
        pipelines.append(Pipeline(branches: input, sink: sink))
        return PipelineBranch(
            makeSource: { (_) throws(ExecutionError) in sink.source() }, operatorNumber: counter.number,
            name: counter.name)
    }

    private mutating func sort(
        _ input: PhysicalPlan, _ keys: [SortKey], _ limit: Int?, _ offset: Int
    ) throws(ExecutionError) -> PipelineBranch {
        let counter = counter(limit == nil ? "sort" : "top")
        let sink = SortSink(
            types: input.outputTypes, keys: keys, limit: limit, offset: offset,
            context.makeMemory(for: counter))
        pipelines.append(Pipeline(branches: try branches(input), sink: sink))
        return PipelineBranch(
            makeSource: { (_) throws(ExecutionError) in try sink.source() }, operatorNumber: counter.number,
            name: counter.name)
    }

    private mutating func limit(
        _ input: PhysicalPlan, _ count: Int?, _ offset: Int
    ) throws(ExecutionError) -> [PipelineBranch] {
        let counter = counter("limit")
        let stop = StopFlag()
        var all = try branches(input)
        let step = LimitStep(
            limit: SharedLimit(count: count, offset: offset, stop: stop), counter: counter)
        for index in all.indices {
            // The first rows of a plain scan are the table's first rows; with a filter speed matters more.
            let hasOnlyProjections = all[index].steps.allSatisfy { $0 is ProjectStep }
            if hasOnlyProjections, !all[index].hasFilter { all[index].isSerial = true }
            all[index].steps.append(step)
            all[index].stops.append(stop)
        }
        return all
    }

    private mutating func appendScalar(
        _ input: PhysicalPlan, _ scalar: PhysicalPlan, _ demands: [KeyDemand]
    ) throws(ExecutionError) -> [PipelineBranch] {
        let sink = CollectSink(
            types: scalar.outputTypes, context.makeMemory(for: counter("scalar subquery")))
        let outer = try branches(input, demands.filter { $0.column < input.outputTypes.count })
        pipelines.append(Pipeline(branches: try branches(scalar), sink: sink))
        guard let type = scalar.outputTypes.first else {
            throw .unsupported(feature: "a scalar subquery without a column")
        }
        return outer.appending(AppendScalarStep(scalar: sink, type: type))
    }
}

extension [PipelineBranch] {
    /// The same branches with one more step each.
    func appending(_ step: any PipelineStep) -> [PipelineBranch] {
        map { branch in
            var longer = branch
            longer.steps.append(step)
            return longer
        }
    }
}
