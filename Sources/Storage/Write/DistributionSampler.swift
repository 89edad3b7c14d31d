import Columns
import Encodings

/// Measures how the values of a column are spread, from a sample of its rows.
struct DistributionSampler {
    private static let sampleRows = 512
    /// A value is common from this share of the rows on.
    private static let commonShare = 1.0 / 64
    /// Reused between columns.
    private var keys: [Int128] = []

    init() { keys.reserveCapacity(Self.sampleRows) }

    /// - Parameter distinct: The column's distinct strings where they are known: they make `common` exact.
    ///
    /// About 0.5 ns a row of a full row group.
    mutating func measure(_ column: ColumnValues, zone: Zone, distinct: DistinctStrings?) -> ValueDistribution
    {
        var result = ValueDistribution()
        if column.physical == .string { result.stringBytes = Int(column.stringEnds[column.rowCount - 1]) }
        // One vector is read as quickly as guessed about.
        guard column.rowCount > DataChunk.capacity, zone.hasValues, zone.minimum < zone.maximum else {
            return result
        }
        keys.removeAll(keepingCapacity: true)
        for index in 0..<Self.sampleRows {
            let row = index * column.rowCount / Self.sampleRows
            if column.isValid(row) { keys.append(Self.key(of: column, row: row)) }
        }
        guard keys.count >= ValueDistribution.partCount else { return result }
        keys.sort()
        result.bounds = (1..<ValueDistribution.partCount).map { part in
            keys[part * keys.count / ValueDistribution.partCount]
        }
        let validRows = zone.rowCount - zone.nullCount
        if let distinct {
            result.common = Self.common(distinct, of: column, validRows: validRows)
        } else {
            result.common = common(validRows: validRows)
        }
        return result
    }

    /// Runs of one key in the sorted sample.
    private func common(validRows: Int) -> [ValueDistribution.CommonKey] {
        let least = max(8, Int(Double(keys.count) * Self.commonShare))
        var found: [ValueDistribution.CommonKey] = []
        var start = 0
        while start < keys.count {
            var end = start + 1
            while end < keys.count && keys[end] == keys[start] { end += 1 }
            if end - start >= least {
                let rows = (end - start) * validRows / keys.count
                found.append(ValueDistribution.CommonKey(key: keys[start], rowCount: rows))
            }
            start = end
        }
        return Self.most(found)
    }

    private static func common(
        _ distinct: DistinctStrings, of column: ColumnValues, validRows: Int
    ) -> [ValueDistribution.CommonKey] {
        let least = max(1, Int(Double(validRows) * commonShare))
        var counts: [Int128: Int] = [:]
        for index in 0..<distinct.count where Int(distinct.rowCounts[index]) >= least {
            counts[ZoneKey.key(distinct.entry(index, of: column)), default: 0] += Int(
                distinct.rowCounts[index])
        }
        return most(counts.map { ValueDistribution.CommonKey(key: $0.key, rowCount: $0.value) })
    }

    private static func most(_ found: [ValueDistribution.CommonKey]) -> [ValueDistribution.CommonKey] {
        let sorted = found.sorted { ($0.rowCount, $0.key) > ($1.rowCount, $1.key) }
        return Array(sorted.prefix(ValueDistribution.commonMax))
    }

    private static func key(of column: ColumnValues, row: Int) -> Int128 {
        switch column.physical {
        case .bool: Int128(column.fixed.assumingMemoryBound(to: UInt8.self)[row])
        case .int16: Int128(column.fixed.assumingMemoryBound(to: Int16.self)[row])
        case .int32: Int128(column.fixed.assumingMemoryBound(to: Int32.self)[row])
        case .int64: Int128(column.fixed.assumingMemoryBound(to: Int64.self)[row])
        case .int128: column.fixed.assumingMemoryBound(to: Int128.self)[row]
        case .float32: ZoneKey.key(Double(column.fixed.assumingMemoryBound(to: Float.self)[row]))
        case .float64: ZoneKey.key(column.fixed.assumingMemoryBound(to: Double.self)[row])
        case .interval: column.fixed.assumingMemoryBound(to: Interval.self)[row].comparisonKey
        case .uint128: ZoneKey.key(column.fixed.assumingMemoryBound(to: UInt128.self)[row])
        case .string: ZoneKey.key(column.string(row))
        }
    }
}
