import Columns
import Execution

/// Operators on constants whose value the planner must know: bounds of ranges that a scan may skip by.
///
/// Everything else on constants is left to the executor, which computes it once a query. An operation that
/// fails (overflow) is left to it too: it may stand in a branch that no row reaches.
enum ConstantArithmetic {
    static func compare(_ sign: Comparison, _ left: Expression, _ right: Expression) -> Expression? {
        // Nothing equals NULL, whatever the other side would be; it need not be computed, nor may it fail.
        if sign != .distinct, sign != .notDistinct, isNull(left) || isNull(right) {
            return .constant(.null, .boolean)
        }
        guard let first = left.constantValue, let second = right.constantValue else { return nil }
        if first.isNull || second.isNull {
            switch sign {
            case .distinct: return ConstantFolding.truth(first.isNull != second.isNull)
            case .notDistinct: return ConstantFolding.truth(first.isNull == second.isNull)
            default: return .constant(.null, .boolean)
            }
        }
        guard let order = ValueOrder.compare(first, second) else { return nil }
        switch sign {
        case .equal, .notDistinct: return ConstantFolding.truth(order == 0)
        case .notEqual, .distinct: return ConstantFolding.truth(order != 0)
        case .less: return ConstantFolding.truth(order < 0)
        case .lessOrEqual: return ConstantFolding.truth(order <= 0)
        case .greater: return ConstantFolding.truth(order > 0)
        case .greaterOrEqual: return ConstantFolding.truth(order >= 0)
        }
    }

    static func call(_ function: ScalarFunction, _ arguments: [Expression]) -> Expression? {
        guard function.isImmutable, let sign = Sign(rawValue: function.name) else { return nil }
        if arguments.contains(where: isNull) { return .constant(.null, function.returnType) }
        let values = arguments.compactMap(\.constantValue)
        guard values.count == arguments.count else { return nil }
        let result: Value?
        if values.count == 1 {
            result = sign == .minus ? negated(values[0]) : nil
        } else if values.count == 2 {
            result = apply(sign, values[0], values[1], function.returnType)
        } else {
            result = nil
        }
        return result.map { .constant($0, function.returnType) }
    }

    private static func isNull(_ expression: Expression) -> Bool {
        expression.constantValue?.isNull ?? false
    }

    private enum Sign: String { case plus = "+", minus = "-", times = "*" }

    private static func negated(_ value: Value) -> Value? {
        switch value {
        case .integer(let number) where number != .min: .integer(-number)
        case .bigint(let number) where number != .min: .bigint(-number)
        case .doublePrecision(let number): .doublePrecision(-number)
        case .decimal(let unscaled, let scale): .decimal(unscaled: -unscaled, scale: scale)
        default: nil
        }
    }

    private static func apply(_ sign: Sign, _ left: Value, _ right: Value, _ type: DataType) -> Value? {
        switch (left, right) {
        case (.integer(let first), .integer(let second)):
            return whole(sign, Int64(first), Int64(second)).flatMap { Int32(exactly: $0) }.map {
                .integer($0)
            }
        case (.bigint(let first), .bigint(let second)):
            return whole(sign, first, second).map { .bigint($0) }
        case (.date(let day), .integer(let count)) where sign != .times:
            // Infinity stays what it is.
            if day == .max || day == .min { return nil }
            guard type == .date, let sum = whole(sign, Int64(day), Int64(count)) else { return nil }
            return date(sum)
        case (.timestamp(let time), .interval(let interval)) where sign != .times:
            return shift(time, by: interval, isNegative: sign == .minus)
        case (.interval(let interval), .timestamp(let time)) where sign == .plus:
            return shift(time, by: interval, isNegative: false)
        default: return decimals(sign, left, right, type)
        }
    }

    private static func whole(_ sign: Sign, _ left: Int64, _ right: Int64) -> Int64? {
        let (value, overflow) =
            switch sign {
            case .plus: left.addingReportingOverflow(right)
            case .minus: left.subtractingReportingOverflow(right)
            case .times: left.multipliedReportingOverflow(by: right)
            }
        return overflow ? nil : value
    }

    private static func decimals(_ sign: Sign, _ left: Value, _ right: Value, _ type: DataType) -> Value? {
        guard case .decimal(let precision, let scale) = type, sign != .times,
            let first = ConstantConversion.exact(left), let second = ConstantConversion.exact(right),
            let one = DecimalMath.rescale(first.unscaled, from: first.scale, to: scale),
            let other = DecimalMath.rescale(second.unscaled, from: second.scale, to: scale),
            max(first.scale, second.scale) <= scale
        else { return nil }
        let (sum, overflow) =
            sign == .plus ? one.addingReportingOverflow(other) : one.subtractingReportingOverflow(other)
        guard !overflow, DecimalMath.fits(sum, precision: precision) else { return nil }
        return .decimal(unscaled: sum, scale: scale)
    }

    private static func date(_ day: Int64) -> Value? {
        guard let short = Int32(exactly: day),
            (CivilCalendar.dayMin...CivilCalendar.dayMax).contains(short)
        else { return nil }
        return .date(short)
    }

    /// Months first, at the month's last day where the day does not exist, then days, then time.
    private static func shift(_ time: Int64, by interval: Interval, isNegative: Bool) -> Value? {
        // Infinity stays what it is.
        if time == .max || time == .min { return nil }
        let sign: Int64 = isNegative ? -1 : 1
        let (days, microseconds) = CivilCalendar.split(timestamp: time)
        guard let day = Int(exactly: days), abs(days) < 1_000_000_000 else { return nil }
        let civil = CivilCalendar.civil(fromDays: day)
        let months = Int64(civil.year) * 12 + Int64(civil.month - 1) + sign * Int64(interval.months)
        let year = Int(months >= 0 ? months / 12 : (months - 11) / 12)
        let month = Int(months - Int64(year) * 12) + 1
        let last = CivilCalendar.daysInMonth(year: year, month: month)
        let shifted = CivilCalendar.days(year: year, month: month, day: min(civil.day, last))
        let whole = Int64(shifted) + sign * Int64(interval.days)
        guard date(whole) != nil else { return nil }
        let (start, overflow1) = whole.multipliedReportingOverflow(by: CivilCalendar.microsecondsPerDay)
        let (moved, overflow2) = start.addingReportingOverflow(microseconds)
        let (delta, overflow3) = interval.microseconds.multipliedReportingOverflow(by: sign)
        let (result, overflow4) = moved.addingReportingOverflow(delta)
        return overflow1 || overflow2 || overflow3 || overflow4 ? nil : .timestamp(result)
    }
}
