import Columns

/// AND: a later part is computed only for rows that the earlier parts do not make false.
final class AndNode: ExpressionNode {
    private let parts: [ExpressionNode]

    init(_ parts: [ExpressionNode]) {
        self.parts = parts
        super.init(type: .boolean, usedColumns: parts.reduce(into: []) { $0.formUnion($1.usedColumns) })
    }

    override var isCheap: Bool { parts.allSatisfy(\.isCheap) }

    override func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask {
        guard let first = parts.first else { return TruthMask(count: input.rowCount, repeating: true) }
        var result = try first.truth(input)
        for part in parts.dropFirst() {
            let live = result.possiblyTrue()
            if live.validCount == 0 { return result }
            result = result.and(try part.truth(input, where: live))
        }
        return result
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector { try truth(input).vector() }
}

/// OR: a later part is computed only for rows that the earlier parts do not make true.
final class OrNode: ExpressionNode {
    private let parts: [ExpressionNode]

    init(_ parts: [ExpressionNode]) {
        self.parts = parts
        super.init(type: .boolean, usedColumns: parts.reduce(into: []) { $0.formUnion($1.usedColumns) })
    }

    override var isCheap: Bool { parts.allSatisfy(\.isCheap) }

    override func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask {
        guard let first = parts.first else { return TruthMask(count: input.rowCount, repeating: false) }
        var result = try first.truth(input)
        for part in parts.dropFirst() {
            let live = result.notTrue()
            if live.validCount == 0 { return result }
            result = result.or(try part.truth(input, where: live))
        }
        return result
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector { try truth(input).vector() }
}

final class NotNode: ExpressionNode {
    private let operand: ExpressionNode

    init(_ operand: ExpressionNode) {
        self.operand = operand
        super.init(type: .boolean, usedColumns: operand.usedColumns)
    }

    override var isCheap: Bool { operand.isCheap }

    override func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask {
        try operand.truth(input).negated()
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector { try truth(input).vector() }
}

/// IS NULL and IS NOT NULL.
final class NullTestNode: ExpressionNode {
    private let operand: ExpressionNode
    private let isNegated: Bool

    init(_ operand: ExpressionNode, isNegated: Bool) {
        self.operand = operand
        self.isNegated = isNegated
        super.init(type: .boolean, usedColumns: operand.usedColumns)
    }

    override var isCheap: Bool { operand.isCheap }

    override func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask {
        let vector = try operand.evaluate(input)
        guard let validity = vector.validity else {
            return TruthMask(count: input.rowCount, repeating: isNegated)
        }
        if vector.form == .constant { return TruthMask(count: input.rowCount, repeating: !isNegated) }
        let bits = ValidityMask(count: input.rowCount, allValid: false)
        for word in 0..<ValidityMask.wordCount(for: input.rowCount) {
            bits.words[word] = isNegated ? validity.words[word] : ~validity.words[word]
        }
        if input.rowCount > 0 { bits.clearTail() }
        return TruthMask(count: input.rowCount, isTrue: bits)
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector { try truth(input).vector() }
}

extension TruthMask {
    /// Rows that are true or unknown.
    func possiblyTrue() -> ValidityMask {
        guard let isUnknown else { return isTrue }
        let result = ValidityMask(count: count, allValid: false)
        for word in 0..<ValidityMask.wordCount(for: count) {
            result.words[word] = isTrue.words[word] | isUnknown.words[word]
        }
        return result
    }

    /// Rows that are false or unknown.
    func notTrue() -> ValidityMask {
        let result = ValidityMask(count: count, allValid: false)
        for word in 0..<ValidityMask.wordCount(for: count) { result.words[word] = ~isTrue.words[word] }
        if count > 0 { result.clearTail() }
        return result
    }
}
