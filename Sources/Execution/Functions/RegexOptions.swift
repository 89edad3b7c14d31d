/// How a regular expression is read and matched (PostgreSQL's manual, "ARE Embedded-Option Letters").
struct RegexOptions: Hashable {
    var foldsCase = false
    /// `^` and `$` match at line breaks too.
    var newlineAnchors = false
    /// `.` and negated brackets do not match a line break.
    var newlineStops = false
    /// All characters stand for themselves.
    var isLiteral = false
    /// White space and comments in the pattern do not count.
    var isExpanded = false
    /// All matches instead of the first: an option of functions, not of the expression.
    var isGlobal = false

    init(foldsCase: Bool = false) { self.foldsCase = foldsCase }

    /// - Throws: `.refused` (22023) for a letter that is no option.
    init(flags: String, takesGlobal: Bool = false) throws(ExecutionError) {
        for letter in flags.unicodeScalars {
            if letter == "g", takesGlobal {
                isGlobal = true
            } else if letter == "g" {
                throw .refused(code: "22023", reason: "function does not support the \"global\" option")
            } else if !apply(letter) {
                throw .refused(code: "22023", reason: "invalid regular expression option: \"\(letter)\"")
            }
        }
    }

    /// Sets what a letter says; false when it says nothing.
    mutating func apply(_ letter: Unicode.Scalar) -> Bool {
        switch letter {
        case "i": foldsCase = true
        case "c": foldsCase = false
        case "n", "m": (newlineAnchors, newlineStops) = (true, true)
        case "p": (newlineAnchors, newlineStops) = (false, true)
        case "w": (newlineAnchors, newlineStops) = (true, false)
        case "s": (newlineAnchors, newlineStops) = (false, false)
        case "q": isLiteral = true
        case "x": isExpanded = true
        case "t": isExpanded = false
        case "e", "b": return true
        default: return false
        }
        return true
    }
}
