/// The shape of a regular expression.
indirect enum RegexNode {
    case empty
    case set(RegexSet)
    case assertion(RegexAssertion)
    case sequence([RegexNode])
    case choice([RegexNode])
    case group(RegexNode, number: Int?)
    case repeated(RegexNode, least: Int, most: Int?, isLazy: Bool)
    /// What stands behind (or before) this place, or must not.
    case look(RegexNode, isBehind: Bool, isNegated: Bool)
    case backReference(Int, foldsCase: Bool)
}

/// Reads a regular expression.
struct RegexParser {
    private let pattern: String
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var options: RegexOptions
    private var foldsCase: Bool { options.foldsCase }
    /// Whether it has look-around or back references, which only a search by trial can find.
    private(set) var needsBacktracking = false
    private var depth = 0
    private(set) var groupCount = 0
    private(set) var hasLazyQuantifier = false

    static let depthMax = 100
    static let repetitionMax = 255

    init(_ pattern: String, _ options: RegexOptions) {
        self.pattern = pattern
        self.options = options
        scalars = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(ExecutionError) -> RegexNode {
        if scalars.starts(with: "***=".unicodeScalars) {
            position = 4
            options.isLiteral = true
        } else if scalars.starts(with: "***:".unicodeScalars) {
            position = 4
        }
        if !options.isLiteral { try takeOptions() }
        if options.isLiteral {
            return .sequence(
                scalars[position...].map { .set(RegexSet(members: [.range($0, $0)], foldsCase: foldsCase)) })
        }
        let node = try choice()
        guard position == scalars.count else { throw failure("parentheses () not balanced") }
        return node
    }

    /// `(?in)` at the beginning.
    private mutating func takeOptions() throws(ExecutionError) {
        guard position + 2 < scalars.count, scalars[position] == "(", scalars[position + 1] == "?",
            scalars[position + 2].properties.isAlphabetic,
            let end = scalars[position...].firstIndex(of: ")")
        else { return }
        for letter in scalars[(position + 2)..<end] {
            guard options.apply(letter) else { throw failure("invalid embedded option") }
        }
        position = end + 1
    }

    /// In expanded syntax, steps over white space and comments.
    private mutating func skipSpace() {
        guard options.isExpanded else { return }
        while let scalar = current {
            if scalar == "#" {
                while let next = current, next != "\n" { position += next == "\n" ? 0 : 1 }
            } else if scalar.properties.isWhitespace {
                position += 1
            } else {
                return
            }
        }
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
        skipSpace()
        while let scalar = current, scalar != "|", scalar != ")" {
            nodes.append(try quantified())
            skipSpace()
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func quantified() throws(ExecutionError) -> RegexNode {
        let node = try atom()
        skipSpace()
        if let scalar = current {
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
            if current == "*" || current == "+" || current == "?" {
                throw failure("quantifier operand invalid")
            }
            return .repeated(node, least: bounds.least, most: bounds.most, isLazy: isLazy)
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
        case ".":
            return .set(
                options.newlineStops ? RegexSet(members: [.range("\n", "\n")], isNegated: true) : .any)
        case "^": return .assertion(options.newlineAnchors ? .lineStart : .start)
        case "$": return .assertion(options.newlineAnchors ? .lineEnd : .end)
        case "\\": return try escape()
        case "*", "+", "?": throw failure("quantifier operand invalid")
        default: return .set(RegexSet(members: [.range(scalar, scalar)], foldsCase: foldsCase))
        }
    }

    private mutating func group() throws(ExecutionError) -> RegexNode {
        var number: Int?
        if take("?") {
            if !take(":") { return try look() }
        } else {
            groupCount += 1
            number = groupCount
        }
        let inner = try choice()
        guard take(")") else { throw failure("parentheses () not balanced") }
        return .group(inner, number: number)
    }

    private mutating func look() throws(ExecutionError) -> RegexNode {
        let isBehind = take("<")
        let isNegated = take("!")
        guard isNegated || take("=") else { throw failure("invalid regular expression option") }
        needsBacktracking = true
        let inner = try choice()
        guard take(")") else { throw failure("parentheses () not balanced") }
        return .look(inner, isBehind: isBehind, isNegated: isNegated)
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
        case "1"..."9":
            let number = Int(scalar.value) - 48
            guard number <= groupCount else { throw failure("invalid backreference number") }
            needsBacktracking = true
            return .backReference(number, foldsCase: foldsCase)
        case "u", "x", "U":
            return .set(RegexSet(members: [try hexadecimal(scalar)], foldsCase: foldsCase))
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

    /// `\uXXXX`, `\UXXXXXXXX`, `\xX…`
    private mutating func hexadecimal(_ kind: Unicode.Scalar) throws(ExecutionError) -> RegexSet.Member {
        let most = kind == "u" ? 4 : 8
        var code: UInt32 = 0
        var count = 0
        while count < most, let scalar = current, scalar.isASCII, let digit = Character(scalar).hexDigitValue
        {
            code = code << 4 | UInt32(digit)
            count += 1
            position += 1
        }
        guard count > 0, kind == "x" || count == most, let scalar = Unicode.Scalar(code) else {
            throw failure("invalid escape \\ sequence")
        }
        return .range(scalar, scalar)
    }

    private mutating func bracket() throws(ExecutionError) -> RegexSet {
        var set = RegexSet(foldsCase: foldsCase)
        set.isNegated = take("^")
        if set.isNegated, options.newlineStops { set.members.append(.range("\n", "\n")) }
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
