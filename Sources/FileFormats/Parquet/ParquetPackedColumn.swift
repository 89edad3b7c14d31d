import Columns

/// The values of one column of a row group as raw values without the NULLs, one behind the other.
///
/// Invariants: `values` holds `valueCount` raw values; `validity` has a bit a row; `kept` owns their strings.
final class ParquetPackedColumn {
    let column: ParquetOutputColumn
    let rowCount: Int
    let values: VectorBuffer
    private(set) var valueCount = 0
    let validity: ValidityMask
    private var kept: [AnyObject] = []
    private let heap = StringHeap()

    /// - Parameter chunks: The chunks of the row group, without selections.
    init(_ column: ParquetOutputColumn, index: Int, of chunks: [DataChunk], rowCount: Int) {
        self.column = column
        self.rowCount = rowCount
        values = VectorBuffer(byteCount: rowCount * column.rawBytes)
        validity = ValidityMask(count: rowCount, allValid: false)
        var first = 0
        for chunk in chunks {
            append(chunk.columns[index].flattened(), at: first)
            first += chunk.rowCount
        }
    }

    private func append(_ vector: Vector, at first: Int) {
        switch column.packing {
        case .same:
            switch column.rawBytes {
            case 1: pack(vector, first, UInt8.self) { $0 }
            case 4: pack(vector, first, UInt32.self) { $0 }
            default: pack(vector, first, UInt64.self) { $0 }
            }
        case .int16: pack(vector, first, Int16.self) { Int32($0) }
        case .decimal32: pack(vector, first, Int64.self) { Int32(truncatingIfNeeded: $0) }
        case .bigEndian128: pack(vector, first, UInt128.self) { $0.bigEndian }
        case .string:
            kept.append(vector)
            pack(vector, first, StringView.self) { $0 }
        case .textOfInterval:
            let text = TextBuffer(capacity: 64)
            let target = values.pointer(as: StringView.self)
            for row in 0..<vector.count where !vector.isNull(row) {
                text.removeAll()
                text.append(vector, row: row)
                target[valueCount] = heap.add(text.bytes)
                valueCount += 1
                validity.setValid(first + row)
            }
        }
    }

    @inline(__always)
    private func pack<Source: BitwiseCopyable, Raw: BitwiseCopyable>(
        _ vector: Vector, _ first: Int, _ type: Source.Type, _ raw: (Source) -> Raw
    ) {
        let source = vector.pointer(as: Source.self)
        let target = values.pointer(as: Raw.self)
        var count = valueCount
        for row in 0..<vector.count {
            // Stored always, counted when there is a value: no branch on NULLs.
            target[count] = raw(source[row])
            let isValid = vector.validity?.isValid(row) ?? true
            if isValid { validity.setValid(first &+ row) }
            count &+= isValid ? 1 : 0
        }
        valueCount = count
        withExtendedLifetime(vector) {}
    }
}
