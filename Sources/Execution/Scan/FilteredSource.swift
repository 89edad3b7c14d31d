import Columns
import Storage

/// A source whose columns can be read one by one: those that a filter needs first, the others only for
/// vectors in which rows survive.
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
        Reader(try base.makeReader(), try RowFilter(filter, context), types.count)
    }

    private final class Reader: CountingReader {
        private let base: any ChunkReader
        private let lazy: (any LazyChunkReader)?
        private let filter: RowFilter
        private let columnCount: Int

        init(_ base: any ChunkReader, _ filter: RowFilter, _ columnCount: Int) {
            self.base = base
            lazy = base as? any LazyChunkReader
            self.filter = filter
            self.columnCount = columnCount
        }

        var counters: SkipCounters { (base as? any CountingReader)?.counters ?? SkipCounters() }

        func open(morsel: Int) throws(ExecutionError) -> Bool { try base.open(morsel: morsel) }

        func next() throws(ExecutionError) -> DataChunk? {
            guard let lazy else {
                while let chunk = try base.next() {
                    if chunk.selectedCount > 0, let kept = try filter.apply(to: chunk) { return kept }
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
            var read: [Int: Vector] = [:]
            var used: [Vector] = []
            for index in filter.usedColumns {
                let column = try reader.column(index)
                read[index] = column
                used.append(column)
            }
            var selection = reader.selection
            switch try filter.passing(used, rowCount: rowCount, selection: selection) {
            case .none: return nil
            case .all: break
            case .some(let kept): selection = kept
            }
            var columns: [Vector] = []
            columns.reserveCapacity(columnCount)
            for index in 0..<columnCount {
                if let column = read[index] {
                    columns.append(column)
                } else {
                    columns.append(try reader.column(index))
                }
            }
            return DataChunk(columns: columns, rowCount: rowCount, selection: selection)
        }
    }
}
