import Columns

/// Which conversions between types SQL makes by itself, and what type several expressions have in common.
/// Follows PostgreSQL's casts and its rules for UNION and CASE.
public enum TypeCoercion {
    /// Where a conversion is asked for; each allows what the ones before it allow.
    public enum Context: Int, Sendable {
        /// In an expression, without a word.
        case implicit
        /// Into a column by INSERT or UPDATE.
        case assignment
        /// By CAST or `::`.
        case explicit
    }

    /// Whether a value of `source` may become one of `target`. Equal types always may.
    public static func canCast(from source: DataType, to target: DataType, context: Context) -> Bool {
        if source == target { return true }
        switch (source, target) {
        case (_, _) where source.isNumeric && target.isNumeric:
            if context != .implicit { return true }
            return numericRank(source) <= numericRank(target)
        case (.array(let source), .array(let target)):
            return canCast(from: source, to: target, context: context)
        case (.date, .timestamp), (.date, .timestampTZ), (.timestamp, .timestampTZ): return true
        case (.timestampTZ, .timestamp): return context != .implicit
        case (.timestampTZ, .date), (.timestamp, .time), (.timestampTZ, .time): return context != .implicit
        case (.time, .interval): return true
        case (.interval, .time): return context != .implicit
        case (.timestamp, .date): return context != .implicit
        case (.json, .text): return context != .implicit
        case (_, .text): return context != .implicit
        case (.text, _): return context == .explicit
        case (.boolean, .integer), (.integer, .boolean): return context == .explicit
        default: return false
        }
    }

    /// The one type to which all of `types` convert implicitly, as for CASE, COALESCE, UNION, VALUES and IN:
    /// unknown literals follow the others, all of them unknown are TEXT. nil when there is none.
    public static func commonType(_ types: [ArgumentType]) -> DataType? {
        var common: DataType?
        for case .known(let type) in types {
            guard let known = common else {
                common = type
                continue
            }
            guard let wider = commonType(known, type) else { return nil }
            common = wider
        }
        return common ?? .text
    }

    /// The type in which two operands are compared; nil when they cannot be.
    public static func comparisonType(_ left: ArgumentType, _ right: ArgumentType) -> DataType? {
        commonType([left, right])
    }

    /// The common type of two known types.
    public static func commonType(_ first: DataType, _ second: DataType) -> DataType? {
        if first == second { return first }
        if first.isNumeric && second.isNumeric {
            if first.isFloatingPoint || second.isFloatingPoint {
                return first == .real && second == .real ? .real : .doublePrecision
            }
            if first.isDecimal || second.isDecimal {
                return DecimalTyping.union(
                    DecimalTyping.decimal(for: first), DecimalTyping.decimal(for: second))
            }
            return numericRank(first) > numericRank(second) ? first : second
        }
        switch (first, second) {
        case (.date, .timestamp), (.timestamp, .date): return .timestamp
        case (.date, .timestampTZ), (.timestampTZ, .date), (.timestamp, .timestampTZ),
            (.timestampTZ, .timestamp):
            return .timestampTZ
        case (.time, .interval), (.interval, .time): return .interval
        case (.array(let first), .array(let second)):
            return commonType(first, second).map { .array(of: $0) }
        default: return nil
        }
    }

    /// Whether values of the type can be sorted and compared. JSON cannot.
    public static func isOrdered(_ type: DataType) -> Bool { type != .json }

    static func numericRank(_ type: DataType) -> Int {
        switch type {
        case .smallint: 0
        case .integer: 1
        case .bigint: 2
        case .decimal: 3
        case .real: 4
        default: 5
        }
    }

    /// PostgreSQL's type categories, which decide between overloads.
    enum Category { case numeric, string, boolean, dateTime, timespan, other }

    static func category(_ type: DataType) -> Category {
        switch type {
        case .smallint, .integer, .bigint, .decimal, .real, .doublePrecision: .numeric
        case .text: .string
        case .boolean: .boolean
        case .date, .timestamp, .timestampTZ, .time: .dateTime
        case .interval: .timespan
        case .uuid, .json, .array: .other
        }
    }

    /// The type that its category prefers when several would do.
    static func isPreferred(_ type: DataType) -> Bool {
        switch type {
        case .doublePrecision, .text, .boolean, .timestampTZ, .interval: true
        default: false
        }
    }
}
