import Columns
import Execution

/// Compares a DATE with a TIMESTAMP constant in dates: nothing is converted row by row, and a scan can skip
/// by it. `date <= DATE '1998-12-01' - INTERVAL '90 days'` is such a comparison, as that difference is a
/// TIMESTAMP.
enum ComparisonNarrowing {
    static func narrowed(_ sign: Comparison, _ left: Expression, _ right: Expression) -> Expression? {
        if let result = narrowed(sign, cast: left, constant: right) { return result }
        return narrowed(sign.flipped, cast: right, constant: left)
    }

    private static func narrowed(
        _ sign: Comparison, cast: Expression, constant: Expression
    ) -> Expression? {
        guard case .cast(let operand, .timestamp) = cast, operand.type == .date,
            case .timestamp(let time)? = constant.constantValue, time != .max, time != .min
        else { return nil }
        let (day, rest) = CivilCalendar.split(timestamp: time)
        let isMidnight = rest == 0
        let bound: Int64
        switch sign {
        // Of a time within a day, the days up to and including that day are before it.
        case .less, .greaterOrEqual: bound = isMidnight ? day : day + 1
        case .lessOrEqual, .greater: bound = day
        case .equal, .notEqual, .distinct, .notDistinct:
            guard isMidnight else { return nil }
            bound = day
        }
        guard let days = Int32(exactly: bound) else { return nil }
        return .comparison(sign, operand, .constant(.date(days), .date))
    }
}
