import HTTPTypes
import Synchronization

/// What all requests share besides the shop: the user, the limits, and the faults that were asked for.
final class RequestGate: Sendable {
    private struct State {
        var access: AccessControl
        var bucket: RateBucket?
        var faults = FaultPlan()
        var requestsTotal = 0
        var refusedTotal = 0
    }

    private static let heavyPaths: Set<String> = ["/report/stock/all", "/report/stock/bystore"]
    private static let heavyWeight = 5

    private let state: Mutex<State>
    private let started = ContinuousClock.now

    init(configuration: SimulatorConfiguration) {
        state = Mutex(
            State(
                access: AccessControl(configuration: configuration),
                bucket: configuration.rateLimit.map(RateBucket.init(limit:))))
    }

    func scheme(of header: String?) -> AccessControl.Scheme? {
        state.withLock { $0.access.scheme(of: header) }
    }

    func issueToken() -> String { state.withLock { $0.access.issueToken() } }

    /// Whether the request may run beside the others of its user.
    func enter() -> Bool {
        state.withLock { state in
            state.requestsTotal += 1
            let isAllowed = state.bucket?.enter() ?? true
            if !isAllowed { state.refusedTotal += 1 }
            return isAllowed
        }
    }

    func leave() { state.withLock { $0.bucket?.leave() } }

    /// Nil when the limits are off.
    func take(path: String) -> RateBucket.Decision? {
        let now = (ContinuousClock.now - started).milliseconds
        return state.withLock { state in
            guard let weight = state.bucket?.limit.weight else { return nil }
            let resource = String(path.dropFirst(APIRequest.prefix.count))
            let own = Self.heavyPaths.contains(resource) ? max(Self.heavyWeight, weight) : weight
            let decision = state.bucket?.take(weight: own, now: now)
            if case .refused? = decision { state.refusedTotal += 1 }
            return decision
        }
    }

    func strike(path: String) -> FaultPlan.Fault? { state.withLock { $0.faults.strike(path: path) } }

    func add(_ fault: FaultPlan.Fault) -> Bool { state.withLock { $0.faults.add(fault) } }

    func clearFaults() { state.withLock { $0.faults.clear() } }

    var faults: [FaultPlan.Fault] { state.withLock { $0.faults.faults } }

    /// Requests so far, and how many of them the limits refused.
    var totals: (requests: Int, refused: Int) { state.withLock { ($0.requestsTotal, $0.refusedTotal) } }

    /// The counters of §3.3; times are milliseconds. A refusal for parallel requests has no decision.
    func headers(_ decision: RateBucket.Decision?) -> HTTPFields {
        var headers = HTTPFields()
        guard let bucket = state.withLock({ $0.bucket }) else { return headers }
        var (remaining, retryAfter): (Int, Int64) = (0, 0)
        switch decision {
        case .allowed(let left): remaining = left
        case .refused(let milliseconds): retryAfter = milliseconds
        case nil: break
        }
        SimulatorHeaders.set("X-RateLimit-Limit", "\(bucket.requestsPerWindow)", in: &headers)
        SimulatorHeaders.set("X-RateLimit-Remaining", "\(remaining)", in: &headers)
        SimulatorHeaders.set(
            "X-Lognex-Retry-TimeInterval", "\(bucket.limit.window.milliseconds)", in: &headers)
        SimulatorHeaders.set("X-Lognex-Reset", "\(retryAfter)", in: &headers)
        SimulatorHeaders.set("X-Lognex-Retry-After", "\(retryAfter)", in: &headers)
        return headers
    }
}
