import Columns

/// Numbers in the order of SQL's values, so that every comparison is one of whole numbers.
///
/// Whole numbers, dates and times are themselves, decimals their unscaled value, floating-point numbers their
/// bits made monotonic (−0 as 0, NaN above all), uuids their number and intervals their comparison key.
enum OrderKey {
    /// Whether keys of the type need more than 64 bits.
    static func isWide(_ type: DataType) -> Bool {
        switch type.physical {
        case .int128, .uint128, .interval, .string: true
        case .bool, .int16, .int32, .int64, .float32, .float64: false
        }
    }

    @inline(__always) static func key(_ number: Double) -> Int64 {
        let bits = Int64(bitPattern: number.bitPattern)
        let ordered = bits >= 0 ? bits : Int64.min &- bits
        return number == number ? ordered : Int64.max
    }

    @inline(__always) static func key(_ uuid: UInt128) -> Int128 { Int128(bitPattern: uuid ^ (1 &<< 127)) }

    /// All keys that values of a type have.
    static func range(of type: DataType) -> ClosedRange<Int128> {
        switch type.physical {
        case .bool: 0...1
        case .int16: Int128(Int16.min)...Int128(Int16.max)
        case .int32: Int128(Int32.min)...Int128(Int32.max)
        case .int64, .float32, .float64: Int128(Int64.min)...Int128(Int64.max)
        case .int128, .uint128, .interval, .string: Int128.min...Int128.max
        }
    }

    /// The key of a constant compared with a column; nil when the types do not match.
    static func key(of value: Value, type: DataType) -> Int128? {
        switch (value, type) {
        case (.boolean(let bool), .boolean): return bool ? 1 : 0
        case (.smallint, _) where type.isInteger, (.integer, _) where type.isInteger,
            (.bigint, _) where type.isInteger, (.date, .date), (.timestamp, .timestamp),
            (.timestampTZ, .timestampTZ), (.time, .time):
            return value.integerValue.map { Int128($0) }
        case (.real(let number), .real): return Int128(key(Double(number)))
        case (.real(let number), .doublePrecision): return Int128(key(Double(number)))
        case (.doublePrecision(let number), .doublePrecision): return Int128(key(number))
        case (.decimal(let unscaled, let scale), .decimal(_, let columnScale)) where scale == columnScale:
            return unscaled
        case (.interval(let interval), .interval): return interval.comparisonKey
        case (.uuid(let uuid), .uuid): return key(uuid)
        default: return nil
        }
    }

    /// The key of a value that a segment keeps as a 64-bit word.
    @inline(__always) static func key(word: Int64, _ physical: PhysicalType) -> Int64 {
        switch physical {
        case .float64: key(Double(bitPattern: UInt64(bitPattern: word)))
        case .float32: key(Double(Float(bitPattern: UInt32(truncatingIfNeeded: word))))
        // Whatever a damaged stream says, narrow values are what decoding makes of them.
        case .bool: word & 1
        case .int16: Int64(Int16(truncatingIfNeeded: word))
        case .int32: Int64(Int32(truncatingIfNeeded: word))
        default: word
        }
    }
}

/// A set of order keys.
enum KeySet<Key: FixedWidthInteger & Sendable>: Sendable {
    /// Both ends included, the first not above the second.
    case range(Key, Key)
    /// All but one.
    case outside(Key)
    /// At least two, ascending.
    case oneOf([Key])

    @inline(__always) func contains(_ key: Key) -> Bool {
        switch self {
        case .range(let low, let high): return key >= low && key <= high
        case .outside(let other): return key != other
        case .oneOf(let keys):
            var low = 0
            var high = keys.count
            while low < high {
                let middle = (low &+ high) / 2
                if keys[middle] < key { low = middle &+ 1 } else { high = middle }
            }
            return low < keys.count && keys[low] == key
        }
    }

    /// The keys of both sets: nil when that is no set of one case, an inner nil when there is none.
    func intersection(_ other: KeySet) -> KeySet?? {
        switch (self, other) {
        case (.range(let low, let high), .range(let otherLow, let otherHigh)):
            let first = max(low, otherLow)
            let last = min(high, otherHigh)
            return .some(first <= last ? .range(first, last) : nil)
        case (.oneOf(let keys), _): return .some(KeySet(ascending: keys.filter { other.contains($0) }))
        case (_, .oneOf(let keys)): return .some(KeySet(ascending: keys.filter { contains($0) }))
        case (.range(let low, let high), .outside(let key)), (.outside(let key), .range(let low, let high)):
            if key < low || key > high { return .some(.range(low, high)) }
            if low == high { return .some(nil) }
            if key == low { return .some(.range(low + 1, high)) }
            if key == high { return .some(.range(low, high - 1)) }
            return nil
        case (.outside(let key), .outside(let otherKey)): return key == otherKey ? .some(self) : nil
        }
    }

    /// Of distinct keys in order; nil for none.
    init?(ascending keys: [Key]) {
        guard let first = keys.first, let last = keys.last else { return nil }
        let (span, overflow) = last.subtractingReportingOverflow(first)
        self = !overflow && span == Key(keys.count - 1) ? .range(first, last) : .oneOf(keys)
    }
}

extension KeySet<Int128> {
    /// The same keys in 64 bits, which all of them fit.
    var narrowed: KeySet<Int64> {
        switch self {
        case .range(let low, let high):
            .range(Int64(truncatingIfNeeded: low), Int64(truncatingIfNeeded: high))
        case .outside(let key): .outside(Int64(truncatingIfNeeded: key))
        case .oneOf(let keys): .oneOf(keys.map { Int64(truncatingIfNeeded: $0) })
        }
    }

    /// The keys that fit 64 bits.
    var inWords: KeyAnswer<Int64> {
        let words = Int128(Int64.min)...Int128(Int64.max)
        switch self {
        case .range(let low, let high):
            if low > words.upperBound || high < words.lowerBound { return .none }
            if low <= words.lowerBound && high >= words.upperBound { return .all }
            return .some(
                KeySet.range(Swift.max(low, words.lowerBound), Swift.min(high, words.upperBound)).narrowed)
        case .outside(let key): return words.contains(key) ? .some(narrowed) : .all
        case .oneOf(let keys):
            guard let inside = KeySet(ascending: keys.filter { words.contains($0) }) else { return .none }
            return .some(inside.narrowed)
        }
    }
}

/// Which keys of a type pass.
enum KeyAnswer<Key: FixedWidthInteger & Sendable>: Sendable {
    case none, all
    case some(KeySet<Key>)
}

extension KeyAnswer<Int128> {
    /// nil when numbers have no such comparison.
    init?(_ comparison: ValueTest.Comparison, _ keys: [Int128], within range: ClosedRange<Int128>) {
        guard let key = keys.first else {
            self = .none
            return
        }
        var low = range.lowerBound
        var high = range.upperBound
        switch comparison {
        case .equal, .isIn:
            let inside = Set(keys.filter { range.contains($0) }).sorted()
            self = KeySet(ascending: inside).map { .some($0) } ?? .none
            return
        case .notEqual:
            self = range.contains(key) ? .some(.outside(key)) : .all
            return
        case .less:
            guard key > low else {
                self = .none
                return
            }
            high = Swift.min(high, key - 1)
        case .lessOrEqual:
            guard key >= low else {
                self = .none
                return
            }
            high = Swift.min(high, key)
        case .greater:
            guard key < high else {
                self = .none
                return
            }
            low = Swift.max(low, key + 1)
        case .greaterOrEqual:
            guard key <= high else {
                self = .none
                return
            }
            low = Swift.max(low, key)
        case .isNull, .isNotNull, .beginsWith, .contains, .endsWith: return nil
        }
        self = low == range.lowerBound && high == range.upperBound ? .all : .some(.range(low, high))
    }
}
