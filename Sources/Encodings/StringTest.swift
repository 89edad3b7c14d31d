import Columns
import Glibc

/// A test of strings against constants, byte by byte.
///
/// Invariant: never changes; the views' bytes are in `heap`.
final class StringTest: Sendable {
    enum Rule: Sendable {
        case equal(StringView)
        case notEqual(StringView)
        /// Between the bounds, each included or not; nil for none.
        case between(lower: Bound?, upper: Bound?)
        /// Ascending.
        case oneOf([StringView])
        case beginsWith([UInt8])
        case contains([UInt8])
        case endsWith([UInt8])
    }

    struct Bound: Sendable {
        var value: StringView
        var isIncluded: Bool
    }

    let rule: Rule
    private let heaps: [StringHeap]

    /// nil when strings have no such comparison.
    init?(_ comparison: ValueTest.Comparison, _ texts: [String]) {
        let heap = StringHeap()
        let views = texts.map { heap.add($0) }
        guard let first = views.first, let text = texts.first else { return nil }
        switch comparison {
        case .equal: rule = .equal(first)
        case .notEqual: rule = .notEqual(first)
        case .less: rule = .between(lower: nil, upper: Bound(value: first, isIncluded: false))
        case .lessOrEqual: rule = .between(lower: nil, upper: Bound(value: first, isIncluded: true))
        case .greater: rule = .between(lower: Bound(value: first, isIncluded: false), upper: nil)
        case .greaterOrEqual: rule = .between(lower: Bound(value: first, isIncluded: true), upper: nil)
        case .isIn: rule = .oneOf(views.sorted { StringView.compare($0, $1) < 0 })
        case .beginsWith: rule = .beginsWith(Array(text.utf8))
        case .contains: rule = .contains(Array(text.utf8))
        case .endsWith: rule = .endsWith(Array(text.utf8))
        case .isNull, .isNotNull: return nil
        }
        heaps = [heap]
    }

    private init(_ rule: Rule, heaps: [StringHeap]) {
        self.rule = rule
        self.heaps = heaps
    }

    /// A range in place of a lower and an upper bound; nil for other pairs.
    func intersection(_ other: StringTest) -> StringTest? {
        guard case .between(let lower, let upper) = rule,
            case .between(let otherLower, let otherUpper) = other.rule
        else { return nil }
        if lower != nil && otherLower != nil || upper != nil && otherUpper != nil { return nil }
        return StringTest(
            .between(lower: lower ?? otherLower, upper: upper ?? otherUpper), heaps: heaps + other.heaps)
    }

    func passes(_ view: StringView) -> Bool {
        switch rule {
        case .equal(let constant): return view == constant
        case .notEqual(let constant): return !(view == constant)
        case .between(let lower, let upper):
            if let lower {
                let order = StringView.compare(view, lower.value)
                if order < 0 || order == 0 && !lower.isIncluded { return false }
            }
            guard let upper else { return true }
            let order = StringView.compare(view, upper.value)
            return order < 0 || order == 0 && upper.isIncluded
        case .oneOf(let constants): return Self.find(view, constants)
        case .beginsWith(let part):
            return view.count >= part.count
                && view.withBytes { Self.isSame(part, UnsafeBufferPointer(rebasing: $0.prefix(part.count))) }
        case .contains(let part): return view.withBytes { Self.isFound(part, $0) }
        case .endsWith(let part):
            return view.count >= part.count
                && view.withBytes { Self.isSame(part, UnsafeBufferPointer(rebasing: $0.suffix(part.count))) }
        }
    }

    private static func find(_ view: StringView, _ constants: [StringView]) -> Bool {
        var low = 0
        var high = constants.count
        while low < high {
            let middle = (low &+ high) / 2
            let order = StringView.compare(constants[middle], view)
            if order == 0 { return true }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return false
    }

    private static func isSame(_ part: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress, !part.isEmpty else { return part.isEmpty }
        return part.withUnsafeBytes { part in
            part.baseAddress.map { memcmp($0, base, part.count) == 0 } ?? true
        }
    }

    /// Looks for the first byte of the part, then compares the rest.
    private static func isFound(_ part: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = bytes.baseAddress, let first = part.first else { return part.isEmpty }
        return part.withUnsafeBytes { part in
            guard let wanted = part.baseAddress else { return true }
            var place = UnsafeRawPointer(start)
            let end = place + bytes.count
            while part.count <= end - place {
                guard let found = memchr(place, Int32(first), end - place - part.count + 1) else {
                    return false
                }
                if memcmp(found, wanted, part.count) == 0 { return true }
                place = UnsafeRawPointer(found) + 1
            }
            return false
        }
    }
}
