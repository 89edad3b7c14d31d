import Columns
import Storage

/// The tables of one snapshot of the column store.
public struct StoreTables: TableSource {
    private let snapshot: StoreSnapshot

    public init(_ snapshot: StoreSnapshot) { self.snapshot = snapshot }

    public func source(for scan: ScanNode) throws(ExecutionError) -> any ChunkSource {
        do throws(StorageError) {
            let wantsLocator = scan.columns.last == ScanNode.rowLocatorIndex
            return Source(
                scan: try snapshot.scan(
                    scan.table, columns: wantsLocator ? scan.columns.dropLast() : scan.columns,
                    predicates: scan.predicates, includesRowLocator: wantsLocator))
        } catch {
            throw .storage(error)
        }
    }

    private struct Source: ChunkSource {
        let scan: TableScan

        var morselCount: Int { scan.morselCount }
        var isOrdered: Bool { false }

        func makeReader() -> any ChunkReader { Reader(scan.makeReader()) }
    }

    private final class Reader: LazyChunkReader {
        private let reader: MorselReader

        init(_ reader: MorselReader) { self.reader = reader }

        var rowCount: Int { reader.rowCount }
        var selection: SelectionVector? { reader.selection }

        func open(morsel: Int) throws(ExecutionError) -> Bool {
            do throws(StorageError) {
                return try reader.open(morsel: morsel)
            } catch {
                throw .storage(error)
            }
        }

        func advance() throws(ExecutionError) -> Bool {
            do throws(StorageError) {
                return try reader.advance()
            } catch {
                throw .storage(error)
            }
        }

        func column(_ index: Int) throws(ExecutionError) -> Vector {
            do throws(StorageError) {
                return try reader.column(index)
            } catch {
                throw .storage(error)
            }
        }

        func next() throws(ExecutionError) -> DataChunk? {
            do throws(StorageError) {
                return try reader.next()
            } catch {
                throw .storage(error)
            }
        }
    }
}
