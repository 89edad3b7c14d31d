import Columns
import Execution
import Planning

/// The tables of a plan over rows that the engine has in its hands.
struct GivenTables: TableSource {
    let chunks: [DataChunk]
    let others: any TableSource

    func source(for scan: ScanNode) throws(ExecutionError) -> any ChunkSource {
        guard scan.table == GivenRows.table else { return try others.source(for: scan) }
        return MemorySource(chunks: chunks.map { $0.projected(scan.columns) })
    }
}
