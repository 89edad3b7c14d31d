import Synchronization

/// The rows that the workers of a sink have collected, put together one worker at a time.
final class SharedRows: Sendable {
    private let held = Mutex<Held>(Held())

    private struct Held: @unchecked Sendable {
        // Reached only under the mutex; whoever takes it out owns it alone.
        var rows: RowCollection?
    }

    /// Adds a worker's rows, which it gives up.
    func absorb(_ rows: RowCollection) throws(ExecutionError) {
        let added = Held(rows: rows)
        let failure = held.withLock { held in
            guard let first = held.rows, let more = added.rows else {
                held = added
                return ExecutionError?.none
            }
            do throws(ExecutionError) {
                try first.absorb(more)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// All rows, once; nil when there was no worker.
    func take() -> RowCollection? {
        let taken = held.withLock { held in
            let all = held
            held = Held()
            return all
        }
        return taken.rows
    }
}
