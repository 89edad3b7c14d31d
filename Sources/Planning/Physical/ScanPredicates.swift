import Columns
import Execution
import Storage

/// Derives from a scan's conditions what lets it skip row groups and vectors by their zone maps.
enum ScanPredicates {
    /// - Parameter index: The table's column of a column id.
    static func derive(from filters: [Expression], index: (Int) -> Int?) -> [ScanPredicate] {
        filters.flatMap(\.conjuncts).flatMap { predicates($0, index) }
    }

    private static func predicates(_ condition: Expression, _ index: (Int) -> Int?) -> [ScanPredicate] {
        switch condition {
        case .comparison(let sign, let left, let right):
            return comparison(sign, left, right, index) ?? comparison(sign.flipped, right, left, index) ?? []
        case .inList(.column(let id, _), let values):
            return one(id, .isIn, values, index)
        case .isNull(.column(let id, _)): return one(id, .isNull, [], index)
        case .isNotNull(.column(let id, _)): return one(id, .isNotNull, [], index)
        case .call(let function, let arguments) where function.name == "~~" && arguments.count == 2:
            return prefix(arguments, index)
        default: return []
        }
    }

    private static func one(
        _ id: Int, _ comparison: ScanPredicate.Comparison, _ values: [Value], _ index: (Int) -> Int?
    ) -> [ScanPredicate] {
        guard let column = index(id) else { return [] }
        return [ScanPredicate(column: column, comparison: comparison, values: values)]
    }

    private static func comparison(
        _ sign: Comparison, _ left: Expression, _ right: Expression, _ index: (Int) -> Int?
    ) -> [ScanPredicate]? {
        guard case .column(let id, _) = left, let value = right.constantValue, !value.isNull else {
            return nil
        }
        switch sign {
        case .equal, .notDistinct: return one(id, .equal, [value], index)
        case .less: return one(id, .less, [value], index)
        case .lessOrEqual: return one(id, .lessOrEqual, [value], index)
        case .greater: return one(id, .greater, [value], index)
        case .greaterOrEqual: return one(id, .greaterOrEqual, [value], index)
        case .notEqual, .distinct: return []
        }
    }

    /// `LIKE 'abc%'` lies between 'abc' and what follows all strings that begin so.
    private static func prefix(_ arguments: [Expression], _ index: (Int) -> Int?) -> [ScanPredicate] {
        guard case .column(let id, _) = arguments[0], case .text(let pattern)? = arguments[1].constantValue
        else {
            return []
        }
        let fixed = Array(pattern.utf8.prefix { $0 != 0x25 && $0 != 0x5F && $0 != 0x5C })
        // Only an ASCII end has a successor that is text for certain.
        guard let last = fixed.last, last < 0x7F else { return [] }
        let lower = String(decoding: fixed, as: UTF8.self)
        let upper = String(decoding: fixed.dropLast() + [last + 1], as: UTF8.self)
        return one(id, .greaterOrEqual, [.text(lower)], index) + one(id, .less, [.text(upper)], index)
    }
}
