import Columns

/// The type of an argument as the binder knows it.
public enum ArgumentType: Hashable, Sendable {
    case known(DataType)
    /// An untyped literal or NULL, which takes the type that the function wants.
    case unknown
}

/// One overload of a scalar function or operator, with concrete types. Operators are functions named by their
/// symbol (`+`, `||`, `~~` for LIKE, `~~*` for ILIKE, `~` and `~*` for regular expressions).
///
/// Two overloads are the same function exactly when name, parameter and return types are.
public struct ScalarFunction: Hashable, Sendable {
    public let name: String
    public let parameterTypes: [DataType]
    public let returnType: DataType
    /// Whether the same arguments always give the same result, so that the planner may compute it once.
    public let isImmutable: Bool

    /// Whether each row has a value of its own, even where the arguments are equal.
    public var isVolatile: Bool { name == "random" || name == "gen_random_uuid" || name == "clock_timestamp" }

    public init(name: String, parameterTypes: [DataType], returnType: DataType, isImmutable: Bool = true) {
        self.name = name
        self.parameterTypes = parameterTypes
        self.returnType = returnType
        self.isImmutable = isImmutable
    }
}

/// One overload of an aggregate function, with concrete types.
public struct AggregateFunction: Hashable, Sendable {
    public let name: String
    public let parameterTypes: [DataType]
    public let returnType: DataType

    public init(name: String, parameterTypes: [DataType], returnType: DataType) {
        self.name = name
        self.parameterTypes = parameterTypes
        self.returnType = returnType
    }
}

/// Why no overload was chosen.
public enum FunctionResolutionError: Error, Hashable, Sendable {
    /// No function of that name; names that are close to it.
    case unknownName(nearMatches: [String])
    /// The name exists, but takes no such arguments; its signatures, for the message.
    case noMatch(signatures: [String])
    case ambiguous(signatures: [String])
}
