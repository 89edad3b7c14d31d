import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Holds every request to the rules of the original before it is served: headers, sign-in, limits.
struct SimulatorResponder: Sendable {
    static let bodyBytesMax = 20 << 20
    static let targetBytesMax = 8 << 10

    let store: ShopStore
    let router: APIRouter
    let gate: RequestGate

    func respond(to request: Request) async throws -> Response {
        let path = request.uri.path
        if path.hasPrefix("/simulator/") {
            let body = try await request.body.collect(upTo: 1 << 16)
            return ControlRoutes(store: store, gate: gate).respond(
                method: request.method.rawValue, path: path, body: Array(body.readableBytesView))
        }
        guard path == APIRequest.prefix || path.hasPrefix(APIRequest.prefix + "/") else {
            return Response(status: .notFound)
        }
        guard (request.head.path ?? "").utf8.count <= Self.targetBytesMax else {
            return Response(status: .init(code: 414))
        }
        // Without gzip there is no answer but the status (API §2.1).
        guard Self.acceptsGzip(request.headers[.acceptEncoding]) else {
            return Response(status: .unsupportedMediaType)
        }
        return try await limited(request, path: path)
    }

    private func limited(_ request: Request, path: String) async throws -> Response {
        let base = Self.base(of: request)
        let shop = store.snapshot
        guard let scheme = gate.scheme(of: request.headers[.authorization]) else {
            return encode(APIReply(.notAuthenticated, base: base, shop: shop), headers: HTTPFields())
        }
        guard gate.enter() else {
            return encode(APIReply(.tooManyParallel, base: base, shop: shop), headers: gate.headers(nil))
        }
        defer { gate.leave() }
        let decision = gate.take(path: path)
        let headers = gate.headers(decision)
        if case .refused = decision {
            return encode(APIReply(.rateExceeded, base: base, shop: shop), headers: headers)
        }
        let fault = gate.strike(path: path)
        if let fault, let response = try await injected(fault, base: base, headers: headers, shop: shop) {
            return response
        }
        let reply = await serve(request, path: path, base: base, scheme: scheme)
        return encode(reply, headers: headers, damage: fault?.kind)
    }

    private func serve(_ request: Request, path: String, base: String, scheme: AccessControl.Scheme) async
        -> APIReply
    {
        do throws(APIFault) {
            guard Self.acceptsJSON(request.headers[.accept]) else { throw .acceptNotSupported }
            let segments = path.dropFirst(APIRequest.prefix.count).split(separator: "/").map(String.init)
            if segments == ["security", "token"] { return try issueToken(request, scheme: scheme) }
            let body = try await body(of: request)
            if !body.isEmpty,
                request.headers[.contentType]?.lowercased().hasPrefix("application/json") != true
            {
                throw .contentTypeNotSupported
            }
            let own = APIRequest(
                method: request.method.rawValue, segments: segments,
                path: String(path.dropFirst(APIRequest.prefix.count)),
                query: try QueryString(request.uri.query ?? ""),
                base: base, body: body)
            return try router.serve(own)
        } catch {
            return APIReply(error, base: base, shop: store.snapshot)
        }
    }

    private func body(of request: Request) async throws(APIFault) -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: Self.bodyBytesMax).readableBytesView)
        } catch {
            throw .bodyTooLarge
        }
    }

    /// The token is given to who signs in with login and password, and ends the one before.
    private func issueToken(_ request: Request, scheme: AccessControl.Scheme) throws(APIFault) -> APIReply {
        guard request.method == .post else { throw .methodNotSupported }
        guard scheme == .basic else { throw .notAuthenticated }
        var writer = JSONWriter()
        writer.open(UInt8(ascii: "{"))
        writer.field("access_token", gate.issueToken())
        writer.close(UInt8(ascii: "}"))
        return APIReply(body: writer.bytes)
    }

    // MARK: Headers

    private static func acceptsGzip(_ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let name = part.split(separator: ";").first?.trimmed.lowercased()
            return name == "gzip" || name == "*"
        }
    }

    /// `application/json;charset=utf-8` and `*/*` are accepted, a bare `application/json` is not (API §2.1).
    private static func acceptsJSON(_ header: String?) -> Bool {
        guard let header else { return true }
        return header.split(separator: ",").contains { part in
            let fields = part.split(separator: ";").map { $0.trimmed.lowercased() }
            if fields.first == "*/*" { return true }
            return fields.first == "application/json" && fields.contains { $0 == "charset=utf-8" }
        }
    }

    private static func base(of request: Request) -> String {
        let host =
            request.head.authority ?? request.headers[HTTPField.Name("Host") ?? .location] ?? "localhost"
        let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] }
        return "\(forwarded == "https" ? "https" : "http")://\(host)\(APIRequest.prefix)"
    }

    // MARK: Answers

    private func encode(_ reply: APIReply, headers: HTTPFields, damage: FaultPlan.Kind? = nil) -> Response {
        var headers = headers
        headers[.cacheControl] = "no-cache"
        headers[.vary] = "Accept-Encoding"
        headers[.location] = reply.location
        if let code = reply.authCode { SimulatorHeaders.set("X-Lognex-Auth", "\(code)", in: &headers) }
        if let text = reply.authMessage {
            SimulatorHeaders.set("X-Lognex-Auth-Message", SimulatorHeaders.percentEncoded(text), in: &headers)
        }
        let status = HTTPResponse.Status(code: reply.status)
        guard !reply.body.isEmpty else { return Response(status: status, headers: headers) }
        headers[.contentType] = "application/json;charset=utf-8"
        guard var bytes = Gzip.compress(reply.body) else { return Response(status: .internalServerError) }
        headers[.contentEncoding] = "gzip"
        if damage == .truncated { bytes.removeLast(bytes.count / 2) }
        if damage == .reset { return Self.broken(bytes, status: status, headers: headers) }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private struct ConnectionReset: Error {}

    /// Sends half of what was promised and closes the connection.
    private static func broken(_ bytes: [UInt8], status: HTTPResponse.Status, headers: HTTPFields) -> Response
    {
        let half = ByteBuffer(bytes: bytes.prefix(bytes.count / 2))
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: bytes.count) { writer in
                try await writer.write(half)
                throw ConnectionReset()
            })
    }

    /// The answer of a fault that replaces the real one; nil for those that only spoil or delay it.
    private func injected(
        _ fault: FaultPlan.Fault, base: String, headers: HTTPFields, shop: Shop
    ) async throws -> Response? {
        switch fault.kind {
        case .rateLimit:
            let refused = gate.headers(.refused(retryAfter: max(1, fault.delay.milliseconds)))
            return encode(APIReply(.rateExceeded, base: base, shop: shop), headers: refused)
        case .parallelLimit:
            return encode(APIReply(.tooManyParallel, base: base, shop: shop), headers: headers)
        case .unauthorized:
            return encode(APIReply(.notAuthenticated, base: base, shop: shop), headers: headers)
        case .serverError:
            let fault = APIFault(500, 1999, "Неизвестная ошибка")
            return encode(APIReply(fault, base: base, shop: shop), headers: headers)
        case .maintenance:
            let fault = APIFault(503, 1074, "Сервис временно недоступен: ведутся технические работы")
            return encode(APIReply(fault, base: base, shop: shop), headers: headers)
        case .badGateway:
            let page =
                "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
            return Response(
                status: .badGateway, headers: [.contentType: "text/html"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
        case .emptyBody: return Response(status: .ok, headers: headers)
        case .delay:
            try await Task.sleep(for: fault.delay)
            return nil
        case .truncated, .reset: return nil
        }
    }
}

/// Headers of this server's own.
enum SimulatorHeaders {
    static func set(_ name: String, _ value: String, in headers: inout HTTPFields) {
        guard let name = HTTPField.Name(name) else { return }
        headers[name] = value
    }

    static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
