import Columns

/// A comparison of two operands of one type.
final class ComparisonNode: ExpressionNode {
    private let comparison: Comparison
    private let left: ExpressionNode
    private let right: ExpressionNode

    init(_ comparison: Comparison, _ left: ExpressionNode, _ right: ExpressionNode) {
        self.comparison = comparison
        self.left = left
        self.right = right
        super.init(type: .boolean, usedColumns: left.usedColumns.union(right.usedColumns))
    }

    override var isCheap: Bool { left.isCheap && right.isCheap && left.type.physical.byteCount <= 8 }

    override func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask {
        let first = try left.evaluate(input)
        let second = try right.evaluate(input)
        let count = input.rowCount
        let bits = ComparisonKernels.bits(comparison, first, second, count: count)
        switch comparison {
        case .distinct, .notDistinct:
            return TruthMask(count: count, isTrue: distinctness(bits, first, second, count))
        default:
            if first.isConstantNull || second.isConstantNull {
                return TruthMask(count: count, repeating: nil)
            }
            let validity = ValidityMask.intersection(first.rowValidity, second.rowValidity)
            return TruthMask(count: count, bits: bits, validity: validity)
        }
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector { try truth(input).vector() }

    /// Two NULLs are not distinct, a NULL and a value are.
    private func distinctness(_ bits: ValidityMask, _ first: Vector, _ second: Vector, _ count: Int)
        -> ValidityMask
    {
        guard first.validity != nil || second.validity != nil else { return bits }
        let result = ValidityMask(count: count, allValid: false)
        for word in 0..<ValidityMask.wordCount(for: count) {
            let firstValid = first.validWord(word)
            let secondValid = second.validWord(word)
            let bothNull = ~firstValid & ~secondValid
            let oneNull = firstValid ^ secondValid
            let answer = bits.words[word] & firstValid & secondValid
            result.words[word] = answer | (comparison == .notDistinct ? bothNull : oneNull)
        }
        if count > 0 { result.clearTail() }
        return result
    }
}

extension Vector {
    /// NULL for every row.
    var isConstantNull: Bool { form == .constant && validity != nil }

    /// The mask with a bit a row; nil when no row is NULL. Not for constants that are NULL.
    var rowValidity: ValidityMask? { form == .constant ? nil : validity }

    /// 64 rows' validity, any form.
    func validWord(_ word: Int) -> UInt64 {
        guard let validity else { return ~0 }
        return form == .constant ? 0 : validity.words[word]
    }
}
