import HTTPTypes
import Hummingbird
import Logging
import WarehouseEngine

/// One line a request: what was asked, how it was answered and how long it took until the last byte was
/// handed to the connection. Never what was sent: bodies and queries in the path may hold secrets.
struct AccessLog: RouterMiddleware {
    typealias Context = APIRequestContext

    /// Characters of a path that are worth a line.
    static let pathLengthMax = 200

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        var response = try await next(request, context)
        let line = Line(
            method: request.method.rawValue, path: Self.printable(request.uri.path),
            status: response.status.code,
            started: started, logger: context.logger)
        guard response.body.contentLength == nil else {
            line.write(brokenBy: nil)
            return response
        }
        let body = response.body
        response.body = ResponseBody { writer in
            do {
                try await body.write(writer)
            } catch {
                line.write(brokenBy: error)
                throw error
            }
            line.write(brokenBy: nil)
        }
        return response
    }

    private static func printable(_ path: String) -> String {
        String(path.unicodeScalars.prefix(pathLengthMax).map { $0.value < 33 ? "?" : Character($0) })
    }

    private struct Line: Sendable {
        var method: String
        var path: String
        var status: Int
        var started: ContinuousClock.Instant
        var logger: Logger

        func write(brokenBy error: (any Error)?) {
            let summary = ResultSummary(rowCount: 0, elapsed: .now - started)
            var metadata: Logger.Metadata = [
                "method": .string(method), "path": .string(path), "status": .stringConvertible(status),
                "milliseconds": .stringConvertible(summary.elapsedMilliseconds),
            ]
            if let error { metadata["broken"] = .string(Self.cause(error)) }
            logger.info("request", metadata: metadata)
        }

        /// A query's message may repeat its text; its code does not.
        private static func cause(_ error: any Error) -> String {
            switch error {
            case let error as QueryError: error.code
            case is ByteChannel.ReaderStalled: "client reads too slowly"
            case is CancellationError: "cancelled"
            default: "\(type(of: error))"
            }
        }
    }
}
