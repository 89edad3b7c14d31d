import Columns

/// A flat column of a file that can be read.
struct ParquetColumn: Sendable, Hashable {
    let name: String
    /// Counts the leaves of the schema, nested ones too.
    let leafIndex: Int
    let type: DataType
    let physical: ParquetPhysicalType
    /// Bytes of a raw value, see `ValueConversion`.
    let rawBytes: Int
    let isOptional: Bool
    let conversion: ValueConversion
}

/// A column of the schema: one that is read, or why it is not.
enum ParquetTopColumn: Sendable, Hashable {
    case readable(ParquetColumn)
    case unreadable(name: String, why: String)

    var name: String {
        switch self {
        case .readable(let column): column.name
        case .unreadable(let name, _): name
        }
    }
}

/// Turns the schema of a footer into columns.
enum ParquetSchemaReader {
    /// Why the schema is damaged.
    struct Damage: Error {
        var reason: String
    }

    /// Widest FIXED_LEN_BYTE_ARRAY.
    static let fixedBytesMax = 1 << 16

    /// The columns below the root, in order.
    static func columns(of schema: [ParquetSchemaElement]) throws(Damage) -> [ParquetTopColumn] {
        guard let root = schema.first, let childCount = root.childCount, childCount >= 0 else {
            throw Damage(reason: "schema without a root")
        }
        var columns: [ParquetTopColumn] = []
        var index = 1
        var leafIndex = 0
        for _ in 0..<childCount {
            guard index < schema.count else { throw Damage(reason: "schema ends early") }
            let element = schema[index]
            let firstLeaf = leafIndex
            // Nodes that have yet to come below this one: no recursion, so depth needs no limit.
            var open = 1
            while open > 0 {
                guard index < schema.count else { throw Damage(reason: "schema ends early") }
                let below = schema[index].childCount ?? 0
                guard below >= 0, below <= schema.count else {
                    throw Damage(reason: "number of columns in a group: \(below)")
                }
                if below == 0 { leafIndex += 1 }
                open += below - 1
                index += 1
            }
            columns.append(try column(element, leafIndex: firstLeaf))
        }
        guard index == schema.count else { throw Damage(reason: "schema has nodes outside of its root") }
        return columns
    }

    private static func column(
        _ element: ParquetSchemaElement, leafIndex: Int
    ) throws(Damage) -> ParquetTopColumn {
        let name = element.name
        if let childCount = element.childCount, childCount > 0 || element.physical == nil {
            return .unreadable(name: name, why: "nested column: \(name)")
        }
        guard element.repetition != .repeated else {
            return .unreadable(name: name, why: "repeated column: \(name)")
        }
        guard let physical = element.physical else { throw Damage(reason: "column without a type: \(name)") }
        if physical == .fixedBytes, element.typeLength < 1 || element.typeLength > fixedBytesMax {
            throw Damage(reason: "width of column \(name): \(element.typeLength)")
        }
        if case .decimal(let precision, let scale) = element.meaning {
            guard precision >= 1, scale >= 0, scale <= precision else {
                throw Damage(reason: "DECIMAL(\(precision),\(scale)) of column \(name)")
            }
            guard precision <= DataType.decimalPrecisionMax else {
                return .unreadable(name: name, why: "DECIMAL of \(precision) digits, column \(name)")
            }
        }
        guard let (type, conversion) = typed(physical, element.meaning, element.typeLength) else {
            return .unreadable(name: name, why: "\(physical) as \(element.meaning), column \(name)")
        }
        return .readable(
            ParquetColumn(
                name: name, leafIndex: leafIndex, type: type, physical: physical,
                rawBytes: rawBytes(physical, element.typeLength),
                isOptional: element.repetition == .optional, conversion: conversion))
    }

    private static func rawBytes(_ physical: ParquetPhysicalType, _ typeLength: Int) -> Int {
        switch physical {
        case .boolean: 1
        case .int32, .float: 4
        case .int64, .double: 8
        case .int96: 12
        case .byteArray: MemoryLayout<StringView>.stride
        case .fixedBytes: typeLength
        }
    }

    private static func typed(
        _ physical: ParquetPhysicalType, _ meaning: ParquetMeaning, _ width: Int
    ) -> (DataType, ValueConversion)? {
        if meaning == .null { return (.text, .nothing) }
        if case .decimal(let precision, let scale) = meaning {
            return decimal(physical, precision, scale, width)
        }
        switch (physical, meaning) {
        case (.boolean, .none): return (.boolean, .same)
        case (.int32, .none), (.int32, .integer(32, true)): return (.integer, .same)
        case (.int32, .integer(8, true)): return (.smallint, .int16(low: -128, high: 127))
        case (.int32, .integer(8, false)): return (.smallint, .int16(low: 0, high: 255))
        case (.int32, .integer(16, true)): return (.smallint, .int16(low: -32_768, high: 32_767))
        case (.int32, .integer(16, false)): return (.integer, .int32(low: 0, high: 65_535))
        case (.int32, .integer(32, false)): return (.bigint, .unsigned32)
        case (.int32, .date):
            return (.date, .int32(low: CivilCalendar.dayMin, high: CivilCalendar.dayMax))
        case (.int64, .none), (.int64, .integer(64, true)): return (.bigint, .same)
        case (.int64, .integer(64, false)): return (.decimal(precision: 20, scale: 0), .unsigned64)
        case (.int64, .timestamp(.milliseconds, _)): return (.timestamp, .milliseconds)
        case (.int64, .timestamp(.microseconds, _)): return (.timestamp, .same)
        case (.int64, .timestamp(.nanoseconds, _)): return (.timestamp, .nanoseconds)
        case (.int96, .none): return (.timestamp, .int96)
        case (.float, .none): return (.real, .same)
        case (.double, .none): return (.doublePrecision, .same)
        // Old writers leave text without a meaning; the bytes are checked to be UTF-8 either way.
        case (.byteArray, .none), (.byteArray, .text): return (.text, .same)
        case (.byteArray, .json): return (.json, .same)
        case (.fixedBytes, .uuid) where width == 16: return (.uuid, .uuid)
        case (.fixedBytes, .float16) where width == 2: return (.real, .float16)
        case (.fixedBytes, .interval) where width == 12: return (.interval, .interval)
        default: return nil
        }
    }

    private static func decimal(
        _ physical: ParquetPhysicalType, _ precision: Int, _ scale: Int, _ width: Int
    ) -> (DataType, ValueConversion)? {
        let type = DataType.decimal(precision: precision, scale: scale)
        let limit = DecimalMath.powerOfTen(precision)
        let isWide = type.physical == .int128
        // Eighteen digits fit in 64 bits.
        let narrow = isWide ? 0 : Int64(truncatingIfNeeded: limit)
        switch physical {
        case .int32 where !isWide: return (type, .decimal32(limit: narrow))
        case .int64: return (type, isWide ? .decimal64Wide(limit: limit) : .decimal64(limit: narrow))
        case .fixedBytes:
            return (
                type,
                isWide
                    ? .fixedDecimal128(width: width, limit: limit)
                    : .fixedDecimal64(width: width, limit: narrow)
            )
        case .byteArray:
            return (type, isWide ? .bytesDecimal128(limit: limit) : .bytesDecimal64(limit: narrow))
        default: return nil
        }
    }
}
