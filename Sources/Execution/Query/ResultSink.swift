import Columns
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
    }

    init(_ sink: any ResultSink, stop: StopFlag) {
        self.sink = sink
        self.stop = stop
    }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer { Worker(self) }

    func beginBranch() { order.withLock { $0 = Order() } }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {}

    func finalize(_ context: QueryContext) throws(ExecutionError) {}

    /// Takes a morsel's chunks; `isDone` when there are no more of it.
    fileprivate func deliver(_ chunks: [DataChunk], of morsel: Int, isDone: Bool) throws(ExecutionError) {
        let failure = order.withLock { order in
            do throws(ExecutionError) {
                guard morsel == order.nextMorsel else {
                    order.waiting[morsel, default: []] += chunks
                    return ExecutionError?.none
                }
                try hand(chunks)
                guard isDone else { return nil }
                order.nextMorsel += 1
                while let ready = order.waiting.removeValue(forKey: order.nextMorsel) {
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

    private func hand(_ chunks: [DataChunk]) throws(ExecutionError) {
        for chunk in chunks where !stop.isStopped {
            if try !sink.receive(chunk) { stop.set() }
        }
    }

    fileprivate func isTurn(of morsel: Int) -> Bool { order.withLock { $0.nextMorsel == morsel } }

    private final class Worker: ChunkConsumer {
        private let sink: DeliverySink
        private var morsel = 0
        private var held: [DataChunk] = []

        init(_ sink: DeliverySink) { self.sink = sink }

        override func beginMorsel(_ index: Int) { morsel = index }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            held.append(chunk.compacted())
            if sink.isTurn(of: morsel) {
                try sink.deliver(held, of: morsel, isDone: false)
                held = []
            }
        }

        override func endMorsel() throws(ExecutionError) {
            try sink.deliver(held, of: morsel, isDone: true)
            held = []
        }
    }
}
