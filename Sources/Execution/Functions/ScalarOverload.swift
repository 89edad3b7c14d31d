import Columns

/// One signature of a scalar function, with places for types that the call decides. The catalogue makes a
/// `ScalarFunction` with concrete types of it.
struct ScalarOverload: Sendable {
    /// What a parameter takes.
    enum Parameter: Hashable, Sendable {
        case exact(DataType)
        /// A decimal of any precision and scale; whole numbers become decimals.
        case decimal
        /// Any type, the same for all parameters of this kind.
        case common
        /// Any type, as it is; an untyped literal is TEXT.
        case any
        /// An array whose elements have the one type that all of `array` and `element` have in common.
        case array
        /// That type.
        case element
        /// Any type, converted to TEXT.
        case asText
    }

    /// The type of the result, from the concrete parameter types and those arguments that are constants.
    typealias ResultType = @Sendable (_ parameterTypes: [DataType], _ constants: [Value?]) -> DataType

    let name: String
    let parameters: [Parameter]
    /// Whether the last parameter may come any number of times, at least once.
    let lastRepeats: Bool
    let isImmutable: Bool
    let resultType: ResultType

    init(
        _ name: String, _ parameters: [Parameter], lastRepeats: Bool = false, isImmutable: Bool = true,
        returns resultType: @escaping ResultType
    ) {
        self.name = name
        self.parameters = parameters
        self.lastRepeats = lastRepeats
        self.isImmutable = isImmutable
        self.resultType = resultType
    }

    init(_ name: String, _ types: [DataType], returns type: DataType, isImmutable: Bool = true) {
        self.init(name, types.map { .exact($0) }, isImmutable: isImmutable, returns: { _, _ in type })
    }

    /// The parameters of a call with `count` arguments; nil when the count is wrong.
    func parameters(forCount count: Int) -> [Parameter]? {
        if parameters.count == count { return parameters }
        guard lastRepeats, let last = parameters.last, count > parameters.count else { return nil }
        return parameters + Array(repeating: last, count: count - parameters.count)
    }

    /// As messages show it: `round(DECIMAL, INTEGER)`.
    var signature: String {
        let shown = parameters.map { parameter in
            switch parameter {
            case .exact(let type): type.sqlName
            case .decimal: "DECIMAL"
            case .common, .asText, .any: "any"
            case .array: "array"
            case .element: "element"
            }
        }
        return name + "(" + shown.joined(separator: ", ") + (lastRepeats ? ", ..." : "") + ")"
    }
}
