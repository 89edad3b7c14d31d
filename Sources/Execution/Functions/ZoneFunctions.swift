import Columns

/// Times of other time zones: `timezone(zone, x)` is `x AT TIME ZONE zone`.
enum ZoneFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] =
        [DataType.text, .interval].flatMap { zone in
            [
                ScalarOverload("timezone", [zone, .timestamp], returns: .timestampTZ),
                ScalarOverload("timezone", [zone, .timestampTZ], returns: .timestamp),
            ]
        } + [
            ScalarOverload("date_trunc", [.text, .timestampTZ, .text], returns: .timestampTZ),
            ScalarOverload(
                "make_timestamptz",
                [.integer, .integer, .integer, .integer, .integer, .doublePrecision, .text],
                returns: .timestampTZ),
        ]

    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch function.name {
        case "timezone": conversion(function)
        case "date_trunc": truncation()
        default: making(context)
        }
    }

    /// Zones by name, read once a kernel.
    private final class Zones {
        private var known: [String: TimeZoneRules] = [:]

        func find(_ view: StringView) throws(ExecutionError) -> TimeZoneRules {
            let name = view.string
            if let found = known[name] { return found }
            let zone = try TimeZoneRules(named: name)
            known[name] = zone
            return zone
        }
    }

    private static func conversion(_ function: ScalarFunction) -> ScalarKernel {
        let toUTC = function.returnType == .timestampTZ
        let isNamed = function.parameterTypes[0] == .text
        let zones = Zones()
        return { (call) throws(ExecutionError) in
            let names = isNamed ? call.reader(0, as: StringView.self) : nil
            let spans = isNamed ? nil : call.reader(0, as: Interval.self)
            let times = call.reader(1, as: Int64.self)
            let fixed: TimeZoneRules? =
                if let view = isNamed ? call.constantView(0) : nil { try zones.find(view) } else { nil }
            func zone(_ row: Int) throws(ExecutionError) -> TimeZoneRules {
                if let fixed { return fixed }
                if let names { return try zones.find(names[row]) }
                guard let span = spans?[row], span.months == 0, span.days == 0 else {
                    throw .invalidArgument(
                        function: "timezone", reason: "interval time zone must not include months or days")
                }
                return TimeZoneRules(fixed: Int(span.microseconds / 1_000_000))
            }
            return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
                let zone = try zone(row)
                guard let moved = toUTC ? zone.utc(fromLocal: times[row]) : zone.local(fromUTC: times[row])
                else { throw .dateTimeOverflow(type: function.returnType) }
                return moved
            }
        }
    }

    /// `date_trunc(field, moment, zone)`: the start of the field in the zone.
    private static func truncation() -> ScalarKernel {
        let zones = Zones()
        return { (call) throws(ExecutionError) in
            let fields = call.reader(0, as: StringView.self)
            let moments = call.reader(1, as: Int64.self)
            let names = call.reader(2, as: StringView.self)
            return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
                let zone = try zones.find(names[row])
                let field = try DateTruncation.field(fields[row])
                guard let local = zone.local(fromUTC: moments[row]),
                    let result = zone.utc(fromLocal: DateTruncation.truncate(local, to: field))
                else { throw .dateTimeOverflow(type: .timestampTZ) }
                return result
            }
        }
    }

    /// `make_timestamptz(year, month, day, hour, minute, second, zone)`.
    private static func making(_ context: EvaluationContext) -> ScalarKernel {
        let zones = Zones()
        return { (call) throws(ExecutionError) in
            let parts = KernelCall(
                arguments: Array(call.arguments.dropLast()), count: call.count, validity: call.validity,
                returnType: .timestamp)
            let local = try DateTimeFunctions.make(hasTime: true)(parts)
            let times = local.pointer(as: Int64.self)
            let names = call.reader(6, as: StringView.self)
            return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
                let zone = try zones.find(names[row])
                guard let moment = zone.utc(fromLocal: times[local.valueIndex(row)]) else {
                    throw .dateTimeOverflow(type: .timestampTZ)
                }
                return moment
            }
        }
    }
}
