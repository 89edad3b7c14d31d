import Columns

/// Chooses among overloads as PostgreSQL does (its manual, chapter "Type Conversion").
struct FunctionResolution {
    /// An overload that takes the arguments, with what each of them would become.
    struct Candidate {
        var overload: ScalarOverload
        var types: [DataType]
        var exactCount: Int
        var preferredCount: Int
    }

    let arguments: [ArgumentType]

    /// - Throws: `.noMatch` or `.ambiguous`.
    func choose(among overloads: [ScalarOverload]) throws(FunctionResolutionError) -> Candidate {
        var candidates = overloads.compactMap(candidate)
        if candidates.isEmpty { throw .noMatch(signatures: overloads.map(\.signature)) }
        let knownCount = arguments.count { $0 != .unknown }
        if let exact = candidates.first(where: { $0.exactCount == arguments.count }) { return exact }
        if let alike = likeTheOther(candidates) { return alike }
        let exactMax = candidates.map(\.exactCount).max() ?? 0
        candidates.removeAll { $0.exactCount < exactMax }
        if candidates.count > 1, knownCount > 0 {
            let preferredMax = candidates.map(\.preferredCount).max() ?? 0
            candidates.removeAll { $0.preferredCount < preferredMax }
        }
        if candidates.count > 1 { candidates = byCategory(candidates) }
        guard let first = candidates.first else { throw .noMatch(signatures: overloads.map(\.signature)) }
        if candidates.count > 1, candidates.contains(where: { $0.types != first.types }) {
            throw .ambiguous(signatures: candidates.map(\.overload.signature))
        }
        return first
    }

    /// What the arguments become under an overload; nil when one of them cannot.
    private func candidate(_ overload: ScalarOverload) -> Candidate? {
        guard let parameters = overload.parameters(forCount: arguments.count) else { return nil }
        var common: DataType?
        let sharing = zip(parameters, arguments).filter { $0.0 == .common }.map(\.1)
        if !sharing.isEmpty {
            guard let type = TypeCoercion.commonType(sharing) else { return nil }
            common = type
        }
        guard let element = elementType(parameters) else { return nil }
        let decimals = zip(parameters, arguments).compactMap { parameter, argument -> DataType? in
            guard parameter == .decimal, case .known(let type) = argument, type.isNumeric else { return nil }
            return DecimalTyping.decimal(for: type)
        }
        var candidate = Candidate(overload: overload, types: [], exactCount: 0, preferredCount: 0)
        for (parameter, argument) in zip(parameters, arguments) {
            let target: DataType
            switch (parameter, argument) {
            case (.exact(let type), .unknown): target = type
            case (.exact(let type), .known(let source)):
                guard TypeCoercion.canCast(from: source, to: type, context: .implicit) else { return nil }
                target = type
            case (.decimal, .unknown): target = decimals.first ?? DecimalTyping.decimal(for: .doublePrecision)
            case (.decimal, .known(let source)):
                guard source.isInteger || source.isDecimal else { return nil }
                target = DecimalTyping.decimal(for: source)
            case (.common, _): target = common ?? .text
            case (.array, _): target = .array(of: element)
            case (.element, _): target = element
            case (.asText, _), (.any, .unknown): target = .text
            case (.any, .known(let source)): target = source
            }
            candidate.types.append(target)
            if case .known(let source) = argument, source == target { candidate.exactCount += 1 }
            if argument != .known(target), TypeCoercion.isPreferred(target) { candidate.preferredCount += 1 }
        }
        return candidate
    }

    /// The type of the elements that parameters for arrays and elements share; TEXT where there are none. nil
    /// when the arguments do not fit: an unknown literal is an array only beside one that is known.
    private func elementType(_ parameters: [ScalarOverload.Parameter]) -> DataType? {
        var members: [ArgumentType] = []
        var isArrayKnown = false
        for (parameter, argument) in zip(parameters, arguments) {
            switch (parameter, argument) {
            case (.array, .known(let type)):
                guard let element = type.elementType else { return nil }
                isArrayKnown = true
                members.append(.known(element))
            case (.element, .known(let type)):
                if type.isArray { return nil }
                members.append(argument)
            default: continue
            }
        }
        if parameters.contains(.element), parameters.contains(.array), !isArrayKnown { return nil }
        return TypeCoercion.commonType(members)
    }

    /// An unknown operand of a binary operator or function is first taken to have the other's type.
    private func likeTheOther(_ candidates: [Candidate]) -> Candidate? {
        guard arguments.count == 2, arguments.contains(.unknown),
            case .known(let type)? = arguments.first(where: { $0 != .unknown })
        else { return nil }
        return candidates.first { $0.types == [type, type] }
    }

    /// Unknown arguments are strings where a string is taken, else of the one category that all candidates
    /// take.
    private func byCategory(_ all: [Candidate]) -> [Candidate] {
        var candidates = all
        for (position, argument) in arguments.enumerated() where argument == .unknown {
            let categories = candidates.map { TypeCoercion.category($0.types[position]) }
            if categories.contains(.string) {
                candidates.removeAll { TypeCoercion.category($0.types[position]) != .string }
            } else if let first = categories.first, categories.allSatisfy({ $0 == first }),
                candidates.contains(where: { TypeCoercion.isPreferred($0.types[position]) })
            {
                candidates.removeAll { !TypeCoercion.isPreferred($0.types[position]) }
            }
        }
        if candidates.count > 1, case .known(let type)? = arguments.first(where: { $0 != .unknown }),
            arguments.allSatisfy({ $0 == .unknown || $0 == .known(type) }),
            let same = candidates.first(where: { $0.types.allSatisfy { $0 == type } })
        {
            return [same]
        }
        return candidates
    }
}
