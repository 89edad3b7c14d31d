import CLibpq

/// The rows of a finished statement, held by libpq.
public final class PostgresResult {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    public var count: Int { Int(PQntuples(handle)) }
    public var columnCount: Int { Int(PQnfields(handle)) }

    public var columnNames: [String] {
        (0..<PQnfields(handle)).map { PQfname(handle, $0).map { String(cString: $0) } ?? "" }
    }

    /// Rows that an INSERT, UPDATE, DELETE or COPY changed.
    public var affectedRows: Int { PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }

    public subscript(row: Int) -> PostgresRow {
        precondition(row >= 0 && row < count, "the result has that row")
        return PostgresRow(result: self, row: Int32(row))
    }

    public var rows: [PostgresRow] { (0..<count).map { self[$0] } }
    public var first: PostgresRow? { count > 0 ? self[0] : nil }
}

/// One row of a result. Columns are named or counted from 0.
public struct PostgresRow {
    let result: PostgresResult
    let row: Int32

    /// The text at `column`; nil for NULL.
    public func text(at column: Int) -> String? {
        let index = Int32(column)
        guard index >= 0, index < PQnfields(result.handle), PQgetisnull(result.handle, row, index) == 0,
            let bytes = PQgetvalue(result.handle, row, index)
        else { return nil }
        return String(cString: bytes)
    }

    private func index(_ name: String) throws(PostgresError) -> Int {
        let index = PQfnumber(result.handle, "\"\(name)\"")
        guard index >= 0 else {
            throw .unexpectedValue(column: name, wanted: "column of the result", found: "nothing")
        }
        return Int(index)
    }

    /// nil for NULL.
    public func optionalText(_ name: String) throws(PostgresError) -> String? { text(at: try index(name)) }

    public func text(_ name: String) throws(PostgresError) -> String {
        guard let text = try optionalText(name) else {
            throw .unexpectedValue(column: name, wanted: "text", found: "NULL")
        }
        return text
    }

    public func optionalInt(_ name: String) throws(PostgresError) -> Int64? {
        guard let text = try optionalText(name) else { return nil }
        guard let value = Int64(text) else {
            throw .unexpectedValue(column: name, wanted: "integer", found: text)
        }
        return value
    }

    public func int(_ name: String) throws(PostgresError) -> Int64 {
        guard let value = try optionalInt(name) else {
            throw .unexpectedValue(column: name, wanted: "integer", found: "NULL")
        }
        return value
    }

    public func bool(_ name: String) throws(PostgresError) -> Bool {
        switch try text(name) {
        case "t": return true
        case "f": return false
        case let other: throw .unexpectedValue(column: name, wanted: "boolean", found: other)
        }
    }

    public func double(_ name: String) throws(PostgresError) -> Double {
        let text = try text(name)
        guard let value = Double(text) else {
            throw .unexpectedValue(column: name, wanted: "number", found: text)
        }
        return value
    }

    public func optionalDouble(_ name: String) throws(PostgresError) -> Double? {
        try isNull(name) ? nil : try double(name)
    }

    public func optionalBool(_ name: String) throws(PostgresError) -> Bool? {
        try isNull(name) ? nil : try bool(name)
    }

    public func isNull(_ name: String) throws(PostgresError) -> Bool {
        PQgetisnull(result.handle, row, Int32(try index(name))) == 1
    }
}
