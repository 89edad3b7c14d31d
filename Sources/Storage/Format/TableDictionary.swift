import Columns

/// The strings behind a column's table-wide codes as of one version: code `n` is entry `n`, for ever.
///
/// Invariant: never changes; a later version has the same entries in front.
final class TableDictionary: Sendable {
    static let entryCountMax = 65_536
    /// Longer dictionaries would make checkpoints large; such columns keep dictionaries per segment.
    static let bytesMax = 1 << 20

    /// Tells vectors which dictionaries agree; not 0.
    let identity: UInt64
    /// nil while there are no entries.
    let vector: VectorDictionary?
    let count: Int
    let byteCount: Int
    /// Rows that were offered for coding: the measure of whether the column repeats.
    let rowsOffered: Int
    /// Takes no more entries.
    let isClosed: Bool

    init(identity: UInt64) {
        self.identity = identity
        vector = nil
        count = 0
        byteCount = 0
        rowsOffered = 0
        isClosed = false
    }

    /// - Parameter views: `count` strings, whose bytes `heap` keeps.
    init(
        identity: UInt64, views: VectorBuffer, heap: StringHeap, type: DataType, count: Int, byteCount: Int,
        rowsOffered: Int, isClosed: Bool
    ) {
        self.identity = identity
        vector =
            count == 0
            ? nil
            : VectorDictionary(
                entries: Vector(flat: views, type: type, count: count, heap: heap), identity: identity)
        self.count = count
        self.byteCount = byteCount
        self.rowsOffered = rowsOffered
        self.isClosed = isClosed
    }

    /// Bytes of the entries from `first` on, in code order.
    func entries(from first: Int) -> [[UInt8]] {
        guard let vector, first < count else { return [] }
        let views = vector.entries.pointer(as: StringView.self)
        return (first..<count).map { index in views[index].withBytes { Array($0) } }
    }
}
