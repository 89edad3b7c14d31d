import Foundation
import Logging

/// Reads from Moysklad: one limiter for all requests, retries where they help, errors in words.
public actor MoyskladClient {
    /// How it was configured.
    public nonisolated let configuration: MoyskladConfiguration
    private nonisolated let transport: CurlTransport
    private nonisolated let logger: Logger
    private var limiter: RateLimiter
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private let start = ContinuousClock.now
    /// Requests sent, retries included.
    public private(set) var requestCount = 0
    /// Answers 429 among them.
    public private(set) var refusalCount = 0

    /// - Throws: `MoyskladError.configuration` if the address or credentials cannot be used.
    public init(_ configuration: MoyskladConfiguration, logger: Logger = Logger(label: "moysklad"))
        throws(MoyskladError)
    {
        try configuration.check()
        self.configuration = configuration
        self.logger = logger
        transport = try CurlTransport()
        limiter = RateLimiter(limits: configuration.limits, unitsPerRequest: configuration.unitsPerRequest)
    }

    /// Fetches a resource and reads it as JSON.
    ///
    /// - Parameters:
    ///   - target: Path and query below the base URL.
    ///   - weight: 5 for the extended stock reports, 1 for all else.
    /// - Throws: Any `MoyskladError` but `.field`.
    ///
    /// Parsing happens off the actor, so that pages are parsed in parallel.
    public nonisolated func get(_ target: String, weight: Int = 1) async throws(MoyskladError) -> JSONDocument
    {
        try await perform("GET", target, weight: weight)
    }

    /// Exchanges login and password for a token. **This revokes all earlier tokens of the user.**
    public nonisolated func issueToken() async throws(MoyskladError) -> String {
        let answer = try await perform("POST", "security/token", weight: 1).root
        guard let token = answer["access_token"]?.string else {
            throw .unexpectedAnswer(path: "security/token", reason: "there is no access_token")
        }
        return token
    }

    private nonisolated func perform(
        _ method: String, _ target: String, weight: Int
    ) async throws(MoyskladError) -> JSONDocument {
        let path = String(target.prefix { $0 != "?" })
        var request = HTTPRequest(
            method: method, url: configuration.baseURL + "/" + target,
            headers: [
                ("Accept", "application/json;charset=utf-8"), ("Authorization", configuration.authorization),
            ], timeLimit: path.hasPrefix("report/") ? configuration.reportTimeLimit : configuration.timeLimit)
        var attempt = 1
        while true {
            try await admit(weight: weight)
            let result: Result<HTTPResponse, TransportFailure>
            do {
                result = .success(try await transport.send(request))
            } catch {
                result = .failure(error)
            }
            let answer = AnswerClassifier.classify(result, path: path, configuration: configuration)
            await release(answer)
            let cause: MoyskladError
            switch answer.verdict {
            case .fail(let error): throw error
            case .retry(let error): cause = error
            case .body(let body):
                do throws(MoyskladError) {
                    return try JSONDocument(body)
                } catch {
                    // A body that was cut off on its way: the next one is whole.
                    cause = .unexpectedAnswer(path: path, reason: "\(error)")
                }
            }
            if case .failure(.broken) = result { request.needsFreshConnection = true }
            attempt = try await nextAttempt(after: attempt, error: cause, answer: answer, path: path)
        }
    }

    private nonisolated func nextAttempt(
        after attempt: Int, error: MoyskladError, answer: ClassifiedAnswer, path: String
    ) async throws(MoyskladError) -> Int {
        // The limiter makes all requests wait after a 429 and counts how often that happens.
        if answer.isRefusal { return attempt }
        let chance = Double.random(in: 0..<1)
        guard let wait = configuration.retries.wait(afterAttempt: attempt, chance: chance) else {
            throw error
        }
        logger.debug("moysklad: trying again", metadata: ["path": "\(path)", "error": "\(error)"])
        try await pause(wait)
        return attempt + 1
    }

    private nonisolated func pause(_ wait: Duration) async throws(MoyskladError) {
        do {
            try await Task.sleep(for: wait)
        } catch {
            throw .cancelled
        }
    }

    private func admit(weight: Int) async throws(MoyskladError) {
        while true {
            if Task.isCancelled { throw .cancelled }
            switch limiter.ask(weight: weight, now: ContinuousClock.now - start) {
            case .send:
                requestCount += 1
                return
            case .wait(let wait): try await pause(wait)
            case .waitForAnswer: await withCheckedContinuation { waiters.append($0) }
            case .stop(let refusals): throw .tooManyRefusals(host: configuration.host, count: refusals)
            }
        }
    }

    private func release(_ answer: ClassifiedAnswer) {
        if answer.isRefusal { refusalCount += 1 }
        limiter.finished(answer.outcome, counters: answer.counters, now: ContinuousClock.now - start)
        let woken = waiters
        waiters.removeAll()
        for waiter in woken { waiter.resume() }
    }
}
