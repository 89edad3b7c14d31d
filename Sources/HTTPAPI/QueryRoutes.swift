import APIContract
import Columns
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import WarehouseEngine

/// `POST /api/v1/query`: runs SQL and streams the rows in the format that `Accept` asks for.
struct QueryRoutes: Sendable {
    let queries: any QueryService
    let threads: QueryThreads

    /// Bytes of an answer that are collected before they go out.
    static let pieceBytes = 65_536

    func add(to group: RouterGroup<APIRequestContext>) {
        group.post("query") { request, context in try await query(request, context) }
    }

    private func query(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        _ = try context.requireAccount(atLeast: .analyst)
        let format = try ResultFormat(accept: request.headers[.accept])
        let wanted = try await Self.wanted(request)
        let parameters = try (wanted.parameters ?? []).map(Value.init)
        let channel = ByteChannel()
        let reader = ByteChannel.Reader(channel)
        let service = queries
        try await threads.start {
            Self.stream(into: channel, as: format) { try service.run(wanted.sql, parameters: parameters) }
        }
        // The first piece decides: an error before it is still an answer with its own status.
        guard let first = try await reader.next() else {
            throw Problem.badRequest("the query gave no answer")
        }
        let connection = context.connection
        let body = ResponseBody { writer in
            defer { reader.abandon() }
            do {
                try await writer.write(ByteBuffer(bytes: first))
                while let piece = try await reader.next() { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            } catch {
                // The status is out already. Only a broken connection tells the client that rows are missing.
                await connection.reset()
                throw error
            }
        }
        return Response(
            status: .ok, headers: [.contentType: format.mediaType, .cacheControl: "no-store"], body: body)
    }

    /// Runs on a query thread.
    private static func stream(
        into channel: ByteChannel, as format: ResultFormat, _ run: () throws -> any QueryRows
    ) {
        let started = ContinuousClock.now
        do {
            let rows = try run()
            let output = TextBuffer(capacity: pieceBytes * 2)
            var writer = format.makeWriter()
            var rowCount = 0
            writer.begin(rows.columns, into: output)
            while let chunk = try rows.next() {
                writer.append(chunk, into: output)
                rowCount += chunk.selectedCount
                if channel.isAbandoned { return rows.cancel() }
                guard output.count >= pieceBytes else { continue }
                guard channel.send(Array(output.bytes)) else { return rows.cancel() }
                output.removeAll()
            }
            writer.end(ResultSummary(rowCount: rowCount, elapsed: .now - started), into: output)
            if channel.send(Array(output.bytes)) { channel.finish() }
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
}

extension ResultFormat {
    /// The first format that the header names; JSON when it names none or everything.
    ///
    /// - Throws: A 406 problem.
    init(accept: String?) throws {
        guard let accept, !accept.isEmpty else {
            self = .json
            return
        }
        for part in accept.split(separator: ",") {
            let name = part.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
            let isAny = name == "*/*" || name == "application/*"
            let known = isAny ? .json : Self.allCases.first { $0.mediaType.prefix { $0 != ";" } == name }
            guard let known else { continue }
            self = known
            return
        }
        throw Problem(
            status: 406, title: "Not Acceptable", code: "not_acceptable",
            detail: "answers come as application/json, application/x-ndjson, text/csv, "
                + "text/tab-separated-values or text/plain: \(accept)")
    }
}

extension Value {
    /// - Throws: A 400 problem for a number with more digits than DECIMAL has.
    init(_ parameter: QueryParameter) throws {
        switch parameter {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .bigint(value)
        case .decimal(let value): self = try Self.decimal(value)
        case .double(let value): self = .doublePrecision(value)
        case .text(let value): self = .text(value)
        }
    }

    private static func decimal(_ value: Decimal) throws -> Value {
        do {
            let read = try Array(value.description.utf8).withUnsafeBufferPointer { bytes in
                try TextReader.exactDecimal(bytes)
            }
            return .decimal(unscaled: read.unscaled, scale: read.scale)
        } catch {
            throw Problem.badRequest("a parameter has more digits than a DECIMAL: \(value)")
        }
    }
}
