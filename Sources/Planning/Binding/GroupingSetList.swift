import Execution
import SQLSyntax

/// Grouping sets, each a set of indices of group expressions, in the order and as often as they were written.
struct GroupingSetList {
    static let setsMax = 4096
    static let cubeElementsMax = 12

    var sets: [Set<Int>]
    /// Whether there is only what GROUP BY without ROLLUP and the like means.
    var isPlain: Bool { sets.count == 1 }

    /// One set without groups.
    init() { sets = [[]] }

    init(_ sets: [Set<Int>]) { self.sets = sets }

    /// All prefixes of the parts, the longest first.
    static func rollup(_ parts: [Set<Int>]) -> GroupingSetList {
        GroupingSetList(
            (0...parts.count).reversed().map { length in
                parts.prefix(length).reduce(into: Set()) { $0.formUnion($1) }
            })
    }

    /// All subsets of the parts.
    static func cube(_ parts: [Set<Int>]) -> GroupingSetList {
        GroupingSetList(
            (0..<(1 << parts.count)).reversed().map { mask in
                parts.indices.filter { mask >> $0 & 1 != 0 }.reduce(into: Set()) { $0.formUnion(parts[$1]) }
            })
    }

    /// Each set with each of another element's: what a comma in GROUP BY means.
    ///
    /// - Throws: `statementTooComplex` beyond `setsMax` sets.
    mutating func combine(with other: GroupingSetList, at span: SourceSpan) throws(SQLError) {
        guard sets.count * other.sets.count <= Self.setsMax else {
            throw SQLError(
                .statementTooComplex, "too many grouping sets present (maximum \(Self.setsMax))",
                position: span.start)
        }
        sets = sets.flatMap { first in other.sets.map { first.union($0) } }
    }

    /// Leaves each set once: GROUP BY DISTINCT.
    mutating func removeDuplicates() {
        var known: Set<Set<Int>> = []
        sets.removeAll { !known.insert($0).inserted }
    }
}

/// What GROUPING must know of the groups of its SELECT.
struct GroupingContext {
    var groups: [NamedExpression]
    /// Indices of groups by set; none where all rows are grouped by all groups.
    var sets: [Set<Int>]
    /// Holds the number of a row's set.
    var setColumn: LogicalColumn?

    /// The bits of GROUPING: the first argument's is the highest, 1 where the set is without it.
    func value(of arguments: [Int]) -> Expression {
        guard let setColumn else { return .constant(.integer(0), .integer) }
        let values = sets.map { set in
            arguments.reduce(Int32(0)) { $0 << 1 | (set.contains($1) ? 0 : 1) }
        }
        let branches = Set(values).subtracting([0]).sorted().map { value in
            let numbers = values.indices.filter { values[$0] == value }
            return WhenBranch(
                condition: .inList(setColumn.reference, numbers.map { .integer(Int32($0)) }),
                result: .constant(.integer(value), .integer))
        }
        let zero = Expression.constant(.integer(0), .integer)
        return branches.isEmpty ? zero : .caseWhen(branches, otherwise: zero, .integer)
    }
}
