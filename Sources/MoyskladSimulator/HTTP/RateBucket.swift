/// The weighted bucket of one user (API §3.1) as a state machine: moments go in, decisions come out.
struct RateBucket: Sendable {
    enum Decision: Equatable, Sendable {
        case allowed(remaining: Int)
        /// Milliseconds until the window ends.
        case refused(retryAfter: Int64)
    }

    let limit: SimulatorConfiguration.RateLimit
    private let windowMilliseconds: Int64
    private var windowStart: Int64?
    private var unitsUsed = 0
    private(set) var running = 0

    init(limit: SimulatorConfiguration.RateLimit) {
        self.limit = limit
        windowMilliseconds = limit.window.milliseconds
    }

    /// Requests of ordinary weight that fit into a window.
    var requestsPerWindow: Int { limit.unitsPerWindow / limit.weight }

    /// - Parameter now: Milliseconds of a clock that never goes back.
    mutating func take(weight: Int, now: Int64) -> Decision {
        if let start = windowStart, now - start < windowMilliseconds {
            guard unitsUsed + weight <= limit.unitsPerWindow else {
                return .refused(retryAfter: start + windowMilliseconds - now)
            }
        } else {
            windowStart = now
            unitsUsed = 0
        }
        unitsUsed += weight
        return .allowed(remaining: max(0, limit.unitsPerWindow - unitsUsed) / limit.weight)
    }

    /// Whether one more request may run beside those that do.
    mutating func enter() -> Bool {
        guard running < limit.parallelMax else { return false }
        running += 1
        return true
    }

    mutating func leave() {
        precondition(running > 0, "only a request that entered leaves")
        running -= 1
    }
}

extension Duration {
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
