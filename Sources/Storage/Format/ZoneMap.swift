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
    /// Of `beginsWith`: the lowest and the highest key of strings that begin so.
    private let keys: [Int128]
    /// Different strings may share a key.
    private let isPrefix: Bool
    /// Whether keys between those of `beginsWith` are only of strings that begin so.
    private let isWholePrefix: Bool
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
        var isWholePrefix = false
        switch comparison {
        case .isNull, .isNotNull, .isIn: break
        case .contains, .endsWith:
            guard isPrefix else { return nil }
            keys = []
        case .beginsWith:
            guard isPrefix, let text = predicate.values.first?.stringValue else { return nil }
            let bytes = Array(text.utf8)
            keys = Self.bounds(ofStringsFrom: bytes)
            isWholePrefix = bytes.count <= ZoneKey.prefixBytes && !bytes.contains(0)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard predicate.values.count == 1 else { return nil }
        }
        self.keys = keys
        self.isWholePrefix = isWholePrefix
    }

    private static func bounds(ofStringsFrom beginning: [UInt8]) -> [Int128] {
        let rest = max(0, ZoneKey.prefixBytes - beginning.count)
        return [UInt8.min, .max].map { filler in
            (beginning + [UInt8](repeating: filler, count: rest)).withUnsafeBufferPointer { ZoneKey.key($0) }
        }
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
        case .notEqual:
            return !isPrefix && keys.allSatisfy { $0 == zone.minimum && $0 == zone.maximum }
        case .less: return keys.allSatisfy { isPrefix ? $0 < zone.minimum : $0 <= zone.minimum }
        case .lessOrEqual: return keys.allSatisfy { $0 < zone.minimum }
        case .greater: return keys.allSatisfy { isPrefix ? $0 > zone.maximum : $0 >= zone.maximum }
        case .greaterOrEqual: return keys.allSatisfy { $0 > zone.maximum }
        case .beginsWith: return keys[0] > zone.maximum || keys[1] < zone.minimum
        case .isNull, .isNotNull, .contains, .endsWith: return false
        }
    }

    /// Whether every row of the zone satisfies the predicate.
    func includes(_ zone: Zone) -> Bool {
        if comparison == .isNull { return !zone.hasValues }
        guard zone.nullCount == 0, zone.hasValues else { return false }
        switch comparison {
        case .isNotNull: return true
        case .isNull, .contains, .endsWith: return false
        case .beginsWith: return isWholePrefix && keys[0] <= zone.minimum && keys[1] >= zone.maximum
        case .isIn: return !isPrefix && zone.minimum == zone.maximum && keys.contains(zone.minimum)
        default: break
        }
        guard let key = keys.first else { return false }
        switch comparison {
        case .equal: return !isPrefix && key == zone.minimum && key == zone.maximum
        case .notEqual: return key < zone.minimum || key > zone.maximum
        case .less: return key > zone.maximum
        case .lessOrEqual: return isPrefix ? key > zone.maximum : key >= zone.maximum
        case .greater: return key < zone.minimum
        case .greaterOrEqual: return isPrefix ? key < zone.minimum : key <= zone.minimum
        default: return false
        }
    }
}
