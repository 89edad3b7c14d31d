import Columns

/// BOOL_AND, BOOL_OR, BIT_AND, BIT_OR and BIT_XOR. State: the word so far, then whether there was a row.
final class BitwiseAggregator: Aggregator {
    enum Operation { case and, or, xor }

    private let operation: Operation

    init(_ function: AggregateFunction) {
        operation =
            switch function.name {
            case "bool_and", "every", "bit_and": .and
            case "bool_or", "bit_or": .or
            default: .xor
            }
        super.init(stateBytes: 16, type: function.returnType)
    }

    private struct State {
        var word: UInt64
        var isSet: UInt64
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let vector = arguments[0]
        switch type.physical {
        case .bool: update(batch, vector.pointer(as: UInt8.self))
        case .int16: update(batch, vector.pointer(as: UInt16.self))
        case .int32: update(batch, vector.pointer(as: UInt32.self))
        default: update(batch, vector.pointer(as: UInt64.self))
        }
    }

    @inline(__always) private func update<Word: FixedWidthInteger & BitwiseCopyable>(
        _ batch: GroupBatch, _ values: UnsafeMutablePointer<Word>
    ) {
        for row in 0..<batch.count {
            add(UInt64(truncatingIfNeeded: values[row]), to: batch.state(row, offset))
        }
    }

    @inline(__always) private func add(_ word: UInt64, to place: UnsafeMutableRawPointer) {
        let state = place.assumingMemoryBound(to: State.self)
        guard state.pointee.isSet != 0 else {
            state.pointee = State(word: word, isSet: 1)
            return
        }
        switch operation {
        case .and: state.pointee.word &= word
        case .or: state.pointee.word |= word
        case .xor: state.pointee.word ^= word
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        for group in 0..<count {
            let added = otherRows.state(group, other.offset).load(as: State.self)
            if added.isSet != 0 { add(added.word, to: rows.state(Int(mapping[group]), offset)) }
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        func word(_ group: Int) -> UInt64? {
            let state = rows.state(group, offset).load(as: State.self)
            return state.isSet == 0 ? nil : state.word
        }
        return switch type.physical {
        case .bool: try AggregateResult.make(type, range) { word($0).map { UInt8(truncatingIfNeeded: $0) } }
        case .int16: try AggregateResult.make(type, range) { word($0).map { Int16(truncatingIfNeeded: $0) } }
        case .int32: try AggregateResult.make(type, range) { word($0).map { Int32(truncatingIfNeeded: $0) } }
        default: try AggregateResult.make(type, range) { word($0).map { Int64(truncatingIfNeeded: $0) } }
        }
    }
}

/// SUM and AVG of intervals. State: months, days and microseconds as words, then the count of rows.
final class IntervalSumAggregator: Aggregator {
    private let isAverage: Bool

    init(_ function: AggregateFunction) {
        isAverage = function.name == "avg"
        super.init(stateBytes: 32, type: .interval)
    }

    private struct State {
        var months: Int64
        var days: Int64
        var microseconds: Int64
        var count: Int64
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) throws(ExecutionError) {
        let values = arguments[0].pointer(as: Interval.self)
        for row in 0..<batch.count {
            let state = batch.state(row, offset).assumingMemoryBound(to: State.self)
            state.pointee.months &+= Int64(values[row].months)
            state.pointee.days &+= Int64(values[row].days)
            let (sum, overflow) = state.pointee.microseconds.addingReportingOverflow(values[row].microseconds)
            if overflow { throw .dateTimeOverflow(type: .interval) }
            state.pointee.microseconds = sum
            state.pointee.count &+= 1
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) throws(ExecutionError) {
        for group in 0..<count {
            let added = otherRows.state(group, other.offset).load(as: State.self)
            let state = rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: State.self)
            state.pointee.months &+= added.months
            state.pointee.days &+= added.days
            let (sum, overflow) = state.pointee.microseconds.addingReportingOverflow(added.microseconds)
            if overflow { throw .dateTimeOverflow(type: .interval) }
            state.pointee.microseconds = sum
            state.pointee.count &+= added.count
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try AggregateResult.make(type, range) { (group) throws(ExecutionError) -> Interval? in
            let state = rows.state(group, offset).load(as: State.self)
            if state.count == 0 { return nil }
            guard let months = Int32(exactly: state.months), let days = Int32(exactly: state.days) else {
                throw .dateTimeOverflow(type: .interval)
            }
            let sum = Interval(months: months, days: days, microseconds: state.microseconds)
            return isAverage ? try IntervalMath.multiply(sum, by: 1 / Double(state.count)) : sum
        }
    }
}
