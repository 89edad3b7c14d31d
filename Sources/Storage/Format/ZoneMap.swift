import Columns

/// The smallest and greatest value (as `ZoneKey`) and the NULLs of some rows of a column.
///
/// A zone map also covers deleted rows: it may skip a block, never answer MIN, MAX or COUNT.
struct Zone: Hashable, Sendable {
    var rowCount: Int
    var nullCount: Int
    /// Meaningless when every row is NULL.
    var minimum: Int128
    var maximum: Int128

    static let empty = Zone(rowCount: 0, nullCount: 0, minimum: .max, maximum: .min)

    var hasValues: Bool { nullCount < rowCount }

    mutating func merge(_ other: Zone) {
        rowCount += other.rowCount
        nullCount += other.nullCount
        guard other.hasValues else { return }
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
    }
}

/// A scan's predicate with its constants as zone keys.
struct ZonePredicate: Sendable {
    private let comparison: ScanPredicate.Comparison
    private let keys: [Int128]
    /// Different strings may share a key.
    private let isPrefix: Bool
    let column: Int

    /// nil when the predicate cannot skip anything.
    init?(_ predicate: ScanPredicate, type: DataType) {
        column = predicate.column
        comparison = predicate.comparison
        isPrefix = type.physical == .string
        var keys: [Int128] = []
        for value in predicate.values {
            // A comparison with NULL is never true, so NULL in a list adds nothing.
            if value.isNull { continue }
            guard let key = ZoneKey.key(of: value, type: type) else { return nil }
            keys.append(key)
        }
        switch comparison {
        case .isNull, .isNotNull, .isIn: break
        case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard predicate.values.count == 1 else { return nil }
        }
        self.keys = keys
    }

    /// Whether no row of the zone can satisfy the predicate.
    func excludes(_ zone: Zone) -> Bool {
        switch comparison {
        case .isNull: return zone.nullCount == 0
        case .isNotNull: return !zone.hasValues
        default: break
        }
        guard zone.hasValues else { return true }
        switch comparison {
        case .equal, .isIn: return keys.allSatisfy { $0 < zone.minimum || $0 > zone.maximum }
        case .less: return keys.allSatisfy { isPrefix ? $0 < zone.minimum : $0 <= zone.minimum }
        case .lessOrEqual: return keys.allSatisfy { $0 < zone.minimum }
        case .greater: return keys.allSatisfy { isPrefix ? $0 > zone.maximum : $0 >= zone.maximum }
        case .greaterOrEqual: return keys.allSatisfy { $0 > zone.maximum }
        case .isNull, .isNotNull: return false
        }
    }
}
