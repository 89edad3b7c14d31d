import Columns
import Synchronization

/// Runs pipelines over the worker pool: each worker takes morsels by an atomic cursor until there are none.
struct PipelineRunner {
    let context: QueryContext

    func run(_ pipelines: [Pipeline]) throws(ExecutionError) {
        for pipeline in pipelines { try run(pipeline) }
    }

    private func run(_ pipeline: Pipeline) throws(ExecutionError) {
        for branch in pipeline.branches { try run(branch, pipeline.sink) }
        try context.checkpoint()
        try pipeline.sink.finalize(context)
    }

    private func run(_ branch: PipelineBranch, _ sink: any PipelineSink) throws(ExecutionError) {
        if branch.stops.contains(where: \.isStopped) { return }
        if let isNeeded = branch.isNeeded, !isNeeded() { return }
        let source = try branch.makeSource(context)
        sink.beginBranch()
        let shared = BranchRun(morselCount: source.morselCount)
        let isSerial = branch.isSerial || source.isOrdered
        let workers = isSerial ? 1 : min(context.workerCount, max(source.morselCount, 1))
        context.pool.run(count: workers) { [context] _ in
            do throws(ExecutionError) {
                let end = try sink.makeConsumer(context)
                var consumer = end
                for step in branch.steps.reversed() {
                    consumer = try step.makeConsumer(next: consumer, context)
                }
                try Self.work(source, shared, consumer, end, context, branch)
                try consumer.finish()
                try shared.combine { () throws(ExecutionError) in try sink.combine(end) }
            } catch {
                shared.fail(error)
                context.stopWorkers()
            }
        }
        if let error = shared.error { throw error }
    }

    private static func work(
        _ source: any ChunkSource, _ shared: BranchRun, _ consumer: ChunkConsumer, _ end: ChunkConsumer,
        _ context: QueryContext, _ branch: PipelineBranch
    ) throws(ExecutionError) {
        let reader = try source.makeReader()
        var skipped = 0
        var read = 0
        var rows = 0
        let clock = ContinuousClock()
        let start = clock.now
        func isStopped() -> Bool { shared.hasFailed || branch.stops.contains { $0.isStopped } }
        while !isStopped(), let morsel = shared.next() {
            try context.checkpoint()
            end.beginMorsel(morsel)
            guard try reader.open(morsel: morsel) else {
                skipped += 1
                try end.endMorsel()
                continue
            }
            read += 1
            if let pushing = reader as? any PushingReader {
                try pushing.push(into: consumer, isStopped: isStopped)
                try end.endMorsel()
                continue
            }
            while !isStopped(), let chunk = try reader.next() {
                try context.checkpoint()
                if chunk.selectedCount == 0 { continue }
                rows += chunk.selectedCount
                try consumer.consume(chunk)
            }
            try end.endMorsel()
        }
        let counters = (reader as? any CountingReader)?.counters
        context.profile.add(branch.operatorNumber, name: branch.name) { counted in
            counted.rows += rows
            counted.skippedMorsels += skipped
            counted.readMorsels += read
            counted.bloomSkippedMorsels += counters?.rowGroupsSkippedByBloom ?? 0
            counted.skippedVectors += counters?.vectorsSkipped ?? 0
            counted.filteredRows += counters?.rowsFiltered ?? 0
            counted.time += clock.now - start
        }
    }
}

/// What the workers of one branch share.
private final class BranchRun: Sendable {
    private let morselCount: Int
    private let cursor = Atomic<Int>(0)
    private let failed = Atomic<Bool>(false)
    private let failure = Mutex<ExecutionError?>(nil)
    private let combining = Mutex<Void>(())

    init(morselCount: Int) { self.morselCount = morselCount }

    func next() -> Int? {
        if hasFailed { return nil }
        let morsel = cursor.wrappingAdd(1, ordering: .relaxed).oldValue
        return morsel < morselCount ? morsel : nil
    }

    var hasFailed: Bool { failed.load(ordering: .relaxed) }

    /// Keeps the first error.
    func fail(_ error: ExecutionError) {
        failure.withLock { if $0 == nil { $0 = error } }
        failed.store(true, ordering: .relaxed)
    }

    var error: ExecutionError? { failure.withLock { $0 } }

    func combine(_ body: () throws(ExecutionError) -> Void) throws(ExecutionError) {
        let result = combining.withLock { _ in
            do throws(ExecutionError) {
                try body()
                return ExecutionError?.none
            } catch {
                return error
            }
        }
        if let result { throw result }
    }
}
