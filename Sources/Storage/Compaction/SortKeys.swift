import Columns
import Encodings
import Glibc

/// Sort keys of some rows as bytes that compare like the rows do: columns in turn, ascending, NULL last.
///
/// A column's part is one byte (0 for a value, 1 for NULL) and then, for a value, its bits from the most
/// significant byte with the sign flipped; of strings the bytes, 0 as 0 255, and 0 0 at the end. Values rank
/// as in zone maps (`ZoneKey`): NaN above all numbers, −0 as 0.
final class SortKeys {
    private let bytes = RawBytes()
    private var ends: [Int] = []
    /// The first eight bytes, as a number that orders like them.
    private(set) var prefixes: [UInt64] = []

    /// Appends the keys of rows.
    ///
    /// - Parameter columns: The key's columns, flat, of `rowCount` rows each.
    func append(_ columns: [Vector], rowCount: Int) {
        var lengths = [Int](repeating: 0, count: rowCount)
        for column in columns { Self.addLengths(of: column, to: &lengths) }
        var places: [Int] = []
        places.reserveCapacity(rowCount)
        var total = 0
        for length in lengths {
            places.append(total)
            total += length
        }
        let start = bytes.count
        let target = bytes.extend(byBytes: total)
        let starts = places
        places.withUnsafeMutableBufferPointer { places in
            for column in columns { Self.write(column, at: target, &places) }
        }
        for row in 0..<rowCount {
            prefixes.append(Self.prefix(target + starts[row], byteCount: lengths[row]))
            ends.append(start + starts[row] + lengths[row])
        }
    }

    func removeAll() {
        bytes.removeAll()
        ends.removeAll(keepingCapacity: true)
        prefixes.removeAll(keepingCapacity: true)
    }

    /// Negative, zero or positive as `row` comes before, with or after `otherRow` of `other`.
    @inline(__always) func compare(_ row: Int, _ other: SortKeys, _ otherRow: Int) -> Int {
        let first = prefixes[row]
        let second = other.prefixes[otherRow]
        if first != second { return first < second ? -1 : 1 }
        return compareWhole(row, other, otherRow)
    }

    func compareWhole(_ row: Int, _ other: SortKeys, _ otherRow: Int) -> Int {
        let left = key(row)
        let right = other.key(otherRow)
        let shared = min(left.count, right.count)
        if shared > 0, let first = left.baseAddress, let second = right.baseAddress {
            let order = memcmp(first, second, shared)
            if order != 0 { return Int(order) }
        }
        return left.count - right.count
    }

    private func key(_ row: Int) -> UnsafeRawBufferPointer {
        let start = row == 0 ? 0 : ends[row - 1]
        return UnsafeRawBufferPointer(start: bytes.base + start, count: ends[row] - start)
    }

    private static func prefix(_ key: UnsafeRawPointer, byteCount: Int) -> UInt64 {
        if byteCount >= 8 { return key.loadUnaligned(as: UInt64.self).byteSwapped }
        var word: UInt64 = 0
        for index in 0..<byteCount {
            word |= UInt64(key.load(fromByteOffset: index, as: UInt8.self)) << UInt64(56 - 8 * index)
        }
        return word
    }

    private static func keyBytes(_ physical: PhysicalType) -> Int {
        switch physical {
        case .bool: 1
        case .int16: 2
        case .int32: 4
        case .int64, .float32, .float64: 8
        case .int128, .interval, .uint128: 16
        case .string: 2
        }
    }

    private static func addLengths(of column: Vector, to lengths: inout [Int]) {
        let fixed = 1 + keyBytes(column.physical)
        let views = column.pointer(as: StringView.self)
        for row in lengths.indices {
            if column.isNull(row) {
                lengths[row] += 1
            } else if column.physical == .string {
                lengths[row] += fixed + views[row].withBytes { $0.count + $0.count(where: { $0 == 0 }) }
            } else {
                lengths[row] += fixed
            }
        }
        withExtendedLifetime(column) {}
    }

    private static func write(
        _ column: Vector, at target: UnsafeMutableRawPointer, _ places: inout UnsafeMutableBufferPointer<Int>
    ) {
        defer { withExtendedLifetime(column) {} }
        switch column.physical {
        case .bool: fixed(column, target, &places) { (value: UInt8) in value }
        case .int16: fixed(column, target, &places) { (value: Int16) in UInt16(bitPattern: value ^ .min) }
        case .int32: fixed(column, target, &places) { (value: Int32) in UInt32(bitPattern: value ^ .min) }
        case .int64: fixed(column, target, &places) { (value: Int64) in UInt64(bitPattern: value ^ .min) }
        case .float32: fixed(column, target, &places) { (value: Float) in number(Double(value)) }
        case .float64: fixed(column, target, &places) { (value: Double) in number(value) }
        case .int128:
            fixed(column, target, &places) { (value: Int128) in UInt128(bitPattern: value ^ .min) }
        case .interval:
            fixed(column, target, &places) { (value: Interval) in
                UInt128(bitPattern: value.comparisonKey ^ .min)
            }
        case .uint128: fixed(column, target, &places) { (value: UInt128) in value }
        case .string: strings(column, target, &places)
        }
    }

    private static func number(_ value: Double) -> UInt64 {
        UInt64(bitPattern: Int64(truncatingIfNeeded: ZoneKey.key(value)) ^ .min)
    }

    @inline(__always) private static func fixed<Element: BitwiseCopyable, Word: FixedWidthInteger>(
        _ column: Vector, _ target: UnsafeMutableRawPointer,
        _ places: inout UnsafeMutableBufferPointer<Int>, _ word: (Element) -> Word
    ) where Word: BitwiseCopyable {
        let values = column.pointer(as: Element.self)
        for row in places.indices {
            let place = target + places[row]
            if column.isNull(row) {
                place.storeBytes(of: 1, as: UInt8.self)
                places[row] &+= 1
            } else {
                place.storeBytes(of: 0, as: UInt8.self)
                (place + 1).storeBytes(of: word(values[row]).bigEndian, as: Word.self)
                places[row] &+= 1 &+ MemoryLayout<Word>.size
            }
        }
    }

    private static func strings(
        _ column: Vector, _ target: UnsafeMutableRawPointer, _ places: inout UnsafeMutableBufferPointer<Int>
    ) {
        let views = column.pointer(as: StringView.self)
        for row in places.indices {
            var place = target + places[row]
            let start = place
            if column.isNull(row) {
                place.storeBytes(of: 1, as: UInt8.self)
                place += 1
            } else {
                place.storeBytes(of: 0, as: UInt8.self)
                place += 1
                views[row].withBytes { bytes in
                    for byte in bytes {
                        place.storeBytes(of: byte, as: UInt8.self)
                        place += 1
                        if byte == 0 {
                            place.storeBytes(of: 255, as: UInt8.self)
                            place += 1
                        }
                    }
                }
                place.storeBytes(of: 0, as: UInt16.self)
                place += 2
            }
            places[row] += place - start
        }
    }
}
