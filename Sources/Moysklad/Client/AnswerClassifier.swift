/// What an answer means for the request and for the limits.
struct ClassifiedAnswer: Sendable {
    enum Verdict: Sendable {
        case body([UInt8])
        case retry(MoyskladError)
        case fail(MoyskladError)
    }

    var verdict: Verdict
    var outcome: RateLimiter.Outcome
    var counters = RateLimiter.Counters()

    var isRefusal: Bool {
        switch outcome {
        case .refusedForRate, .refusedForParallel: true
        case .answered, .lost: false
        }
    }
}

/// Sorts answers: by code first, then by status; never parses a body before its status and type are known.
enum AnswerClassifier {
    private static let tariffCodes: Set<Int> = [1043, 1070, 47000, 30006]
    private static let parallelCode = 1073

    static func classify(
        _ result: Result<HTTPResponse, TransportFailure>, path: String, configuration: MoyskladConfiguration
    ) -> ClassifiedAnswer {
        switch result {
        case .failure(let failure): lost(failure, path: path, host: configuration.host)
        case .success(let response): classify(response, path: path, configuration: configuration)
        }
    }

    private static func lost(_ failure: TransportFailure, path: String, host: String) -> ClassifiedAnswer {
        let verdict: ClassifiedAnswer.Verdict =
            switch failure {
            case .unreachable(let reason), .broken(let reason):
                .retry(.unreachable(host: host, reason: reason))
            case .timedOut: .retry(.timedOut(host: host, path: path))
            case .tooLarge: .fail(.unexpectedAnswer(path: path, reason: "the answer is too long"))
            case .badURL: .fail(.configuration(reason: "the address cannot be used: \(host)"))
            case .cancelled: .fail(.cancelled)
            }
        return ClassifiedAnswer(verdict: verdict, outcome: .lost)
    }

    private static func classify(
        _ response: HTTPResponse, path: String, configuration: MoyskladConfiguration
    ) -> ClassifiedAnswer {
        let counters = RateLimiter.Counters(
            limit: response.number("x-ratelimit-limit"), remaining: response.number("x-ratelimit-remaining"),
            interval: response.number("x-lognex-retry-timeinterval").map {
                .milliseconds(min(max($0, 0), 600_000))
            })
        var answer = ClassifiedAnswer(verdict: .body(response.body), outcome: .answered, counters: counters)
        if (200..<300).contains(response.status) {
            if !looksLikeJSON(response) {
                let reason = response.body.isEmpty ? "the body is empty" : "the body is not JSON"
                answer.verdict = .retry(.unexpectedAnswer(path: path, reason: reason))
            }
            return answer
        }
        let (code, message) = firstError(response)
        if response.status == 429 {
            let wait = response.number("x-lognex-retry-after") ?? 0
            let isParallel = code == parallelCode || response.headers["x-lognex-auth"] == "429005"
            answer.outcome =
                isParallel && wait <= 0
                ? .refusedForParallel
                : .refusedForRate(retryAfter: wait > 0 ? .milliseconds(min(wait, 600_000)) : nil)
        }
        let error = error(response.status, code, message, path: path, configuration: configuration)
        answer.verdict =
            RetryPolicy.isPassing(status: response.status, code: code) ? .retry(error) : .fail(error)
        return answer
    }

    private static func looksLikeJSON(_ response: HTTPResponse) -> Bool {
        if let type = response.headers["content-type"], !type.lowercased().contains("json") { return false }
        return !response.body.isEmpty
    }

    private static func error(
        _ status: Int, _ code: Int?, _ message: String, path: String, configuration: MoyskladConfiguration
    ) -> MoyskladError {
        let host = configuration.host
        if let code, tariffCodes.contains(code) { return .notInTariff(path: path, code: code) }
        if code == 1061 { return .noAccessToAPI(host: host) }
        switch status {
        case 401:
            if case .token = configuration.credentials {
                return .wrongCredentials(host: host, usesToken: true)
            }
            return .wrongCredentials(host: host, usesToken: false)
        case 403: return .forbidden(path: path, code: code, message: message)
        case 404: return .notFound(path: path)
        case 429: return .tooManyRefusals(host: host, count: 1)
        case 500...: return .serverFailed(host: host, path: path, status: status)
        default: return .badRequest(path: path, status: status, code: code, message: message)
        }
    }

    private static func firstError(_ response: HTTPResponse) -> (code: Int?, message: String) {
        guard looksLikeJSON(response) else { return (nil, "no explanation") }
        do {
            let root = try JSONDocument(response.body).root
            let first = root["errors"]?.elements.first ?? root.elements.first?["errors"]?.elements.first
            let code = first?["code"]?.numberText.flatMap { ExactDecimal($0)?.wholeNumber }
            let text = first?["error"]?.string ?? "no explanation"
            return (code.map { Int(clamping: $0) }, String(text.prefix(300)))
        } catch {
            return (nil, "no explanation")
        }
    }
}
