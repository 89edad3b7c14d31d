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
    /// Leaves out all rows of the current vector but these, rows of it in order and among those that
    /// `selection` has. `rowCount` and `selection` may change, so that columns asked for later have the
    /// chosen rows alone.
    func narrow(to rows: SelectionVector)
    /// Output column `index` of the current vector.
    func column(_ index: Int) throws(ExecutionError) -> Vector
}

/// A table's rows that satisfy the scan's filter and may meet a row of the joins above.
struct FilteredSource: ChunkSource {
    let base: any ChunkSource
    let filter: Expression?
    let keys: [ScanKeyFilter]
    let types: [DataType]
    let context: EvaluationContext

    var morselCount: Int { base.morselCount }
    var isOrdered: Bool { base.isOrdered }

    func makeReader() throws(ExecutionError) -> any ChunkReader {
        var compiled: RowFilter?
        if let filter { compiled = try RowFilter(filter, context) }
        return FilteredReader(
            try base.makeReader(), compiled, keys.map { KeyFilterUse($0) }, columnCount: types.count)
    }
}

/// Reads the columns of the conditions first, and the others only for rows that passed.
private final class FilteredReader: CountingReader {
    private let base: any ChunkReader
    private let lazy: (any LazyChunkReader)?
    private let filter: RowFilter?
    private var keys: [KeyFilterUse]
    private let columnCount: Int
    /// Of the current vector: columns that have been read, and whether they are as the reader has them now.
    private var read: [Vector?]
    private var filteredByKeys = 0

    init(_ base: any ChunkReader, _ filter: RowFilter?, _ keys: [KeyFilterUse], columnCount: Int) {
        self.base = base
        lazy = base as? any LazyChunkReader
        self.filter = filter
        self.keys = keys
        self.columnCount = columnCount
        read = Array(repeating: nil, count: columnCount)
    }

    var counters: SkipCounters {
        var counters = (base as? any CountingReader)?.counters ?? SkipCounters()
        counters.rowsFiltered += filteredByKeys
        return counters
    }

    func open(morsel: Int) throws(ExecutionError) -> Bool { try base.open(morsel: morsel) }

    func next() throws(ExecutionError) -> DataChunk? {
        guard let lazy else { return try nextWhole() }
        while try lazy.advance() {
            for index in read.indices { read[index] = nil }
            if let chunk = try filtered(lazy) { return chunk }
        }
        return nil
    }

    /// Of a source that has its columns in memory anyway.
    private func nextWhole() throws(ExecutionError) -> DataChunk? {
        while var chunk = try base.next() {
            for index in keys.indices where keys[index].isUseful && chunk.selectedCount > 0 {
                let key = keys[index].key
                chunk = DataChunk(
                    columns: chunk.columns, rowCount: chunk.rowCount,
                    selection: pass(index, chunk.columns[key.column], chunk.rowCount, chunk.selection))
            }
            if chunk.selectedCount == 0 { continue }
            guard let filter else { return chunk }
            if let kept = try filter.apply(to: chunk) { return kept }
        }
        return nil
    }

    private func pass(
        _ index: Int, _ column: Vector, _ rowCount: Int, _ selection: SelectionVector?
    ) -> SelectionVector? {
        let before = selection?.count ?? rowCount
        let kept = keys[index].key.filter.passing(column, count: rowCount, selection: selection)
        keys[index].tested += before
        keys[index].passed += kept.count
        filteredByKeys += before - kept.count
        return kept.count == rowCount ? selection : kept
    }

    private func column(_ index: Int, _ reader: any LazyChunkReader) throws(ExecutionError) -> Vector {
        if let known = read[index] { return known }
        let column = try reader.column(index)
        read[index] = column
        return column
    }

    /// Tells the reader which rows are left, so that it decodes no others.
    private func narrow(_ reader: any LazyChunkReader, to rows: SelectionVector) {
        let before = reader.rowCount
        reader.narrow(to: rows)
        if reader.rowCount == before { return }
        for index in read.indices { if let known = read[index] { read[index] = known.gathered(rows) } }
    }

    private func filtered(_ reader: any LazyChunkReader) throws(ExecutionError) -> DataChunk? {
        for index in keys.indices where keys[index].isUseful {
            let rowCount = reader.rowCount
            let keyColumn = try column(keys[index].key.column, reader)
            guard let kept = pass(index, keyColumn, rowCount, reader.selection) else { continue }
            if kept.count == 0 { return nil }
            narrow(reader, to: kept)
        }
        if let filter {
            var used: [Vector] = []
            for index in filter.usedColumns { used.append(try column(index, reader)) }
            switch try filter.passing(used, rowCount: reader.rowCount, selection: reader.selection) {
            case .none: return nil
            case .all: break
            case .some(let kept): narrow(reader, to: kept)
            }
        }
        var columns: [Vector] = []
        columns.reserveCapacity(columnCount)
        for index in 0..<columnCount { columns.append(try column(index, reader)) }
        return DataChunk(columns: columns, rowCount: reader.rowCount, selection: reader.selection)
    }
}
