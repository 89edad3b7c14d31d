import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What a client of the HTTP API sees.
struct APIConnection: Sendable {
    var base: URL
    var token: String?

    struct Reply: Sendable {
        var status: Int
        var body: Data
        var contentType: String

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
        }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    func send(
        _ method: String, _ path: String, body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Reply {
        guard let url = URL(string: base.absoluteString + "/" + path) else {
            throw EndToEndFailure("no such path: \(path)")
        }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.timeoutInterval = 60
        request.httpBody = body.map { Data($0.utf8) }
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw EndToEndFailure("no HTTP answer") }
        return Reply(
            status: http.statusCode, body: data,
            contentType: http.value(forHTTPHeaderField: "Content-Type") ?? "")
    }

    /// Signs in and returns a connection that carries the token.
    func signedIn(login: String = "admin", password: String) async throws -> APIConnection {
        let body = try JSONSerialization.data(withJSONObject: ["login": login, "password": password])
        let reply = try await send("POST", "api/v1/auth/token", body: String(decoding: body, as: UTF8.self))
        guard reply.status == 200, let token = reply.json["accessToken"] as? String else {
            throw EndToEndFailure("sign-in failed: \(reply.status) \(reply.text)")
        }
        return APIConnection(base: base, token: token)
    }

    /// Runs SQL and returns its rows as CSV without the header, which keeps every digit.
    func rows(_ sql: String) async throws -> [String] {
        let body = try JSONSerialization.data(withJSONObject: ["sql": sql])
        let reply = try await send(
            "POST", "api/v1/query", body: String(decoding: body, as: UTF8.self),
            headers: ["Accept": "text/csv"])
        guard reply.status == 200 else { throw EndToEndFailure("\(reply.status) \(reply.text) for \(sql)") }
        return reply.text.split(separator: "\n").dropFirst().map(String.init)
    }
}
