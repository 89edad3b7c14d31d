import Columns
import DurableIO
import TableCatalog

extension TableDefinition {
    func write(to writer: inout BinaryWriter) {
        writer.writeCounted(name.schema)
        writer.writeCounted(name.name)
        writer.writeVariable(columns.count)
        for field in columns.fields {
            writer.writeCounted(field.name)
            field.type.write(to: &writer)
            writer.write(UInt8(field.isNullable ? 1 : 0))
        }
        for key in [primaryKey, clusteringKey] {
            writer.writeVariable(key.count)
            for index in key { writer.writeVariable(index) }
        }
        options.write(to: &writer)
    }

    init(reading reader: inout BinaryReader) throws(BinaryReaderError) {
        let schema = try reader.readText()
        let name = try reader.readText()
        let count = try reader.readCount(limit: Self.columnCountMax)
        var fields: [Field] = []
        for _ in 0..<count {
            let columnName = try reader.readText()
            let type = try DataType(reading: &reader)
            let isNullable: UInt8 = try reader.read()
            fields.append(Field(name: columnName, type: type, isNullable: isNullable != 0))
        }
        let primaryKey = try Self.key(&reader)
        let clusteringKey = try Self.key(&reader)
        let start = reader.byteOffset
        let options = try TableOptions(reading: &reader)
        self.init(
            name: TableName(schema: schema, name: name), columns: Schema(fields), primaryKey: primaryKey,
            clusteringKey: clusteringKey, options: options)
        guard validate() == nil else { throw .numberTooLarge(byteOffset: start) }
    }

    static func key(_ reader: inout BinaryReader) throws(BinaryReaderError) -> [Int] {
        let count = try reader.readCount(limit: columnCountMax)
        var key: [Int] = []
        for _ in 0..<count { key.append(try reader.readCount(limit: columnCountMax)) }
        return key
    }
}

extension TableOptions {
    func write(to writer: inout BinaryWriter) {
        writer.write(codec.rawValue)
        writer.writeVariable(level ?? 0)
        // 0 leaves the choice to the store; else one more than there are columns.
        writer.writeVariable(bloomColumns.map { $0.count + 1 } ?? 0)
        for index in bloomColumns ?? [] { writer.writeVariable(index) }
    }

    init(reading reader: inout BinaryReader) throws(BinaryReaderError) {
        let start = reader.byteOffset
        guard let codec = BlockCodec(rawValue: try reader.read()) else {
            throw .numberTooLarge(byteOffset: start)
        }
        let level = try reader.readCount(limit: Self.zstdLevels.upperBound)
        let bloomCount = try reader.readCount(limit: TableDefinition.columnCountMax + 1)
        var bloomColumns: [Int]?
        if bloomCount > 0 {
            var columns: [Int] = []
            for _ in 1..<bloomCount {
                columns.append(try reader.readCount(limit: TableDefinition.columnCountMax))
            }
            bloomColumns = columns
        }
        self.init(codec: codec, level: level == 0 ? nil : level, bloomColumns: bloomColumns)
    }
}

extension DataType {
    func write(to writer: inout BinaryWriter) {
        switch self {
        case .boolean: writer.write(UInt8(0))
        case .smallint: writer.write(UInt8(1))
        case .integer: writer.write(UInt8(2))
        case .bigint: writer.write(UInt8(3))
        case .real: writer.write(UInt8(4))
        case .doublePrecision: writer.write(UInt8(5))
        case .decimal(let precision, let scale):
            writer.write(UInt8(6))
            writer.write(UInt8(precision))
            writer.write(UInt8(scale))
        case .date: writer.write(UInt8(7))
        case .timestamp: writer.write(UInt8(8))
        case .interval: writer.write(UInt8(9))
        case .text: writer.write(UInt8(10))
        case .uuid: writer.write(UInt8(11))
        case .json: writer.write(UInt8(12))
        case .timestampTZ: writer.write(UInt8(13))
        case .time: writer.write(UInt8(14))
        case .array: preconditionFailure("a table has no column of an array type")
        }
    }

    init(reading reader: inout BinaryReader) throws(BinaryReaderError) {
        let start = reader.byteOffset
        switch try reader.read(UInt8.self) {
        case 0: self = .boolean
        case 1: self = .smallint
        case 2: self = .integer
        case 3: self = .bigint
        case 4: self = .real
        case 5: self = .doublePrecision
        case 6:
            let precision = Int(try reader.read(UInt8.self))
            let scale = Int(try reader.read(UInt8.self))
            guard (1...Self.decimalPrecisionMax).contains(precision), scale <= precision else {
                throw .numberTooLarge(byteOffset: start)
            }
            self = .decimal(precision: precision, scale: scale)
        case 7: self = .date
        case 8: self = .timestamp
        case 9: self = .interval
        case 10: self = .text
        case 11: self = .uuid
        case 12: self = .json
        case 13: self = .timestampTZ
        case 14: self = .time
        default: throw .numberTooLarge(byteOffset: start)
        }
    }
}
