import Columns
import Glibc

/// VARIANCE, STDDEV and their population forms of whole numbers and of decimals of up to 18 digits, exact
/// until the last division; the result has at least 16 digits after the point.
///
/// State: sum and sum of squares of the unscaled values, each of 128 bits, the count, and the sum of squares
/// in DOUBLE PRECISION. Beyond 2^126 in the sum of squares (values of more than 15 digits by the millions)
/// the last is used, which gives 12 digits as long as the values differ by more than a thousandth.
final class ExactVarianceAggregator: Aggregator {
    private let isSample: Bool
    private let isRoot: Bool
    private let argumentScale: Int
    /// Greatest magnitude of a value so far.
    private var magnitude: UInt64 = 0

    init(_ function: AggregateFunction) {
        isSample = !function.name.hasSuffix("_pop")
        isRoot = function.name.hasPrefix("stddev")
        argumentScale = function.parameterTypes[0].scale
        super.init(stateBytes: 48, type: function.returnType)
    }

    private struct State {
        // Words, because states are aligned to eight bytes.
        var sumLow: UInt64
        var sumHigh: UInt64
        var squaresLow: UInt64
        var squaresHigh: UInt64
        var count: Int64
        var squares: Double

        var sum: Int128 { Int128(truncatingIfNeeded: UInt128(sumHigh) << 64 | UInt128(sumLow)) }
        var exactSquares: UInt128 { UInt128(squaresHigh) << 64 | UInt128(squaresLow) }

        @inline(__always) mutating func add(
            sum: Int128, squares added: UInt128, count addedCount: Int64, approximate: Double
        ) {
            let total = self.sum &+ sum
            sumLow = UInt64(truncatingIfNeeded: total)
            sumHigh = UInt64(truncatingIfNeeded: total &>> 64)
            let all = exactSquares &+ added
            squaresLow = UInt64(truncatingIfNeeded: all)
            squaresHigh = UInt64(truncatingIfNeeded: all &>> 64)
            count &+= addedCount
            squares += approximate
        }
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let vector = arguments[0]
        let range = NumberRange.of(vector, count: batch.count) ?? (0, 0)
        magnitude = max(magnitude, range.low.magnitude, range.high.magnitude)
        switch vector.physical {
        case .int16: update(batch, vector.pointer(as: Int16.self))
        case .int32: update(batch, vector.pointer(as: Int32.self))
        default: update(batch, vector.pointer(as: Int64.self))
        }
    }

    @inline(__always) private func update<Number: FixedWidthInteger>(
        _ batch: GroupBatch, _ values: UnsafeMutablePointer<Number>
    ) {
        for row in 0..<batch.count {
            let value = Int64(truncatingIfNeeded: values[row])
            let (high, low) = value.magnitude.multipliedFullWidth(by: value.magnitude)
            batch.state(row, offset).assumingMemoryBound(to: State.self).pointee.add(
                sum: Int128(value), squares: UInt128(high) << 64 | UInt128(low), count: 1,
                approximate: Double(value) * Double(value))
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? ExactVarianceAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        magnitude = max(magnitude, other.magnitude)
        for group in 0..<count {
            let added = otherRows.state(group, other.offset).load(as: State.self)
            rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: State.self).pointee.add(
                sum: added.sum, squares: added.exactSquares, count: added.count, approximate: added.squares)
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try AggregateResult.make(type, range) { (group) throws(ExecutionError) -> Int128? in
            try result(rows.state(group, offset).load(as: State.self))
        }
    }

    private func result(_ state: State) throws(ExecutionError) -> Int128? {
        let count = Int128(state.count)
        guard count > (isSample ? 1 : 0) else { return nil }
        let divisor = isSample ? count - 1 : count
        if let exact = exactNumerator(state) {
            // count × Σ(x - mean)² over count × divisor.
            let (denominator, overflow) = count.multipliedReportingOverflow(by: divisor)
            if !overflow, let result = quotient(exact, denominator) { return result }
        }
        let sum = Double(state.sum)
        let spread = max(0, state.squares - sum / Double(count) * sum) / Double(divisor)
        return try decimal(spread / pow(10, Double(2 * argumentScale)))
    }

    /// count² times the population variance of the unscaled values; nil when it may not fit.
    private func exactNumerator(_ state: State) -> Int128? {
        let bound = Double(magnitude) * Double(magnitude) * Double(state.count) * 4
        guard bound < 0x1p126 else { return nil }
        let count = Int128(state.count)
        // Deviations from the whole part of the mean are small; their sum is the rest of the division.
        let (mean, rest) = state.sum.quotientAndRemainder(dividingBy: count)
        let squares = Int128(truncatingIfNeeded: state.exactSquares)
        let deviations = squares &- 2 &* mean &* state.sum &+ count &* mean &* mean
        let (scaled, overflow) = deviations.multipliedReportingOverflow(by: count)
        return overflow ? nil : scaled - rest * rest
    }

    /// The variance or its root from an exact fraction of unscaled values.
    private func quotient(_ numerator: Int128, _ denominator: Int128) -> Int128? {
        if !isRoot { return scaledQuotient(numerator, denominator, scale: type.scale) }
        // The root of a number with 2n digits after the point has n.
        for digits in stride(from: type.scale, through: 8, by: -4) {
            guard let square = scaledQuotient(numerator, denominator, scale: 2 * digits) else { continue }
            let root = Self.root(square.magnitude)
            let missing = DecimalMath.powerOfTen(type.scale - digits)
            let (result, overflow) = Int128(root).multipliedReportingOverflow(by: missing)
            return overflow ? nil : result
        }
        return nil
    }

    private func scaledQuotient(_ numerator: Int128, _ denominator: Int128, scale: Int) -> Int128? {
        let exponent = scale - 2 * argumentScale
        if exponent >= 0 {
            return exponent > 38 ? nil : WideDecimal.divide(numerator, by: denominator, exponent: exponent)
        }
        let (divisor, overflow) = denominator.multipliedReportingOverflow(
            by: DecimalMath.powerOfTen(-exponent))
        return overflow ? nil : WideDecimal.divide(numerator, by: divisor, exponent: 0)
    }

    /// The square root, rounded to the nearest.
    static func root(_ square: UInt128) -> UInt128 {
        if square == 0 { return 0 }
        var root = UInt128(Double(square).squareRoot())
        // Newton's steps from sixteen right digits: two are enough for 39.
        for _ in 0..<3 where root > 0 { root = (root + square / root) / 2 }
        while root > 0, root > square / root { root -= 1 }
        while root + 1 <= square / (root + 1) { root += 1 }
        return square - root * root > root ? root + 1 : root
    }

    private func decimal(_ variance: Double) throws(ExecutionError) -> Int128 {
        let value = (isRoot ? variance.squareRoot() : variance) * pow(10, Double(type.scale))
        guard value < 1e38 else { throw .numericOverflow(type: type) }
        return Int128(value.rounded())
    }
}
