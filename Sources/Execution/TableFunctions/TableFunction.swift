import Columns

/// One overload of a function that gives any number of values for a row, with concrete types.
public struct TableFunction: Hashable, Sendable {
    public let name: String
    public let parameterTypes: [DataType]
    public let returnType: DataType

    public init(name: String, parameterTypes: [DataType], returnType: DataType) {
        self.name = name
        self.parameterTypes = parameterTypes
        self.returnType = returnType
    }
}

/// The functions that may stand in FROM, found by name and argument types.
///
/// `generate_series(start, stop[, step])` over INTEGER, BIGINT, DECIMAL, and over times with a step of
/// INTERVAL; `unnest(array)`, which gives the elements of all dimensions in order.
public enum TableFunctionCatalog {
    public static let names: Set<String> = ["generate_series", "unnest"]

    public static func isTableFunction(_ name: String) -> Bool { names.contains(name) }

    private static let signatures = [
        "generate_series": [
            "generate_series(INTEGER, INTEGER[, INTEGER])", "generate_series(BIGINT, BIGINT[, BIGINT])",
            "generate_series(DECIMAL, DECIMAL[, DECIMAL])",
            "generate_series(TIMESTAMP, TIMESTAMP, INTERVAL)",
        ], "unnest": ["unnest(ARRAY)"],
    ]

    /// Chooses the overload for a call; the caller casts the arguments to its `parameterTypes`.
    public static func resolve(
        name: String, arguments: [ArgumentType]
    ) throws(FunctionResolutionError) -> TableFunction {
        guard let signatures = signatures[name] else {
            throw .unknownName(nearMatches: NearNames.of(name, among: names))
        }
        if name == "generate_series", arguments.allSatisfy({ $0 == .unknown }) {
            throw .ambiguous(signatures: signatures)
        }
        let found = name == "unnest" ? unnest(arguments) : series(arguments)
        guard let found else { throw .noMatch(signatures: signatures) }
        return found
    }

    private static func unnest(_ arguments: [ArgumentType]) -> TableFunction? {
        guard arguments.count == 1, case .known(.array(let element)) = arguments[0] else { return nil }
        return TableFunction(name: "unnest", parameterTypes: [.array(of: element)], returnType: element)
    }

    private static func series(_ arguments: [ArgumentType]) -> TableFunction? {
        guard arguments.count == 2 || arguments.count == 3 else { return nil }
        let bounds = Array(arguments.prefix(2))
        let hasTimes = bounds.contains { argument in
            switch argument {
            case .known(.date), .known(.timestamp), .known(.timestampTZ): true
            default: false
            }
        }
        if hasTimes || arguments.last == .known(.interval) { return times(arguments) }
        guard let common = TypeCoercion.commonType(arguments), common.isNumeric else { return nil }
        let type: DataType
        switch common {
        case .smallint, .integer: type = .integer
        case .bigint: type = .bigint
        case .decimal(_, let scale): type = .decimal(precision: DataType.decimalPrecisionMax, scale: scale)
        default: return nil
        }
        return TableFunction(
            name: "generate_series", parameterTypes: arguments.map { _ in type }, returnType: type)
    }

    /// Dates become times with a zone, which their category prefers.
    private static func times(_ arguments: [ArgumentType]) -> TableFunction? {
        guard arguments.count == 3, arguments[2] == .unknown || arguments[2] == .known(.interval) else {
            return nil
        }
        let bounds = Array(arguments.prefix(2))
        let isPlain = bounds.contains(.known(.timestamp)) && !bounds.contains(.known(.timestampTZ))
        let type: DataType = isPlain ? .timestamp : .timestampTZ
        let fits = bounds.allSatisfy { argument in
            guard case .known(let source) = argument else { return true }
            return TypeCoercion.canCast(from: source, to: type, context: .implicit)
        }
        guard fits else { return nil }
        return TableFunction(
            name: "generate_series", parameterTypes: [type, type, .interval], returnType: type)
    }
}
