/// Counts what an operator hands on, for the profile.
struct RowCounter: Sendable {
    let number: Int
    let name: String
    let profile: QueryProfile

    func worker() -> Worker { Worker(self) }

    /// One worker's count, added to the profile at its end.
    final class Worker {
        private let counter: RowCounter
        var rows = 0

        init(_ counter: RowCounter) { self.counter = counter }

        func flush() {
            let rows = rows
            counter.profile.add(counter.number, name: counter.name) { $0.rows += rows }
            self.rows = 0
        }
    }
}
