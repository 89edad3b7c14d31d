import Columns
import Execution

/// Writes a physical plan as an indented tree, one operator a line, with the rows that the planner expects.
///
///     Sort by revenue desc, limit 10  (rows=10)
///       Aggregate by city: sum(price) as sum  (rows=120)
///         Scan sale: city, price  where (day >= '2024-01-01')  (rows=52000)
public enum PlanPrinter {
    /// - Parameter showsRows: Whether to print estimates; tests of shapes do without.
    public static func text(_ plan: PhysicalPlan, showsRows: Bool = true) -> String {
        lines(plan, showsRows: showsRows).joined(separator: "\n")
    }

    /// The lines of `text`, as EXPLAIN returns them.
    ///
    /// - Parameter profile: Of a run of this plan: each line then also says what its operator did.
    public static func lines(
        _ plan: PhysicalPlan, showsRows: Bool = true, profile: QueryProfile? = nil
    ) -> [String] {
        var printer = Walk(showsRows: showsRows)
        _ = printer.visit(plan, depth: 0)
        guard let operators = profile?.operators else { return printer.lines }
        return printer.lines.enumerated().map { number, line in
            operators[number].map { line + actual($0) } ?? line
        }
    }

    /// What an operator did, beside what was expected of it.
    private static func actual(_ done: QueryProfile.Operator) -> String {
        var text = "  (actual rows=\(done.rows)"
        if done.time > .zero { text += ", pipeline time=\(milliseconds(done.time)) ms" }
        if done.peakBytes > 0 { text += ", memory=\(kilobytes(done.peakBytes)) kB" }
        if done.spilledBytes > 0 { text += ", spilled=\(kilobytes(done.spilledBytes)) kB" }
        if done.readMorsels + done.skippedMorsels > 0 {
            text += ", row groups read=\(done.readMorsels) skipped=\(done.skippedMorsels)"
            if done.bloomSkippedMorsels > 0 { text += " by bloom=\(done.bloomSkippedMorsels)" }
            if done.skippedVectors > 0 { text += ", vectors skipped=\(done.skippedVectors)" }
            if done.filteredRows > 0 { text += ", rows filtered=\(done.filteredRows)" }
        }
        return text + ")"
    }

    private static func milliseconds(_ time: Duration) -> String {
        let (seconds, attoseconds) = time.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        return "\(microseconds / 1000).\(String(microseconds % 1000 + 1000).dropFirst())"
    }

    private static func kilobytes(_ bytes: Int) -> Int { (bytes + 1023) / 1024 }

    private struct Walk {
        let showsRows: Bool
        var lines: [String] = []
        var commonNames: [Int: [String]] = [:]

        init(showsRows: Bool) { self.showsRows = showsRows }

        /// Prints the operator and its inputs; returns the names of its output columns.
        mutating func visit(_ plan: PhysicalPlan, depth: Int) -> [String] {
            // The line stands above those of the inputs, whose names it needs.
            let place = lines.count
            lines.append("")
            let (text, names) = describe(plan, depth: depth)
            let rows = showsRows ? "  (rows=\(rounded(plan.estimatedRows)))" : ""
            lines[place] = String(repeating: "  ", count: depth) + text + rows
            return names
        }

        private func rounded(_ rows: Double) -> String {
            rows.isFinite && rows < 1e15 ? String(Int(rows.rounded(.up))) : "many"
        }

        private mutating func describe(_ plan: PhysicalPlan, depth: Int) -> (String, [String]) {
            switch plan.node {
            case .scan(let scan): return describe(scan, plan.outputTypes)
            case .values(let rows):
                let width = plan.outputTypes.count
                return ("Values: \(rows.count) × \(width)", (0..<width).map { "column\($0 + 1)" })
            case .filter(let input, let condition):
                let names = visit(input, depth: depth + 1)
                return ("Filter \(ExpressionPrinter.text(condition, names))", names)
            case .project(let input, let expressions):
                let names = visit(input, depth: depth + 1)
                let texts = expressions.map { ExpressionPrinter.text($0, names) }
                return ("Project " + texts.joined(separator: ", "), texts)
            case .hashJoin(let join): return describe(join, depth)
            case .crossJoin(let left, let right, let condition):
                let names = visit(left, depth: depth + 1) + visit(right, depth: depth + 1)
                let text = condition.map { " on \(ExpressionPrinter.text($0, names))" } ?? ""
                return ("Cross join" + text, names)
            case .aggregate(let aggregate): return describe(aggregate, depth)
            case .sort(let input, let keys, let limit, let offset):
                let names = visit(input, depth: depth + 1)
                return ("Sort by " + text(keys, names) + text(limit, offset), names)
            case .limit(let input, let count, let offset):
                let names = visit(input, depth: depth + 1)
                return ("Limit" + (count.map { " \($0)" } ?? "") + text(nil, offset), names)
            default: return describeRest(plan, depth: depth)
            }
        }

        private mutating func describeRest(_ plan: PhysicalPlan, depth: Int) -> (String, [String]) {
            switch plan.node {
            case .unionAll(let inputs):
                var names: [String] = []
                for (index, input) in inputs.enumerated() {
                    let own = visit(input, depth: depth + 1)
                    if index == 0 { names = own }
                }
                return ("Union all", names)
            case .distinct(let input): return ("Distinct", visit(input, depth: depth + 1))
            case .expand(let expand): return describe(expand, depth)
            case .appendScalar(let input, let scalar):
                let names = visit(input, depth: depth + 1)
                let value = visit(scalar, depth: depth + 1)
                return ("Append scalar", names + value.prefix(1).map { "(\($0))" })
            case .materialize(let id, let whole, let body):
                commonNames[id] = visit(whole, depth: depth + 1)
                return ("Materialize \(id)", visit(body, depth: depth + 1))
            case .cteScan(let id):
                let width = plan.outputTypes.count
                return ("Read materialized \(id)", commonNames[id] ?? (0..<width).map { "column\($0 + 1)" })
            case .recursive(let node):
                let names = visit(node.seed, depth: depth + 1)
                commonNames[node.id] = names
                _ = visit(node.step, depth: depth + 1)
                return ("Recursive \(node.id)" + (node.isDistinct ? ", distinct" : ""), names)
            case .tableFunctions(let node): return describe(node, depth)
            case .asOfJoin(let node): return describe(node, depth)
            case .window(let node): return describe(node, depth)
            case .rankedLimit(let node): return describe(node, depth)
            default: return ("", [])
            }
        }

        private func describe(_ scan: ScanNode, _ types: [DataType]) -> (String, [String]) {
            var text = "Scan \(scan.tableName): " + scan.columnNames.joined(separator: ", ")
            if scan.columns.isEmpty { text = "Scan \(scan.tableName)" }
            if let version = scan.version { text += " as of version \(version)" }
            let split = ScanConditions.split(scan) { predicate in
                scan.columns.firstIndex(of: predicate.column).map { predicate.isExact(for: types[$0]) }
                    ?? false
            }
            if let inScan = Expression.conjunction(split.inScan) {
                text += " where \(ExpressionPrinter.text(inScan, scan.columnNames))"
            }
            if let above = Expression.conjunction(split.above) {
                text += " filter \(ExpressionPrinter.text(above, scan.columnNames))"
            }
            let skipping = ScanConditions.predicates(of: split.above) { scan.columns[$0] }.count
            if skipping > 0 { text += " skipping by \(skipping)" }
            return (text, scan.columnNames)
        }

        private mutating func describe(_ join: HashJoinNode, _ depth: Int) -> (String, [String]) {
            let left = visit(join.left, depth: depth + 1)
            let right = visit(join.right, depth: depth + 1)
            let keys = zip(join.leftKeys, join.rightKeys).map {
                "\(ExpressionPrinter.text($0, left)) = \(ExpressionPrinter.text($1, right))"
            }
            var text = "Hash join (\(title(join.kind))) on \(keys.joined(separator: " and "))"
            if let residual = join.residual {
                text += " if \(ExpressionPrinter.text(residual, left + right))"
            }
            switch join.kind {
            case .inner, .left, .right, .full, .single: return (text, left + right)
            case .semi, .anti, .nullAwareAnti: return (text, left)
            case .rightSemi, .rightAnti: return (text, right)
            }
        }

        private mutating func describe(_ node: TableFunctionsNode, _ depth: Int) -> (String, [String]) {
            let names = visit(node.input, depth: depth + 1)
            let calls = node.calls.map { call in
                let list = call.arguments.map { ExpressionPrinter.text($0, names) }
                return "\(call.function.name)(\(list.joined(separator: ", ")))"
            }
            let text = "Table function " + calls.joined(separator: ", ")
            return (
                text + (node.withOrdinality ? " with ordinality" : ""),
                names + calls + (node.withOrdinality ? ["ordinality"] : [])
            )
        }

        private mutating func describe(_ node: RankedLimitNode, _ depth: Int) -> (String, [String]) {
            let names = visit(node.input, depth: depth + 1)
            var text = "Limit" + (node.count.map { " " + ExpressionPrinter.text($0, names) } ?? "")
            if node.withTies { text += " with ties" }
            if let offset = node.offset { text += ", offset " + ExpressionPrinter.text(offset, names) }
            if !node.partition.isEmpty {
                let groups = node.partition.map { ExpressionPrinter.text($0, names) }
                text += " for each " + groups.joined(separator: ", ")
            }
            return (text, names)
        }

        private mutating func describe(_ node: WindowNode, _ depth: Int) -> (String, [String]) {
            let names = visit(node.input, depth: depth + 1)
            let calls = node.calls.map { call in
                let list = call.arguments.map { ExpressionPrinter.text($0, names) }
                return "\(name(of: call.function))(\(list.joined(separator: ", ")))"
            }
            var text = "Window " + calls.joined(separator: ", ")
            if !node.partition.isEmpty {
                let keys = node.partition.map { ExpressionPrinter.text($0, names) }
                text += " partition by " + keys.joined(separator: ", ")
            }
            if !node.order.isEmpty { text += " order by " + self.text(node.order, names) }
            if let limit = node.rowLimit { text += ", first \(limit) of each" }
            return (text + (node.isSorted ? ", sorted already" : ""), names + calls)
        }

        private func name(of function: WindowFunction) -> String {
            if case .aggregate(let aggregate) = function { aggregate.name } else { "\(function)" }
        }

        private mutating func describe(_ join: AsOfJoinNode, _ depth: Int) -> (String, [String]) {
            let left = visit(join.left, depth: depth + 1)
            let right = visit(join.right, depth: depth + 1)
            var conditions = zip(join.leftKeys, join.rightKeys).map {
                "\(ExpressionPrinter.text($0, left)) = \(ExpressionPrinter.text($1, right))"
            }
            let first = ExpressionPrinter.text(join.leftOrder, left)
            let second = ExpressionPrinter.text(join.rightOrder, right)
            conditions.append("\(first) \(join.comparison.rawValue) \(second)")
            return (
                "Nearest join (\(join.kind.rawValue)) on \(conditions.joined(separator: " and "))",
                left + right
            )
        }

        private func title(_ kind: JoinKind) -> String {
            switch kind {
            case .nullAwareAnti: "null-aware anti"
            case .rightSemi: "right semi"
            case .rightAnti: "right anti"
            default: kind.rawValue
            }
        }

        private mutating func describe(_ aggregate: AggregateNode, _ depth: Int) -> (String, [String]) {
            let names = visit(aggregate.input, depth: depth + 1)
            let groups = aggregate.groups.map { ExpressionPrinter.text($0, names) }
            let calls = aggregate.aggregates.map { call in
                let list = call.arguments.map { ExpressionPrinter.text($0, names) }.joined(separator: ", ")
                let arguments = call.arguments.isEmpty ? "*" : list
                let filter = call.filter.map { " filter \(ExpressionPrinter.text($0, names))" } ?? ""
                let constants = call.constants.map { ", \($0.text ?? "NULL")" }.joined()
                let order = call.orderBy.isEmpty ? "" : " order by " + self.text(call.orderBy, names)
                return "\(call.function.name)(\(call.isDistinct ? "distinct " : "")\(arguments)\(constants)"
                    + "\(order))\(filter)"
            }
            var text = "Aggregate"
            if !groups.isEmpty { text += " by " + groups.joined(separator: ", ") }
            if !calls.isEmpty { text += ": " + calls.joined(separator: ", ") }
            return (text, groups + calls)
        }

        private mutating func describe(_ expand: ExpandNode, _ depth: Int) -> (String, [String]) {
            let names = visit(expand.input, depth: depth + 1)
            let keys = expand.keys.map { ExpressionPrinter.text($0, names) }
            let shownMax = 8
            let sets = expand.sets.prefix(shownMax).map { set in
                "(" + set.sorted().map { keys[$0] }.joined(separator: ", ") + ")"
            }
            let rest = expand.sets.count > shownMax ? ", … \(expand.sets.count) sets" : ""
            return ("Grouping sets " + sets.joined(separator: ", ") + rest, names + keys + ["set"])
        }

        private func text(_ keys: [SortKey], _ names: [String]) -> String {
            keys.map { key in
                let nulls =
                    key.nullsFirst == key.isDescending ? "" : key.nullsFirst ? " nulls first" : " nulls last"
                return ExpressionPrinter.text(key.expression, names) + (key.isDescending ? " desc" : "")
                    + nulls
            }.joined(separator: ", ")
        }

        private func text(_ limit: Int?, _ offset: Int) -> String {
            (limit.map { ", limit \($0)" } ?? "") + (offset > 0 ? ", offset \(offset)" : "")
        }
    }
}
