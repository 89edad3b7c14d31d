import CLibpq
import Foundation

/// One connection, used by one thread at a time. Calls block: they belong on threads of their own
/// (`PostgresPool` provides them), never on Swift's cooperative pool.
public final class PostgresConnection {
    public let configuration: PostgresConfiguration
    let handle: OpaquePointer

    /// Connects.
    ///
    /// - Throws: `.cannotConnect` naming host and database.
    public init(
        _ configuration: PostgresConfiguration, replication: Bool = false, connectTimeoutSeconds: Int = 10
    ) throws(PostgresError) {
        self.configuration = configuration
        let pairs = configuration.keywords(
            replication: replication, connectTimeoutSeconds: max(2, connectTimeoutSeconds))
        var names = pairs.map { strdup($0.0) }
        var values = pairs.map { strdup($0.1) }
        defer { for pointer in names + values { free(pointer) } }
        names.append(nil)
        values.append(nil)
        let opened = names.withUnsafeBufferPointer { names in
            values.withUnsafeBufferPointer { values in
                names.withMemoryRebound(to: UnsafePointer<CChar>?.self) { names in
                    values.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
                        PQconnectdbParams(names.baseAddress, values.baseAddress, 0)
                    }
                }
            }
        }
        guard let opened else { throw .cannotConnect(target: configuration.target, reason: "out of memory") }
        guard PQstatus(opened) == CONNECTION_OK else {
            let reason = Self.oneLine(PQerrorMessage(opened))
            PQfinish(opened)
            throw .cannotConnect(target: configuration.target, reason: reason)
        }
        handle = opened
        PQsetNoticeProcessor(opened, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    public var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }

    /// Whether bytes of the server wait to be read. Between statements that is nearly always its farewell.
    var hasUnreadInput: Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    /// The server's version as one number, for example 150_020 for 15.20.
    public var serverVersion: Int { Int(PQserverVersion(handle)) }

    public var socket: Int32 { PQsocket(handle) }

    /// Runs one statement with parameters and waits for its end.
    ///
    /// - Throws: `.server` with the server's message, `.connectionLost`.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [PostgresValue] = []) throws(PostgresError)
        -> PostgresResult
    {
        let encoded = try EncodedParameters(parameters)
        return try checked(
            PQexecParams(
                handle, sql, Int32(parameters.count), encoded.types, encoded.values, encoded.lengths,
                encoded.formats,
                0))
    }

    /// Runs several statements without parameters, separated by semicolons, as one implicit transaction.
    @discardableResult
    public func executeScript(_ sql: String) throws(PostgresError) -> PostgresResult {
        try checked(PQexec(handle, sql))
    }

    /// Runs `body` in a transaction; rolls back when it throws.
    public func transaction<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
        try executeScript("BEGIN")
        do {
            let result = try body(self)
            try executeScript("COMMIT")
            return result
        } catch {
            if !isBroken { _ = PQexec(handle, "ROLLBACK").map { PQclear($0) } }
            throw error
        }
    }

    /// Rolls back what was left open.
    ///
    /// - Returns: Whether the connection can be used again.
    func endOpenTransaction() -> Bool {
        switch PQtransactionStatus(handle) {
        case PQTRANS_IDLE: return true
        case PQTRANS_INTRANS, PQTRANS_INERROR: return (try? executeScript("ROLLBACK")) != nil
        default: return false
        }
    }

    func checked(_ result: OpaquePointer?) throws(PostgresError) -> PostgresResult {
        guard let result else { throw lost() }
        let owned = PostgresResult(result)
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH,
            PGRES_EMPTY_QUERY:
            return owned
        default:
            if isBroken { throw lost() }
            throw .server(Self.serverError(result))
        }
    }

    func lost() -> PostgresError {
        .connectionLost(target: configuration.target, reason: Self.oneLine(PQerrorMessage(handle)))
    }

    private static func serverError(_ result: OpaquePointer) -> PostgresError.ServerError {
        // The codes of libpq's PG_DIAG_ macros, which are characters.
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        return PostgresError.ServerError(
            sqlState: field("C") ?? "XX000", message: field("M") ?? oneLine(PQresultErrorMessage(result)),
            detail: field("D"), hint: field("H"), constraint: field("n"),
            position: field("P").flatMap { Int($0) })
    }

    static func oneLine(_ message: UnsafeMutablePointer<CChar>?) -> String {
        guard let message else { return "no reason given" }
        let lines = String(cString: message).split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        return lines.isEmpty ? "no reason given" : lines.joined(separator: "; ")
    }
}
