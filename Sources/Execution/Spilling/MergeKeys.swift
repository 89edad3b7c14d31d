import Columns
import Encodings
import Glibc

/// The sort keys of a chunk's rows as bytes whose order is the wanted order of rows, whatever chunk they are
/// of.
///
/// A key column gives a byte for NULL or value, then the value's words from the highest byte on; a string
/// gives its bytes with 0 written as 0, 255 and its end as 0, 0. Descending columns are inverted.
struct MergeKeys {
    private let bytes = RawBytes()
    private var ends: [Int] = []

    private struct Part {
        let words: [[UInt64]]
        let strings: Vector?
        let validity: ValidityMask?
        let key: SortKey
    }

    /// - Parameter columns: The key columns, in any form.
    init(_ columns: [Vector], _ keys: [SortKey], rowCount: Int) {
        let parts = zip(columns, keys).map { column, key in
            let flat = column.flattened()
            let isString = flat.physical == .string
            let flip: UInt64 = key.isDescending ? ~0 : 0
            return Part(
                words: isString ? [] : SortKeys.words(flat, rowCount, flip), strings: isString ? flat : nil,
                validity: flat.validity, key: key)
        }
        ends.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            for part in parts { append(part, row) }
            ends.append(bytes.count)
        }
    }

    private func append(_ part: Part, _ row: Int) {
        let isNull = !(part.validity?.isValid(row) ?? true)
        bytes.append(number: UInt8(isNull ? (part.key.nullsFirst ? 0 : 2) : 1))
        if isNull { return }
        for words in part.words { bytes.append(number: words[row].bigEndian) }
        guard let strings = part.strings else { return }
        let flip: UInt8 = part.key.isDescending ? 255 : 0
        strings.pointer(as: StringView.self)[row].withBytes { text in
            for byte in text {
                bytes.append(number: byte ^ flip)
                if byte == 0 { bytes.append(number: 255 ^ flip) }
            }
        }
        bytes.append(number: flip)
        bytes.append(number: flip)
    }

    private func range(_ row: Int) -> UnsafeRawBufferPointer {
        let start = row == 0 ? 0 : ends[row - 1]
        return UnsafeRawBufferPointer(start: bytes.base + start, count: ends[row] - start)
    }

    /// Negative, zero or positive as row `row` comes before, with or after a row of another chunk.
    func compare(_ row: Int, _ other: MergeKeys, _ otherRow: Int) -> Int {
        let first = range(row)
        let second = other.range(otherRow)
        if let one = first.baseAddress, let two = second.baseAddress {
            let order = memcmp(one, two, min(first.count, second.count))
            if order != 0 { return Int(order) }
        }
        return first.count - second.count
    }
}
