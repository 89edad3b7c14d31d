import Columns

/// A compiled expression: one dynamic call a chunk, loops chosen by physical type inside. Belongs to one
/// worker.
///
/// Invariant: input chunks have no selection, and a result has a value for every row of its input, in any
/// form.
class ExpressionNode {
    let type: DataType
    /// Columns of the input that the expression reads.
    let usedColumns: Set<Int>

    init(type: DataType, usedColumns: Set<Int>) {
        self.type = type
        self.usedColumns = usedColumns
    }

    /// Whether computing a row cannot fail and costs less than picking it: then all rows are computed always.
    var isCheap: Bool { false }

    /// The value of every row.
    func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector {
        preconditionFailure("a node gives vectors or truths")
    }

    /// The answer of every row, for BOOLEAN expressions.
    func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask { TruthMask(try evaluate(input)) }

    /// Values of the rows in `live`; other rows hold anything. An error of a row that is not live never
    /// surfaces.
    final func evaluate(_ input: DataChunk, where live: ValidityMask) throws(ExecutionError) -> Vector {
        let liveCount = live.validCount
        if liveCount == 0 { return Vector.constant(.null, type: type, count: input.rowCount) }
        if let vector = try densely(
            input, liveCount, { (node, chunk) throws(ExecutionError) in try node.evaluate(chunk) })
        {
            return vector
        }
        let selection = SelectionVector(bitmap: live.words, rowCount: input.rowCount)
        let compact = try evaluate(compacted(input, selection))
        return Self.scatter(compact, selection, rowCount: input.rowCount)
    }

    /// As `truth`, for the rows in `live`.
    final func truth(_ input: DataChunk, where live: ValidityMask) throws(ExecutionError) -> TruthMask {
        let liveCount = live.validCount
        if liveCount == 0 { return TruthMask(count: input.rowCount, repeating: false) }
        if let mask = try densely(
            input, liveCount, { (node, chunk) throws(ExecutionError) in try node.truth(chunk) })
        {
            return mask
        }
        let selection = SelectionVector(bitmap: live.words, rowCount: input.rowCount)
        let compact = try evaluate(compacted(input, selection))
        return TruthMask(Self.scatter(compact, selection, rowCount: input.rowCount))
    }

    /// Computes all rows when that is no more work than picking the live ones. nil when the live ones are to
    /// be picked: they are few, or some row failed that may not be live.
    private func densely<Result>(
        _ input: DataChunk, _ liveCount: Int,
        _ compute: (ExpressionNode, DataChunk) throws(ExecutionError) -> Result
    ) throws(ExecutionError) -> Result? {
        if liveCount == input.rowCount { return try compute(self, input) }
        if isCheap { return try compute(self, input) }
        guard liveCount * 3 >= input.rowCount else { return nil }
        do {
            return try compute(self, input)
        } catch {
            // The caller computes the live rows alone, and meets the error again if one of them has it.
            return nil
        }
    }

    /// The used columns of the chosen rows, at their places; the other columns are NULL.
    final func compacted(_ input: DataChunk, _ selection: SelectionVector) -> DataChunk {
        DataChunk(
            columns: input.columns.enumerated().map { index, column in
                usedColumns.contains(index)
                    ? column.gathered(selection) : Vector.null(type: column.type, count: selection.count)
            }, rowCount: selection.count)
    }

    /// Puts the values of a compact vector back at their rows.
    private static func scatter(_ compact: Vector, _ selection: SelectionVector, rowCount: Int) -> Vector {
        if compact.form == .constant {
            return Vector(
                constant: compact.values, type: compact.type, count: rowCount,
                isNull: compact.validity != nil,
                heap: compact.heap)
        }
        let positions = VectorBuffer(byteCount: rowCount * 4)
        positions.fillWithZeros()
        let target = positions.pointer(as: UInt32.self)
        for index in 0..<selection.count {
            target[Int(selection.rows[index])] = UInt32(truncatingIfNeeded: index)
        }
        return compact.gathered(SelectionVector(buffer: positions, count: rowCount))
    }
}

extension Vector {
    /// A constant vector of NULLs.
    static func null(type: DataType, count: Int) -> Vector {
        let zeros = VectorBuffer(byteCount: 16)
        zeros.fillWithZeros()
        return Vector(constant: zeros, type: type, count: count, isNull: true)
    }

    /// The same constant for another number of rows.
    func repeated(count: Int) -> Vector {
        precondition(form == .constant, "only a constant stands for any number of rows")
        return Vector(constant: values, type: type, count: count, isNull: validity != nil, heap: heap)
    }

    /// The first row as a constant vector; any form, at least one row.
    func constantOfFirstRow(count: Int) -> Vector {
        if form == .constant { return repeated(count: count) }
        let flat = flattened()
        return Vector(
            constant: flat.values, type: type, count: count, isNull: flat.isNull(0), heap: flat.heap)
    }
}

/// A column of the input.
final class ColumnNode: ExpressionNode {
    let index: Int

    init(index: Int, type: DataType) {
        self.index = index
        super.init(type: type, usedColumns: [index])
    }

    override var isCheap: Bool { true }

    override func evaluate(_ input: DataChunk) -> Vector { input.columns[index] }
}

/// One value for every row.
final class ConstantNode: ExpressionNode {
    let value: Vector

    /// - Parameter value: A constant vector of any count.
    init(_ value: Vector) {
        self.value = value
        super.init(type: value.type, usedColumns: [])
    }

    override var isCheap: Bool { true }

    override func evaluate(_ input: DataChunk) -> Vector {
        value.count == input.rowCount ? value : value.repeated(count: input.rowCount)
    }
}
