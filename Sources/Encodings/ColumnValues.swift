import Columns

/// The rows of one column of a row group as an encoder reads them: borrowed memory, valid for the call.
///
/// Invariants: `rowCount` is 1...65,536; slots of NULL rows hold zero bytes, NULL strings are empty; the ends
/// of strings ascend.
public struct ColumnValues {
    public var physical: PhysicalType
    public var rowCount: Int
    /// Values of the physical type; unused for strings.
    public var fixed: UnsafeRawPointer
    /// Bit 1 is a value (as `ValidityMask`); nil when no row is NULL.
    public var validity: UnsafePointer<UInt64>?
    /// Where each string ends in `stringBytes`.
    public var stringEnds: UnsafePointer<UInt32>
    public var stringBytes: UnsafePointer<UInt8>

    /// Most rows of a row group.
    public static let rowCountMax = 65_536

    public init(
        physical: PhysicalType, rowCount: Int, fixed: UnsafeRawPointer, validity: UnsafePointer<UInt64>?,
        stringEnds: UnsafePointer<UInt32>, stringBytes: UnsafePointer<UInt8>
    ) {
        precondition(
            rowCount >= 1 && rowCount <= Self.rowCountMax, "a segment has a row and at most a row group's")
        self.physical = physical
        self.rowCount = rowCount
        self.fixed = fixed
        self.validity = validity
        self.stringEnds = stringEnds
        self.stringBytes = stringBytes
    }

    @inline(__always) public func isValid(_ row: Int) -> Bool {
        guard let validity else { return true }
        return (validity[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63)) & 1 != 0
    }

    /// The bytes of string `row`.
    @inline(__always) public func string(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        let start = row == 0 ? 0 : Int(stringEnds[row &- 1])
        return UnsafeBufferPointer(start: stringBytes + start, count: Int(stringEnds[row]) &- start)
    }

    public var nullCount: Int {
        guard let validity else { return 0 }
        var valid = 0
        for word in 0..<((rowCount + 63) / 64) { valid &+= validity[word].nonzeroBitCount }
        return rowCount - valid
    }
}
