import Execution

/// Finds a cheap order of inner joins, bushy trees among them.
///
/// The cost of a join is the rows that it gives and, twice, those that it builds a table of: what its inputs
/// cost to read is the same in every order. Sets that nothing links are joined only where no other join is
/// left.
///
/// Sources: Selinger et al., "Access Path Selection in a Relational Database Management System", SIGMOD 1979
/// (dynamic programming); Fegaras, "A New Heuristic for Optimizing Large Queries", DEXA 1998 (greedy).
enum JoinSearch {
    static let exhaustiveMax = 10

    private struct Joined {
        var plan: LogicalPlan
        var estimate: Estimate
        var cost: Double
    }

    static func best(_ graph: inout JoinGraph, _ estimator: CardinalityEstimator) -> LogicalPlan {
        let inputs = graph.inputs.map {
            Joined(plan: $0, estimate: estimator.estimate($0), cost: 0)
        }
        var parts: [(set: UInt64, joined: Joined)] = []
        for group in groups(graph, count: inputs.count) {
            let joined =
                group.nonzeroBitCount <= exhaustiveMax
                ? exhaustive(group, inputs, graph, estimator) : nil
            if let joined {
                parts.append((group, joined))
            } else {
                parts += members(group).map { (1 << UInt64($0), inputs[$0]) }
            }
        }
        let whole = greedy(parts, graph, estimator)
        return graph.free.isEmpty ? whole.plan : .filter(whole.plan, graph.free)
    }

    private static func members(_ set: UInt64) -> [Int] { (0..<64).filter { set >> UInt64($0) & 1 != 0 } }

    /// Sets of inputs that are linked with each other, directly or not.
    private static func groups(_ graph: JoinGraph, count: Int) -> [UInt64] {
        var groups: [UInt64] = []
        for input in 0..<count {
            var group: UInt64 = 1 << UInt64(input)
            var others: [UInt64] = []
            for other in groups {
                if graph.areLinked(group, other) { group |= other } else { others.append(other) }
            }
            // A group that has grown may now reach sets that it was not linked with before.
            var hasGrown = true
            while hasGrown {
                hasGrown = false
                for (index, other) in others.enumerated() where graph.areLinked(group, other) {
                    group |= other
                    others.remove(at: index)
                    hasGrown = true
                    break
                }
            }
            groups = others + [group]
        }
        return groups
    }

    /// nil when some set can be reached only through inputs that nothing links.
    private static func exhaustive(
        _ group: UInt64, _ inputs: [Joined], _ graph: JoinGraph, _ estimator: CardinalityEstimator
    ) -> Joined? {
        let places = members(group)
        var best: [UInt64: Joined] = [:]
        for place in places { best[1 << UInt64(place)] = inputs[place] }
        // Sets in the order of their numbers: every part of a set comes before it.
        for number in 1..<(UInt64(1) << UInt64(places.count)) where number.nonzeroBitCount > 1 {
            let set = spread(number, places)
            var found: (left: UInt64, links: [Expression], cost: Double)?
            var part = (number - 1) & number
            while part > 0 {
                defer { part = (part - 1) & number }
                // Each split once.
                guard part & lowest(number) != 0 else { continue }
                let left = spread(part, places)
                guard let one = best[left], let other = best[set & ~left] else { continue }
                guard graph.areLinked(left, set & ~left) else { continue }
                let links = graph.links(left, set & ~left)
                let cost = cost(of: links, one, other)
                if found.map({ cost < $0.cost }) ?? true { found = (left, links, cost) }
            }
            guard let found, let one = best[found.left], let other = best[set & ~found.left] else { continue }
            best[set] = join(one, other, found.links, found.cost, estimator)
        }
        return best[group]
    }

    private static func lowest(_ number: UInt64) -> UInt64 { number & (~number &+ 1) }

    private static func spread(_ number: UInt64, _ places: [Int]) -> UInt64 {
        var set: UInt64 = 0
        for (bit, place) in places.enumerated() where number >> UInt64(bit) & 1 != 0 {
            set |= 1 << UInt64(place)
        }
        return set
    }

    private static func cost(of links: [Expression], _ one: Joined, _ other: Joined) -> Double {
        let rows = JoinSelectivity.rows(links, one.estimate, other.estimate)
        return one.cost + other.cost + rows + 2 * min(one.estimate.rows, other.estimate.rows)
    }

    private static func join(
        _ one: Joined, _ other: Joined, _ links: [Expression], _ cost: Double,
        _ estimator: CardinalityEstimator
    ) -> Joined {
        let isTurned = one.estimate.rows < other.estimate.rows
        let (left, right) = isTurned ? (other, one) : (one, other)
        let join = LogicalJoin(kind: .inner, left: left.plan, right: right.plan, conditions: links)
        return Joined(
            plan: .join(join), estimate: estimator.join(join, left.estimate, right.estimate), cost: cost)
    }

    /// Again and again the two parts whose join costs least.
    private static func greedy(
        _ parts: [(set: UInt64, joined: Joined)], _ graph: JoinGraph, _ estimator: CardinalityEstimator
    ) -> Joined {
        var parts = parts
        while parts.count > 1 {
            var best = (first: 0, second: 1)
            var bestCost = (isCross: true, cost: Double.infinity)
            for first in parts.indices {
                for second in parts.indices where second > first {
                    let isCross = !graph.areLinked(parts[first].set, parts[second].set)
                    if isCross && !bestCost.isCross { continue }
                    let links = isCross ? [] : graph.links(parts[first].set, parts[second].set)
                    let cost = cost(of: links, parts[first].joined, parts[second].joined)
                    if (bestCost.isCross && !isCross) || cost < bestCost.cost {
                        best = (first, second)
                        bestCost = (isCross, cost)
                    }
                }
            }
            let (one, other) = (parts[best.first], parts[best.second])
            let links = graph.links(one.set, other.set)
            let joined = join(one.joined, other.joined, links, bestCost.cost, estimator)
            parts.remove(at: best.second)
            parts[best.first] = (one.set | other.set, joined)
        }
        return parts[0].joined
    }
}
