import Testing

@testable import HTTPAPI

@Suite("Guessing of passwords")
struct SignInLimiterTests {
    private let start = ContinuousClock.now

    @Test("ten attempts, then a minute's wait, then ten more")
    func pause() {
        var attempts = SignInAttempts()
        for _ in 0..<10 { #expect(attempts.begin(at: start) == nil) }
        #expect(attempts.begin(at: start) == .seconds(60))
        #expect(attempts.begin(at: start + .seconds(59)) == .seconds(1))
        for _ in 0..<10 { #expect(attempts.begin(at: start + .seconds(60)) == nil) }
        #expect(attempts.begin(at: start + .seconds(60)) == .seconds(60))
    }

    @Test("an attempt that nobody judged does not count")
    func withdrawn() {
        let limiter = SignInLimiter()
        for _ in 0..<30 {
            #expect(limiter.begin("anna", at: start) == nil)
            limiter.withdraw("anna")
        }
    }

    @Test("logins that differ in case are one, others are not held up")
    func logins() {
        let limiter = SignInLimiter()
        let spellings = ["Анна", "анна", "АННА"]
        for number in 0..<10 { #expect(limiter.begin(spellings[number % 3], at: start) == nil) }
        #expect(limiter.begin("аннА", at: start) == .seconds(60))
        #expect(limiter.begin("boss", at: start) == nil)
        limiter.succeeded("АННА")
        #expect(limiter.begin("анна", at: start) == nil)
    }

    @Test("a flood of logins is forgotten from its oldest on")
    func flood() {
        let limiter = SignInLimiter()
        for _ in 0..<10 { #expect(limiter.begin("anna", at: start) == nil) }
        for number in 1..<SignInLimiter.loginsMax { _ = limiter.begin("login\(number)", at: start) }
        #expect(limiter.begin("anna", at: start) != nil)
        _ = limiter.begin("one more", at: start)
        #expect(limiter.begin("anna", at: start) == nil)
    }
}
