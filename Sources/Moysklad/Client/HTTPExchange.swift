/// A request as the transport sends it.
struct HTTPRequest: Sendable {
    var method = "GET"
    var url: String
    var headers: [(name: String, value: String)]
    var timeLimit: Duration
    /// Not over a connection that was used before.
    var needsFreshConnection = false
}

/// An answer with its body unpacked.
struct HTTPResponse: Sendable {
    var status: Int
    /// Names in lower case; of equal names the last.
    var headers: [String: String]
    var body: [UInt8]

    func number(_ header: String) -> Int? {
        headers[header].flatMap { Int($0.trimmingSpaces) }
    }
}

/// No answer came.
enum TransportFailure: Error, Sendable, Hashable {
    /// No connection, or no such host.
    case unreachable(String)
    /// The connection broke while a request was under way.
    case broken(String)
    case timedOut
    case tooLarge
    case badURL
    case cancelled
}

extension String {
    var trimmingSpaces: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
