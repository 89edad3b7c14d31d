import Columns

/// SUM and AVG of floating point numbers, summed in DOUBLE PRECISION. State: sum, count.
///
/// The order of the additions follows the order in which workers take morsels, so the last digits may differ
/// between runs with more than one worker.
final class FloatSumAggregator: Aggregator {
    private let isAverage: Bool

    init(_ function: AggregateFunction) {
        isAverage = function.name == "avg"
        super.init(stateBytes: 16, type: function.returnType)
    }

    private struct State {
        var sum: Double
        var count: Int64
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        if arguments[0].physical == .float32 {
            update(batch, arguments[0].pointer(as: Float.self))
        } else {
            update(batch, arguments[0].pointer(as: Double.self))
        }
    }

    @inline(__always) private func update<Number: BinaryFloatingPoint & BitwiseCopyable>(
        _ batch: GroupBatch, _ values: UnsafeMutablePointer<Number>
    ) {
        for row in 0..<batch.count {
            let state = batch.state(row, offset).assumingMemoryBound(to: State.self)
            state.pointee.sum += Double(values[row])
            state.pointee.count &+= 1
        }
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        let state = rows.state(0, offset).assumingMemoryBound(to: State.self)
        if arguments[0].physical == .float32 {
            let values = arguments[0].pointer(as: Float.self)
            for row in 0..<count { state.pointee.sum += Double(values[row]) }
        } else {
            state.pointee.sum += Self.sum(arguments[0].pointer(as: Double.self), count)
        }
        state.pointee.count &+= Int64(count)
    }

    /// Sixteen partial sums, so that additions need not wait for each other.
    private static func sum(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
        var first = SIMD8<Double>.zero
        var second = SIMD8<Double>.zero
        let raw = UnsafeRawPointer(values)
        var row = 0
        while row &+ 16 <= count {
            first += raw.loadUnaligned(fromByteOffset: row &* 8, as: SIMD8<Double>.self)
            second += raw.loadUnaligned(fromByteOffset: row &* 8 &+ 64, as: SIMD8<Double>.self)
            row &+= 16
        }
        var total = (first + second).sum()
        while row < count {
            total += values[row]
            row &+= 1
        }
        return total
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        for group in 0..<count {
            let state = rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: State.self)
            let added = otherRows.state(group, other.offset).load(as: State.self)
            state.pointee.sum += added.sum
            state.pointee.count &+= added.count
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        func result(_ group: Int) -> Double? {
            let state = rows.state(group, offset).load(as: State.self)
            if state.count == 0 { return nil }
            return isAverage ? state.sum / Double(state.count) : state.sum
        }
        if type == .real {
            return try AggregateResult.make(type, range) { group in result(group).map { Float($0) } }
        }
        return try AggregateResult.make(type, range) { group in result(group) }
    }
}
