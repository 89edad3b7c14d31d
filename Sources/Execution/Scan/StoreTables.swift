import Columns
import Storage

/// The tables of one snapshot of the column store.
public struct StoreTables: TableSource {
    private let snapshot: StoreSnapshot

    public init(_ snapshot: StoreSnapshot) { self.snapshot = snapshot }

    public func source(for node: ScanNode) throws(ExecutionError) -> any ChunkSource {
        let wantsLocator = node.columns.last == ScanNode.rowLocatorIndex
        let scan: TableScan
        do throws(StorageError) {
            var version = snapshot
            if let number = node.version { version = try snapshot.asOf(version: number) }
            scan = try version.scan(
                node.table, columns: wantsLocator ? node.columns.dropLast() : node.columns,
                predicates: node.predicates, zonePredicates: node.zonePredicates,
                includesRowLocator: wantsLocator)
        } catch {
            throw .storage(error)
        }
        let exact = Set(node.predicates.indices.filter { scan.isExact($0) }.map { node.predicates[$0] })
        let remaining = ScanConditions.split(node) { exact.contains($0) }.above
        let read = remaining.reduce(into: Set<Int>()) { $0.formUnion($1.columns) }
        return Source(
            scan: scan, remainingFilter: .conjunction(remaining),
            unread: node.filterOnlyColumns.subtracting(read))
    }

    private struct Source: FilteringSource {
        let scan: TableScan
        let remainingFilter: Expression?
        /// Output columns that nobody looks at: they come as NULLs.
        let unread: Set<Int>

        var morselCount: Int { scan.morselCount }
        var isOrdered: Bool { false }

        func makeReader() -> any ChunkReader { Reader(scan.makeReader(), unread) }
    }

    private final class Reader: LazyChunkReader, CountingReader {
        private let reader: MorselReader
        /// By output column: NULLs in place of a column that nobody looks at.
        private let nulls: [Vector?]

        init(_ reader: MorselReader, _ unread: Set<Int>) {
            self.reader = reader
            nulls = reader.scan.types.enumerated().map { index, type in
                unread.contains(index) ? Vector.null(type: type, count: DataChunk.capacity) : nil
            }
        }

        var rowCount: Int { reader.rowCount }
        var selection: SelectionVector? { reader.selection }
        var counters: SkipCounters { reader.counters }

        func open(morsel: Int) throws(ExecutionError) -> Bool {
            do throws(StorageError) {
                return try reader.open(morsel: morsel)
            } catch {
                throw .storage(error)
            }
        }

        func narrow(to rows: SelectionVector) { reader.narrow(to: rows) }

        func advance() throws(ExecutionError) -> Bool {
            do throws(StorageError) {
                return try reader.advance()
            } catch {
                throw .storage(error)
            }
        }

        func column(_ index: Int) throws(ExecutionError) -> Vector {
            if let null = nulls[index] {
                return null.count == rowCount ? null : null.repeated(count: rowCount)
            }
            do throws(StorageError) {
                return try reader.column(index)
            } catch {
                throw .storage(error)
            }
        }

        func next() throws(ExecutionError) -> DataChunk? {
            guard try advance() else { return nil }
            var columns: [Vector] = []
            columns.reserveCapacity(nulls.count)
            for index in nulls.indices { columns.append(try column(index)) }
            return DataChunk(columns: columns, rowCount: rowCount, selection: selection)
        }
    }
}
