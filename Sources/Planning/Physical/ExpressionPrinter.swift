import Columns
import Execution

/// Writes expressions of physical plans as a person would read them; not meant to be parsed.
enum ExpressionPrinter {
    /// - Parameter names: Of the input's columns, by position.
    static func text(_ expression: Expression, _ names: [String]) -> String {
        switch expression {
        case .column(let index, _): return names.indices.contains(index) ? names[index] : "#\(index)"
        case .constant(let value, _): return text(value)
        case .comparison(let sign, let left, let right):
            return "(\(text(left, names)) \(sign.rawValue) \(text(right, names)))"
        case .and(let parts): return "(" + parts.map { text($0, names) }.joined(separator: " AND ") + ")"
        case .or(let parts): return "(" + parts.map { text($0, names) }.joined(separator: " OR ") + ")"
        case .not(let operand): return "NOT \(text(operand, names))"
        case .isNull(let operand): return "(\(text(operand, names)) IS NULL)"
        case .isNotNull(let operand): return "(\(text(operand, names)) IS NOT NULL)"
        case .call(let function, let arguments): return text(function.name, arguments, names)
        case .cast(let operand, let type): return "\(text(operand, names))::\(type.sqlName.lowercased())"
        case .inList(let operand, let values):
            return "(\(text(operand, names)) IN (\(values.map { text($0) }.joined(separator: ", "))))"
        case .coalesce(let parts, _):
            return "coalesce(" + parts.map { text($0, names) }.joined(separator: ", ") + ")"
        case .caseWhen(let branches, let otherwise, _):
            let whens = branches.map { "WHEN \(text($0.condition, names)) THEN \(text($0.result, names))" }
            let rest = otherwise.map { " ELSE \(text($0, names))" } ?? ""
            return "CASE \(whens.joined(separator: " "))\(rest) END"
        }
    }

    private static func text(_ name: String, _ arguments: [Expression], _ names: [String]) -> String {
        let list = arguments.map { text($0, names) }
        let isOperator = name.utf8.first.map { !(0x61...0x7A).contains($0) } ?? false
        if isOperator, list.count == 2 { return "(\(list[0]) \(name) \(list[1]))" }
        if isOperator, list.count == 1 { return "(\(name)\(list[0]))" }
        return "\(name)(\(list.joined(separator: ", ")))"
    }

    private static func text(_ value: Value) -> String {
        guard let plain = value.text else { return "NULL" }
        switch value {
        case .smallint, .integer, .bigint, .real, .doublePrecision, .decimal: return plain
        case .boolean(let flag): return flag ? "true" : "false"
        default: return "'\(plain)'"
        }
    }
}
