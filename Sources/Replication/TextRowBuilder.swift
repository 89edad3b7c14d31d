import Columns
import Postgres

/// Builds chunks from rows in Postgres's text form.
final class TextRowBuilder {
    private let table: MirroredTable
    private let columns: [Int]
    private let builders: [VectorBuilder]
    private(set) var rowCount = 0
    /// Values that the column store cannot hold and that became NULL.
    private(set) var valuesLost = 0

    /// - Parameter columns: Indices of the table's columns that the rows have, in their order.
    init(_ table: MirroredTable, columns: [Int]) {
        self.table = table
        self.columns = columns
        builders = columns.map { VectorBuilder(type: table.columns[$0].type) }
    }

    var isFull: Bool { rowCount == DataChunk.capacity }

    /// Appends a row of as many fields as there are columns. A field that is unchanged counts as NULL.
    func append(_ row: [PgOutputMessage.Field]) {
        precondition(row.count == builders.count && !isFull, "a row has a field a column")
        for (field, builder) in zip(row, builders) {
            guard case .text(let bytes) = field else {
                builder.appendNull()
                continue
            }
            bytes.withUnsafeBufferPointer { append($0, to: builder) }
        }
        rowCount += 1
    }

    func finish() -> DataChunk {
        defer { rowCount = 0 }
        return DataChunk(columns: builders.map { $0.finish() }, rowCount: rowCount)
    }

    private func append(_ bytes: UnsafeBufferPointer<UInt8>, to builder: VectorBuilder) {
        if builder.physical == .string { return builder.append(bytes: bytes) }
        do throws(TextReadingError) {
            builder.append(try TextReader.value(bytes, as: builder.type))
        } catch {
            // NaN in NUMERIC and the like: the record can hold it, the column store cannot.
            valuesLost += 1
            builder.appendNull()
        }
    }
}
