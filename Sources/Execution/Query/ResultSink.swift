import Columns
import Glibc
import Synchronization

/// Takes the rows of a query.
public protocol ResultSink: Sendable {
    /// Takes a chunk without a selection and with at least one row; calls come one at a time, from any
    /// thread.
    ///
    /// - Returns: Whether more is wanted; false ends the query without an error.
    func receive(_ chunk: DataChunk) throws(ExecutionError) -> Bool
}

/// The end of a plan's last pipeline: hands chunks to the result sink in the order of the morsels, however
/// many workers there are.
final class DeliverySink: PipelineSink {
    private let sink: any ResultSink
    let stop: StopFlag
    private let order = Mutex<Order>(Order())

    private struct Order {
        var nextMorsel = 0
        /// Chunks of morsels that are done before their turn.
        var waiting: [Int: [DataChunk]] = [:]
        var waitingBytes = 0
    }

    /// Bytes of rows that wait for their turn at least and, as a share of the query's budget, at most.
    private static let waitingBytesMin = 4 << 20
    private static let waitingShare = 8

    init(_ sink: any ResultSink, stop: StopFlag) {
        self.sink = sink
        self.stop = stop
    }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Worker(self, context)
    }

    func beginBranch() { order.withLock { $0 = Order() } }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {}

    func finalize(_ context: QueryContext) throws(ExecutionError) {}

    /// Takes a morsel's chunks; `isDone` when there are no more of it.
    fileprivate func deliver(_ chunks: [DataChunk], of morsel: Int, isDone: Bool) throws(ExecutionError) {
        let failure = order.withLock { order in
            do throws(ExecutionError) {
                guard morsel == order.nextMorsel else {
                    order.waiting[morsel, default: []] += chunks
                    order.waitingBytes += chunks.reduce(0) { $0 + RowCollection.bytes(of: $1) }
                    return ExecutionError?.none
                }
                try hand(chunks)
                guard isDone else { return nil }
                order.nextMorsel += 1
                while let ready = order.waiting.removeValue(forKey: order.nextMorsel) {
                    order.waitingBytes -= ready.reduce(0) { $0 + RowCollection.bytes(of: $1) }
                    try hand(ready)
                    order.nextMorsel += 1
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Takes rows that a step held back until its worker's last morsel was over.
    fileprivate func deliverLate(_ chunk: DataChunk) throws(ExecutionError) {
        let failure = order.withLock { _ in
            do throws(ExecutionError) {
                try hand([chunk])
                return ExecutionError?.none
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func hand(_ chunks: [DataChunk]) throws(ExecutionError) {
        for chunk in chunks where !stop.isStopped {
            if try !sink.receive(chunk) { stop.set() }
        }
    }

    /// Waits with rows of a morsel whose turn has not come while too many others wait.
    fileprivate func waitForRoom(
        _ morsel: Int, _ heldBytes: Int, _ context: QueryContext
    ) throws(ExecutionError) {
        let bytesMax = max(Self.waitingBytesMin, context.memory.limitBytes / Self.waitingShare)
        while order.withLock({
            $0.nextMorsel < morsel && $0.waitingBytes + heldBytes > bytesMax
        }) {
            try context.checkpoint()
            usleep(Self.waitMicroseconds)
        }
    }

    private static let waitMicroseconds: UInt32 = 500

    fileprivate func isTurn(of morsel: Int) -> Bool { order.withLock { $0.nextMorsel == morsel } }

    private final class Worker: ChunkConsumer {
        private let sink: DeliverySink
        private var morsel = 0
        private var isMorselOpen = false
        private let context: QueryContext
        private var held: [DataChunk] = []
        private var heldBytes = 0

        init(_ sink: DeliverySink, _ context: QueryContext) {
            self.sink = sink
            self.context = context
        }

        override func beginMorsel(_ index: Int) {
            morsel = index
            isMorselOpen = true
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            guard isMorselOpen else { return try sink.deliverLate(compact) }
            held.append(compact)
            if !sink.isTurn(of: morsel) {
                heldBytes += RowCollection.bytes(of: compact)
                try sink.waitForRoom(morsel, heldBytes, context)
                guard sink.isTurn(of: morsel) else { return }
            }
            try sink.deliver(held, of: morsel, isDone: false)
            held = []
            heldBytes = 0
        }

        override func endMorsel() throws(ExecutionError) {
            isMorselOpen = false
            try sink.deliver(held, of: morsel, isDone: true)
            held = []
            heldBytes = 0
        }
    }
}
