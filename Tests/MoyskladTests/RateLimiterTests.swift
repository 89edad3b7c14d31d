import Moysklad
import Testing

@Suite("Limits")
struct RateLimiterTests {
    private let alive = RateLimiter.Counters(limit: 45, remaining: 45, interval: .seconds(3))

    private func spend(_ limiter: inout RateLimiter, weight: Int = 1, at now: Duration)
        -> RateLimiter.Decision
    {
        let decision = limiter.ask(weight: weight, now: now)
        if decision == .send { limiter.finished(.answered, counters: alive, now: now) }
        return decision
    }

    @Test("a window's units are spent and come back with it")
    func window() {
        var limiter = RateLimiter(limits: .init(unitsPerWindow: 3, window: .seconds(3)))
        let told = RateLimiter.Counters(limit: 3, remaining: 3, interval: .seconds(3))
        for second in 0..<3 {
            #expect(limiter.ask(weight: 1, now: .seconds(second)) == .send)
            limiter.finished(.answered, counters: told, now: .seconds(second))
        }
        #expect(limiter.ask(weight: 1, now: .milliseconds(2500)) == .wait(.milliseconds(500)))
        #expect(limiter.ask(weight: 1, now: .seconds(3)) == .send)
    }

    @Test("heavy reports take five units")
    func weights() {
        var limiter = RateLimiter(limits: .init(unitsPerWindow: 12, window: .seconds(3)))
        let told = RateLimiter.Counters(limit: 12, remaining: 12, interval: .seconds(3))
        for _ in 0..<2 {
            #expect(limiter.ask(weight: 5, now: .zero) == .send)
            limiter.finished(.answered, counters: told, now: .zero)
        }
        #expect(limiter.ask(weight: 5, now: .seconds(1)) == .wait(.seconds(2)))
        #expect(limiter.ask(weight: 1, now: .seconds(1)) == .send)
    }

    @Test("never more in flight than allowed")
    func parallel() {
        var limiter = RateLimiter(limits: .init(parallelMax: 2))
        #expect(limiter.ask(weight: 1, now: .zero) == .send)
        #expect(limiter.ask(weight: 1, now: .zero) == .send)
        #expect(limiter.ask(weight: 1, now: .zero) == .waitForAnswer)
        limiter.finished(.lost, counters: .init(), now: .seconds(1))
        #expect(limiter.ask(weight: 1, now: .seconds(1)) == .send)
    }

    @Test("a refusal for the rate stops all for the time it names, in milliseconds")
    func refusal() {
        var limiter = RateLimiter()
        #expect(limiter.ask(weight: 1, now: .zero) == .send)
        limiter.finished(
            .refusedForRate(retryAfter: .milliseconds(1700)), counters: .init(limit: 45, remaining: 0),
            now: .seconds(1))
        #expect(limiter.ask(weight: 1, now: .seconds(2)) == .wait(.milliseconds(700)))
        #expect(limiter.refusalsInRow == 1)
    }

    @Test("a refusal for parallel requests lowers their number, many answers raise it again")
    func narrowing() {
        var limiter = RateLimiter(limits: .init(unitsPerWindow: 1000))
        #expect(limiter.ask(weight: 1, now: .zero) == .send)
        limiter.finished(.refusedForParallel, counters: .init(), now: .zero)
        #expect(limiter.parallel == 4)
        for round in 1...60 {
            let now = Duration.seconds(round * 4)
            #expect(spend(&limiter, at: now) == .send)
        }
        #expect(limiter.parallel == 5)
        #expect(limiter.refusalsInRow == 0)
    }

    @Test("too many refusals in a row stop everything")
    func breaker() {
        var limiter = RateLimiter(limits: .init(refusalsMax: 3))
        var now = Duration.zero
        for _ in 0..<3 {
            #expect(limiter.ask(weight: 1, now: now) == .send)
            limiter.finished(
                .refusedForRate(retryAfter: .seconds(1)), counters: .init(remaining: 0), now: now)
            now += .seconds(4)
        }
        #expect(limiter.ask(weight: 1, now: now) == .stop(refusals: 3))
    }

    @Test("a smaller allowance and a higher price are learned from the answers")
    func learning() {
        var limiter = RateLimiter()
        #expect(limiter.ask(weight: 1, now: .zero) == .send)
        limiter.finished(
            .answered, counters: .init(limit: 45, remaining: 42, interval: .seconds(3)), now: .zero)
        #expect(limiter.ask(weight: 1, now: .milliseconds(10)) == .send)
        limiter.finished(
            .answered, counters: .init(limit: 45, remaining: 38, interval: .seconds(3)),
            now: .milliseconds(20))
        #expect(limiter.unitsPerRequest == 4)
        var sent = 0
        while limiter.ask(weight: 1, now: .milliseconds(30)) == .send {
            sent += 1
            limiter.finished(
                .answered, counters: .init(limit: 45, remaining: 38 - 4 * sent), now: .milliseconds(30))
        }
        #expect(sent <= 9, "38 units at 4 each")
    }

    @Test("another program's requests count, for the server tells what is left")
    func shared() {
        var limiter = RateLimiter()
        #expect(limiter.ask(weight: 1, now: .zero) == .send)
        limiter.finished(
            .answered, counters: .init(limit: 45, remaining: 0, interval: .seconds(3)), now: .zero)
        #expect(limiter.ask(weight: 1, now: .seconds(1)) == .wait(.seconds(2)))
    }

    @Test("a server without counters is not slowed down")
    func unlimited() {
        var limiter = RateLimiter(limits: .init(unitsPerWindow: 5))
        for _ in 0..<1000 {
            guard limiter.ask(weight: 1, now: .milliseconds(1)) == .send else { break }
            limiter.finished(.answered, counters: .init(), now: .milliseconds(1))
        }
        #expect(limiter.isUnlimited)
        #expect(limiter.ask(weight: 5, now: .milliseconds(1)) == .send)
    }

    @Test("waits between tries double, are spread, and end")
    func retries() {
        let policy = RetryPolicy(attemptsMax: 4, firstWait: .seconds(1), longestWait: .seconds(3))
        #expect(policy.wait(afterAttempt: 1, chance: 0) == .milliseconds(500))
        #expect(policy.wait(afterAttempt: 1, chance: 1) == .seconds(1))
        #expect(policy.wait(afterAttempt: 2, chance: 1) == .seconds(2))
        #expect(policy.wait(afterAttempt: 3, chance: 1) == .seconds(3))
        #expect(policy.wait(afterAttempt: 4, chance: 1) == nil)
        #expect(RetryPolicy.isPassing(status: 412, code: 1065))
        #expect(RetryPolicy.isPassing(status: 502, code: nil))
        #expect(!RetryPolicy.isPassing(status: 412, code: 1002))
        #expect(!RetryPolicy.isPassing(status: 401, code: 1056))
    }
}
