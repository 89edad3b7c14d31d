import Columns

/// CASE: each condition is computed for the rows that no earlier one took, each result for its rows alone.
final class CaseNode: ExpressionNode {
    struct Branch {
        var condition: ExpressionNode
        var result: ExpressionNode
    }

    private let branches: [Branch]
    private let otherwise: ExpressionNode?

    init(_ branches: [Branch], otherwise: ExpressionNode?, type: DataType) {
        self.branches = branches
        self.otherwise = otherwise
        let nodes = branches.flatMap { [$0.condition, $0.result] } + (otherwise.map { [$0] } ?? [])
        super.init(type: type, usedColumns: nodes.reduce(into: []) { $0.formUnion($1.usedColumns) })
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector {
        let count = input.rowCount
        var sources: [Vector] = []
        var choice = [UInt8](repeating: .max, count: count)
        var remaining = ValidityMask(count: count, allValid: true)
        for branch in branches {
            if remaining.validCount == 0 { break }
            let condition = try branch.condition.truth(input, where: remaining)
            let taken = ValidityMask(count: count, allValid: false)
            let rest = ValidityMask(count: count, allValid: false)
            for word in 0..<ValidityMask.wordCount(for: count) {
                taken.words[word] = condition.isTrue.words[word] & remaining.words[word]
                rest.words[word] = remaining.words[word] & ~taken.words[word]
            }
            remaining = rest
            try take(branch.result, input, taken, &sources, &choice)
        }
        if let otherwise { try take(otherwise, input, remaining, &sources, &choice) }
        if sources.isEmpty { return Vector.null(type: type, count: count) }
        if let only = sources.first, sources.count == 1, choice.allSatisfy({ $0 == 0 }) { return only }
        return RowMerge.merge(sources, choosing: choice, type: type)
    }

    private func take(
        _ result: ExpressionNode, _ input: DataChunk, _ rows: ValidityMask, _ sources: inout [Vector],
        _ choice: inout [UInt8]
    ) throws(ExecutionError) {
        if rows.validCount == 0 { return }
        if sources.count == Int(UInt8.max) - 1 {
            // More branches with rows than a byte counts: put together what there is.
            sources = [RowMerge.merge(sources, choosing: choice, type: type)]
            for row in choice.indices where choice[row] != .max { choice[row] = 0 }
        }
        let source = UInt8(truncatingIfNeeded: sources.count)
        sources.append(try result.evaluate(input, where: rows))
        choice.withUnsafeMutableBufferPointer { choice in
            for row in 0..<choice.count where rows.isValid(row) { choice[row] = source }
        }
    }
}

/// COALESCE: a later part is computed only for rows where the earlier ones are NULL.
final class CoalesceNode: ExpressionNode {
    private let parts: [ExpressionNode]

    init(_ parts: [ExpressionNode], type: DataType) {
        self.parts = parts
        super.init(type: type, usedColumns: parts.reduce(into: []) { $0.formUnion($1.usedColumns) })
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector {
        guard let first = parts.first else { return Vector.null(type: type, count: input.rowCount) }
        var result = try first.evaluate(input)
        for part in parts.dropFirst() {
            guard let validity = result.validity else { return result }
            let count = input.rowCount
            let missing = ValidityMask(count: count, allValid: false)
            for word in 0..<ValidityMask.wordCount(for: count) {
                missing.words[word] = result.form == .constant ? ~0 : ~validity.words[word]
            }
            if count > 0 { missing.clearTail() }
            if missing.validCount == 0 { return result }
            let next = try part.evaluate(input, where: missing)
            if result.form == .constant {
                result = next
                continue
            }
            let choice = (0..<count).map { missing.isValid($0) ? UInt8(1) : 0 }
            result = RowMerge.merge([result, next], choosing: choice, type: type)
        }
        return result
    }
}
