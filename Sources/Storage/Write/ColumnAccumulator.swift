import Columns
import Encodings

/// Collects the rows of one column until a row group is full. Copies what it is given.
///
/// Invariants: slots of NULL rows are zero, NULL strings empty; the validity bitmap exists once a NULL has
/// come.
final class ColumnAccumulator {
    let type: DataType
    private(set) var count = 0
    private let fixed: RawBytes
    private let ends: RawBytes
    private let bytes: RawBytes
    private var validity: [UInt64] = []
    private var nullCount = 0

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

    /// Appends the rows of `vector` that `selection` names (all when nil), from `range` of them.
    func append(_ vector: Vector, selection: SelectionVector?, range: Range<Int>) {
        let rows: Vector
        if let selection {
            let part = VectorBuffer(byteCount: range.count * 4)
            part.pointer(as: UInt32.self).update(from: selection.rows + range.lowerBound, count: range.count)
            rows = vector.gathered(SelectionVector(buffer: part, count: range.count)).flattened()
        } else {
            rows = vector.slice(range).flattened()
        }
        appendValidity(rows)
        if type.physical == .string {
            appendStrings(rows)
        } else {
            appendFixed(rows)
        }
        count += rows.count
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

    private func appendValidity(_ rows: Vector) {
        let wordCount = (count + rows.count + 63) / 64
        let hadNulls = nullCount > 0
        if !hadNulls && rows.validity == nil { return }
        if !hadNulls {
            validity = [UInt64](repeating: ~0, count: (count + 63) / 64)
            if count % 64 != 0 { validity[validity.count - 1] = (1 << UInt64(count % 64)) - 1 }
        }
        while validity.count < wordCount { validity.append(0) }
        for row in 0..<rows.count where rows.validity?.isValid(row) ?? true {
            let target = count + row
            validity[target >> 6] |= 1 << UInt64(target & 63)
        }
        nullCount += rows.validity?.nullCount ?? 0
    }

    private func appendFixed(_ rows: Vector) {
        let width = type.physical.byteCount
        let target = fixed.extend(byBytes: rows.count * width)
        target.copyMemory(from: rows.values.base, byteCount: rows.count * width)
        guard let mask = rows.validity else { return }
        for row in 0..<rows.count where !mask.isValid(row) {
            (target + row * width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
        }
    }

    private func appendStrings(_ rows: Vector) {
        let views = rows.pointer(as: StringView.self)
        let targets = ends.extend(byBytes: rows.count * 4).assumingMemoryBound(to: UInt32.self)
        for row in 0..<rows.count {
            if rows.validity?.isValid(row) ?? true {
                let view = views[row]
                view.withBytes { string in
                    if let base = string.baseAddress { bytes.append(base, byteCount: string.count) }
                }
            }
            targets[row] = UInt32(truncatingIfNeeded: bytes.count)
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
