import Columns

/// A source whose columns can be read one by one: those that a filter needs first, the others only for vectors in
/// which rows survive.
public protocol LazyChunkReader: ChunkReader {
    /// Goes to the next vector of the open morsel; false at its end.
    func advance() throws(ExecutionError) -> Bool
    /// Rows of the current vector, and those of them that exist (nil for all).
    var rowCount: Int { get }
    var selection: SelectionVector? { get }
    /// Output column `index` of the current vector.
    func column(_ index: Int) throws(ExecutionError) -> Vector
}

/// A table's rows that satisfy the scan's filter.
struct FilteredSource: ChunkSource {
    let base: any ChunkSource
    let filter: Expression
    let types: [DataType]
    let context: EvaluationContext

    var morselCount: Int { base.morselCount }
    var isOrdered: Bool { base.isOrdered }

    func makeReader() throws(ExecutionError) -> any ChunkReader {
        let node = try ExpressionCompiler(context: context).compile(filter)
        return Reader(try base.makeReader(), node, types)
    }

    private final class Reader: ChunkReader {
        private let base: any ChunkReader
        private let lazy: (any LazyChunkReader)?
        private let filter: ExpressionNode
        /// Stand in for columns that the filter does not read.
        private let types: [DataType]

        init(_ base: any ChunkReader, _ filter: ExpressionNode, _ types: [DataType]) {
            self.base = base
            lazy = base as? any LazyChunkReader
            self.filter = filter
            self.types = types
        }

        func open(morsel: Int) throws(ExecutionError) -> Bool { try base.open(morsel: morsel) }

        func next() throws(ExecutionError) -> DataChunk? {
            guard let lazy else {
                while let chunk = try base.next() {
                    if chunk.selectedCount > 0, let kept = try RowFilter.apply(filter, to: chunk) { return kept }
                }
                return nil
            }
            while try lazy.advance() {
                if let chunk = try filtered(lazy) { return chunk }
            }
            return nil
        }

        private func filtered(_ reader: any LazyChunkReader) throws(ExecutionError) -> DataChunk? {
            let rowCount = reader.rowCount
            var columns: [Vector] = []
            columns.reserveCapacity(types.count)
            for index in types.indices {
                columns.append(
                    filter.usedColumns.contains(index)
                        ? try reader.column(index) : Vector.null(type: types[index], count: rowCount))
            }
            let narrow = DataChunk(columns: columns, rowCount: rowCount, selection: reader.selection)
            guard let kept = try RowFilter.apply(filter, to: narrow) else { return nil }
            for index in types.indices where !filter.usedColumns.contains(index) {
                columns[index] = try reader.column(index)
            }
            return DataChunk(columns: columns, rowCount: rowCount, selection: kept.selection)
        }
    }
}
