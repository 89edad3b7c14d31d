import Columns
import Storage

/// A filter of a join's keys on an output column of a scan.
struct ScanKeyFilter: Sendable {
    var column: Int
    var filter: JoinKeyFilter
}

extension ScanNode {
    /// The same scan, which may skip what lies outside of the keys' ranges.
    func limited(by keys: [ScanKeyFilter]) -> ScanNode {
        var result = self
        for key in keys {
            guard let range = key.filter.range, columns.indices.contains(key.column),
                columns[key.column] >= 0,
                let low = Value(wholeNumber: range.low, type: key.filter.type),
                let high = Value(wholeNumber: range.high, type: key.filter.type)
            else { continue }
            let column = columns[key.column]
            result.zonePredicates += [
                ScanPredicate(column: column, comparison: .greaterOrEqual, values: [low]),
                ScanPredicate(column: column, comparison: .lessOrEqual, values: [high]),
            ]
        }
        return result
    }
}

extension Value {
    /// The value of a type that lies in memory as a whole number of at most 64 bits; nil for others.
    init?(wholeNumber number: Int64, type: DataType) {
        switch type {
        case .smallint: self = .smallint(Int16(truncatingIfNeeded: number))
        case .integer: self = .integer(Int32(truncatingIfNeeded: number))
        case .bigint: self = .bigint(number)
        case .date: self = .date(Int32(truncatingIfNeeded: number))
        case .timestamp: self = .timestamp(number)
        case .decimal(_, let scale) where type.physical == .int64:
            self = .decimal(unscaled: Int128(number), scale: scale)
        default: return nil
        }
    }
}

/// One reader's use of a key filter, which ends when the filter lets nearly everything through.
struct KeyFilterUse {
    let key: ScanKeyFilter
    var tested = 0
    var passed = 0

    private static let trialRows = 16 * DataChunk.capacity

    init(_ key: ScanKeyFilter) { self.key = key }

    var isUseful: Bool { tested < Self.trialRows || passed * 4 < tested * 3 }
}
