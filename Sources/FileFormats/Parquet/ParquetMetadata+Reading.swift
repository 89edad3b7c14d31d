extension ParquetMetadata {
    /// Reads the structure `FileMetaData`. Lists are bounded by the bytes that are there.
    ///
    /// Source: apache/parquet-format, parquet.thrift.
    init(_ reader: inout ThriftReader) throws(ThriftFault) {
        self.init()
        var made = ParquetMetadata()
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 2:
                for _ in 0..<(try reader.listCount(field, of: ThriftReader.Wire.structure)) {
                    made.schema.append(try ParquetSchemaElement(&reader))
                }
            case 3: made.rowCount = Int(try reader.integer(field))
            case 4:
                for _ in 0..<(try reader.listCount(field, of: ThriftReader.Wire.structure)) {
                    made.rowGroups.append(try ParquetRowGroup(&reader))
                }
            case 6: made.createdBy = try reader.text(field)
            case 8:
                made.isEncrypted = true
                try reader.skip(field)
            default: try reader.skip(field)
            }
        }
        self = made
    }
}

extension ParquetSchemaElement {
    init(_ reader: inout ThriftReader) throws(ThriftFault) {
        self.init()
        var made = ParquetSchemaElement()
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 1:
                let number = Int(try reader.integer(field))
                guard let physical = ParquetPhysicalType(rawValue: number) else {
                    throw .malformed("unknown physical type: \(number)", at: reader.position)
                }
                made.physical = physical
            case 2: made.typeLength = Int(try reader.integer(field))
            case 3:
                let number = Int(try reader.integer(field))
                guard let repetition = Repetition(rawValue: number) else {
                    throw .malformed("unknown repetition: \(number)", at: reader.position)
                }
                made.repetition = repetition
            case 4: made.name = try reader.text(field)
            case 5: made.childCount = Int(try reader.integer(field))
            case 6: made.convertedType = Int(try reader.integer(field))
            case 7: made.scale = Int(try reader.integer(field))
            case 8: made.precision = Int(try reader.integer(field))
            case 10: made.meaning = try ParquetMeaning.logical(&reader, field)
            default: try reader.skip(field)
            }
        }
        if made.meaning == .none, let convertedType = made.convertedType {
            made.meaning = .converted(convertedType, precision: made.precision, scale: made.scale)
        }
        self = made
    }
}

extension ParquetMeaning {
    /// Reads the union `LogicalType`.
    static func logical(
        _ reader: inout ThriftReader, _ field: ThriftReader.Field
    ) throws(ThriftFault) -> ParquetMeaning {
        guard field.type == ThriftReader.Wire.structure else {
            throw .malformed("logical type is no structure", at: reader.position)
        }
        var meaning = ParquetMeaning.none
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 5:
                let numbers = try integers(&reader, field)
                meaning = .decimal(precision: Int(numbers.second), scale: Int(numbers.first))
                return
            case 8:
                meaning = try timestamp(&reader, field)
                return
            case 10:
                let numbers = try integers(&reader, field)
                meaning = .integer(bitWidth: Int(numbers.first), isSigned: numbers.second != 0)
                return
            case 1, 4: meaning = .text
            case 2: meaning = .other("MAP")
            case 3: meaning = .other("LIST")
            case 6: meaning = .date
            case 7: meaning = .time
            case 11: meaning = .null
            case 12: meaning = .json
            case 13: meaning = .other("BSON")
            case 14: meaning = .uuid
            case 15: meaning = .float16
            default: meaning = .other("logical type \(field.id)")
            }
            try reader.skip(field)
        }
        return meaning
    }

    /// The fields 1 and 2 of a structure: integers, or booleans as 0 and 1.
    private static func integers(
        _ reader: inout ThriftReader, _ field: ThriftReader.Field
    ) throws(ThriftFault) -> (first: Int64, second: Int64) {
        guard field.type == ThriftReader.Wire.structure else {
            throw .malformed("logical type is no structure", at: reader.position)
        }
        var first: Int64 = 0
        var second: Int64 = 0
        try reader.structure { (reader, field) throws(ThriftFault) in
            guard field.id <= 2 else { return try reader.skip(field) }
            let isBoolean =
                field.type == ThriftReader.Wire.boolTrue || field.type == ThriftReader.Wire.boolFalse
            let number = isBoolean ? (try reader.boolean(field) ? 1 : 0) : try reader.integer(field)
            if field.id == 1 { first = number } else { second = number }
        }
        return (first, second)
    }

    private static func timestamp(
        _ reader: inout ThriftReader, _ field: ThriftReader.Field
    ) throws(ThriftFault) -> ParquetMeaning {
        guard field.type == ThriftReader.Wire.structure else {
            throw .malformed("logical type is no structure", at: reader.position)
        }
        var isAdjusted = false
        var unit: ParquetTimeUnit?
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 1: isAdjusted = try reader.boolean(field)
            case 2 where field.type == ThriftReader.Wire.structure:
                try reader.structure { (reader, field) throws(ThriftFault) in
                    unit = ParquetTimeUnit(rawValue: field.id)
                    try reader.skip(field)
                }
            default: try reader.skip(field)
            }
        }
        guard let unit else { throw .malformed("unknown unit of a timestamp", at: reader.position) }
        return .timestamp(unit, isAdjustedToUTC: isAdjusted)
    }

    /// The meaning of a converted type, which older files have instead.
    static func converted(_ number: Int, precision: Int, scale: Int) -> ParquetMeaning {
        switch number {
        case 0, 4: .text
        case 1, 2: .other("MAP")
        case 3: .other("LIST")
        case 5: .decimal(precision: precision, scale: scale)
        case 6: .date
        case 7, 8: .time
        case 9: .timestamp(.milliseconds, isAdjustedToUTC: true)
        case 10: .timestamp(.microseconds, isAdjustedToUTC: true)
        case 11: .integer(bitWidth: 8, isSigned: false)
        case 12: .integer(bitWidth: 16, isSigned: false)
        case 13: .integer(bitWidth: 32, isSigned: false)
        case 14: .integer(bitWidth: 64, isSigned: false)
        case 15: .integer(bitWidth: 8, isSigned: true)
        case 16: .integer(bitWidth: 16, isSigned: true)
        case 17: .integer(bitWidth: 32, isSigned: true)
        case 18: .integer(bitWidth: 64, isSigned: true)
        case 19: .json
        case 20: .other("BSON")
        case 21: .interval
        default: .other("converted type \(number)")
        }
    }
}

extension ParquetRowGroup {
    init(_ reader: inout ThriftReader) throws(ThriftFault) {
        self.init()
        var made = ParquetRowGroup()
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 1:
                for _ in 0..<(try reader.listCount(field, of: ThriftReader.Wire.structure)) {
                    made.columns.append(try ParquetColumnChunk(&reader))
                }
            case 3: made.rowCount = Int(try reader.integer(field))
            default: try reader.skip(field)
            }
        }
        self = made
    }
}

extension ParquetColumnChunk {
    init(_ reader: inout ThriftReader) throws(ThriftFault) {
        self.init()
        var made = ParquetColumnChunk()
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 1: made.externalFile = try reader.text(field)
            case 3 where field.type == ThriftReader.Wire.structure: try made.readMetadata(&reader)
            case 8, 9:
                made.isEncrypted = true
                try reader.skip(field)
            default: try reader.skip(field)
            }
        }
        self = made
    }

    private mutating func readMetadata(_ reader: inout ThriftReader) throws(ThriftFault) {
        var made = self
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 1:
                let number = Int(try reader.integer(field))
                guard let physical = ParquetPhysicalType(rawValue: number) else {
                    throw .malformed("unknown physical type: \(number)", at: reader.position)
                }
                made.physical = physical
            case 3:
                for _ in 0..<(try reader.listCount(field, of: ThriftReader.Wire.binary)) {
                    made.path.append(String(decoding: try reader.binaryElement(), as: UTF8.self))
                }
            case 4: made.codec = Int(try reader.integer(field))
            case 5: made.valueCount = Int(try reader.integer(field))
            case 7: made.compressedBytes = Int(try reader.integer(field))
            case 9: made.dataPageOffset = Int(try reader.integer(field))
            case 11: made.dictionaryPageOffset = Int(try reader.integer(field))
            default: try reader.skip(field)
            }
        }
        self = made
    }
}

extension ParquetPageHeader {
    init(_ reader: inout ThriftReader) throws(ThriftFault) {
        self.init()
        var made = ParquetPageHeader()
        var hasKind = false
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch field.id {
            case 1:
                let number = Int(try reader.integer(field))
                guard let kind = Kind(rawValue: number) else {
                    throw .malformed("unknown kind of page: \(number)", at: reader.position)
                }
                made.kind = kind
                hasKind = true
            case 2: made.decompressedBytes = try Self.size(&reader, field)
            case 3: made.compressedBytes = try Self.size(&reader, field)
            case 4: made.crc = UInt32(truncatingIfNeeded: try reader.integer(field))
            case 5, 7, 8: try made.readDetails(&reader, field)
            default: try reader.skip(field)
            }
        }
        guard hasKind else { throw .malformed("page without a kind", at: reader.position) }
        self = made
    }

    private static func size(
        _ reader: inout ThriftReader, _ field: ThriftReader.Field
    ) throws(ThriftFault) -> Int {
        let number = try reader.integer(field)
        guard number >= 0, number <= Int64(Int32.max) else {
            throw .malformed("size or count of a page: \(number)", at: reader.position)
        }
        return Int(number)
    }

    /// The header of a data page (5), dictionary page (7) or data page of version 2 (8).
    private mutating func readDetails(
        _ reader: inout ThriftReader, _ outer: ThriftReader.Field
    ) throws(ThriftFault) {
        guard outer.type == ThriftReader.Wire.structure else { return try reader.skip(outer) }
        var made = self
        try reader.structure { (reader, field) throws(ThriftFault) in
            switch (outer.id, field.id) {
            case (_, 1): made.valueCount = try Self.size(&reader, field)
            case (5, 2), (7, 2), (8, 4): made.encoding = try Self.size(&reader, field)
            case (5, 3): made.definitionEncoding = try Self.size(&reader, field)
            case (8, 5): made.definitionBytes = try Self.size(&reader, field)
            case (8, 6): made.repetitionBytes = try Self.size(&reader, field)
            case (8, 7): made.isCompressed = try reader.boolean(field)
            default: try reader.skip(field)
            }
        }
        self = made
    }
}
