import APIContract
import Columns
import Foundation
import HTTPTypes
import Hummingbird
import WarehouseEngine

/// `POST /api/v1/query`: runs SQL and streams the rows in the format that `Accept` asks for.
struct QueryRoutes: Sendable {
    let queries: any QueryService

    /// Bytes of an answer that are collected before they go out.
    static let pieceBytes = 65_536

    func add(to group: RouterGroup<APIRequestContext>) {
        group.post("query") { request, context in try await query(request, context) }
    }

    private func query(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        _ = try context.requireAccount(atLeast: .analyst)
        let format = try Self.format(accept: request.headers[.accept])
        let wanted = try await Self.wanted(request)
        let channel = ByteChannel()
        let service = queries
        QueryThreads.start { Self.stream(wanted, format, from: service, into: channel) }
        // The first piece decides: an error before it is still an answer with its own status.
        guard let first = try await channel.next() else { throw Problem.badRequest("the query gave no answer") }
        let body = ResponseBody { writer in
            try await withTaskCancellationHandler {
                try await writer.write(ByteBuffer(bytes: first))
                while let piece = try await channel.next() { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            } onCancel: {
                channel.abandon()
            }
        }
        return Response(status: .ok, headers: [.contentType: format.mediaType], body: body)
    }

    /// Runs on a query thread.
    private static func stream(
        _ wanted: QueryRequest, _ format: ResultFormat, from service: any QueryService, into channel: ByteChannel
    ) {
        let started = ContinuousClock.now
        do {
            let rows = try service.run(wanted.sql, parameters: (wanted.parameters ?? []).map(Value.init))
            let output = TextBuffer(capacity: pieceBytes * 2)
            var writer = format.makeWriter()
            var rowCount = 0
            writer.begin(rows.columns, into: output)
            while let chunk = try rows.next() {
                writer.append(chunk, into: output)
                rowCount += chunk.selectedCount
                guard output.count >= pieceBytes else { continue }
                guard channel.send(Array(output.bytes)) else { return rows.cancel() }
                output.removeAll()
            }
            writer.end(ResultSummary(rowCount: rowCount, elapsed: .now - started), into: output)
            _ = channel.send(Array(output.bytes))
            channel.finish()
        } catch {
            channel.finish(error)
        }
    }

    private static func wanted(_ request: Request) async throws -> QueryRequest {
        let type = request.headers[.contentType]?.lowercased() ?? "application/json"
        if type.hasPrefix("text/plain") || type.hasPrefix("application/sql") {
            return QueryRequest(sql: try await RequestBody.text(from: request))
        }
        guard type.hasPrefix("application/json") else {
            throw Problem(
                status: 415, title: "Unsupported Media Type", code: "unsupported_media_type",
                detail: "send application/json with a field sql, or text/plain with the SQL itself: \(type)")
        }
        return try await RequestBody.decode(QueryRequest.self, from: request)
    }

    /// The first format that the header names; JSON when it names none or everything.
    static func format(accept: String?) throws -> ResultFormat {
        guard let accept, !accept.isEmpty else { return .json }
        for part in accept.split(separator: ",") {
            let name = part.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
            if name == "*/*" || name == "application/*" { return .json }
            let known = ResultFormat.allCases.first { $0.mediaType.prefix { $0 != ";" } == name }
            if let known { return known }
        }
        throw Problem(
            status: 406, title: "Not Acceptable", code: "not_acceptable",
            detail: "answers come as application/json, application/x-ndjson, text/csv, text/tab-separated-values "
                + "or text/plain: \(accept)")
    }
}

extension Value {
    init(_ parameter: QueryParameter) {
        switch parameter {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .bigint(value)
        case .double(let value): self = .doublePrecision(value)
        case .text(let value): self = .text(value)
        }
    }
}
