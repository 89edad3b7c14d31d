import Columns

extension PipelineBuilder {
    /// Plans whose pipelines are made anew for each run: a step of a recursion runs many times.
    private struct BuiltPlan: NestedPlan {
        let plan: PhysicalPlan
        let builder: PipelineBuilder
        let memory: OperatorMemory

        func rows(_ context: QueryContext) throws(ExecutionError) -> CollectSink {
            var builder = builder
            let sink = CollectSink(types: plan.outputTypes, memory)
            let last = Pipeline(branches: try builder.branches(plan), sink: sink)
            try PipelineRunner(context: context).run(builder.pipelines + [last])
            return sink
        }
    }

    mutating func recursive(
        _ node: RecursiveNode, _ types: [DataType]
    ) throws(ExecutionError) -> PipelineBranch {
        let counter = counter("recursive")
        let table = WorkingTable()
        working[node.id] = table
        let memory = context.makeMemory(for: counter)
        let seed = try nested(node.seed, memory)
        let step = try nested(node.step, memory)
        return PipelineBranch(
            makeSource: { (context) throws(ExecutionError) in
                RecursiveSource(
                    seed: seed, step: step, working: table, types: types, isDistinct: node.isDistinct,
                    memory: memory, context: context)
            }, isSerial: true, operatorNumber: counter.number, name: counter.name)
    }

    /// The plan with the operator numbers that follow those so far.
    private mutating func nested(
        _ plan: PhysicalPlan, _ memory: OperatorMemory
    ) throws(ExecutionError) -> BuiltPlan {
        var builder = self
        builder.pipelines = []
        let built = BuiltPlan(plan: plan, builder: builder, memory: memory)
        let outer = pipelines
        _ = try branches(plan)
        pipelines = outer
        return built
    }

    mutating func asOfJoin(_ node: AsOfJoinNode) throws(ExecutionError) -> [PipelineBranch] {
        let counter = counter("nearest join")
        let build = AsOfBuildSink(node, context.makeMemory(for: counter))
        let left = try branches(node.left)
        pipelines.append(Pipeline(branches: try branches(node.right), sink: build))
        return left.appending(AsOfProbeStep(node: node, build: build, counter: counter))
    }

    /// Rows are numbered over all branches of the input, so that several are collected first.
    mutating func rankedLimit(
        _ node: RankedLimitNode, _ types: [DataType]
    ) throws(ExecutionError) -> PipelineBranch {
        let counter = counter("ranked limit")
        let memory = context.makeMemory(for: counter)
        let input = try branches(node.input)
        var branch: PipelineBranch
        if input.count == 1 {
            branch = input[0]
        } else {
            let sink = CollectSink(types: types, memory)
            pipelines.append(Pipeline(branches: input, sink: sink))
            branch = PipelineBranch(
                makeSource: { (_) throws(ExecutionError) in sink.source }, operatorNumber: counter.number,
                name: counter.name)
        }
        branch.steps.append(RankedLimitStep(node: node, memory: memory, counter: counter))
        branch.isSerial = true
        return branch
    }

    mutating func window(_ node: WindowNode) throws(ExecutionError) -> [PipelineBranch] {
        let counter = counter("window")
        let memory = context.makeMemory(for: counter)
        let step = WindowStep(node: node, memory: memory, counter: counter)
        var input = try branches(node.input)
        if node.isSorted { return input.appending(step) }
        if let limit = node.rowLimit {
            input = input.appending(PartitionLimitStep(node: node, limit: limit, memory: memory))
        }
        let keys = node.partition.map { SortKey($0) } + node.order
        let sink = SortSink(types: node.input.outputTypes, keys: keys, limit: nil, offset: 0, memory)
        pipelines.append(Pipeline(branches: input, sink: sink))
        let branch = PipelineBranch(
            makeSource: { (_) throws(ExecutionError) in try sink.source() }, isSerial: true,
            operatorNumber: counter.number, name: counter.name)
        return [branch].appending(step)
    }
}
