import APIContract
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import SystemOfRecord
import WarehouseEngine

/// Turns every error into a problem+json answer with the request's id. What the client must not see goes to
/// the log. Also sets the headers that every answer has.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    static let requestIDHeader = HTTPField.Name("X-Request-Id")

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try Self.response(to: Self.problem(for: error, context: context), context: context)
        }
        if let header = Self.requestIDHeader { response.headers[header] = context.requestID }
        response.headers[.xContentTypeOptions] = "nosniff"
        // Numbers of a shop stay out of caches on the way, unless a route says otherwise.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }

    static func response(to problem: Problem, context: Context) throws -> Response {
        var problem = problem
        problem.requestId = context.requestID
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let body = try encoder.encode(problem)
        var headers: HTTPFields = [.contentType: Problem.mediaType]
        if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: .init(code: problem.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    static func problem(for error: any Error, context: Context) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as QueryError: return Problem(error)
        case let error as any HTTPResponseError: return problem(ofStatus: error.status, of: error)
        case is CancellationError:
            return Problem(
                status: 503, title: "Service Unavailable", code: "cancelled", detail: "the server is stopping"
            )
        case UserError.postgres:
            context.logger.error("the record does not answer", metadata: ["error": "\(error)"])
            return Problem(
                status: 503, title: "Service Unavailable", code: "record_unavailable",
                detail: "the database of users does not answer; try again")
        default:
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return Problem(
                status: 500, title: "Internal Server Error", code: "internal",
                detail: "the server could not do this; its log has the cause under this request id")
        }
    }

    /// Errors of the server's library: unknown paths, bodies that are too large.
    private static func problem(ofStatus status: HTTPResponse.Status, of error: any Error) -> Problem {
        switch status.code {
        case 404:
            Problem(status: 404, title: "Not Found", code: "not_found", detail: "no such path or method")
        case 413:
            Problem(
                status: 413, title: "Content Too Large", code: "too_large",
                detail: "a request body has at most \(APIServer.requestBytesMax) bytes")
        default:
            Problem(
                status: status.code, title: status.reasonPhrase, code: "http_\(status.code)",
                detail: (error as? HTTPError)?.body ?? status.reasonPhrase)
        }
    }
}

extension Problem {
    /// An error of a query: the client's mistake, except for lack of resources and faults of the server.
    init(_ error: QueryError) {
        let status =
            switch error.code.prefix(2) {
            case "53", "57": error.code == "57014" ? 408 : 503
            case "58", "XX": 500
            default: 400
            }
        self.init(
            status: status, title: status == 400 ? "Query failed" : "Query could not be run",
            code: error.code,
            detail: error.message, position: error.position, hint: error.hint)
    }
}
