import Foundation

/// `POST /api/v1/query` as JSON. The format of the answer is chosen by `Accept`.
public struct QueryRequest: Codable, Hashable, Sendable {
    public var sql: String
    /// Values of `$1`, `$2`, …, in order.
    public var parameters: [QueryParameter]?

    public init(sql: String, parameters: [QueryParameter]? = nil) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// A parameter's value as JSON gives it. Numbers keep all their digits, as long as they have no more than 38.
public enum QueryParameter: Codable, Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case decimal(Decimal)
    case double(Double)
    case text(String)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Decimal.self), value.isFinite {
            self = .decimal(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .decimal(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }
}

/// `GET /api/v1/tables`.
public struct TablesReply: Codable, Hashable, Sendable {
    public var tables: [TableDescription]

    public init(tables: [TableDescription]) { self.tables = tables }
}

/// A table as SQL names it.
public struct TableDescription: Codable, Hashable, Sendable {
    /// A column; `type` is the type's name in SQL.
    public struct Column: Codable, Hashable, Sendable {
        public var name: String
        public var type: String
        public var nullable: Bool

        public init(name: String, type: String, nullable: Bool) {
            self.name = name
            self.type = type
            self.nullable = nullable
        }
    }

    public var schema: String
    public var name: String
    public var rowCount: Int
    public var columns: [Column]

    public init(schema: String, name: String, rowCount: Int, columns: [Column]) {
        self.schema = schema
        self.name = name
        self.rowCount = rowCount
        self.columns = columns
    }
}

/// `GET /healthz` and `GET /readyz`.
public struct HealthReply: Codable, Hashable, Sendable {
    /// Whether one thing that the server needs is there; `detail` is for people.
    public struct Check: Codable, Hashable, Sendable {
        public var name: String
        public var isReady: Bool
        public var detail: String

        public init(name: String, isReady: Bool, detail: String) {
            self.name = name
            self.isReady = isReady
            self.detail = detail
        }
    }

    /// `ok` or `unavailable`.
    public var status: String
    public var checks: [Check]

    public init(status: String, checks: [Check] = []) {
        self.status = status
        self.checks = checks
    }
}
