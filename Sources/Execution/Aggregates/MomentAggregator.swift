import Columns

/// Variance, standard deviation, covariance, correlation and regression, in DOUBLE PRECISION.
/// State: count, means of x and y, sums of squared deviations of x and y and of their product.
///
/// Source: Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances",
/// 1979.
final class MomentAggregator: Aggregator {
    private let name: String
    private let hasPair: Bool

    init(_ function: AggregateFunction) {
        name = function.name
        hasPair = function.parameterTypes.count == 2
        super.init(stateBytes: 48, type: function.returnType)
    }

    private struct State {
        var count: Double
        var meanX: Double
        var meanY: Double
        var squaresX: Double
        var squaresY: Double
        var products: Double

        @inline(__always) mutating func add(_ x: Double, _ y: Double) {
            count += 1
            let deltaX = x - meanX
            let deltaY = y - meanY
            meanX += deltaX / count
            meanY += deltaY / count
            squaresX += deltaX * (x - meanX)
            squaresY += deltaY * (y - meanY)
            products += deltaX * (y - meanY)
        }

        mutating func add(_ other: State) {
            if other.count == 0 { return }
            if count == 0 {
                self = other
                return
            }
            let total = count + other.count
            let deltaX = other.meanX - meanX
            let deltaY = other.meanY - meanY
            let weight = count * other.count / total
            squaresX += other.squaresX + deltaX * deltaX * weight
            squaresY += other.squaresY + deltaY * deltaY * weight
            products += other.products + deltaX * deltaY * weight
            meanX += deltaX * other.count / total
            meanY += deltaY * other.count / total
            count = total
        }
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        // PostgreSQL's order of arguments is Y, X.
        let second = arguments[0].pointer(as: Double.self)
        let first = hasPair ? arguments[1].pointer(as: Double.self) : second
        for row in 0..<batch.count {
            batch.state(row, offset).assumingMemoryBound(to: State.self).pointee.add(first[row], second[row])
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        for group in 0..<count {
            let added = otherRows.state(group, other.offset).load(as: State.self)
            rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: State.self).pointee.add(added)
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        if type == .bigint {
            return try AggregateResult.make(type, range) { group in
                Int64(rows.state(group, offset).load(as: State.self).count)
            }
        }
        return try AggregateResult.make(type, range) { group in
            result(rows.state(group, offset).load(as: State.self))
        }
    }

    private func result(_ state: State) -> Double? {
        let count = state.count
        if count == 0 { return nil }
        switch name {
        case "var_pop": return state.squaresX / count
        case "stddev_pop": return (state.squaresX / count).squareRoot()
        case "variance", "var_samp": return count < 2 ? nil : state.squaresX / (count - 1)
        case "stddev", "stddev_samp": return count < 2 ? nil : (state.squaresX / (count - 1)).squareRoot()
        case "covar_pop": return state.products / count
        case "covar_samp": return count < 2 ? nil : state.products / (count - 1)
        case "corr":
            if state.squaresX == 0 || state.squaresY == 0 { return nil }
            return state.products / (state.squaresX * state.squaresY).squareRoot()
        case "regr_avgx": return state.meanX
        case "regr_avgy": return state.meanY
        case "regr_sxx": return state.squaresX
        case "regr_syy": return state.squaresY
        case "regr_sxy": return state.products
        case "regr_slope": return state.squaresX == 0 ? nil : state.products / state.squaresX
        case "regr_intercept":
            return state.squaresX == 0 ? nil : state.meanY - state.meanX * state.products / state.squaresX
        default:
            if state.squaresX == 0 { return nil }
            if state.squaresY == 0 { return 1 }
            return state.products * state.products / (state.squaresX * state.squaresY)
        }
    }
}
