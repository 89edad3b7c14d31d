/// A template of TO_CHAR and TO_NUMBER for numbers, taken apart.
///
/// Source: PostgreSQL's manual, "Template Patterns for Numeric Formatting", and its formatting of numbers.
struct NumberTemplate {
    enum Piece: Hashable {
        case nine, zero, point, comma, group, currency, sign, minus, plus, plusMinus
        case roman(isLower: Bool)
        case ordinal(isLower: Bool)
        case literal(String)
        /// Marks that only set a flag: FM, PR, V, EEEE, B.
        case flag
    }

    enum Anchor { case none, before, after }

    private(set) var pieces: [Piece] = []
    /// Digits before and behind the point.
    var wholeDigits = 0
    private(set) var fractionDigits = 0
    /// Digits behind V: the number is multiplied by ten as often.
    private(set) var shift = 0
    private(set) var isPadded = true
    private(set) var hasPoint = false
    private(set) var hasZero = false
    private(set) var zeroStart = 0
    private(set) var zeroEnd = 0
    private(set) var anchor = Anchor.none
    private(set) var wholeDigitsBeforeSign = 0
    private(set) var hasMinus = false
    private(set) var hasPlus = false
    private(set) var hasBrackets = false
    private(set) var isRoman = false
    private(set) var isScientific = false
    private var hasShift = false

    /// - Throws: `.refused` (42601) for marks that exclude each other.
    init(_ text: String) throws(ExecutionError) {
        var rest = Array(text)[...]
        while let first = rest.first {
            if first == "\"" {
                rest = rest.dropFirst()
                takeQuoted(&rest)
                continue
            }
            if first == "\\", rest.count > 1 {
                pieces.append(.literal(String(rest[rest.startIndex + 1])))
                rest = rest.dropFirst(2)
                continue
            }
            let upper = String(rest.prefix(4)).uppercased()
            guard let keyword = Self.keywords.first(where: { upper.hasPrefix($0) }) else {
                pieces.append(.literal(String(first)))
                rest = rest.dropFirst()
                continue
            }
            try take(keyword, isLower: first.isLowercase)
            rest = rest.dropFirst(keyword.count)
        }
        if anchor == .before, wholeDigits == wholeDigitsBeforeSign { anchor = .after }
    }

    private static let keywords = [
        "EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "TH", ",", ".", "0", "9", "B", "D", "G", "L", "S", "V",
    ]

    private mutating func takeQuoted(_ rest: inout ArraySlice<Character>) {
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let next = rest.popFirst() {
                pieces.append(.literal(String(next)))
            } else {
                pieces.append(.literal(String(character)))
            }
        }
    }

    private func refusal(_ reason: String) -> ExecutionError { .refused(code: "42601", reason: reason) }

    private mutating func take(_ keyword: String, isLower: Bool) throws(ExecutionError) {
        if isScientific, keyword != "FM" { throw refusal("\"EEEE\" must be the last pattern used") }
        switch keyword {
        case "9", "0": try takeDigit(isZero: keyword == "0")
        case ".", "D":
            if hasPoint { throw refusal("multiple decimal points") }
            if hasShift { throw refusal("cannot use \"V\" and decimal point together") }
            hasPoint = true
            pieces.append(.point)
        case ",": pieces.append(.comma)
        case "G": pieces.append(.group)
        case "L": pieces.append(.currency)
        case "S":
            if anchor != .none { throw refusal("cannot use \"S\" twice") }
            if hasPlus || hasMinus || hasBrackets {
                throw refusal("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")
            }
            anchor = hasPoint ? .after : .before
            wholeDigitsBeforeSign = wholeDigits
            pieces.append(.sign)
        case "MI", "PL", "SG":
            if anchor != .none { throw refusal("cannot use \"S\" and \"\(keyword)\" together") }
            hasMinus = hasMinus || keyword != "PL"
            hasPlus = hasPlus || keyword != "MI"
            pieces.append(keyword == "MI" ? .minus : keyword == "PL" ? .plus : .plusMinus)
        default: try takeFlag(keyword, isLower: isLower)
        }
    }

    private mutating func takeDigit(isZero: Bool) throws(ExecutionError) {
        if hasBrackets { throw refusal("\"\(isZero ? "0" : "9")\" must be ahead of \"PR\"") }
        if isZero, !hasZero, !hasPoint {
            hasZero = true
            zeroStart = wholeDigits + 1
        }
        if hasShift, !isZero {
            shift += 1
        } else if hasPoint {
            fractionDigits += 1
        } else {
            wholeDigits += 1
        }
        if isZero { zeroEnd = wholeDigits + fractionDigits }
        pieces.append(isZero ? .zero : .nine)
    }

    private mutating func takeFlag(_ keyword: String, isLower: Bool) throws(ExecutionError) {
        switch keyword {
        case "FM": isPadded = false
        case "PR":
            if anchor != .none || hasPlus || hasMinus {
                throw refusal("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together")
            }
            hasBrackets = true
        case "RN":
            isRoman = true
            pieces.append(.roman(isLower: isLower))
        case "TH": pieces.append(.ordinal(isLower: isLower))
        case "V":
            if hasPoint { throw refusal("cannot use \"V\" and decimal point together") }
            hasShift = true
        case "EEEE": isScientific = true
        default: pieces.append(.flag)
        }
    }
}
