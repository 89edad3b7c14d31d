import Columns
import Glibc
import Synchronization

/// Runs physical plans.
public enum QueryExecutor {
    /// Runs a plan to its end on this thread and the pool's; rows go to `sink` in the plan's order.
    ///
    /// - Throws: The first error of any worker; rows that were handed out before it stay handed out.
    public static func run(
        _ plan: PhysicalPlan, _ context: QueryContext, into sink: any ResultSink
    ) throws(ExecutionError) {
        try context.memory.enter(context)
        defer {
            context.recordMemory()
            context.memory.leave()
        }
        let stop = StopFlag()
        var pipelines = try PipelineBuilder.pipelines(plan, into: DeliverySink(sink, stop: stop), context)
        let last = pipelines.count - 1
        for index in pipelines[last].branches.indices { pipelines[last].branches[index].stops.append(stop) }
        try PipelineRunner(context: context).run(pipelines)
    }

    /// All rows of a plan; for small results and tests.
    public static func collect(
        _ plan: PhysicalPlan, _ context: QueryContext
    ) throws(ExecutionError) -> [DataChunk] {
        let sink = CollectedChunks()
        try run(plan, context, into: sink)
        return sink.chunks
    }

    /// Runs a plan on a thread of its own; the caller pulls rows from the queue.
    ///
    /// - Parameter capacity: Chunks that wait in the queue at most.
    public static func start(_ plan: PhysicalPlan, _ context: QueryContext, capacity: Int = 8) -> ResultQueue
    {
        let queue = ResultQueue(context: context, capacity: capacity)
        let run = DetachedRun(plan: plan, context: context, queue: queue)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(run)
        let code = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<DetachedRun>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            argument.release()
            queue.finish(.unsupported(feature: "another thread: the system refuses to make one"))
        }
        return queue
    }

    private final class DetachedRun: Sendable {
        let plan: PhysicalPlan
        let context: QueryContext
        let queue: ResultQueue

        init(plan: PhysicalPlan, context: QueryContext, queue: ResultQueue) {
            self.plan = plan
            self.context = context
            self.queue = queue
        }

        func run() {
            do throws(ExecutionError) {
                try QueryExecutor.run(plan, context, into: queue)
                queue.finish(nil)
            } catch {
                queue.finish(error)
            }
        }
    }

    private final class CollectedChunks: ResultSink {
        private let held = Mutex<[DataChunk]>([])

        var chunks: [DataChunk] { held.withLock { $0 } }

        func receive(_ chunk: DataChunk) -> Bool {
            held.withLock { $0.append(chunk) }
            return true
        }
    }
}
