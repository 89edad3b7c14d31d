import Columns

/// Conversions between types, one kernel a pair.
enum CastKernels {
    /// Whether the values are the same bytes under both types.
    static func isRenaming(_ source: DataType, _ target: DataType) -> Bool {
        switch (source, target) {
        case (.json, .text), (.timestamp, .timestampTZ), (.timestampTZ, .timestamp): true
        case (.decimal(let oldPrecision, let oldScale), .decimal(let precision, let scale)):
            oldScale == scale && precision >= oldPrecision
        default: false
        }
    }

    static func kernel(from source: DataType, to target: DataType) -> ScalarKernel {
        switch (source, target) {
        case (.array, .array(let element)): arrayToArray(element)
        case (.text, _): fromText(target)
        case (_, .text): toText(source)
        case (.boolean, _):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, UInt8.self, Int32.self, error: .numericOverflow(type: target)) {
                    (Int32($0), false)
                }
            }
        case (_, .boolean):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int32.self, UInt8.self, error: .numericOverflow(type: target)) {
                    (unsafeBitCast($0 != 0, to: UInt8.self), false)
                }
            }
        case (.date, .timestamp), (.date, .timestampTZ): dateToTimestamp
        case (.timestamp, .date), (.timestampTZ, .date): timestampToDate
        case (.timestamp, .time), (.timestampTZ, .time): timeOfDay
        case (.time, .interval): timeToInterval
        case (.interval, .time): intervalToTime
        default: NumericCasts.kernel(from: source, to: target)
        }
    }

    private static let dateToTimestamp: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.map(call, Int32.self, Int64.self, error: .dateTimeOverflow(type: .timestamp)) { days in
            if days == .max { return (.max, false) }
            if days == .min { return (.min, false) }
            let (result, overflow) = Int64(days).multipliedReportingOverflow(
                by: CivilCalendar.microsecondsPerDay)
            return (result, overflow)
        }
    }

    private static let timestampToDate: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.map(call, Int64.self, Int32.self, error: .dateTimeOverflow(type: .date)) { timestamp in
            if timestamp == .max { return (.max, false) }
            if timestamp == .min { return (.min, false) }
            return (Int32(truncatingIfNeeded: CivilCalendar.split(timestamp: timestamp).days), false)
        }
    }

    private static let timeOfDay: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let moments = call.reader(0, as: Int64.self)
        return try RowLoop.each(call, Int64.self) { row in
            let moment = moments[row]
            if moment == .max || moment == .min { return nil }
            return CivilCalendar.split(timestamp: moment).microseconds
        }
    }

    private static let timeToInterval: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.map(call, Int64.self, Interval.self, error: .dateTimeOverflow(type: .interval)) {
            (Interval(microseconds: $0), false)
        }
    }

    private static let intervalToTime: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.map(call, Interval.self, Int64.self, error: .dateTimeOverflow(type: .time)) {
            (CivilCalendar.split(timestamp: $0.microseconds).microseconds, false)
        }
    }

    private static func arrayToArray(_ element: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let source = call.arguments[0].type.elementType ?? .text
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                var array = try call.array(row, 0)
                let from = VectorBuilder(type: source, capacity: max(array.elements.count, 1))
                for part in array.elements { try ArrayRow.append(part, to: from) }
                let parts = from.finish()
                let converted = try kernel(from: source, to: element)(
                    KernelCall(
                        arguments: [parts], count: parts.count, validity: parts.validity, returnType: element)
                )
                let scratch = TextBuffer(capacity: 64)
                for index in array.elements.indices where array.elements[index] != nil {
                    scratch.removeAll()
                    scratch.append(converted, row: index)
                    array.elements[index] = Array(scratch.bytes)
                }
                text.append(array: array)
                return true
            }
        }
    }

    private static func fromText(_ target: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let views = call.reader(0, as: StringView.self)
            if target == .json {
                for row in 0..<call.count where call.isValid(row) && !JSONText.isValid(views[row]) {
                    throw .invalidText(type: .json, text: views[row].string)
                }
                return call.arguments[0].retyped(as: .json)
            }
            let builder = VectorBuilder(type: target, capacity: max(call.count, 1))
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                builder.append(try read(views[row], as: target))
            }
            return builder.finish()
        }
    }

    private static func read(_ view: StringView, as type: DataType) throws(ExecutionError) -> Value {
        let result: Result<Value, TextReadingError> = view.withBytes { bytes in
            do throws(TextReadingError) {
                return .success(try TextReader.value(bytes, as: type))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(.malformed): throw .invalidText(type: type, text: view.string)
        case .failure(.outOfRange): throw .textOutOfRange(type: type, text: view.string)
        }
    }

    private static func toText(_ source: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let argument = call.arguments[0]
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                if source == .boolean {
                    text.append(
                        argument.pointer(as: UInt8.self)[argument.valueIndex(row)] != 0 ? "true" : "false")
                } else {
                    text.append(argument, row: row)
                }
                return true
            }
        }
    }
}
