import Columns

/// One column's fields of a batch of rows, as places of their text: quotes and escapes already taken off.
/// Buffers are reused.
///
/// Invariants: at least 8 bytes behind each field are readable; a field of a NULL row is empty.
final class FieldList {
    let starts = UnsafeMutablePointer<UnsafePointer<UInt8>>.allocate(capacity: DataChunk.capacity)
    let lengths = UnsafeMutablePointer<UInt32>.allocate(capacity: DataChunk.capacity)
    /// Bit `r % 64` of word `r / 64` tells that row `r` is not NULL.
    let valid = UnsafeMutablePointer<UInt64>.allocate(capacity: DataChunk.capacity / 64)
    /// The rows whose field has come, for formats in which it may not.
    private let seen = UnsafeMutablePointer<UInt64>.allocate(capacity: DataChunk.capacity / 64)
    /// Where the fields of NULL rows lie: bytes that may be read.
    private let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
    var count = 0
    var hasNulls = false

    init() { nothing.initialize(repeating: 0, count: 64) }

    deinit {
        nothing.deallocate()
        starts.deallocate()
        lengths.deallocate()
        valid.deallocate()
        seen.deallocate()
    }

    /// Empties the list for `count` rows without NULLs.
    func begin(count: Int) {
        precondition(count <= DataChunk.capacity, "a list holds a chunk's rows")
        self.count = count
        hasNulls = false
        valid.update(repeating: ~0, count: DataChunk.capacity / 64)
    }

    /// Empties the list for rows that are NULL until they are set; `end` tells their number.
    func beginWithNulls() {
        hasNulls = true
        valid.update(repeating: 0, count: DataChunk.capacity / 64)
        seen.update(repeating: 0, count: DataChunk.capacity / 64)
        for row in 0..<DataChunk.capacity { lengths[row] = 0 }
        starts.update(repeating: UnsafePointer(nothing), count: DataChunk.capacity)
    }

    func end(count: Int) {
        precondition(count <= DataChunk.capacity, "a list holds a chunk's rows")
        self.count = count
    }

    /// Notes that the row's field has come, NULL or not; false when it had before.
    func markSeen(_ row: Int) -> Bool {
        let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: row & 63)
        if seen[row &>> 6] & bit != 0 { return false }
        seen[row &>> 6] |= bit
        return true
    }

    func setValid(_ row: Int, _ start: UnsafePointer<UInt8>, _ length: Int) {
        set(row, start, length)
        valid[row &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: row & 63)
    }

    /// Makes the row NULL and not seen again.
    func clear(_ row: Int) {
        setNull(row, UnsafePointer(nothing))
        seen[row &>> 6] &= ~(1 &<< UInt64(truncatingIfNeeded: row & 63))
    }

    @inline(__always) func set(_ row: Int, _ start: UnsafePointer<UInt8>, _ length: Int) {
        starts[row] = start
        lengths[row] = UInt32(truncatingIfNeeded: length)
    }

    @inline(__always) func setNull(_ row: Int, _ start: UnsafePointer<UInt8>) {
        starts[row] = start
        lengths[row] = 0
        valid[row &>> 6] &= ~(1 &<< UInt64(truncatingIfNeeded: row & 63))
        hasNulls = true
    }

    @inline(__always) func isNull(_ row: Int) -> Bool {
        (valid[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63)) & 1 == 0
    }

    func bytes(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: starts[row], count: Int(lengths[row]))
    }

    /// The NULL bits as a vector keeps them; nil when no row is NULL.
    func validity() -> ValidityMask? {
        guard hasNulls else { return nil }
        let mask = ValidityMask(count: count, allValid: false)
        mask.words.update(from: valid, count: ValidityMask.wordCount(for: count))
        if count > 0 { mask.clearTail() }
        return mask
    }
}
