import Columns
import Encodings

/// Collects the rows of one column until a row group is full. Copies what it is given.
///
/// Invariants: slots of NULL rows are zero, NULL strings empty; the validity bitmap exists once a NULL has
/// come.
final class ColumnAccumulator {
    let type: DataType
    var count = 0
    let fixed: RawBytes
    let ends: RawBytes
    let bytes: RawBytes
    /// A bit a row; empty until a NULL has come.
    var validity: [UInt64] = []
    var nullCount = 0

    init(type: DataType) {
        self.type = type
        fixed = RawBytes(capacity: 4096)
        ends = RawBytes(capacity: 4096)
        bytes = RawBytes(capacity: 4096)
    }

    /// Bytes of strings so far.
    var stringByteCount: Int { bytes.count }

    func removeAll() {
        count = 0
        nullCount = 0
        validity = []
        fixed.removeAll()
        ends.removeAll()
        bytes.removeAll()
    }

    /// The rows so far as an encoder reads them; valid until the next change.
    func withValues<Result>(
        _ body: (ColumnValues) throws(EncodingError) -> Result
    ) throws(EncodingError) -> Result {
        try validity.withUnsafeBufferPointer { (validity) throws(EncodingError) -> Result in
            try body(
                ColumnValues(
                    physical: type.physical, rowCount: count, fixed: fixed.base,
                    validity: nullCount > 0 ? validity.baseAddress : nil,
                    stringEnds: ends.base.assumingMemoryBound(to: UInt32.self),
                    stringBytes: bytes.base.assumingMemoryBound(to: UInt8.self)))
        }
    }

    /// Whether row `row` equals the value or string at `expected`, as keys compare: NULL equals nothing.
    func equals(_ expected: KeyValue, at row: Int) -> Bool {
        if nullCount > 0 && validity[row >> 6] >> UInt64(row & 63) & 1 == 0 { return false }
        switch expected {
        case .string(let view):
            let offsets = ends.base.assumingMemoryBound(to: UInt32.self)
            let start = row == 0 ? 0 : Int(offsets[row - 1])
            let string = UnsafeRawBufferPointer(start: bytes.base + start, count: Int(offsets[row]) - start)
            return view.withBytes { $0.count == string.count && $0.elementsEqual(string) }
        case .fixed(let pointer):
            let width = type.physical.byteCount
            return UnsafeRawBufferPointer(start: fixed.base + row * width, count: width)
                .elementsEqual(UnsafeRawBufferPointer(start: pointer, count: width))
        }
    }

    /// Rows `range` as a vector of their own.
    func vector(_ range: Range<Int>) -> Vector {
        let mask = nullCount > 0 ? ValidityMask(count: range.count, allValid: false) : nil
        if let mask {
            for (index, row) in range.enumerated() where validity[row >> 6] >> UInt64(row & 63) & 1 != 0 {
                mask.setValid(index)
            }
        }
        let width = type.physical.byteCount
        let buffer = VectorBuffer(byteCount: range.count * width)
        guard type.physical == .string else {
            buffer.base.copyMemory(
                from: fixed.base + range.lowerBound * width, byteCount: range.count * width)
            return Vector(flat: buffer, type: type, count: range.count, validity: mask)
        }
        let heap = StringHeap()
        let offsets = ends.base.assumingMemoryBound(to: UInt32.self)
        for (index, row) in range.enumerated() {
            let start = row == 0 ? 0 : Int(offsets[row - 1])
            let string = (bytes.base + start).assumingMemoryBound(to: UInt8.self)
            buffer.pointer(as: StringView.self)[index] = heap.add(string, count: Int(offsets[row]) - start)
        }
        return Vector(flat: buffer, type: type, count: range.count, validity: mask, heap: heap)
    }
}

/// One column's part of a key: the bytes of a fixed-width value, or a string.
enum KeyValue {
    case fixed(UnsafeRawPointer)
    case string(StringView)
}
