/// Spreads work over time: so many bytes a second on average, and `burst` at once. A value: work and the time
/// go in, how long to wait comes out; no clock.
struct TokenBucket: Sendable {
    let bytesPerSecond: Int
    let burst: Int
    /// Bytes that may be worked on at once; below zero when more has been taken than there was.
    private var available: Int
    private var time: Duration

    init(bytesPerSecond: Int, burst: Int, at time: Duration) {
        precondition(bytesPerSecond > 0 && burst >= 0, "a bucket fills")
        self.bytesPerSecond = bytesPerSecond
        self.burst = burst
        available = burst
        self.time = time
    }

    /// Takes bytes that have been worked on.
    ///
    /// - Returns: How long to wait before the next work.
    mutating func take(_ bytes: Int, at now: Duration) -> Duration {
        if now > time {
            let (seconds, attoseconds) = (now - time).components
            let passed = Double(seconds) + Double(attoseconds) / 1e18
            // After an hour it is full whatever its size, and numbers stay small.
            available = min(burst, available + Int(min(passed, 3600) * Double(bytesPerSecond)))
            time = now
        }
        available -= bytes
        guard available < 0 else { return .zero }
        return .microseconds(Int64(Double(-available) / Double(bytesPerSecond) * 1e6))
    }
}
