import Columns

/// Precision and scale of the results of exact arithmetic.
///
/// PostgreSQL's NUMERIC chooses scales value by value and has no upper bound; a column here has one scale and
/// 38 digits, so the scale is chosen from the types, and a result that needs more digits is an error (22003).
public enum DecimalTyping {
    /// Digits after the point that a quotient and an average show at least.
    public static let quotientScaleMin = 16
    /// Digits after the point that a product keeps when its digits would exceed 38.
    static let productScaleKept = 20

    /// The decimal type that holds every value of an exact numeric type.
    public static func decimal(for type: DataType) -> DataType {
        switch type {
        case .smallint: .decimal(precision: 5, scale: 0)
        case .integer: .decimal(precision: 10, scale: 0)
        case .bigint: .decimal(precision: 19, scale: 0)
        case .decimal: type
        default: .decimal(precision: DataType.decimalPrecisionMax, scale: quotientScaleMin)
        }
    }

    /// The type of both when neither may lose digits after the point.
    static func union(_ first: DataType, _ second: DataType) -> DataType {
        guard case .decimal(let precision1, let scale1) = first,
            case .decimal(let precision2, let scale2) = second
        else { preconditionFailure("both types are decimals") }
        let scale = max(scale1, scale2)
        return bounded(max(precision1 - scale1, precision2 - scale2) + scale, scale: scale)
    }

    static func sum(_ first: DataType, _ second: DataType) -> DataType {
        guard case .decimal(let precision, let scale) = union(first, second) else {
            preconditionFailure("a union of decimals is a decimal")
        }
        return bounded(precision + 1, scale: scale)
    }

    static func product(_ first: DataType, _ second: DataType) -> DataType {
        guard case .decimal(let precision1, let scale1) = first,
            case .decimal(let precision2, let scale2) = second
        else { preconditionFailure("both types are decimals") }
        let precision = precision1 + precision2
        let scale = scale1 + scale2
        if precision <= DataType.decimalPrecisionMax { return bounded(precision, scale: scale) }
        return bounded(precision, scale: min(scale, max(scale1, scale2, productScaleKept)))
    }

    static func quotient(_ first: DataType, _ second: DataType) -> DataType {
        guard case .decimal(let precision, let scale) = first else {
            preconditionFailure("an exact quotient is one of decimals")
        }
        return quotient(wholeDigits: precision - scale + second.scale, scaleMin: max(scale, second.scale))
    }

    /// The type of averages of an exact type.
    public static func average(of type: DataType) -> DataType {
        guard case .decimal(let precision, let scale) = decimal(for: type) else {
            preconditionFailure("an exact type is a decimal")
        }
        return quotient(wholeDigits: precision - scale, scaleMin: scale)
    }

    /// Of values with so many digits before the point: as many behind it as 38 leave, at most PostgreSQL's.
    private static func quotient(wholeDigits: Int, scaleMin: Int) -> DataType {
        let room = DataType.decimalPrecisionMax - wholeDigits
        let scale = max(scaleMin, quotientScaleMin, min(DecimalMath.quotientScale, room))
        return bounded(DataType.decimalPrecisionMax, scale: min(scale, DataType.decimalPrecisionMax))
    }

    static func remainder(_ first: DataType, _ second: DataType) -> DataType { union(first, second) }

    /// At `scale` digits after the point, with as many before it as `type` has and one more for a carry.
    static func rounded(_ type: DataType, scale: Int) -> DataType {
        guard case .decimal(let precision, let oldScale) = type else { return type }
        let kept = min(max(scale, 0), DataType.decimalPrecisionMax)
        return bounded(precision - oldScale + 1 + kept, scale: kept)
    }

    static func bounded(_ precision: Int, scale: Int) -> DataType {
        .decimal(precision: max(1, min(precision, DataType.decimalPrecisionMax)), scale: scale)
    }
}
