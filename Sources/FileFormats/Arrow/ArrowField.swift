import Columns

/// How the values of an Arrow column lie in its buffers.
enum ArrowLayout: Sendable, Hashable {
    /// No buffers; every row is NULL.
    case nothing
    /// A bit a row.
    case bits
    /// Values of fixed width.
    case fixed(rawBytes: Int, ValueConversion)
    /// Offsets of 32 or 64 bits, then the bytes.
    case text(isLarge: Bool)
    /// Views of 16 bytes, then any number of buffers.
    case textViews
}

/// A column of an Arrow schema.
struct ArrowField: Sendable, Hashable {
    var name: String
    /// nil when the column cannot be read; `why` says why.
    var type: DataType?
    var layout: ArrowLayout
    var why: String
    /// The dictionary behind the column's codes, which then have `codeBytes`.
    var dictionaryID: Int?
    var codeBytes: Int
    var areCodesSigned: Bool
    /// Nodes and buffers of the column with what is nested in it. Views have more buffers, as a batch says.
    var nodeCount: Int
    var bufferCount: Int
    var viewColumnCount: Int

    private static let depthMax = 64

    /// Reads a `Field` of the schema.
    init(_ field: FlatTable) throws(FlatFault) {
        name = try field.text(0) ?? ""
        codeBytes = 4
        areCodesSigned = true
        dictionaryID = nil
        let typeID: UInt8 = try field.number(2, default: 0)
        let isJSON = try Self.isJSON(field)
        (type, layout) = try Self.typed(typeID, try field.table(3), isJSON: isJSON)
        why = type == nil ? "Arrow type \(Self.typeName(typeID)), column \(name)" : ""
        if let dictionary = try field.table(4) {
            dictionaryID = Int(try dictionary.number(0, default: Int64(0)))
            var bits: Int32 = 32
            if let index = try dictionary.table(1) {
                bits = try index.number(0, default: 0)
                areCodesSigned = try index.boolean(1)
            }
            guard [8, 16, 32, 64].contains(bits) else { throw FlatFault(byteOffset: 0) }
            codeBytes = Int(bits) / 8
            (nodeCount, bufferCount, viewColumnCount) = (1, 2, 0)
        } else {
            (nodeCount, bufferCount, viewColumnCount) = try Self.shape(field, depth: 0)
        }
    }

    private static func isJSON(_ field: FlatTable) throws(FlatFault) -> Bool {
        for pair in try field.tables(6) where try pair.text(0) == "ARROW:extension:name" {
            return try pair.text(1) == "arrow.json"
        }
        return false
    }

    /// How many nodes, buffers and view columns a field takes in a batch.
    private static func shape(_ field: FlatTable, depth: Int) throws(FlatFault) -> (Int, Int, Int) {
        guard depth < depthMax else { throw FlatFault(byteOffset: 0) }
        let typeID: UInt8 = try field.number(2, default: 0)
        if try field.table(4) != nil { return (1, 2, 0) }
        var shape =
            switch typeID {
            case 1, 22: (1, 0, 0)
            case 13, 16: (1, 1, 0)
            case 4, 5, 19, 20: (1, 3, 0)
            case 23, 24: (1, 2, 1)
            case 25, 26: (1, 3, 0)
            case 14: (1, try field.table(3)?.number(0, default: Int16(0)) == 1 ? 2 : 1, 0)
            default: (1, 2, 0)
            }
        for child in try field.tables(5) {
            let inner = try Self.shape(child, depth: depth + 1)
            shape = (shape.0 + inner.0, shape.1 + inner.1, shape.2 + inner.2)
        }
        return shape
    }

    private static func typed(
        _ typeID: UInt8, _ type: FlatTable?, isJSON: Bool
    ) throws(FlatFault) -> (DataType?, ArrowLayout) {
        switch typeID {
        case 1: return (.text, .nothing)
        case 2: return integer(try type?.number(0, default: Int32(0)), try type?.boolean(1) ?? false)
        case 3:
            switch try type?.number(0, default: Int16(0)) ?? 0 {
            case 0: return (.real, .fixed(rawBytes: 2, .float16))
            case 1: return (.real, .fixed(rawBytes: 4, .same))
            case 2: return (.doublePrecision, .fixed(rawBytes: 8, .same))
            default: return (nil, .nothing)
            }
        case 5: return (isJSON ? .json : .text, .text(isLarge: false))
        case 6: return (.boolean, .bits)
        case 7:
            return decimal(
                precision: Int(try type?.number(0, default: Int32(0)) ?? 0),
                scale: Int(try type?.number(1, default: Int32(0)) ?? 0),
                bitWidth: Int(try type?.number(2, default: Int32(128)) ?? 128))
        case 8:
            return try type?.number(0, default: Int16(1)) == 0
                ? (
                    .date,
                    .fixed(
                        rawBytes: 4, .int32(low: CivilCalendar.dayMin, high: CivilCalendar.dayMax))
                )
                : (.date, .fixed(rawBytes: 8, .dateMilliseconds))
        case 10:
            switch try type?.number(0, default: Int16(0)) ?? 0 {
            case 0: return (.timestamp, .fixed(rawBytes: 8, .seconds))
            case 1: return (.timestamp, .fixed(rawBytes: 8, .milliseconds))
            case 2: return (.timestamp, .fixed(rawBytes: 8, .same))
            case 3: return (.timestamp, .fixed(rawBytes: 8, .nanoseconds))
            default: return (nil, .nothing)
            }
        case 11:
            switch try type?.number(0, default: Int16(0)) ?? 0 {
            case 0: return (.interval, .fixed(rawBytes: 4, .yearMonth))
            case 1: return (.interval, .fixed(rawBytes: 8, .dayTime))
            case 2: return (.interval, .fixed(rawBytes: 16, .monthDayNano))
            default: return (nil, .nothing)
            }
        case 15:
            return try type?.number(0, default: Int32(0)) == 16
                ? (.uuid, .fixed(rawBytes: 16, .uuid)) : (nil, .nothing)
        case 20: return (isJSON ? .json : .text, .text(isLarge: true))
        case 24: return (isJSON ? .json : .text, .textViews)
        default: return (nil, .nothing)
        }
    }

    private static func integer(_ bitWidth: Int32?, _ isSigned: Bool) -> (DataType?, ArrowLayout) {
        switch (bitWidth ?? 0, isSigned) {
        case (8, true): (.smallint, .fixed(rawBytes: 1, .signed8))
        case (8, false): (.smallint, .fixed(rawBytes: 1, .unsigned8))
        case (16, true): (.smallint, .fixed(rawBytes: 2, .same))
        case (16, false): (.integer, .fixed(rawBytes: 2, .unsigned16))
        case (32, true): (.integer, .fixed(rawBytes: 4, .same))
        case (32, false): (.bigint, .fixed(rawBytes: 4, .unsigned32))
        case (64, true): (.bigint, .fixed(rawBytes: 8, .same))
        case (64, false): (.decimal(precision: 20, scale: 0), .fixed(rawBytes: 8, .unsigned64))
        default: (nil, .nothing)
        }
    }

    private static func decimal(precision: Int, scale: Int, bitWidth: Int) -> (DataType?, ArrowLayout) {
        guard precision >= 1, precision <= DataType.decimalPrecisionMax, scale >= 0, scale <= precision else {
            return (nil, .nothing)
        }
        let type = DataType.decimal(precision: precision, scale: scale)
        let limit = DecimalMath.powerOfTen(precision)
        let isWide = type.physical == .int128
        let narrow = isWide ? 0 : Int64(truncatingIfNeeded: limit)
        switch bitWidth {
        case 32 where !isWide: return (type, .fixed(rawBytes: 4, .decimal32(limit: narrow)))
        case 64:
            return (
                type,
                .fixed(rawBytes: 8, isWide ? .decimal64Wide(limit: limit) : .decimal64(limit: narrow))
            )
        case 128, 256:
            return (
                type, .fixed(rawBytes: bitWidth / 8, .littleEndianDecimal(limit: limit, isWide: isWide))
            )
        default: return (nil, .nothing)
        }
    }

    private static func typeName(_ typeID: UInt8) -> String {
        let names = [
            "none", "Null", "Int", "FloatingPoint", "Binary", "Utf8", "Bool", "Decimal", "Date", "Time",
            "Timestamp", "Interval", "List", "Struct", "Union", "FixedSizeBinary", "FixedSizeList", "Map",
            "Duration", "LargeBinary", "LargeUtf8", "LargeList", "RunEndEncoded", "BinaryView", "Utf8View",
            "ListView", "LargeListView",
        ]
        return Int(typeID) < names.count ? names[Int(typeID)] : "\(typeID)"
    }
}
