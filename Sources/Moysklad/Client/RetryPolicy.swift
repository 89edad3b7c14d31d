/// Decides whether a read that failed is worth another try, and when: without a clock, without chance of its
/// own.
public struct RetryPolicy: Sendable, Hashable {
    /// Tries of one request in all.
    public var attemptsMax: Int
    /// The wait before the second try; it doubles with each further one.
    public var firstWait: Duration
    public var longestWait: Duration

    /// Six tries over about a minute.
    public init(attemptsMax: Int = 6, firstWait: Duration = .seconds(1), longestWait: Duration = .seconds(60))
    {
        precondition(attemptsMax > 0, "a request is tried at least once")
        self.attemptsMax = attemptsMax
        self.firstWait = firstWait
        self.longestWait = longestWait
    }

    /// Codes that tell of a passing state: a parallel change, maintenance, the service restarting.
    static let passingCodes: Set<Int> = [1065, 1074, 1095]

    /// Whether a status or code is worth another try; a 429 always is, and is counted by the limiter.
    public static func isPassing(status: Int, code: Int?) -> Bool {
        if let code, passingCodes.contains(code) { return true }
        return status == 429 || (status >= 500 && status != 501)
    }

    /// The wait after a failed try; nil if it was the last.
    ///
    /// - Parameters:
    ///   - attempt: Which try failed, from 1.
    ///   - chance: In 0..<1; spreads the tries of many clients.
    public func wait(afterAttempt attempt: Int, chance: Double) -> Duration? {
        guard attempt < attemptsMax else { return nil }
        let doubled = firstWait * (1 << min(attempt - 1, 16))
        return min(doubled, longestWait) * (0.5 + chance / 2)
    }
}
