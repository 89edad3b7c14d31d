import Columns
import Execution
import SQLSyntax

/// An expression with what coercion must know of it.
struct BoundExpression {
    var expression: Expression
    /// A string without a type, or NULL: it takes the type that its context wants.
    var isUnknown = false
    var span: SourceSpan

    var type: DataType { expression.type }

    var argumentType: ArgumentType { isUnknown ? .unknown : .known(expression.type) }
}
