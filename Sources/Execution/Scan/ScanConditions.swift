import Columns
import Storage

/// What of a scan's filter the store can evaluate while it reads: comparisons of a column with constants.
public enum ScanConditions {
    /// Predicates that hold of every row for which a condition is true.
    public struct Derived: Sendable {
        public var predicates: [ScanPredicate]
        /// Whether the condition is true of every row that they hold of.
        public var isWhole: Bool

        static let nothing = Derived(predicates: [], isWhole: false)
    }

    /// A filter in two parts.
    public struct Split: Sendable {
        /// What the store evaluates.
        public var inScan: [Expression]
        /// What has to be evaluated for the rows that are left.
        public var above: [Expression]
    }

    /// - Parameter column: The table's column that a column of the condition is; nil for none.
    public static func derive(from condition: Expression, column: (Int) -> Int?) -> Derived {
        func one(_ id: Int, _ comparison: ScanPredicate.Comparison, _ values: [Value]) -> Derived {
            guard let index = column(id), index >= 0 else { return .nothing }
            return Derived(
                predicates: [ScanPredicate(column: index, comparison: comparison, values: values)],
                isWhole: true)
        }
        switch condition {
        case .comparison(let sign, .column(let id, _), .constant(let value, _)):
            return comparison(sign, value).map { one(id, $0, [value]) } ?? .nothing
        case .comparison(let sign, .constant(let value, _), .column(let id, _)):
            return comparison(sign.flipped, value).map { one(id, $0, [value]) } ?? .nothing
        case .inList(.column(let id, _), let values): return one(id, .isIn, values)
        case .isNull(.column(let id, _)): return one(id, .isNull, [])
        case .isNotNull(.column(let id, _)): return one(id, .isNotNull, [])
        case .column(let id, .boolean): return one(id, .equal, [.boolean(true)])
        case .not(.column(let id, .boolean)): return one(id, .equal, [.boolean(false)])
        case .call(let function, let arguments) where function.name == "~~" && arguments.count == 2:
            guard case .column(let id, _) = arguments[0], case .constant(.text(let pattern), _) = arguments[1]
            else { return .nothing }
            return like(pattern) { one(id, $0, [.text($1)]) }
        default: return .nothing
        }
    }

    /// The predicates of all conjuncts of the conditions, whole or not.
    public static func predicates(of conditions: [Expression], column: (Int) -> Int?) -> [ScanPredicate] {
        conditions.flatMap(\.conjuncts).flatMap { derive(from: $0, column: column).predicates }
    }

    /// Divides a node's filter.
    ///
    /// - Parameter isExact: Whether the scan evaluates a predicate itself.
    public static func split(_ node: ScanNode, isExact: (ScanPredicate) -> Bool) -> Split {
        var split = Split(inScan: [], above: [])
        for condition in node.filter?.conjuncts ?? [] {
            let derived = derive(from: condition) { node.columns[$0] }
            if derived.isWhole && derived.predicates.allSatisfy(isExact) {
                split.inScan.append(condition)
            } else {
                split.above.append(condition)
            }
        }
        return split
    }

    /// nil for what NULL would pass, or nothing.
    private static func comparison(_ sign: Comparison, _ value: Value) -> ScanPredicate.Comparison? {
        if value.isNull { return nil }
        return switch sign {
        case .equal, .notDistinct: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .distinct: nil
        }
    }

    /// A pattern whose only signs are percent signs at its ends is whole; of others the beginning is taken.
    private static func like(
        _ pattern: String, _ one: (ScanPredicate.Comparison, String) -> Derived
    ) -> Derived {
        let signs: Set<Unicode.Scalar> = ["%", "_", "\\"]
        let scalars = Array(pattern.unicodeScalars)
        var inner = scalars[...]
        while inner.first == "%" { inner.removeFirst() }
        let isOpenBefore = inner.count < scalars.count
        let beforeEnd = inner.count
        while inner.last == "%" { inner.removeLast() }
        let isOpenBehind = inner.count < beforeEnd || (inner.isEmpty && isOpenBefore)
        if !inner.contains(where: { signs.contains($0) }) {
            switch (isOpenBefore, isOpenBehind) {
            case (false, false): return one(.equal, text(inner))
            case (false, true): return one(.beginsWith, text(inner))
            case (true, false): return one(.endsWith, text(inner))
            case (true, true): return one(.contains, text(inner))
            }
        }
        let fixed = scalars.prefix { !signs.contains($0) }
        if fixed.isEmpty { return .nothing }
        var derived = one(.beginsWith, text(fixed))
        derived.isWhole = false
        return derived
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
