import Columns
import Encodings
import Glibc

/// Computes zone maps and the distinct sketch of a column about to be written.
///
/// The hashes that the sketch counts also fill a Bloom filter (`storage/FORMAT.md`, "Bloom filter").
struct ColumnSummary {
    private(set) var zone = Zone.empty
    private(set) var vectorZones: [Zone] = []
    private(set) var sketch = DistinctSketch()

    /// Of the valid rows, some only once; valid for as long as what they were written to.
    let hashes: UnsafeBufferPointer<UInt64>

    /// - Parameters:
    ///   - scratch: Room for a hash of each row.
    ///   - distinct: The column's distinct strings where they are known; saves looking at each row.
    init(
        _ column: ColumnValues, scratch: UnsafeMutablePointer<UInt64>, distinct: DistinctStrings? = nil
    ) {
        if let distinct {
            hashes = UnsafeBufferPointer(start: distinct.hashes, count: distinct.count)
            sketch.add(hashes)
            summarise(column, distinct)
            return
        }
        var hashCount = 0
        for rows in Self.vectors(of: column) {
            var valid = 0
            let space = UnsafeMutableBufferPointer(start: scratch + hashCount, count: rows.count)
            let vector = Self.zone(of: column, rows: rows, hashes: space, validCount: &valid)
            hashCount += valid
            vectorZones.append(vector)
            zone.merge(vector)
        }
        hashes = UnsafeBufferPointer(start: scratch, count: hashCount)
        sketch.add(hashes)
    }

    /// Whether each vector's values lie above those of the one before, so that zone maps find a value.
    var isAscending: Bool {
        let zones = vectorZones.filter(\.hasValues)
        return zip(zones, zones.dropFirst()).allSatisfy { $0.maximum < $1.minimum }
    }

    private static func vectors(of column: ColumnValues) -> [Range<Int>] {
        stride(from: 0, to: column.rowCount, by: DataChunk.capacity).map { start in
            start..<min(start + DataChunk.capacity, column.rowCount)
        }
    }

    private mutating func summarise(_ column: ColumnValues, _ distinct: DistinctStrings) {
        let prefixes = (0..<distinct.count).map { ZoneKey.prefix(distinct.entry($0, of: column)) }
        for rows in Self.vectors(of: column) {
            var minimum = UInt128.max
            var maximum = UInt128.min
            var nullCount = 0
            prefixes.withUnsafeBufferPointer { prefixes in
                var previous = UInt32.max
                for row in rows {
                    guard column.isValid(row) else {
                        nullCount &+= 1
                        continue
                    }
                    let code = distinct.codes[row]
                    if code == previous { continue }
                    previous = code
                    let prefix = prefixes[Int(code)]
                    minimum = prefix < minimum ? prefix : minimum
                    maximum = prefix > maximum ? prefix : maximum
                }
            }
            let vector = Self.zone(rowCount: rows.count, nullCount: nullCount, minimum, maximum)
            vectorZones.append(vector)
            zone.merge(vector)
        }
    }

    private static func zone(
        rowCount: Int, nullCount: Int, _ minimum: UInt128, _ maximum: UInt128
    ) -> Zone {
        guard nullCount < rowCount else {
            return Zone(rowCount: rowCount, nullCount: nullCount, minimum: .max, maximum: .min)
        }
        return Zone(
            rowCount: rowCount, nullCount: nullCount, minimum: ZoneKey.key(minimum),
            maximum: ZoneKey.key(maximum))
    }

    private static func zone(
        of column: ColumnValues, rows: Range<Int>, hashes: UnsafeMutableBufferPointer<UInt64>,
        validCount: inout Int
    ) -> Zone {
        switch column.physical {
        case .bool: whole(column, rows, hashes, &validCount, UInt8.self)
        case .int16: whole(column, rows, hashes, &validCount, Int16.self)
        case .int32: whole(column, rows, hashes, &validCount, Int32.self)
        case .int64: whole(column, rows, hashes, &validCount, Int64.self)
        case .int128:
            keyed(column, rows, hashes, &validCount) { (row: Int) in
                column.fixed.assumingMemoryBound(to: Int128.self)[row]
            }
        case .float32:
            keyed(column, rows, hashes, &validCount) { row in
                ZoneKey.key(Double(column.fixed.assumingMemoryBound(to: Float.self)[row]))
            }
        case .float64:
            keyed(column, rows, hashes, &validCount) { row in
                ZoneKey.key(column.fixed.assumingMemoryBound(to: Double.self)[row])
            }
        case .interval:
            keyed(column, rows, hashes, &validCount) { row in
                column.fixed.assumingMemoryBound(to: Interval.self)[row].comparisonKey
            }
        case .uint128:
            keyed(column, rows, hashes, &validCount) { row in
                ZoneKey.key(column.fixed.assumingMemoryBound(to: UInt128.self)[row])
            }
        case .string: strings(column, rows, hashes, &validCount)
        }
    }

    /// Whole numbers compare in their own width.
    private static func whole<Number: FixedWidthInteger>(
        _ column: ColumnValues, _ rows: Range<Int>, _ hashes: UnsafeMutableBufferPointer<UInt64>,
        _ validCount: inout Int, _ type: Number.Type
    ) -> Zone {
        let values = column.fixed.assumingMemoryBound(to: Number.self)
        var minimum = Number.max
        var maximum = Number.min
        var valid = 0
        for row in rows where column.isValid(row) {
            let value = values[row]
            minimum = value < minimum ? value : minimum
            maximum = value > maximum ? value : maximum
            hashes[valid] = Hashing.hash(UInt64(truncatingIfNeeded: value))
            valid &+= 1
        }
        validCount = valid
        let nullCount = rows.count - valid
        guard valid > 0 else {
            return Zone(rowCount: rows.count, nullCount: nullCount, minimum: .max, maximum: .min)
        }
        return Zone(
            rowCount: rows.count, nullCount: nullCount, minimum: Int128(minimum), maximum: Int128(maximum))
    }

    @inline(__always) private static func keyed(
        _ column: ColumnValues, _ rows: Range<Int>, _ hashes: UnsafeMutableBufferPointer<UInt64>,
        _ validCount: inout Int, _ key: (Int) -> Int128
    ) -> Zone {
        var zone = Zone(rowCount: rows.count, nullCount: 0, minimum: .max, maximum: .min)
        var valid = 0
        for row in rows where column.isValid(row) {
            let value = key(row)
            zone.minimum = value < zone.minimum ? value : zone.minimum
            zone.maximum = value > zone.maximum ? value : zone.maximum
            hashes[valid] = Hashing.hash(UInt128(bitPattern: value))
            valid &+= 1
        }
        validCount = valid
        zone.nullCount = rows.count - valid
        return zone
    }

    private static func strings(
        _ column: ColumnValues, _ rows: Range<Int>, _ hashes: UnsafeMutableBufferPointer<UInt64>,
        _ validCount: inout Int
    ) -> Zone {
        var minimum = UInt128.max
        var maximum = UInt128.min
        var valid = 0
        var nullCount = 0
        var previous = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        for row in rows {
            guard column.isValid(row) else {
                nullCount &+= 1
                continue
            }
            let string = column.string(row)
            // The lines of a document are adjacent and name the same document.
            if string.count == previous.count, let base = string.baseAddress, let last = previous.baseAddress,
                memcmp(base, last, string.count) == 0
            {
                continue
            }
            previous = string
            let prefix = ZoneKey.prefix(string)
            minimum = prefix < minimum ? prefix : minimum
            maximum = prefix > maximum ? prefix : maximum
            hashes[valid] = Hashing.hash(string)
            valid &+= 1
        }
        validCount = valid
        return zone(rowCount: rows.count, nullCount: nullCount, minimum, maximum)
    }
}
