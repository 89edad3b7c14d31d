import Columns
import Execution

/// The inputs of a run of inner joins and what links them. Sets of inputs are bits of a word.
///
/// Columns that equalities make equal form classes: two sets of inputs are linked by one equality for each
/// class that has members in both, also where nobody wrote that equality. A class with several members in one
/// input is a condition on that input.
struct JoinGraph {
    static let inputsMax = 64

    struct Condition {
        var expression: Expression
        /// The inputs that it reads.
        var inputs: UInt64
    }

    private struct Member {
        var column: Int
        var type: DataType
        var input: Int
    }

    private(set) var inputs: [LogicalPlan]
    private let written: [Expression]
    private var classes: [[Member]] = []
    private var classInputs: [UInt64] = []
    /// Equalities between plain columns, by their columns.
    private var equalities: [Set<Int>: Expression] = [:]
    /// All others.
    private var conditions: [Condition] = []
    /// Conditions that read no input.
    private(set) var free: [Expression] = []

    init(_ inputs: [LogicalPlan], _ conditions: [Expression], _ estimator: CardinalityEstimator) {
        self.inputs = inputs
        written = conditions
        guard inputs.count <= Self.inputsMax else { return }
        var owner: [Int: Int] = [:]
        for (index, input) in inputs.enumerated() { for id in input.columnIDs { owner[id] = index } }
        for condition in conditions {
            if case .comparison(.equal, .column(let one, let type), .column(let other, let second)) =
                condition,
                type == second, let first = owner[one], let last = owner[other], first != last
            {
                equalities[[one, other]] = condition
                unite(
                    Member(column: one, type: type, input: first),
                    Member(column: other, type: second, input: last))
                continue
            }
            let mask = condition.columnIDs.reduce(into: UInt64(0)) { mask, id in
                if let input = owner[id] { mask |= 1 << UInt64(input) }
            }
            if mask == 0 {
                free.append(condition)
            } else if mask.nonzeroBitCount == 1 {
                let input = mask.trailingZeroBitCount
                self.inputs[input] = PredicatePushdown.push([condition], into: self.inputs[input])
            } else {
                self.conditions.append(Condition(expression: condition, inputs: mask))
            }
        }
        for members in classes { restrict(members) }
        classInputs = classes.map { $0.reduce(0) { $0 | 1 << UInt64($1.input) } }
    }

    private mutating func unite(_ first: Member, _ second: Member) {
        let one = classes.firstIndex { $0.contains { $0.column == first.column } }
        let other = classes.firstIndex { $0.contains { $0.column == second.column } }
        switch (one, other) {
        case (nil, nil): classes.append([first, second])
        case (let one?, nil): classes[one].append(second)
        case (nil, let other?): classes[other].append(first)
        case (let one?, let other?) where one != other:
            classes[one] += classes[other]
            classes.remove(at: other)
        default: break
        }
    }

    /// Members of one input are equal to each other.
    private mutating func restrict(_ members: [Member]) {
        for (number, member) in members.enumerated() {
            guard let twin = members[..<number].first(where: { $0.input == member.input }) else { continue }
            let equality = Expression.comparison(
                .equal, .column(twin.column, twin.type), .column(member.column, member.type))
            inputs[member.input] = PredicatePushdown.push([equality], into: inputs[member.input])
        }
    }

    /// The conditions that a join of two sets has to check.
    func links(_ left: UInt64, _ right: UInt64) -> [Expression] {
        var result: [Expression] = []
        for index in classes.indices where classInputs[index] & left != 0 && classInputs[index] & right != 0 {
            result.append(equality(classes[index], left, right))
        }
        let both = left | right
        for condition in conditions
        where condition.inputs & ~both == 0 && condition.inputs & ~left != 0 && condition.inputs & ~right != 0
        {
            result.append(condition.expression)
        }
        return result
    }

    /// Whether a join of two sets has a condition.
    func areLinked(_ left: UInt64, _ right: UInt64) -> Bool {
        for mask in classInputs where mask & left != 0 && mask & right != 0 { return true }
        let both = left | right
        return conditions.contains {
            $0.inputs & ~both == 0 && $0.inputs & left != 0 && $0.inputs & right != 0
        }
    }

    /// An equality that was written, if there is one between the sets.
    private func equality(_ members: [Member], _ left: UInt64, _ right: UInt64) -> Expression {
        let ours = members.filter { left >> UInt64($0.input) & 1 != 0 }
        let theirs = members.filter { right >> UInt64($0.input) & 1 != 0 }
        for one in ours {
            for other in theirs {
                if let written = equalities[[one.column, other.column]] { return written }
            }
        }
        return .comparison(
            .equal, .column(ours[0].column, ours[0].type), .column(theirs[0].column, theirs[0].type))
    }

    /// The joins in the order of the statement.
    func asWritten() -> LogicalPlan {
        let joined = inputs.dropFirst().reduce(inputs[0]) { left, right in
            .join(LogicalJoin(kind: .inner, left: left, right: right, conditions: []))
        }
        return PredicatePushdown.push(written, into: joined)
    }
}
