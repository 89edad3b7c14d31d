/// The shape of a regular expression.
indirect enum RegexNode {
    case empty
    case set(RegexSet)
    case assertion(RegexAssertion)
    case sequence([RegexNode])
    case choice([RegexNode])
    case group(RegexNode, number: Int?)
    case repeated(RegexNode, least: Int, most: Int?, isLazy: Bool)
}

/// Reads a regular expression.
struct RegexParser {
    private let pattern: String
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var foldsCase: Bool
    private var depth = 0
    private(set) var groupCount = 0
    private(set) var hasLazyQuantifier = false

    static let depthMax = 100
    static let repetitionMax = 255

    init(_ pattern: String, foldsCase: Bool) {
        self.pattern = pattern
        self.foldsCase = foldsCase
        scalars = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(ExecutionError) -> RegexNode {
        if scalars.starts(with: Array("(?i)".unicodeScalars)) {
            foldsCase = true
            position = 4
        }
        let node = try choice()
        guard position == scalars.count else { throw failure("parentheses () not balanced") }
        return node
    }

    private func failure(_ reason: String) -> ExecutionError {
        .invalidPattern(pattern: pattern, reason: reason)
    }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        position += 1
        return true
    }

    private mutating func choice() throws(ExecutionError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw failure("nested too deep") }
        var options = [try sequence()]
        while take("|") { options.append(try sequence()) }
        return options.count == 1 ? options[0] : .choice(options)
    }

    private mutating func sequence() throws(ExecutionError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let scalar = current, scalar != "|", scalar != ")" { nodes.append(try quantified()) }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func quantified() throws(ExecutionError) -> RegexNode {
        var node = try atom()
        while let scalar = current {
            var bounds: (least: Int, most: Int?)
            switch scalar {
            case "*": bounds = (0, nil)
            case "+": bounds = (1, nil)
            case "?": bounds = (0, 1)
            case "{":
                guard position + 1 < scalars.count, let digit = scalars[position + 1].properties.numericType,
                    digit == .decimal
                else { return node }
                bounds = try braces()
            default: return node
            }
            if scalar != "{" { position += 1 }
            let isLazy = take("?")
            if isLazy { hasLazyQuantifier = true }
            node = .repeated(node, least: bounds.least, most: bounds.most, isLazy: isLazy)
        }
        return node
    }

    private mutating func braces() throws(ExecutionError) -> (least: Int, most: Int?) {
        position += 1
        guard let least = number() else { throw failure("invalid repetition count(s)") }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}"), least <= Self.repetitionMax, most ?? 0 <= Self.repetitionMax, most ?? least >= least
        else {
            throw failure("invalid repetition count(s)")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = current, scalar.isASCII, scalar.properties.numericType == .decimal,
            value ?? 0 < 10_000
        {
            value = (value ?? 0) * 10 + Int(scalar.value) - 48
            position += 1
        }
        return value
    }

    private mutating func atom() throws(ExecutionError) -> RegexNode {
        guard let scalar = current else { return .empty }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return .set(try bracket())
        case ".": return .set(.any)
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "\\": return try escape()
        case "*", "+", "?": throw failure("quantifier operand invalid")
        default: return .set(RegexSet(members: [.range(scalar, scalar)], foldsCase: foldsCase))
        }
    }

    private mutating func group() throws(ExecutionError) -> RegexNode {
        var number: Int?
        if take("?") {
            guard take(":") else { throw failure("look-around is not supported") }
        } else {
            groupCount += 1
            number = groupCount
        }
        let inner = try choice()
        guard take(")") else { throw failure("parentheses () not balanced") }
        return .group(inner, number: number)
    }

    private mutating func escape() throws(ExecutionError) -> RegexNode {
        guard let scalar = current else { throw failure("invalid escape \\ sequence") }
        position += 1
        switch scalar {
        case "m", "<": return .assertion(.wordStart)
        case "M", ">": return .assertion(.wordEnd)
        case "y", "b": return .assertion(.wordBoundary)
        case "Y", "B": return .assertion(.noWordBoundary)
        case "A": return .assertion(.start)
        case "Z": return .assertion(.end)
        case "1"..."9": throw failure("back references are not supported")
        default: return .set(RegexSet(members: [Self.member(scalar)], foldsCase: foldsCase))
        }
    }

    private static func member(_ scalar: Unicode.Scalar) -> RegexSet.Member {
        switch scalar {
        case "d": .digit
        case "D": .notDigit
        case "s": .space
        case "S": .notSpace
        case "w": .word
        case "W": .notWord
        case "n": .range("\n", "\n")
        case "t": .range("\t", "\t")
        case "r": .range("\r", "\r")
        default: .range(scalar, scalar)
        }
    }

    private mutating func bracket() throws(ExecutionError) -> RegexSet {
        var set = RegexSet(foldsCase: foldsCase)
        set.isNegated = take("^")
        var isFirst = true
        while let scalar = current {
            position += 1
            if scalar == "]", !isFirst { return set }
            isFirst = false
            if scalar == "[", current == ":" {
                set.members.append(try classMember())
                continue
            }
            if scalar == "\\", let next = current {
                position += 1
                set.members.append(Self.member(next))
                continue
            }
            if current == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                guard let high = current, high >= scalar else { throw failure("invalid character range") }
                position += 1
                set.members.append(.range(scalar, high))
            } else {
                set.members.append(.range(scalar, scalar))
            }
        }
        throw failure("brackets [] not balanced")
    }

    private mutating func classMember() throws(ExecutionError) -> RegexSet.Member {
        position += 1
        var name = ""
        while let scalar = current, scalar != ":" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take(":"), take("]") else { throw failure("brackets [] not balanced") }
        switch name {
        case "alpha": return .alpha
        case "digit": return .digit
        case "alnum": return .alnum
        case "space", "blank": return .space
        case "lower": return .lower
        case "upper": return .upper
        case "punct": return .punct
        case "word": return .word
        default: throw failure("invalid character class")
        }
    }
}

/// Turns the shape into a program.
struct RegexCompiler {
    let pattern: String
    private var program: [RegexInstruction] = []

    static let instructionsMax = 20_000

    init(pattern: String) { self.pattern = pattern }

    mutating func compile(_ node: RegexNode) throws(ExecutionError) -> [RegexInstruction] {
        try emit(node)
        program.append(.accept)
        return program
    }

    private mutating func emit(_ node: RegexNode) throws(ExecutionError) {
        guard program.count < Self.instructionsMax else {
            throw .invalidPattern(pattern: pattern, reason: "regular expression is too complex")
        }
        switch node {
        case .empty: break
        case .set(let set): program.append(.one(set))
        case .assertion(let assertion): program.append(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .choice(let options): try emitChoice(options)
        case .group(let inner, let number):
            if let number { program.append(.save(number * 2)) }
            try emit(inner)
            if let number { program.append(.save(number * 2 + 1)) }
        case .repeated(let inner, let least, let most, let isLazy):
            for _ in 0..<least { try emit(inner) }
            if let most {
                for _ in least..<most { try emitOptional(inner, isLazy) }
            } else {
                let split = program.count
                program.append(.accept)
                try emit(inner)
                program.append(.jump(split))
                program[split] = Self.split(split + 1, program.count, isLazy)
            }
        }
    }

    private mutating func emitOptional(_ inner: RegexNode, _ isLazy: Bool) throws(ExecutionError) {
        let split = program.count
        program.append(.accept)
        try emit(inner)
        program[split] = Self.split(split + 1, program.count, isLazy)
    }

    private static func split(_ body: Int, _ after: Int, _ isLazy: Bool) -> RegexInstruction {
        isLazy ? .split(after, body) : .split(body, after)
    }

    private mutating func emitChoice(_ options: [RegexNode]) throws(ExecutionError) {
        var jumps: [Int] = []
        for (index, option) in options.enumerated() {
            guard index + 1 < options.count else {
                try emit(option)
                break
            }
            let split = program.count
            program.append(.accept)
            try emit(option)
            jumps.append(program.count)
            program.append(.accept)
            program[split] = .split(split + 1, program.count)
        }
        for jump in jumps { program[jump] = .jump(program.count) }
    }
}
