import Columns

/// Gives the values of one table function, row by row of its input. Belongs to one worker.
class RowGenerator {
    /// Starts with the arguments of a row; they are flat or constant. A NULL argument gives no value.
    func open(_ arguments: [Vector], row: Int) throws(ExecutionError) {
        preconditionFailure("a generator opens rows")
    }

    /// Appends the next values of the open row.
    ///
    /// - Returns: How many, at most `countMax`; fewer only when there are no more.
    func generate(into builder: VectorBuilder, atMost countMax: Int) throws(ExecutionError) -> Int {
        preconditionFailure("a generator gives values")
    }

    static func make(
        _ function: TableFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> RowGenerator {
        switch (function.name, function.returnType) {
        case ("unnest", _): return ElementGenerator()
        case ("generate_series", .integer): return WholeSeries<Int32>()
        case ("generate_series", .bigint): return WholeSeries<Int64>()
        case ("generate_series", .decimal(_, let scale)): return DecimalSeries(scale: scale)
        case ("generate_series", .timestamp), ("generate_series", .timestampTZ): return TimeSeries()
        default: throw .unsupported(feature: "table function \(function.name)")
        }
    }

    static let zeroStep = ExecutionError.invalidArgument(
        function: "generate_series", reason: "step size cannot equal zero")
}

extension Vector {
    /// The place of a row's value in a flat or constant vector.
    func place(_ row: Int) -> Int { form == .constant ? 0 : row }
}

/// `generate_series` of whole numbers. Ends where the next number would not fit its type.
final class WholeSeries<Number: FixedWidthInteger & BitwiseCopyable>: RowGenerator {
    private var next: Number?
    private var stop: Number = 0
    private var step: Number = 1

    override func open(_ arguments: [Vector], row: Int) throws(ExecutionError) {
        next = nil
        if arguments.contains(where: { $0.isNull(row) }) { return }
        let values = arguments.map { $0.pointer(as: Number.self)[$0.place(row)] }
        step = values.count > 2 ? values[2] : 1
        if step == 0 { throw Self.zeroStep }
        stop = values[1]
        next = values[0]
    }

    override func generate(into builder: VectorBuilder, atMost countMax: Int) -> Int {
        var count = 0
        while count < countMax, let value = next, step > 0 ? value <= stop : value >= stop {
            builder.append(raw: value)
            count &+= 1
            let (following, overflow) = value.addingReportingOverflow(step)
            next = overflow ? nil : following
        }
        return count
    }
}

/// `generate_series` of decimals of one scale, of 128 bits.
final class DecimalSeries: RowGenerator {
    private let one: Int128
    private var next: Int128?
    private var stop: Int128 = 0
    private var step: Int128 = 1

    init(scale: Int) { one = (0..<scale).reduce(Int128(1)) { power, _ in power * 10 } }

    override func open(_ arguments: [Vector], row: Int) throws(ExecutionError) {
        next = nil
        if arguments.contains(where: { $0.isNull(row) }) { return }
        let values = arguments.map { $0.pointer(as: Int128.self)[$0.place(row)] }
        step = values.count > 2 ? values[2] : one
        if step == 0 { throw Self.zeroStep }
        stop = values[1]
        next = values[0]
    }

    override func generate(into builder: VectorBuilder, atMost countMax: Int) -> Int {
        var count = 0
        while count < countMax, let value = next, step > 0 ? value <= stop : value >= stop {
            builder.append(raw: value)
            count &+= 1
            let (following, overflow) = value.addingReportingOverflow(step)
            let fits = !overflow && DecimalMath.fits(following, precision: DataType.decimalPrecisionMax)
            next = fits ? following : nil
        }
        return count
    }
}

/// `generate_series` of times: each is the one before plus the step.
final class TimeSeries: RowGenerator {
    private var next: Int64?
    private var stop: Int64 = 0
    private var step = Interval()
    private var isAscending = true

    override func open(_ arguments: [Vector], row: Int) throws(ExecutionError) {
        next = nil
        if arguments.contains(where: { $0.isNull(row) }) { return }
        step = arguments[2].pointer(as: Interval.self)[arguments[2].place(row)]
        let sign = step.comparisonKey
        if sign == 0 { throw Self.zeroStep }
        isAscending = sign > 0
        stop = arguments[1].pointer(as: Int64.self)[arguments[1].place(row)]
        next = arguments[0].pointer(as: Int64.self)[arguments[0].place(row)]
    }

    override func generate(into builder: VectorBuilder, atMost countMax: Int) throws(ExecutionError) -> Int {
        var count = 0
        while count < countMax, let value = next, isAscending ? value <= stop : value >= stop {
            builder.append(raw: value)
            count &+= 1
            // An infinite time stays what it is, so the series would not end.
            guard value != .max, value != .min, let following = TimestampMath.add(value, step) else {
                throw .dateTimeOverflow(type: builder.type)
            }
            next = following
        }
        return count
    }
}

/// `unnest`: the elements of an array of any dimensions, in order.
final class ElementGenerator: RowGenerator {
    private var elements: [[UInt8]?] = []
    private var position = 0

    override func open(_ arguments: [Vector], row: Int) throws(ExecutionError) {
        elements = []
        position = 0
        if arguments[0].isNull(row) { return }
        elements = try ArrayRow.read(arguments[0], row).elements
    }

    override func generate(into builder: VectorBuilder, atMost countMax: Int) throws(ExecutionError) -> Int {
        let count = min(countMax, elements.count - position)
        for index in position..<(position + count) { try ArrayRow.append(elements[index], to: builder) }
        position += count
        return count
    }
}
