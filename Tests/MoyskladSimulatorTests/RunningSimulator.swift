import Foundation
import MoyskladSimulator

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A client of a running simulator, with the headers that the API asks for.
struct RunningSimulator: Sendable {
    var base: String
    var authorization: String? = "Bearer \(SimulatorConfiguration.defaultToken)"

    struct Reply {
        var status: Int
        var headers: [String: String]
        var body: Data

        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:] }
        var array: [[String: Any]] {
            (try? JSONSerialization.jsonObject(with: body)) as? [[String: Any]] ?? []
        }
        var rows: [[String: Any]] { json["rows"] as? [[String: Any]] ?? [] }
        var size: Int? { (json["meta"] as? [String: Any])?["size"] as? Int }
        var nextHref: String? { (json["meta"] as? [String: Any])?["nextHref"] as? String }
        var errorCode: Int? { (json["errors"] as? [[String: Any]])?.first?["code"] as? Int }
        func header(_ name: String) -> String? { headers[name.lowercased()] }
    }

    /// Runs a small shop on a free port while `body` talks to it.
    static func serve(
        scale: Int = 1000, rateLimit: SimulatorConfiguration.RateLimit? = nil,
        _ body: @escaping @Sendable (RunningSimulator) async throws -> Void
    ) async throws {
        let configuration = SimulatorConfiguration(
            port: 0, scale: scale, seed: 5, rateLimit: rateLimit, now: "2026-11-20 15:00:00")
        try await Simulator(configuration).whileRunning { try await body(RunningSimulator(base: $0)) }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Reply {
        try await send("GET", path, headers: headers)
    }

    /// - Parameter path: Below the base URL, or a whole URL.
    func send(
        _ method: String, _ path: String, body: Any? = nil, headers: [String: String] = [:]
    ) async throws -> Reply {
        let text = path.hasPrefix("http") ? path : base + path
        guard let url = URL(string: text) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.timeoutInterval = 20
        request.setValue("gzip", forHTTPHeaderField: "Accept-Encoding")
        request.setValue("application/json;charset=utf-8", forHTTPHeaderField: "Accept")
        if let authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
        if let body {
            request.httpBody = try JSONSerialization.data(withJSONObject: body, options: .fragmentsAllowed)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 20
        let session = URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var headers: [String: String] = [:]
        for (name, value) in http.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        return Reply(status: http.statusCode, headers: headers, body: data)
    }

    /// The first row of a list.
    func first(_ type: String) async throws -> [String: Any] {
        try await get("/entity/\(type)?limit=1").rows.first ?? [:]
    }

    /// A path of the control routes, which lie beside the API.
    func control(_ path: String) -> String {
        base.replacingOccurrences(of: "/api/remap/1.2", with: "/simulator\(path)")
    }

    private final class NoRedirects: NSObject, URLSessionTaskDelegate {
        func urlSession(
            _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
        ) { completionHandler(nil) }
    }
}

/// `{"meta": …}` of an object, as a body refers to it.
func reference(_ object: [String: Any]) -> [String: Any] { ["meta": object["meta"] ?? [:]] }
