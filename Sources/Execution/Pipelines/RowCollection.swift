import Columns

/// Rows kept in memory: the chunks of one worker, later the columns of all of them. Accounted for in the
/// budget.
final class RowCollection {
    let types: [DataType]
    private(set) var chunks: [DataChunk] = []
    private(set) var rowCount = 0
    private let reservation: MemoryReservation

    init(types: [DataType], _ context: QueryContext) {
        self.types = types
        reservation = MemoryReservation(context.memory)
    }

    /// Keeps the selected rows of a chunk.
    func append(_ chunk: DataChunk) throws(ExecutionError) {
        let compact = chunk.compacted()
        if compact.rowCount == 0 { return }
        try reservation.grow(by: Self.bytes(of: compact))
        chunks.append(compact)
        rowCount += compact.rowCount
    }

    /// Takes over another collection's chunks.
    func absorb(_ other: RowCollection) throws(ExecutionError) {
        try reservation.grow(by: other.reservation.bytes)
        try other.reservation.resize(to: 0)
        chunks += other.chunks
        rowCount += other.rowCount
        other.chunks = []
        other.rowCount = 0
    }

    func removeAll() throws(ExecutionError) {
        chunks = []
        rowCount = 0
        try reservation.resize(to: 0)
    }

    /// Each column of all rows in one vector, flat or codes; the chunks are given up.
    func concatenated() throws(ExecutionError) -> [Vector] {
        try reservation.grow(by: reservation.bytes)
        let columns = types.indices.map { index in
            VectorConcatenation.concatenate(chunks.map { $0.columns[index] }, type: types[index])
        }
        chunks = []
        try reservation.resize(to: reservation.bytes / 2)
        return columns
    }

    static func bytes(of chunk: DataChunk) -> Int {
        var bytes = 256
        for column in chunk.columns {
            switch column.form {
            case .constant: bytes += 64
            case .dictionary: bytes += column.count * 4
            case .flat:
                bytes += column.count * column.physical.byteCount
                if column.physical == .string {
                    let views = column.pointer(as: StringView.self)
                    for row in 0..<column.count where !views[row].isInline { bytes += views[row].count }
                }
            }
        }
        return bytes
    }
}
