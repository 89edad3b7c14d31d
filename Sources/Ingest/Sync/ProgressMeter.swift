/// Counts what has been done, and guesses what is left. Time is passed in.
struct ProgressMeter: Sendable {
    private var type = ""
    private var typeDone = 0
    private var typeTotal = 0
    private var doneBefore = 0
    private var expected: [String: Int] = [:]

    /// How many objects of a type are to come, where that is known beforehand.
    mutating func expect(_ count: Int, of type: String) { expected[type] = count }

    mutating func begin(_ type: String) {
        doneBefore += typeDone
        expected[self.type] = nil
        self.type = type
        typeDone = 0
        typeTotal = expected[type] ?? 0
    }

    mutating func found(total: Int) { typeTotal = max(total, typeDone) }

    mutating func advance(_ count: Int) {
        typeDone += count
        typeTotal = max(typeTotal, typeDone)
    }

    func progress(elapsed: Duration) -> SyncProgress {
        let done = doneBefore + typeDone
        let later = expected.reduce(0) { $0 + ($1.key == type ? 0 : $1.value) }
        let total = max(done, doneBefore + typeTotal + later)
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        return SyncProgress(
            type: type, typeDone: typeDone, typeTotal: typeTotal, objectsDone: done, objectsTotal: total,
            objectsPerSecond: rate, timeLeft: rate > 0 ? .seconds(Double(total - done) / rate) : nil)
    }
}
