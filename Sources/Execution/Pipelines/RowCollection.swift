import Columns

/// Rows kept in memory: the chunks of one worker, later the columns of all of them. Accounted for in the
/// budget.
final class RowCollection {
    let types: [DataType]
    private(set) var chunks: [DataChunk] = []
    private(set) var rowCount = 0
    private let reservation: MemoryReservation
    /// Bytes a row that the owner's work on the rows takes beside them.
    private let workBytes: Int

    init(types: [DataType], _ memory: OperatorMemory, workBytes: Int = 0) {
        self.types = types
        self.workBytes = workBytes
        reservation = MemoryReservation(memory)
    }

    /// For an owner that is no operator with a name.
    convenience init(types: [DataType], _ context: QueryContext) {
        self.init(types: types, OperatorMemory(context.memory, name: "an operator"))
    }

    var memory: OperatorMemory { reservation.memory }

    /// Keeps the selected rows of a chunk.
    func append(_ chunk: DataChunk) throws(ExecutionError) {
        let compact = chunk.compacted()
        try reservation.grow(by: Self.bytes(of: compact) + compact.rowCount * workBytes)
        keep(compact)
    }

    /// The same while there is memory enough; false when the rows had better be set aside.
    func appendIfPlentiful(_ chunk: DataChunk) -> Bool {
        let compact = chunk.compacted()
        let bytes = reservation.bytes + Self.bytes(of: compact) + compact.rowCount * workBytes
        guard reservation.resizeIfPlentiful(to: bytes) else { return false }
        keep(compact)
        return true
    }

    private func keep(_ compact: DataChunk) {
        if compact.rowCount == 0 { return }
        chunks.append(compact)
        rowCount += compact.rowCount
    }

    /// The same for work on a part of what was set aside: half of the memory that is left, and always a
    /// little.
    func appendToHalf(_ chunk: DataChunk) throws(ExecutionError) -> Bool {
        let bytes = reservation.bytes + Self.bytes(of: chunk) + chunk.rowCount * workBytes
        if bytes <= Self.partBytesMin {
            try reservation.resize(to: bytes)
        } else if !reservation.resizeToHalf(bytes) {
            return false
        }
        keep(chunk)
        return true
    }

    /// Whoever works on a part of what was set aside may hold this much.
    static let partBytesMin = 256 << 10

    private var widestBytes: Int { types.reduce(0) { max($0, $1.physical.byteCount) } * rowCount }

    /// Whether the budget has the bytes that `concatenated` takes while it runs.
    var hasRoomToConcatenate: Bool {
        guard memory.reserveIfPossible(widestBytes) else { return false }
        memory.release(widestBytes)
        return true
    }

    /// Takes over another collection's chunks.
    func absorb(_ other: RowCollection) throws(ExecutionError) {
        if other.memory === memory {
            reservation.absorb(other.reservation)
        } else {
            let bytes = other.reservation.bytes
            try other.reservation.resize(to: 0)
            try reservation.grow(by: bytes)
        }
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

    /// Each column of all rows in one vector, flat or codes; the chunks are given up, column by column as
    /// they are copied.
    func concatenated() throws(ExecutionError) -> [Vector] {
        let widest = widestBytes
        try reservation.grow(by: widest)
        var parts = types.indices.map { index in chunks.map { $0.columns[index] } }
        chunks = []
        var columns: [Vector] = []
        for (index, type) in types.enumerated() {
            columns.append(VectorConcatenation.concatenate(parts[index], type: type))
            parts[index] = []
        }
        try reservation.resize(to: reservation.bytes - widest)
        return columns
    }

    /// Writes all rows to the end of `target` and gives them up.
    func spill(into target: SpilledRows, _ file: SpillFile) throws(ExecutionError) {
        try target.append(chunks, to: file)
        try removeAll()
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
