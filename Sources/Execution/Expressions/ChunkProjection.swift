import Columns

/// Computes expressions over chunks that no query gives, for example to convert rows of a file to the types
/// of a table. Owned by one thread.
public final class ChunkProjection {
    private let nodes: [ExpressionNode]

    /// - Parameter expressions: Over the columns of the chunks, by position.
    /// - Throws: `.unsupported` for a function that the catalogue did not make.
    public init(_ expressions: [Expression], _ context: QueryContext) throws(ExecutionError) {
        nodes = try ExpressionCompiler(context: EvaluationContext(context)).compile(expressions)
    }

    /// A column an expression, with the chunk's rows.
    ///
    /// - Throws: What the expressions do, as in a query.
    public func apply(_ chunk: DataChunk) throws(ExecutionError) -> DataChunk {
        let input = chunk.compacted()
        var columns: [Vector] = []
        columns.reserveCapacity(nodes.count)
        for node in nodes { columns.append(try node.evaluate(input)) }
        return DataChunk(columns: columns, rowCount: input.rowCount)
    }
}
