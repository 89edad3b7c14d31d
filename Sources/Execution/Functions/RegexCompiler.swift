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
        case .look, .backReference:
            throw .invalidPattern(pattern: pattern, reason: "look-around and back references need a search")
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
