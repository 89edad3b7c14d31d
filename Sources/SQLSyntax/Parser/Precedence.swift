/// How tightly operators bind, loosest first (PostgreSQL's manual, "Operator Precedence").
enum Precedence: Int, Comparable {
    case or = 1, and, not, `is`, comparison
    /// BETWEEN, IN, LIKE, ILIKE, SIMILAR.
    case range
    /// Every operator without a place of its own, such as `||` and `->`.
    case other
    case sum, product, power, at, collate, sign, postfix

    static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }

    /// What an operand on the right must at least have, so that equal operators group from the left.
    var next: Precedence { Precedence(rawValue: rawValue + 1) ?? .postfix }

    static func of(operation: String) -> Precedence {
        switch operation {
        case "<", ">", "=", "<=", ">=", "<>": .comparison
        case "+", "-": .sum
        case "*", "/", "%": .product
        case "^": .power
        default: .other
        }
    }
}
