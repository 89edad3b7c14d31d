/// One condition of a `filter` parameter.
struct FilterCondition: Equatable, Sendable {
    enum Operator: String, CaseIterable, Sendable {
        // The longer ones first, as each begins with a shorter one.
        case notEqual = "!=", lacks = "!~", atLeast = ">=", atMost = "<=", startsWith = "~=", endsWith = "=~"
        case equal = "=", more = ">", less = "<", contains = "~"

        var isComparison: Bool { self == .atLeast || self == .atMost || self == .more || self == .less }
    }

    var field: String
    var operation: Operator
    var value: String
}

/// A `filter` parameter: conditions joined with `;`, which `\;` writes inside a value (API §5.2).
struct FilterExpression: Equatable, Sendable {
    static let conditionCountMax = 500

    /// Fields in the order of their first mention.
    private(set) var fields: [String] = []
    private(set) var conditions: [String: [FilterCondition]] = [:]

    init() {}

    /// - Throws: 1034 for what has no operator, and for `=` beside a comparison on one field.
    init(_ text: String) throws(APIFault) {
        let parts = Self.split(text)
        guard parts.count <= Self.conditionCountMax else {
            throw .filter("слишком много условий", parameter: "filter")
        }
        for part in parts where !part.isEmpty {
            let condition = try Self.condition(part)
            let earlier = conditions[condition.field] ?? []
            if earlier.isEmpty { fields.append(condition.field) }
            // Of two equal comparisons on one field the first holds.
            if condition.operation.isComparison,
                earlier.contains(where: { $0.operation == condition.operation })
            {
                continue
            }
            conditions[condition.field, default: []].append(condition)
        }
        for (field, conditions) in conditions {
            let compares = conditions.contains { $0.operation.isComparison }
            if compares && conditions.contains(where: { $0.operation == .equal }) {
                throw .filter("равенство и сравнение по одному полю", parameter: field)
            }
        }
    }

    private static func split(_ text: String) -> [String] {
        var parts: [String] = [""]
        var escaped = false
        for character in text {
            switch character {
            case "\\" where !escaped: escaped = true
            case ";" where !escaped: parts.append("")
            default:
                if escaped && character != ";" { parts[parts.count - 1].append("\\") }
                parts[parts.count - 1].append(character)
                escaped = false
            }
        }
        return parts
    }

    private static func condition(_ part: String) throws(APIFault) -> FilterCondition {
        guard let start = part.firstIndex(where: { "=!<>~".contains($0) }), start != part.startIndex else {
            throw .filter("неверный формат условия '\(part)'", parameter: "filter")
        }
        let rest = part[start...]
        guard let operation = FilterCondition.Operator.allCases.first(where: { rest.hasPrefix($0.rawValue) })
        else {
            throw .filter("неизвестный оператор в '\(part)'", parameter: "filter")
        }
        return FilterCondition(
            field: part[..<start].trimmed, operation: operation,
            value: String(rest.dropFirst(operation.rawValue.count)))
    }
}
