/// One message of the output plugin pgoutput, protocol version 1.
///
/// Source: PostgreSQL documentation, "Logical Replication Message Formats".
public enum PgOutputMessage: Hashable, Sendable {
    case begin(finalPosition: LogPosition, commitMicroseconds: Int64, transaction: UInt32)
    case commit(position: LogPosition, endPosition: LogPosition)
    case relation(Relation)
    case insert(relation: UInt32, new: [Field])
    /// `oldKey` is present when the key changed, `oldRow` when the table's identity is the whole row.
    case update(relation: UInt32, oldKey: [Field]?, oldRow: [Field]?, new: [Field])
    /// The key columns (others are NULL), or the whole old row.
    case delete(relation: UInt32, old: [Field])
    case truncate(relations: [UInt32])
    /// Types, origins and messages, which say nothing about rows.
    case other(UInt8)

    public struct Relation: Hashable, Sendable {
        public var id: UInt32
        public var schema: String
        public var name: String
        public var columns: [Column]
    }

    public struct Column: Hashable, Sendable {
        public var isKey: Bool
        public var name: String
        public var typeOID: UInt32
        public var typeModifier: Int32
    }

    /// A column's value in Postgres's text form.
    public enum Field: Hashable, Sendable {
        case null
        /// A large value that the update did not touch and that is not sent.
        case unchanged
        case text(ArraySlice<UInt8>)
    }
}

/// Decodes messages; damaged bytes are an error, never a trap.
public enum PgOutputDecoder {
    /// Postgres's own limit of columns.
    private static let columnsMax = 1600

    public static func decode(_ bytes: [UInt8]) throws(PostgresError) -> PgOutputMessage {
        var reader = BigEndianReader(bytes[...])
        let tag = try reader.byte()
        switch tag {
        case UInt8(ascii: "B"):
            return .begin(
                finalPosition: try position(&reader), commitMicroseconds: try reader.int64(),
                transaction: UInt32(bitPattern: try reader.int32()))
        case UInt8(ascii: "C"):
            _ = try reader.byte()
            let commit = try position(&reader)
            let end = try position(&reader)
            _ = try reader.int64()
            return .commit(position: commit, endPosition: end)
        case UInt8(ascii: "R"): return .relation(try relation(&reader))
        case UInt8(ascii: "I"):
            let id = UInt32(bitPattern: try reader.int32())
            try expect("N", try reader.byte())
            return .insert(relation: id, new: try fields(&reader))
        case UInt8(ascii: "U"): return try update(&reader)
        case UInt8(ascii: "D"):
            let id = UInt32(bitPattern: try reader.int32())
            let kind = try reader.byte()
            guard kind == UInt8(ascii: "K") || kind == UInt8(ascii: "O") else {
                throw .protocolViolation("a delete without an old row")
            }
            return .delete(relation: id, old: try fields(&reader))
        case UInt8(ascii: "T"): return try truncate(&reader)
        default: return .other(tag)
        }
    }

    private static func position(_ reader: inout BigEndianReader) throws(PostgresError) -> LogPosition {
        LogPosition(UInt64(bitPattern: try reader.int64()))
    }

    private static func expect(_ wanted: Unicode.Scalar, _ found: UInt8) throws(PostgresError) {
        guard found == UInt8(ascii: wanted) else {
            throw .protocolViolation("\(wanted) expected, found \(found)")
        }
    }

    private static func relation(
        _ reader: inout BigEndianReader
    ) throws(PostgresError) -> PgOutputMessage.Relation {
        let id = UInt32(bitPattern: try reader.int32())
        let schema = try reader.string()
        let name = try reader.string()
        _ = try reader.byte()
        let count = Int(try reader.int16())
        guard (0...columnsMax).contains(count) else {
            throw .protocolViolation("a relation with \(count) columns")
        }
        var columns: [PgOutputMessage.Column] = []
        for _ in 0..<count {
            let flags = try reader.byte()
            columns.append(
                PgOutputMessage.Column(
                    isKey: flags & 1 != 0, name: try reader.string(),
                    typeOID: UInt32(bitPattern: try reader.int32()),
                    typeModifier: try reader.int32()))
        }
        return PgOutputMessage.Relation(id: id, schema: schema, name: name, columns: columns)
    }

    private static func update(_ reader: inout BigEndianReader) throws(PostgresError) -> PgOutputMessage {
        let id = UInt32(bitPattern: try reader.int32())
        var kind = try reader.byte()
        var oldKey: [PgOutputMessage.Field]?
        var oldRow: [PgOutputMessage.Field]?
        if kind == UInt8(ascii: "K") {
            oldKey = try fields(&reader)
            kind = try reader.byte()
        } else if kind == UInt8(ascii: "O") {
            oldRow = try fields(&reader)
            kind = try reader.byte()
        }
        try expect("N", kind)
        return .update(relation: id, oldKey: oldKey, oldRow: oldRow, new: try fields(&reader))
    }

    private static func truncate(_ reader: inout BigEndianReader) throws(PostgresError) -> PgOutputMessage {
        let count = Int(try reader.int32())
        _ = try reader.byte()
        guard count >= 0, count * 4 <= reader.rest.count else {
            throw .protocolViolation("a truncate ends early")
        }
        var relations: [UInt32] = []
        for _ in 0..<count { relations.append(UInt32(bitPattern: try reader.int32())) }
        return .truncate(relations: relations)
    }

    private static func fields(
        _ reader: inout BigEndianReader
    ) throws(PostgresError) -> [PgOutputMessage.Field] {
        let count = Int(try reader.int16())
        guard (0...columnsMax).contains(count) else {
            throw .protocolViolation("a row with \(count) columns")
        }
        var fields: [PgOutputMessage.Field] = []
        fields.reserveCapacity(count)
        for _ in 0..<count {
            switch try reader.byte() {
            case UInt8(ascii: "n"): fields.append(.null)
            case UInt8(ascii: "u"): fields.append(.unchanged)
            case UInt8(ascii: "t"):
                let length = Int(try reader.int32())
                fields.append(.text(try reader.bytes(length)))
            case let other: throw .protocolViolation("a field of kind \(other)")
            }
        }
        return fields
    }
}
