import Columns

/// Builds the structures of Arrow's metadata.
enum ArrowSchemaWriter {
    /// Version 5 of the metadata, which is that of Arrow 1.0 and later.
    static let version: Int16 = 4

    static func message(kind: UInt8, _ header: FlatTableValue, bodyBytes: Int) -> FlatTableValue {
        var message = FlatTableValue()
        message.number(0, version)
        message.number(1, kind)
        message.table(2, header)
        message.number(3, Int64(bodyBytes))
        return message
    }

    static func schema(_ columns: [FileColumn]) -> FlatTableValue {
        var schema = FlatTableValue()
        schema.tables(1, columns.map(field))
        return schema
    }

    private static func field(_ column: FileColumn) -> FlatTableValue {
        let (typeID, type) = type(column.type)
        var field = FlatTableValue()
        field.text(0, column.name)
        field.boolean(1, true)
        field.number(2, typeID)
        field.table(3, type)
        field.tables(5, [])
        let extensionName: String? =
            switch column.type {
            case .json: "arrow.json"
            case .uuid: "arrow.uuid"
            default: nil
            }
        if let extensionName {
            field.tables(
                6, [pair("ARROW:extension:name", extensionName), pair("ARROW:extension:metadata", "")])
        }
        return field
    }

    private static func pair(_ key: String, _ value: String) -> FlatTableValue {
        var pair = FlatTableValue()
        pair.text(0, key)
        pair.text(1, value)
        return pair
    }

    private static func type(_ type: DataType) -> (UInt8, FlatTableValue) {
        var table = FlatTableValue()
        switch type {
        case .boolean: return (6, table)
        case .smallint, .integer, .bigint:
            table.number(0, Int32(type.physical.byteCount * 8))
            table.boolean(1, true)
            return (2, table)
        case .real, .doublePrecision:
            table.number(0, Int16(type == .real ? 1 : 2))
            return (3, table)
        case .decimal(let precision, let scale):
            table.number(0, Int32(precision))
            table.number(1, Int32(scale))
            table.number(2, Int32(128))
            return (7, table)
        case .date:
            table.number(0, Int16(0))
            return (8, table)
        case .timestamp:
            table.number(0, Int16(2))
            return (10, table)
        case .timestampTZ:
            table.number(0, Int16(2))
            table.text(1, "UTC")
            return (10, table)
        case .time:
            table.number(0, Int16(2))
            table.number(1, Int32(64))
            return (9, table)
        case .interval:
            table.number(0, Int16(2))
            return (11, table)
        case .text, .json, .array: return (5, table)
        case .uuid:
            table.number(0, Int32(16))
            return (15, table)
        }
    }
}
