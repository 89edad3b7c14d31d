/// Decides when the next request may go, without a clock and without I/O: time is passed in, as the time
/// since any fixed moment. One limiter serves all requests of one user.
///
/// Moysklad counts weighted units in a window and requests in flight; it tells its counters in every answer,
/// and what it tells beats what was configured.
public struct RateLimiter: Sendable {
    /// The limits to begin with.
    public struct Limits: Sendable, Hashable {
        /// Units that one window holds.
        public var unitsPerWindow: Int
        public var window: Duration
        /// Requests in flight at most.
        public var parallelMax: Int
        /// Refusals for the rate in a row, after which nothing more is sent.
        public var refusalsMax: Int

        /// The documented limits, with one unit kept free of each parallel request that others may send.
        public init(
            unitsPerWindow: Int = 45, window: Duration = .seconds(3), parallelMax: Int = 5,
            refusalsMax: Int = 20
        ) {
            precondition(
                unitsPerWindow > 0 && parallelMax > 0 && refusalsMax > 0, "a limit of nothing sends nothing")
            precondition(window > .zero, "a window has a length")
            self.unitsPerWindow = unitsPerWindow
            self.window = window
            self.parallelMax = parallelMax
            self.refusalsMax = refusalsMax
        }
    }

    /// What the counters in an answer said.
    public struct Counters: Sendable, Hashable {
        public var limit: Int?
        public var remaining: Int?
        public var interval: Duration?

        public init(limit: Int? = nil, remaining: Int? = nil, interval: Duration? = nil) {
            self.limit = limit
            self.remaining = remaining
            self.interval = interval
        }
    }

    /// How a request ended, as far as the limits are concerned.
    public enum Outcome: Sendable, Hashable {
        /// Any answer but 429.
        case answered
        /// 429 for the rate, with the time that Moysklad asked to wait.
        case refusedForRate(retryAfter: Duration?)
        /// 429 for requests in flight.
        case refusedForParallel
        /// No answer came.
        case lost
    }

    /// What to do with a request that wants to go.
    public enum Decision: Sendable, Hashable {
        /// It goes, and counts as in flight until `finished`.
        case send
        /// Ask again after this time.
        case wait(Duration)
        /// Ask again when a request has finished.
        case waitForAnswer
        /// Nothing may be sent any more; the number of refusals in a row.
        case stop(refusals: Int)
    }

    private struct Spending {
        var at: Duration
        var units: Int
    }

    // Invariants: spent is ordered by time and has only entries of the last window; 1 ≤ parallel ≤
    // limits.parallelMax.
    private let limits: Limits
    private var unitsPerWindow: Int
    private var window: Duration
    private var spent: [Spending] = []
    private var reported: (remaining: Int, at: Duration)?
    private var blockedUntil: Duration = .zero
    private var answersWithoutCounters = 0
    private var answersSinceNarrowing = 0
    /// Refusals for the rate since the last answer that was none.
    public private(set) var refusalsInRow = 0
    /// Requests in flight.
    public private(set) var inFlight = 0
    /// Requests in flight at most, as far as learned.
    public private(set) var parallel: Int
    /// What an ordinary request costs, as far as learned.
    public private(set) var unitsPerRequest = 1

    /// Answers in a row without a refusal after which one more request may be in flight again.
    private static let answersToWiden = 50
    private static let waitWithoutTime: Duration = .seconds(3)

    /// - Parameter unitsPerRequest: What an ordinary request costs as far as is known; corrected by the
    ///   answers.
    public init(limits: Limits = Limits(), unitsPerRequest: Int = 1) {
        self.limits = limits
        self.unitsPerRequest = max(1, unitsPerRequest)
        unitsPerWindow = limits.unitsPerWindow
        window = limits.window
        parallel = limits.parallelMax
    }

    /// Whether the server keeps no counters at all, as a test server may.
    public var isUnlimited: Bool { answersWithoutCounters >= 3 }

    /// A request of this weight (1 for ordinary ones) wants to go.
    public mutating func ask(weight: Int, now: Duration) -> Decision {
        guard refusalsInRow < limits.refusalsMax else { return .stop(refusals: refusalsInRow) }
        guard inFlight < parallel else { return .waitForAnswer }
        if now < blockedUntil { return .wait(blockedUntil - now) }
        let units = weight > 1 ? max(weight, unitsPerRequest) : unitsPerRequest
        if !isUnlimited, let wait = waitForUnits(units, now: now) { return .wait(wait) }
        spent.append(Spending(at: now, units: units))
        inFlight += 1
        return .send
    }

    /// A request that was sent has ended.
    public mutating func finished(_ outcome: Outcome, counters: Counters, now: Duration) {
        precondition(inFlight > 0, "only a request that was sent can finish")
        learn(counters, now: now)
        inFlight -= 1
        switch outcome {
        case .answered:
            refusalsInRow = 0
            answersSinceNarrowing += 1
            if answersSinceNarrowing >= Self.answersToWiden, parallel < limits.parallelMax {
                parallel += 1
                answersSinceNarrowing = 0
            }
        case .refusedForRate(let retryAfter):
            refusalsInRow += 1
            let wait = retryAfter ?? Self.waitWithoutTime * (1 << min(refusalsInRow - 1, 5))
            blockedUntil = max(blockedUntil, now + wait)
        case .refusedForParallel:
            parallel = max(1, parallel - 1)
            answersSinceNarrowing = 0
            refusalsInRow += 1
            blockedUntil = max(blockedUntil, now + .milliseconds(200))
        case .lost:
            break
        }
    }

    private mutating func waitForUnits(_ units: Int, now: Duration) -> Duration? {
        spent.removeAll { now - $0.at >= window }
        let needed = min(units, unitsPerWindow)
        let used = spent.reduce(0) { $0 + $1.units }
        if used + needed > unitsPerWindow, let first = spent.first {
            return max(window - (now - first.at), .milliseconds(1))
        }
        guard let reported, now - reported.at < window else { return nil }
        let usedSince = spent.reduce(0) { $0 + ($1.at >= reported.at ? $1.units : 0) }
        guard usedSince + needed > reported.remaining else { return nil }
        return max(window - (now - reported.at), .milliseconds(1))
    }

    private mutating func learn(_ counters: Counters, now: Duration) {
        guard let remaining = counters.remaining ?? counters.limit else {
            answersWithoutCounters += 1
            return
        }
        answersWithoutCounters = 0
        if let interval = counters.interval, interval > .zero { window = interval }
        if let limit = counters.limit, limit > 0 { unitsPerWindow = limit }
        // Only a request that was alone between two readings shows its price.
        if let before = reported, inFlight == 1, now - before.at < window, before.remaining > remaining,
            spent.filter({ $0.at > before.at }).count == 1, spent.last?.units == unitsPerRequest
        {
            unitsPerRequest = min(before.remaining - remaining, unitsPerWindow)
        }
        reported = (max(0, remaining), now)
    }
}
