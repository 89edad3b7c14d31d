import Synchronization

/// Slows down guessing of passwords: after ten attempts without success a login must wait a minute.
///
/// The decision is a value without a clock; `SignInLimiter` keeps one a login. An attempt counts when it
/// begins, so that many at the same time are no way round.
struct SignInAttempts: Equatable {
    static let attemptsMax = 10
    static let pause: Duration = .seconds(60)

    private var attempts = 0
    private var blockedUntil: ContinuousClock.Instant?

    /// Counts an attempt. When there were too many, nothing is counted.
    ///
    /// - Returns: How long the login must still wait; nil when it may try.
    mutating func begin(at now: ContinuousClock.Instant) -> Duration? {
        if let until = blockedUntil {
            guard now >= until else { return until - now }
            self = SignInAttempts()
        }
        attempts += 1
        if attempts >= Self.attemptsMax { blockedUntil = now + Self.pause }
        return nil
    }

    /// Takes back an attempt that was neither right nor wrong, because the record did not answer.
    mutating func withdraw() {
        attempts = max(0, attempts - 1)
        if attempts < Self.attemptsMax { blockedUntil = nil }
    }
}

/// The attempts of all logins; the oldest are forgotten beyond `loginsMax`, which bounds the memory of a
/// flood. Logins that differ only in case are one, as they are in the record.
final class SignInLimiter: Sendable {
    static let loginsMax = 10_000

    private struct State {
        var attempts: [String: SignInAttempts] = [:]
        var order: [String] = []
    }

    private let state = Mutex(State())

    /// Counts an attempt; the time that the login must wait instead, if there were too many.
    func begin(_ login: String, at now: ContinuousClock.Instant = .now) -> Duration? {
        let login = login.lowercased()
        return state.withLock { state in
            if state.attempts[login] == nil {
                state.order.append(login)
                if state.order.count > Self.loginsMax { state.attempts[state.order.removeFirst()] = nil }
            }
            return state.attempts[login, default: SignInAttempts()].begin(at: now)
        }
    }

    /// The attempt could not be judged.
    func withdraw(_ login: String) {
        let login = login.lowercased()
        state.withLock { $0.attempts[login]?.withdraw() }
    }

    /// The password was right: the login begins anew.
    func succeeded(_ login: String) {
        let login = login.lowercased()
        state.withLock { state in
            guard state.attempts.removeValue(forKey: login) != nil else { return }
            state.order.removeAll { $0 == login }
        }
    }
}
