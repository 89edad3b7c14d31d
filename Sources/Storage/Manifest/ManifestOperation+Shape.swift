import Columns
import DurableIO
import TableCatalog

/// The bytes of views and of tables' columns (`storage/FORMAT.md`, "Manifest").
extension ViewDefinition {
    private static let searchPathMax = 256

    func write(to writer: inout BinaryWriter) {
        writer.writeVariable(columns.count)
        for field in columns.fields {
            writer.writeCounted(field.name)
            field.type.write(to: &writer)
        }
        writer.writeCounted(query)
        writer.writeVariable(searchPath.count)
        for schema in searchPath { writer.writeCounted(schema) }
    }

    init(_ name: TableName, reading reader: inout BinaryReader) throws(BinaryReaderError) {
        let count = try reader.readCount(limit: TableDefinition.columnCountMax)
        var fields: [Field] = []
        for _ in 0..<count {
            let name = try reader.readText()
            fields.append(Field(name: name, type: try DataType(reading: &reader)))
        }
        let query = try reader.readText()
        let schemaCount = try reader.readCount(limit: Self.searchPathMax)
        var searchPath: [String] = []
        for _ in 0..<schemaCount { searchPath.append(try reader.readText()) }
        self.init(name: name, columns: Schema(fields), query: query, searchPath: searchPath)
    }
}

extension TableReshape {
    func write(to writer: inout BinaryWriter) {
        definition.write(to: &writer)
        for (index, origin) in columns.enumerated() {
            switch origin {
            case .former(let former): writer.writeVariable(former + 1)
            case .new(let value):
                writer.writeVariable(0)
                Self.write(value, to: &writer)
            }
            writer.writeVariable(dictionaries[index])
            let standard = definition.defaults[index]
            writer.write(UInt8(standard == nil ? 0 : 1))
            if let standard { writer.writeCounted(standard) }
        }
        writer.writeVariable(definition.checks.count)
        for check in definition.checks {
            writer.writeCounted(check.name)
            writer.writeCounted(check.condition)
        }
    }

    init(reading reader: inout BinaryReader) throws(BinaryReaderError) {
        definition = try TableDefinition(reading: &reader)
        columns = []
        dictionaries = []
        for (index, type) in definition.columns.types.enumerated() {
            let origin = try reader.readCount(limit: TableDefinition.columnCountMax)
            columns.append(
                origin > 0 ? .former(origin - 1) : .new(try Self.value(of: type, reading: &reader)))
            dictionaries.append(try reader.readVariable())
            let hasDefault: UInt8 = try reader.read()
            if hasDefault != 0 { definition.defaults[index] = try reader.readText() }
        }
        let start = reader.byteOffset
        let count = try reader.readCount(limit: TableDefinition.checkCountMax)
        for _ in 0..<count {
            let name = try reader.readText()
            definition.checks.append(CheckConstraint(name: name, condition: try reader.readText()))
        }
        guard definition.validate() == nil else { throw .numberTooLarge(byteOffset: start) }
    }

    /// A value as its text.
    static func write(_ value: Value, to writer: inout BinaryWriter) {
        let text = value.text
        writer.write(UInt8(text == nil ? 0 : 1))
        if let text { writer.writeCounted(text) }
    }

    static func value(of type: DataType, reading reader: inout BinaryReader) throws(BinaryReaderError)
        -> Value
    {
        let start = reader.byteOffset
        let hasValue: UInt8 = try reader.read()
        if hasValue == 0 { return .null }
        let text = try reader.readText()
        if type.physical == .string { return type == .json ? .json(text) : .text(text) }
        do throws(TextReadingError) {
            return try TextReader.value(text, as: type)
        } catch {
            throw .numberTooLarge(byteOffset: start)
        }
    }
}

extension StoredColumn {
    func write(to writer: inout BinaryWriter) {
        switch self {
        case .stored(let place): writer.writeVariable(place + 1)
        case .absent(let column):
            writer.writeVariable(0)
            column.type.write(to: &writer)
            TableReshape.write(column.value, to: &writer)
        }
    }

    init(reading reader: inout BinaryReader) throws(BinaryReaderError) {
        let place = try reader.readCount(limit: TableDefinition.columnCountMax)
        if place > 0 {
            self = .stored(place - 1)
            return
        }
        let type = try DataType(reading: &reader)
        self = .absent(AbsentColumn(try TableReshape.value(of: type, reading: &reader), type: type))
    }
}
