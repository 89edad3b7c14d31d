import Columns

/// SUM and AVG of whole numbers and decimals, exact. State: a sum of 128 bits and the count of rows.
///
/// While the sums provably fit 64 bits only the low word is kept up; `isWide` says since when both are.
/// SUM and AVG of the same rows share one state: the second has none, and reads that of the first.
final class ExactSumAggregator: Aggregator {
    private let isAverage: Bool
    private let argumentScale: Int
    /// Greatest magnitude that a low word can have by now.
    private var bound: UInt64 = 0
    private var isWide = false
    private let lanes = VectorBuffer(byteCount: 4 * 8 * GroupBatch.laneGroupsMax)
    /// The one whose states it reads; nil for its own.
    private let owner: ExactSumAggregator?

    /// - Parameter sharing: Another of the same argument, filter and rows.
    init(_ function: AggregateFunction, sharing: ExactSumAggregator? = nil) {
        isAverage = function.name == "avg"
        argumentScale = function.parameterTypes[0].scale
        owner = sharing?.owner ?? sharing
        super.init(stateBytes: owner == nil ? 24 : 0, type: function.returnType)
    }

    override var takesRows: Bool { owner == nil }

    private struct State {
        var low: UInt64
        var high: UInt64
        var count: Int64

        var sum: Int128 { Int128(truncatingIfNeeded: UInt128(high) << 64 | UInt128(low)) }

        @inline(__always) mutating func add(wide value: Int128) {
            let (sum, carry) = low.addingReportingOverflow(UInt64(truncatingIfNeeded: value))
            low = sum
            high = high &+ UInt64(truncatingIfNeeded: value &>> 64) &+ (carry ? 1 : 0)
        }
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let vector = arguments[0]
        switch vector.physical {
        case .int16: update(batch, vector.pointer(as: Int16.self), bound: 1 << 15)
        case .int32: update(batch, vector.pointer(as: Int32.self), bound: 1 << 31)
        case .int64:
            let range = NumberRange.of(vector, count: batch.count) ?? (0, 0)
            update(
                batch, vector.pointer(as: Int64.self), bound: max(range.low.magnitude, range.high.magnitude))
        default:
            let words = vector.pointer(as: Int64.self)
            if let magnitude = Self.lowMagnitude(words, batch.count) {
                return update(batch, words, bound: magnitude, step: 2)
            }
            widen(batch)
            let values = vector.pointer(as: Int128.self)
            for row in 0..<batch.count {
                let state = batch.state(row, offset).assumingMemoryBound(to: State.self)
                state.pointee.add(wide: values[row])
                state.pointee.count &+= 1
            }
        }
    }

    /// The greatest magnitude of numbers of 128 bits, each two words, if all fit 64 bits.
    private static func lowMagnitude(_ words: UnsafePointer<Int64>, _ count: Int) -> UInt64? {
        var difference: Int64 = 0
        var low: Int64 = 0
        var high: Int64 = 0
        for row in 0..<count {
            let word = words[row &* 2]
            difference |= words[row &* 2 &+ 1] ^ (word &>> 63)
            low = min(low, word)
            high = max(high, word)
        }
        return difference == 0 ? max(low.magnitude, high.magnitude) : nil
    }

    /// Says whether the low words still hold every sum when `count` values of at most `magnitude` are added.
    private func fitsLowWords(_ magnitude: UInt64, _ count: Int) -> Bool {
        let (added, first) = magnitude.multipliedReportingOverflow(by: UInt64(count))
        let (total, second) = bound.addingReportingOverflow(added)
        guard !first, !second, total < 1 << 62 else { return false }
        bound = total
        return true
    }

    @inline(__always) private func update<Number: FixedWidthInteger & BitwiseCopyable>(
        _ batch: GroupBatch, _ values: UnsafeMutablePointer<Number>, bound magnitude: UInt64, step: Int = 1
    ) {
        if isWide || !fitsLowWords(magnitude, batch.count) {
            widen(batch)
            for row in 0..<batch.count {
                let state = batch.state(row, offset).assumingMemoryBound(to: State.self)
                state.pointee.add(wide: Int128(truncatingIfNeeded: values[row &* step]))
                state.pointee.count &+= 1
            }
        } else if let counts = batch.rowCounts {
            updateLanes(batch, values, counts, step)
        } else {
            for row in 0..<batch.count {
                let state = batch.state(row, offset).assumingMemoryBound(to: State.self)
                state.pointee.low = state.pointee.low &+ UInt64(truncatingIfNeeded: values[row &* step])
                state.pointee.count &+= 1
            }
        }
    }

    @inline(__always) private func updateLanes<Number: FixedWidthInteger & BitwiseCopyable>(
        _ batch: GroupBatch, _ values: UnsafeMutablePointer<Number>, _ counts: UnsafePointer<UInt32>,
        _ step: Int
    ) {
        let groups = batch.groups
        let laneGroups = GroupBatch.laneGroupsMax
        let sums = lanes.pointer(as: Int64.self)
        for lane in 0..<4 { (sums + lane * laneGroups).update(repeating: 0, count: batch.groupCount) }
        let whole = batch.count & ~3
        var row = 0
        while row < whole {
            for lane in 0..<4 {
                let place = Int(groups[row &+ lane]) &+ lane &* laneGroups
                sums[place] = sums[place] &+ Int64(truncatingIfNeeded: values[(row &+ lane) &* step])
            }
            row &+= 4
        }
        while row < batch.count {
            let place = Int(groups[row])
            sums[place] = sums[place] &+ Int64(truncatingIfNeeded: values[row &* step])
            row &+= 1
        }
        for group in 0..<batch.groupCount {
            let state = (batch.rows + (group &* batch.stride &+ offset)).assumingMemoryBound(to: State.self)
            var total = state.pointee.low
            for lane in 0..<4 { total = total &+ UInt64(bitPattern: sums[group &+ lane &* laneGroups]) }
            state.pointee.low = total
            state.pointee.count &+= Int64(counts[group])
        }
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        let vector = arguments[0]
        let state = rows.state(0, offset).assumingMemoryBound(to: State.self)
        if !isWide { widen(rows, groupCount: 1) }
        var total: Int128 = 0
        switch vector.physical {
        case .int16: total = Self.sum(vector.pointer(as: Int16.self), count)
        case .int32: total = Self.sum(vector.pointer(as: Int32.self), count)
        case .int64:
            let range = NumberRange.of(vector, count: count) ?? (0, 0)
            if max(range.low.magnitude, range.high.magnitude) < 1 << 50 {
                total = Self.sum(vector.pointer(as: Int64.self), count)
            } else {
                let values = vector.pointer(as: Int64.self)
                for row in 0..<count { total &+= Int128(values[row]) }
            }
        default:
            let values = vector.pointer(as: Int128.self)
            for row in 0..<count { total &+= values[row] }
        }
        state.pointee.add(wide: total)
        state.pointee.count &+= Int64(count)
    }

    /// The sum of a chunk whose values are known to be small enough for 64 bits.
    @inline(__always) private static func sum<Number: FixedWidthInteger>(
        _ values: UnsafeMutablePointer<Number>, _ count: Int
    ) -> Int128 {
        var total: Int64 = 0
        for row in 0..<count { total &+= Int64(truncatingIfNeeded: values[row]) }
        return Int128(total)
    }

    private func widen(_ batch: GroupBatch) {
        if !isWide { widen(StateRows(rows: batch.rows, stride: batch.stride), groupCount: batch.groupCount) }
    }

    private func widen(_ rows: StateRows, groupCount: Int) {
        isWide = true
        for group in 0..<groupCount {
            let state = rows.state(group, offset).assumingMemoryBound(to: State.self)
            state.pointee.high = UInt64(bitPattern: Int64(bitPattern: state.pointee.low) &>> 63)
        }
    }

    private func sum(_ state: State) -> Int128 { isWide ? state.sum : Int128(Int64(bitPattern: state.low)) }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        if owner != nil { return }
        guard let other = other as? ExactSumAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        let (total, overflow) = bound.addingReportingOverflow(other.bound)
        if !isWide, !other.isWide, !overflow, total < 1 << 62 {
            bound = total
            for group in 0..<count {
                let state = rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: State.self)
                let added = otherRows.state(group, other.offset).load(as: State.self)
                state.pointee.low = state.pointee.low &+ added.low
                state.pointee.count &+= added.count
            }
            return
        }
        let groupCount = (0..<count).reduce(0) { max($0, Int(mapping[$1]) + 1) }
        if !isWide { widen(rows, groupCount: max(groupCount, combinedGroups)) }
        combinedGroups = max(groupCount, combinedGroups)
        for group in 0..<count {
            let state = rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: State.self)
            let added = otherRows.state(group, other.offset).load(as: State.self)
            state.pointee.add(wide: other.sum(added))
            state.pointee.count &+= added.count
        }
    }

    /// Groups that the table has when it is merged into; the owner says so before the first merge.
    var combinedGroups = 0

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        if let owner { return try results(owner, rows, range) }
        return try results(self, rows, range)
    }

    private func results(
        _ owner: ExactSumAggregator, _ rows: StateRows, _ range: Range<Int>
    ) throws(ExecutionError) -> Vector {
        let offset = owner.offset
        func sum(_ state: State) -> Int128 { owner.sum(state) }
        if isAverage {
            return try AggregateResult.make(type, range) { (group) throws(ExecutionError) -> Int128? in
                let state = rows.state(group, offset).load(as: State.self)
                if state.count == 0 { return nil }
                let total = sum(state)
                let count = Int128(state.count)
                let digits = QuotientDigits.scale(
                    total, argumentScale, count, 0, scaleMin: argumentScale, scaleMax: type.scale)
                guard
                    let exact = WideDecimal.divide(total, by: count, exponent: digits - argumentScale),
                    let mean = WideDecimal.widened(exact, by: type.scale - digits)
                else {
                    throw .numericOverflow(type: type)
                }
                return mean
            }
        }
        if type.physical == .int64 {
            return try AggregateResult.make(type, range) { (group) throws(ExecutionError) -> Int64? in
                let state = rows.state(group, offset).load(as: State.self)
                if state.count == 0 { return nil }
                guard let narrow = Int64(exactly: sum(state)) else { throw .numericOverflow(type: type) }
                return narrow
            }
        }
        return try AggregateResult.make(type, range) { (group) throws(ExecutionError) -> Int128? in
            let state = rows.state(group, offset).load(as: State.self)
            if state.count == 0 { return nil }
            let total = sum(state)
            guard !owner.isWide || DecimalMath.fits(total, precision: DataType.decimalPrecisionMax) else {
                throw .numericOverflow(type: type)
            }
            return total
        }
    }
}
