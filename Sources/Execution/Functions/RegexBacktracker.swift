import Columns

/// Finds matches of expressions with look-around and back references by trying one way after the other.
///
/// Takes the first way that matches, greedy quantifiers trying the longest first. Steps and nesting are
/// bounded: beyond the bounds a text does not match.
final class RegexBacktracker {
    private let tree: RegexNode
    private let groupCount: Int

    static let stepsMax = 1_000_000
    static let depthMax = 2_000

    init(_ tree: RegexNode, groupCount: Int) {
        self.tree = tree
        self.groupCount = groupCount
    }

    func firstMatch(_ text: [Unicode.Scalar], from start: Int) -> RegularExpression.Match? {
        var search = Search(text: text, groupCount: groupCount)
        for begin in start...max(start, text.count) {
            search.slots = [Int](repeating: -1, count: groupCount * 2 + 2)
            var end = -1
            let isFound = search.match(tree, begin) { search, position in
                end = position
                search.slots[0] = begin
                return true
            }
            if isFound {
                search.slots[1] = end
                return RegularExpression.Match(slots: search.slots)
            }
            if search.steps > Self.stepsMax { return nil }
        }
        return nil
    }

    private struct Search {
        let text: [Unicode.Scalar]
        var slots: [Int] = []
        var steps = 0
        var depth = 0

        init(text: [Unicode.Scalar], groupCount: Int) { self.text = text }

        typealias Continuation = (inout Search, Int) -> Bool

        mutating func match(_ node: RegexNode, _ position: Int, _ next: Continuation) -> Bool {
            steps += 1
            guard steps <= stepsMax, depth < depthMax else { return false }
            depth += 1
            defer { depth -= 1 }
            switch node {
            case .empty: return next(&self, position)
            case .set(let set):
                return position < text.count && set.contains(text[position]) && next(&self, position + 1)
            case .assertion(let assertion): return assertion.holds(text, position) && next(&self, position)
            case .sequence(let nodes): return match(nodes[...], position, next)
            case .choice(let options): return options.contains { match($0, position, next) }
            case .group(let inner, let number):
                guard let number else { return match(inner, position, next) }
                let saved = (slots[number * 2], slots[number * 2 + 1])
                let isFound = match(inner, position) { search, end in
                    let before = (search.slots[number * 2], search.slots[number * 2 + 1])
                    search.slots[number * 2] = position
                    search.slots[number * 2 + 1] = end
                    if next(&search, end) { return true }
                    (search.slots[number * 2], search.slots[number * 2 + 1]) = before
                    return false
                }
                if !isFound { (slots[number * 2], slots[number * 2 + 1]) = saved }
                return isFound
            case .repeated(let inner, let least, let most, let isLazy):
                return repeated(inner, least, most, isLazy, position, count: 0, next)
            case .look(let inner, let isBehind, let isNegated):
                return look(inner, isBehind, position) != isNegated && next(&self, position)
            case .backReference(let number, let foldsCase):
                return reference(number, foldsCase, position).map { next(&self, $0) } ?? false
            }
        }

        private mutating func match(
            _ nodes: ArraySlice<RegexNode>, _ position: Int, _ next: Continuation
        ) -> Bool {
            guard let first = nodes.first else { return next(&self, position) }
            return match(first, position) { search, end in search.match(nodes.dropFirst(), end, next) }
        }

        private mutating func repeated(
            _ inner: RegexNode, _ least: Int, _ most: Int?, _ isLazy: Bool, _ position: Int, count: Int,
            _ next: Continuation
        ) -> Bool {
            if case .set(let set) = inner { return run(of: set, least, most, isLazy, position, next) }
            if count >= least, isLazy, next(&self, position) { return true }
            if most.map({ count < $0 }) ?? true {
                let isFound = match(inner, position) { search, end in
                    // A turn that takes nothing would go on for ever.
                    if end == position, count >= least { return false }
                    return search.repeated(inner, least, most, isLazy, end, count: count + 1, next)
                }
                if isFound { return true }
            }
            return count >= least && !isLazy && next(&self, position)
        }

        /// A run of single characters needs no nesting.
        private mutating func run(
            of set: RegexSet, _ least: Int, _ most: Int?, _ isLazy: Bool, _ position: Int,
            _ next: Continuation
        ) -> Bool {
            var longest = 0
            let bound = min(most ?? .max, text.count - position)
            while longest < bound, set.contains(text[position + longest]) { longest += 1 }
            guard longest >= least else { return false }
            for step in 0...(longest - least) {
                steps += 1
                if steps > stepsMax { return false }
                if next(&self, position + (isLazy ? least + step : longest - step)) { return true }
            }
            return false
        }

        private mutating func look(_ inner: RegexNode, _ isBehind: Bool, _ position: Int) -> Bool {
            let saved = slots
            defer { slots = saved }
            if !isBehind { return match(inner, position) { _, _ in true } }
            for begin in stride(from: position, through: 0, by: -1)
            where match(inner, begin, { _, end in end == position }) {
                return true
            }
            return false
        }

        /// Where the text of a group ends when it stands here again.
        private func reference(_ number: Int, _ foldsCase: Bool, _ position: Int) -> Int? {
            let (start, end) = (slots[number * 2], slots[number * 2 + 1])
            guard start >= 0, end >= start, position + end - start <= text.count else { return nil }
            for offset in 0..<(end - start) {
                let (one, other) = (text[start + offset], text[position + offset])
                let isSame =
                    one == other
                    || (foldsCase && one.properties.lowercaseMapping == other.properties.lowercaseMapping)
                if !isSame { return nil }
            }
            return position + end - start
        }
    }
}
