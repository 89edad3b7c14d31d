import Columns
import TableCatalog

/// That a chunk's rows fit a table, and how large they are.
struct ChunkShape {
    /// Bytes of the longest string column.
    private(set) var stringBytes = 0

    /// Checks a chunk without changing anything; 0.3 ns a string, and nothing a number.
    ///
    /// - Throws: `.wrongColumns`, `.nullInColumn`, `.valueTooLarge`.
    init(of chunk: DataChunk, for definition: TableDefinition) throws(StorageError) {
        let fields = definition.columns.fields
        guard chunk.columns.count == fields.count,
            zip(chunk.columns, fields).allSatisfy({ $0.type == $1.type })
        else {
            throw .wrongColumns(
                table: definition.name, wanted: fields.map(\.type.sqlName).joined(separator: ", "),
                got: chunk.columns.map(\.type.sqlName).joined(separator: ", "))
        }
        for (vector, field) in zip(chunk.columns, fields) {
            if !field.isNullable && vector.validity != nil {
                let rows = chunk.selection.map { vector.gathered($0) } ?? vector
                if (0..<rows.count).contains(where: { rows.isNull($0) }) {
                    throw .nullInColumn(table: definition.name, column: field.name)
                }
            }
            guard vector.physical == .string else { continue }
            let (total, longest) = Self.lengths(of: vector, in: chunk)
            if longest > RowGroupBuilder.valueBytesMax {
                throw .valueTooLarge(table: definition.name, column: field.name, bytes: longest)
            }
            stringBytes = max(stringBytes, total)
        }
    }

    private static func lengths(of vector: Vector, in chunk: DataChunk) -> (total: Int, longest: Int) {
        let views = UnsafePointer((vector.dictionary?.entries ?? vector).pointer(as: StringView.self))
        var total = 0
        var longest = 0
        if vector.form == .flat && vector.validity == nil && chunk.selection == nil {
            for row in 0..<chunk.rowCount {
                let bytes = Int(views[row].low & 0xFFFF_FFFF)
                total &+= bytes
                longest = max(longest, bytes)
            }
        } else {
            for index in 0..<chunk.selectedCount {
                let row = chunk.selection.map { Int($0.rows[index]) } ?? index
                if vector.isNull(row) { continue }
                let bytes = views[vector.valueIndex(row)].count
                total += bytes
                longest = max(longest, bytes)
            }
        }
        withExtendedLifetime(vector) {}
        return (total, longest)
    }
}
