import Synchronization

/// Slows down guessing of passwords: after ten failures in a row a login must wait a minute.
///
/// The decision is a value without a clock; `SignInLimiter` keeps one a login.
struct SignInAttempts: Equatable {
    static let failuresMax = 10
    static let pause: Duration = .seconds(60)

    private var failures = 0
    private var blockedUntil: ContinuousClock.Instant?

    /// How long the login must still wait; nil when it may try.
    mutating func waitingTime(at now: ContinuousClock.Instant) -> Duration? {
        guard let until = blockedUntil else { return nil }
        guard now < until else {
            blockedUntil = nil
            failures = 0
            return nil
        }
        return until - now
    }

    mutating func failed(at now: ContinuousClock.Instant) {
        failures += 1
        if failures >= Self.failuresMax { blockedUntil = now + Self.pause }
    }
}

/// The attempts of all logins; the oldest are forgotten beyond `loginsMax`, which bounds the memory of a flood.
final class SignInLimiter: Sendable {
    static let loginsMax = 10_000

    private struct State {
        var attempts: [String: SignInAttempts] = [:]
        var order: [String] = []
    }

    private let state = Mutex(State())

    func waitingTime(of login: String) -> Duration? {
        state.withLock { $0.attempts[login]?.waitingTime(at: .now) }
    }

    func failed(_ login: String) {
        state.withLock { state in
            if state.attempts[login] == nil {
                state.order.append(login)
                if state.order.count > Self.loginsMax { state.attempts[state.order.removeFirst()] = nil }
            }
            state.attempts[login, default: SignInAttempts()].failed(at: .now)
        }
    }

    func succeeded(_ login: String) {
        state.withLock { state in
            guard state.attempts.removeValue(forKey: login) != nil else { return }
            state.order.removeAll { $0 == login }
        }
    }
}
