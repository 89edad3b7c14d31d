import Columns

/// Membership in constants: unknown for a NULL, and for a value not found when the list has a NULL.
final class InListNode: ExpressionNode {
    private let operand: ExpressionNode
    private let members: [Vector]
    private let hasNull: Bool
    /// For whole numbers and dates in longer lists.
    private let numbers: Set<Int64>?
    private let strings: StringInterner?

    /// Lists up to this length are compared member by member.
    private static let comparedMax = 12

    init(_ operand: ExpressionNode, _ values: [Value]) {
        self.operand = operand
        let present = Array(Set(values.filter { !$0.isNull }))
        hasNull = present.count < values.count && values.contains(.null)
        members = present.map { Vector.constant($0, type: operand.type, count: 1) }
        var numbers: Set<Int64>?
        var strings: StringInterner?
        if present.count > Self.comparedMax {
            switch operand.type.physical {
            case .int16, .int32, .int64:
                numbers = Set(members.map { $0.wholeNumber(at: 0) })
            case .string:
                let interner = StringInterner()
                for member in members { _ = interner.insert(member.pointer(as: StringView.self)[0]) }
                strings = interner
            default: break
            }
        }
        self.numbers = numbers
        self.strings = strings
        super.init(type: .boolean, usedColumns: operand.usedColumns)
    }

    override func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask {
        let vector = try operand.evaluate(input)
        let count = input.rowCount
        if vector.isConstantNull { return TruthMask(count: count, repeating: nil) }
        let found = bits(vector, count)
        var validity = vector.rowValidity
        if hasNull {
            // Rows not found are unknown too.
            let known = ValidityMask(count: count, allValid: false)
            for word in 0..<ValidityMask.wordCount(for: count) {
                known.words[word] = found.words[word] & vector.validWord(word)
            }
            validity = known
        }
        return TruthMask(count: count, bits: found, validity: validity)
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector { try truth(input).vector() }

    private func bits(_ vector: Vector, _ count: Int) -> ValidityMask {
        let found = ValidityMask(count: count, allValid: false)
        if let numbers {
            let flat = vector.flattened()
            for row in 0..<count where numbers.contains(flat.wholeNumber(at: row)) { found.setValid(row) }
        } else if let strings {
            let flat = vector.flattened()
            let views = flat.pointer(as: StringView.self)
            for row in 0..<count where strings.find(views[row]) != nil { found.setValid(row) }
            withExtendedLifetime(flat) {}
        } else {
            for member in members {
                let equal = ComparisonKernels.bits(
                    .equal, vector, member.repeated(count: count), count: count)
                for word in 0..<ValidityMask.wordCount(for: count) { found.words[word] |= equal.words[word] }
            }
        }
        return found
    }
}

extension Vector {
    /// The value of a flat or constant vector of 16, 32 or 64 bit numbers.
    func wholeNumber(at index: Int) -> Int64 {
        switch physical {
        case .int16: Int64(pointer(as: Int16.self)[index])
        case .int32: Int64(pointer(as: Int32.self)[index])
        default: pointer(as: Int64.self)[index]
        }
    }
}
