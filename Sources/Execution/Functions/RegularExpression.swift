/// A regular expression of PostgreSQL's advanced form.
///
/// Matching simulates all ways at once, so its time is at most text × program: no pattern can hang a query.
/// Expressions with look-around or back references are searched by trial instead, in a bounded number of
/// steps. A match is the leftmost, and the longest there unless the expression has a non-greedy quantifier.
/// Source: Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009.
struct RegularExpression {
    struct Match {
        /// Begin and end of the match and of each group, -1 where a group took no part.
        let slots: [Int]

        var range: Range<Int> { slots[0]..<slots[1] }

        func group(_ number: Int) -> Range<Int>? {
            guard number * 2 + 1 < slots.count, slots[number * 2] >= 0, slots[number * 2 + 1] >= 0 else {
                return nil
            }
            return slots[number * 2]..<slots[number * 2 + 1]
        }
    }

    let groupCount: Int
    private let program: [RegexInstruction]
    private let prefersLongest: Bool

    private let backtracker: RegexBacktracker?
    /// Whether a match can only begin where the text does.
    private let isAnchored: Bool

    init(_ pattern: String, _ options: RegexOptions = RegexOptions()) throws(ExecutionError) {
        var parser = RegexParser(pattern, options)
        let tree = try parser.parse()
        groupCount = parser.groupCount
        prefersLongest = !parser.hasLazyQuantifier
        if parser.needsBacktracking {
            backtracker = RegexBacktracker(tree, groupCount: groupCount)
            program = []
            isAnchored = false
            return
        }
        backtracker = nil
        var compiler = RegexCompiler(pattern: pattern)
        program = try compiler.compile(tree)
        if case .assert(.start)? = program.first { isAnchored = true } else { isAnchored = false }
    }

    static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    func isMatch(_ text: String) -> Bool {
        firstMatch(Array(text.unicodeScalars), from: 0, stopsAtFirst: true) != nil
    }

    /// Matches that do not overlap, from left to right.
    func allMatches(_ text: [Unicode.Scalar], onlyFirst: Bool = false, from start: Int = 0) -> [Match] {
        var matches: [Match] = []
        var position = start
        while position <= text.count, let match = firstMatch(text, from: position) {
            matches.append(match)
            if onlyFirst { break }
            position = match.range.isEmpty ? match.range.upperBound + 1 : match.range.upperBound
        }
        return matches
    }

    /// One way of matching: where it is in the program and what its groups hold.
    private struct Thread {
        var instruction: Int
        var slots: [Int]
    }

    /// The leftmost match at or behind `start`. O(text × program).
    func firstMatch(_ text: [Unicode.Scalar], from start: Int, stopsAtFirst: Bool = false) -> Match? {
        if let backtracker { return backtracker.firstMatch(text, from: start) }
        var current: [Thread] = []
        var marks = [Int](repeating: -1, count: program.count)
        var best: [Int]?
        var position = start
        while true {
            if best == nil {
                let fresh = [Int](repeating: -1, count: groupCount * 2 + 2)
                for index in marks.indices { marks[index] = -1 }
                for thread in current { marks[thread.instruction] = position }
                add(0, fresh.replacing(0, with: position), position, text, &current, &marks)
            }
            if current.isEmpty, best != nil || isAnchored { break }
            var next: [Thread] = []
            for index in marks.indices { marks[index] = -1 }
            for thread in current {
                switch program[thread.instruction] {
                case .accept:
                    let isLonger = best.map { position > $0[1] && thread.slots[0] == $0[0] } ?? true
                    let isEarlier = best.map { thread.slots[0] < $0[0] } ?? false
                    if isLonger || isEarlier { best = thread.slots.replacing(1, with: position) }
                case .one(let set):
                    if position < text.count, set.contains(text[position]) {
                        add(thread.instruction + 1, thread.slots, position + 1, text, &next, &marks)
                    }
                default: break
                }
                if best != nil, !prefersLongest || stopsAtFirst, case .accept = program[thread.instruction] {
                    break
                }
            }
            if stopsAtFirst, best != nil { break }
            // Ways that began behind the best one can no longer win.
            if let best { next.removeAll { $0.slots[0] > best[0] } }
            current = next
            position += 1
            if position > text.count, best != nil || current.isEmpty { break }
            if position > text.count { break }
        }
        return best.map { Match(slots: $0) }
    }

    /// Follows instructions that take no character.
    private func add(
        _ first: Int, _ slots: [Int], _ position: Int, _ text: [Unicode.Scalar], _ threads: inout [Thread],
        _ marks: inout [Int]
    ) {
        var stack: [(Int, [Int])] = [(first, slots)]
        while let (instruction, slots) = stack.popLast() {
            if marks[instruction] == position { continue }
            marks[instruction] = position
            switch program[instruction] {
            case .jump(let target): stack.append((target, slots))
            case .split(let preferred, let other):
                stack.append((other, slots))
                stack.append((preferred, slots))
            case .save(let slot): stack.append((instruction + 1, slots.replacing(slot, with: position)))
            case .assert(let assertion):
                if assertion.holds(text, position) { stack.append((instruction + 1, slots)) }
            case .one, .accept: threads.append(Thread(instruction: instruction, slots: slots))
            }
        }
    }
}

extension [Int] {
    fileprivate func replacing(_ index: Int, with value: Int) -> [Int] {
        var copy = self
        copy[index] = value
        return copy
    }
}

/// One step of a compiled expression.
enum RegexInstruction {
    case one(RegexSet)
    case split(Int, Int)
    case jump(Int)
    case save(Int)
    case assert(RegexAssertion)
    case accept
}

/// A place between characters.
enum RegexAssertion {
    case start, end, lineStart, lineEnd, wordStart, wordEnd, wordBoundary, noWordBoundary

    func holds(_ text: [Unicode.Scalar], _ position: Int) -> Bool {
        let before = position > 0 && RegexSet.isWord(text[position - 1])
        let after = position < text.count && RegexSet.isWord(text[position])
        return switch self {
        case .start: position == 0
        case .end: position == text.count
        case .lineStart: position == 0 || text[position - 1] == "\n"
        case .lineEnd: position == text.count || text[position] == "\n"
        case .wordStart: !before && after
        case .wordEnd: before && !after
        case .wordBoundary: before != after
        case .noWordBoundary: before == after
        }
    }
}

/// A set of characters.
struct RegexSet {
    enum Member {
        case range(Unicode.Scalar, Unicode.Scalar)
        case digit, space, word, notDigit, notSpace, notWord
        case alpha, alnum, lower, upper, punct
    }

    var members: [Member] = []
    var isNegated = false
    var foldsCase = false

    static let any = RegexSet(members: [], isNegated: true)

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        if foldsCase {
            let lower = scalar.properties.lowercaseMapping.unicodeScalars
            let upper = scalar.properties.uppercaseMapping.unicodeScalars
            if let first = lower.first, lower.count == 1, includes(first) { return !isNegated }
            if let first = upper.first, upper.count == 1, includes(first) { return !isNegated }
        }
        return includes(scalar) != isNegated
    }

    private func includes(_ scalar: Unicode.Scalar) -> Bool {
        for member in members {
            let isIn =
                switch member {
                case .range(let low, let high): low <= scalar && scalar <= high
                case .digit: scalar.properties.numericType == .decimal
                case .notDigit: scalar.properties.numericType != .decimal
                case .space: scalar.properties.isWhitespace
                case .notSpace: !scalar.properties.isWhitespace
                case .word: Self.isWord(scalar)
                case .notWord: !Self.isWord(scalar)
                case .alpha: scalar.properties.isAlphabetic
                case .alnum: scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
                case .lower: scalar.properties.isLowercase
                case .upper: scalar.properties.isUppercase
                case .punct: scalar.isASCII && scalar.value > 32 && scalar.value < 127 && !Self.isWord(scalar)
                }
            if isIn { return true }
        }
        return false
    }
}
