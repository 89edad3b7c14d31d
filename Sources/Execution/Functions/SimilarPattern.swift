/// SIMILAR TO's patterns as regular expressions (PostgreSQL's manual, "SIMILAR TO Regular Expressions").
enum SimilarPattern {
    /// The whole text must match; in a pattern with two escaped double quotes, the first group is what lies
    /// between them.
    ///
    /// - Throws: `.refused` (22019) for an escape of several characters, `.refused` (2200C) for more than two
    ///   such separators.
    static func expression(_ pattern: String, escape: String?) throws(ExecutionError) -> String {
        let escapes = Array((escape ?? "\\").unicodeScalars)
        guard escapes.count <= 1 else {
            throw .refused(code: "22025", reason: "invalid escape string: escape must be one character")
        }
        var parts = [""]
        var isEscaped = false
        var inBrackets = false
        for scalar in pattern.unicodeScalars {
            let last = parts.count - 1
            let character = String(Character(scalar))
            if isEscaped {
                if scalar == "\"" {
                    parts.append("")
                } else {
                    parts[last] += (isWord(scalar) && escapes.first != "\\" ? "" : "\\") + character
                }
                isEscaped = false
            } else if scalar == escapes.first {
                isEscaped = true
            } else if inBrackets {
                parts[last] += scalar == "\\" ? "\\\\" : character
                if scalar == "]" { inBrackets = false }
            } else {
                switch scalar {
                case "%": parts[last] += ".*"
                case "_": parts[last] += "."
                case "(": parts[last] += "(?:"
                case ".", "^", "$", "\\": parts[last] += "\\" + character
                default:
                    inBrackets = scalar == "["
                    parts[last] += character
                }
            }
        }
        switch parts.count {
        case 1: return "^(?:\(parts[0]))$"
        case 3:
            // The first part takes as little as it can.
            let first = parts[0].split(separator: ".*", omittingEmptySubsequences: false).joined(
                separator: ".*?")
            return "^(?:\(first))(\(parts[1]))(?:\(parts[2]))$"
        default:
            throw .refused(
                code: "2200C",
                reason: "SQL regular expression must contain exactly two escape-double-quote separators")
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
