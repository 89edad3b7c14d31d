import Columns

/// Comparisons of two vectors as bitmaps.
enum ComparisonKernels {
    /// Bit `row` says whether the comparison holds; meaningless where an operand is NULL. Operands have one
    /// physical type and `count` rows.
    static func bits(_ comparison: Comparison, _ left: Vector, _ right: Vector, count: Int) -> ValidityMask {
        precondition(left.physical == right.physical, "operands of a comparison have one type")
        if left.form == .constant && right.form != .constant {
            return bits(comparison.flipped, right, left, count: count)
        }
        let first = left.form == .dictionary ? left.flattened() : left
        let second = right.form == .dictionary ? right.flattened() : right
        let result = ValidityMask(count: count, allValid: false)
        switch left.physical {
        case .bool: compare(comparison, first, second, result, UInt8.self)
        case .int16: compare(comparison, first, second, result, Int16.self)
        case .int32: compare(comparison, first, second, result, Int32.self)
        case .int64: compare(comparison, first, second, result, Int64.self)
        case .int128: compare(comparison, first, second, result, Int128.self)
        case .uint128: compare(comparison, first, second, result, UInt128.self)
        case .float32: compare(comparison, first, second, result, Float.self)
        case .float64: compare(comparison, first, second, result, Double.self)
        case .interval: compare(comparison, first, second, result, Interval.self)
        case .string: compare(comparison, first, second, result, StringView.self)
        }
        return result
    }

    @inline(__always) private static func compare<Element: SQLComparable>(
        _ comparison: Comparison, _ left: Vector, _ right: Vector, _ result: ValidityMask, _: Element.Type
    ) {
        let count = result.count
        let first = UnsafePointer(left.pointer(as: Element.self))
        let second = UnsafePointer(right.pointer(as: Element.self))
        if left.form == .constant {
            fillBoth(comparison, first[0], second[0], result)
        } else if right.form == .constant {
            let bound = second[0]
            switch comparison {
            case .equal, .notEqual, .distinct, .notDistinct:
                BitFill.fill(result.words, count: count) { Element.same(first[$0], bound) }
            case .less, .greaterOrEqual:
                BitFill.fill(result.words, count: count) { Element.before(first[$0], bound) }
            case .greater, .lessOrEqual:
                BitFill.fill(result.words, count: count) { Element.before(bound, first[$0]) }
            }
        } else {
            switch comparison {
            case .equal, .notEqual, .distinct, .notDistinct:
                BitFill.fill(result.words, count: count) { Element.same(first[$0], second[$0]) }
            case .less, .greaterOrEqual:
                BitFill.fill(result.words, count: count) { Element.before(first[$0], second[$0]) }
            case .greater, .lessOrEqual:
                BitFill.fill(result.words, count: count) { Element.before(second[$0], first[$0]) }
            }
        }
        switch comparison {
        case .notEqual, .distinct, .greaterOrEqual, .lessOrEqual: complement(result)
        case .equal, .notDistinct, .less, .greater: break
        }
    }

    @inline(__always) private static func fillBoth<Element: SQLComparable>(
        _ comparison: Comparison, _ left: Element, _ right: Element, _ result: ValidityMask
    ) {
        let holds =
            switch comparison {
            case .equal, .notEqual, .distinct, .notDistinct: Element.same(left, right)
            case .less, .greaterOrEqual: Element.before(left, right)
            case .greater, .lessOrEqual: Element.before(right, left)
            }
        BitFill.fill(result.words, count: result.count) { _ in holds }
    }

    private static func complement(_ mask: ValidityMask) {
        for word in 0..<ValidityMask.wordCount(for: mask.count) { mask.words[word] = ~mask.words[word] }
        if mask.count > 0 { mask.clearTail() }
    }
}
