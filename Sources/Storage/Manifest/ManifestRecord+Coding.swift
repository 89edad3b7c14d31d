import Columns
import DurableIO
import TableCatalog

extension ManifestRecord {
    /// The last byte of each record, not zero: a record whose end was never written cannot look whole.
    static let endMark: UInt8 = 0xA5

    func encoded() -> [UInt8] {
        var writer = BinaryWriter()
        writer.write(kind.rawValue)
        writer.writeVariable(version)
        writer.writeVariable(previous)
        writer.writeVariable(UInt64(max(0, time)))
        writer.writeVariable(UInt64(nextTable))
        writer.writeVariable(UInt64(nextRowGroup))
        writer.writeVariable(UInt64(nextFile))
        writer.writeVariable(nextDictionary)
        writer.writeVariable(operations.count)
        for operation in operations { operation.write(to: &writer) }
        writer.write(Self.endMark)
        return writer.bytes
    }

    init(_ bytes: ArraySlice<UInt8>) throws(BinaryReaderError) {
        var reader = BinaryReader(bytes)
        guard let kind = Kind(rawValue: try reader.read()) else { throw .numberTooLarge(byteOffset: 0) }
        self.kind = kind
        version = try reader.readVariable()
        previous = try reader.readVariable()
        time = Int64(try reader.readCount(limit: Int.max))
        nextTable = UInt32(try reader.readCount(limit: Int(UInt32.max)))
        nextRowGroup = UInt32(try reader.readCount(limit: Int(UInt32.max)))
        nextFile = UInt32(try reader.readCount(limit: Int(UInt32.max)))
        nextDictionary = try reader.readVariable()
        operations = []
        // An operation takes a byte at least, which bounds the count.
        let count = try reader.readCount(limit: reader.remaining)
        for _ in 0..<count { operations.append(try ManifestOperation(&reader)) }
        let end: UInt8 = try reader.read()
        guard end == Self.endMark, reader.isAtEnd else { throw .truncated(byteOffset: reader.byteOffset) }
    }
}

extension ManifestOperation {
    private enum Code: UInt8 {
        case createTable = 1, dropTable, truncateTable, addRowGroup, removeRowGroup, deleteRows,
            extendDictionary
        case setReplicationPosition, setProperty, setTableVersion, setOptions, setClusteringKey,
            setDeletions, setView, setSchema, reshapeTable, setStoredColumns
    }

    func write(to writer: inout BinaryWriter) {
        switch self {
        case .createTable(let id, let definition, let firstDictionary):
            begin(.createTable, id, &writer)
            definition.write(to: &writer)
            writer.writeVariable(firstDictionary)
        case .dropTable(let id): begin(.dropTable, id, &writer)
        case .truncateTable(let id, let firstDictionary):
            begin(.truncateTable, id, &writer)
            writer.writeVariable(firstDictionary)
        case .addRowGroup(let id, let entry, let before):
            begin(.addRowGroup, id, &writer)
            writer.writeVariable(UInt64(entry.id.rawValue))
            writer.writeVariable(UInt64(entry.file.rawValue))
            writer.writeVariable(entry.footerOffset)
            writer.writeVariable(entry.footerBytes)
            writer.writeVariable(entry.rowCount)
            writer.writeVariable(UInt64(before?.rawValue ?? 0))
            writer.writeVariable(UInt64(entry.form.optionsNumber))
            writer.writeVariable(UInt64(entry.form.sortedRun))
        case .removeRowGroup(let id, let group):
            begin(.removeRowGroup, id, &writer)
            writer.writeVariable(UInt64(group.rawValue))
        case .deleteRows(let id, let group, let rows):
            begin(.deleteRows, id, &writer)
            writer.writeVariable(UInt64(group.rawValue))
            writer.writeVariable(rows.count)
            for row in rows { writer.write(row) }
        case .setDeletions(let id, let group, let entry):
            begin(.setDeletions, id, &writer)
            writer.writeVariable(UInt64(group.rawValue))
            writer.writeVariable(UInt64(entry.file.rawValue))
            writer.writeVariable(entry.byteOffset)
            writer.writeVariable(entry.byteCount)
            writer.writeVariable(entry.deletedCount)
        case .extendDictionary(let id, let column, let growth):
            begin(.extendDictionary, id, &writer)
            writer.writeVariable(column)
            writer.writeVariable(growth.firstCode)
            writer.writeVariable(growth.rowsOffered)
            writer.write(UInt8(growth.isClosed ? 1 : 0))
            writer.writeVariable(growth.entries.count)
            for entry in growth.entries { writer.writeCounted(entry) }
        case .setReplicationPosition(let identity, let position):
            writer.write(Code.setReplicationPosition.rawValue)
            writer.writeCounted(identity)
            writer.writeVariable(position)
        case .setProperty(let id, let key, let value):
            begin(.setProperty, id ?? TableID(rawValue: 0), &writer)
            writer.writeCounted(key)
            writer.write(UInt8(value == nil ? 0 : 1))
            if let value { writer.writeCounted(value) }
        case .setTableVersion(let id, let version):
            begin(.setTableVersion, id, &writer)
            writer.writeVariable(version)
        case .setOptions(let id, let options, let number):
            begin(.setOptions, id, &writer)
            options.write(to: &writer)
            writer.writeVariable(UInt64(number))
        case .setClusteringKey(let id, let key):
            begin(.setClusteringKey, id, &writer)
            writer.writeVariable(key.count)
            for index in key { writer.writeVariable(index) }
        case .setView, .setSchema, .reshapeTable, .setStoredColumns: writeShape(to: &writer)
        }
    }

    private func writeShape(to writer: inout BinaryWriter) {
        let store = TableID(rawValue: 0)
        switch self {
        case .setView(let name, let view):
            begin(.setView, store, &writer)
            writer.writeCounted(name.schema)
            writer.writeCounted(name.name)
            writer.write(UInt8(view == nil ? 0 : 1))
            view?.write(to: &writer)
        case .setSchema(let name, let exists):
            begin(.setSchema, store, &writer)
            writer.writeCounted(name)
            writer.write(UInt8(exists ? 1 : 0))
        case .reshapeTable(let id, let reshape):
            begin(.reshapeTable, id, &writer)
            reshape.write(to: &writer)
        case .setStoredColumns(let id, let group, let count, let columns):
            begin(.setStoredColumns, id, &writer)
            writer.writeVariable(UInt64(group.rawValue))
            writer.writeVariable(count)
            writer.writeVariable(columns.count)
            for column in columns { column.write(to: &writer) }
        default: preconditionFailure("not an operation of shapes")
        }
    }

    private static func readShape(
        _ code: Code, of id: TableID, _ reader: inout BinaryReader
    ) throws(BinaryReaderError) -> ManifestOperation {
        switch code {
        case .setView:
            let schema = try reader.readText()
            let name = TableName(schema: schema, name: try reader.readText())
            let exists: UInt8 = try reader.read()
            return .setView(name, exists == 0 ? nil : try ViewDefinition(name, reading: &reader))
        case .setSchema:
            let name = try reader.readText()
            let exists: UInt8 = try reader.read()
            return .setSchema(name, exists: exists != 0)
        case .reshapeTable: return .reshapeTable(id, try TableReshape(reading: &reader))
        default:
            let group = RowGroupID(rawValue: try number(&reader))
            let stored = try reader.readCount(limit: TableDefinition.columnCountMax)
            let count = try reader.readCount(limit: TableDefinition.columnCountMax)
            var columns: [StoredColumn] = []
            for _ in 0..<count { columns.append(try StoredColumn(reading: &reader)) }
            return .setStoredColumns(id, group, count: stored, columns)
        }
    }

    private func begin(_ code: Code, _ id: TableID, _ writer: inout BinaryWriter) {
        writer.write(code.rawValue)
        writer.writeVariable(UInt64(id.rawValue))
    }

    init(_ reader: inout BinaryReader) throws(BinaryReaderError) {
        let start = reader.byteOffset
        guard let code = Code(rawValue: try reader.read()) else { throw .numberTooLarge(byteOffset: start) }
        if code == .setReplicationPosition {
            let identity = try reader.readText()
            self = .setReplicationPosition(identity, try reader.readVariable())
            return
        }
        let id = TableID(rawValue: try Self.number(&reader))
        switch code {
        case .createTable:
            let definition = try TableDefinition(reading: &reader)
            self = .createTable(id, definition, firstDictionary: try reader.readVariable())
        case .dropTable: self = .dropTable(id)
        case .truncateTable: self = .truncateTable(id, firstDictionary: try reader.readVariable())
        case .addRowGroup:
            var entry = RowGroupEntry(
                id: RowGroupID(rawValue: try Self.number(&reader)),
                file: DataFileID(rawValue: try Self.number(&reader)),
                footerOffset: try reader.readCount(limit: 1 << 48),
                footerBytes: try reader.readCount(limit: RowGroup.footerBytesMax),
                rowCount: try reader.readCount(limit: RowGroup.rowCountMax))
            let before: UInt32 = try Self.number(&reader)
            entry.form = RowGroupForm(
                optionsNumber: try Self.number(&reader), sortedRun: try Self.number(&reader))
            self = .addRowGroup(id, entry, before: before == 0 ? nil : RowGroupID(rawValue: before))
        case .removeRowGroup: self = .removeRowGroup(id, RowGroupID(rawValue: try Self.number(&reader)))
        case .deleteRows:
            let group = RowGroupID(rawValue: try Self.number(&reader))
            let count = try reader.readCount(limit: RowGroup.rowCountMax)
            var rows: [UInt16] = []
            for _ in 0..<count { rows.append(try reader.read()) }
            self = .deleteRows(id, group, rows)
        case .setDeletions:
            let group = RowGroupID(rawValue: try Self.number(&reader))
            let entry = DeletionBlockEntry(
                file: DataFileID(rawValue: try Self.number(&reader)),
                byteOffset: try reader.readCount(limit: 1 << 48),
                byteCount: try reader.readCount(limit: DeletionBlock.byteCountMax),
                deletedCount: try reader.readCount(limit: RowGroup.rowCountMax))
            self = .setDeletions(id, group, entry)
        case .extendDictionary: self = try Self.readExtension(of: id, &reader)
        case .setReplicationPosition: throw .numberTooLarge(byteOffset: start)
        case .setProperty:
            let key = try reader.readText()
            let hasValue: UInt8 = try reader.read()
            let value = hasValue == 0 ? nil : try reader.readText()
            self = .setProperty(id.rawValue == 0 ? nil : id, key, value)
        case .setTableVersion: self = .setTableVersion(id, try reader.readVariable())
        case .setOptions:
            let options = try TableOptions(reading: &reader)
            self = .setOptions(id, options, number: try Self.number(&reader))
        case .setClusteringKey: self = .setClusteringKey(id, try TableDefinition.key(&reader))
        case .setView, .setSchema, .reshapeTable, .setStoredColumns:
            self = try Self.readShape(code, of: id, &reader)
        }
    }

    private static func readExtension(
        of id: TableID, _ reader: inout BinaryReader
    ) throws(BinaryReaderError) -> ManifestOperation {
        let column = try reader.readCount(limit: TableDefinition.columnCountMax)
        let firstCode = try reader.readCount(limit: TableDictionary.entryCountMax)
        let rowsOffered = try reader.readCount(limit: 1 << 56)
        let isClosed: UInt8 = try reader.read()
        let count = try reader.readCount(limit: TableDictionary.entryCountMax - firstCode)
        var entries: [[UInt8]] = []
        for _ in 0..<count { entries.append(Array(try reader.readCounted())) }
        return .extendDictionary(
            id, column: column,
            DictionaryExtension(
                firstCode: firstCode, entries: entries, rowsOffered: rowsOffered, isClosed: isClosed != 0))
    }

    private static func number(_ reader: inout BinaryReader) throws(BinaryReaderError) -> UInt32 {
        UInt32(try reader.readCount(limit: Int(UInt32.max)))
    }
}
