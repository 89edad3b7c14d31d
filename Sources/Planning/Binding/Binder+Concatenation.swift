import Columns
import Execution
import SQLSyntax

extension Binder {
    /// `a || b || c` from left to right. Texts are joined in a balanced tree, so that a long chain is neither
    /// deep nor copied over and over; where the sign means something else (arrays, JSON), calls nest.
    func bindConcatenation(
        _ parts: [SQLExpression], _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        var result = try bind(parts[0], context)
        // The operands of text joined so far, for which `result` stands with the first two of them.
        var texts: [Expression] = []
        var levels = 0
        for part in parts.dropFirst() {
            let right = try bind(part, context)
            var joined = try resolve("||", [result, right], isOperator: true, span: syntax.span)
            if let (left, other) = Self.textOperands(of: joined) {
                if texts.isEmpty {
                    texts = [left, other]
                    result = known(joined, syntax)
                } else {
                    texts.append(other)
                }
                continue
            }
            if texts.count > 2 {
                let whole = known(Self.balanced(texts[...]), syntax)
                joined = try resolve("||", [whole, right], isOperator: true, span: syntax.span)
            }
            texts = []
            result = known(joined, syntax)
            levels += 1
            guard levels <= SQLLimits.nestingMax else {
                throw SQLError(
                    .statementTooComplex, "statement is nested too deeply", position: part.span.start,
                    hint: "At most \(SQLLimits.nestingMax) levels are allowed.")
            }
        }
        return texts.count > 2 ? known(Self.balanced(texts[...]), syntax) : result
    }

    private static func textOperands(of expression: Expression) -> (Expression, Expression)? {
        guard case .call(let function, let arguments) = expression, function.name == "||",
            function.returnType == .text, function.parameterTypes == [.text, .text]
        else { return nil }
        return (arguments[0], arguments[1])
    }

    private static func balanced(_ texts: ArraySlice<Expression>) -> Expression {
        guard texts.count > 1 else { return texts[texts.startIndex] }
        let middle = texts.startIndex + texts.count / 2
        let join = ScalarFunction(name: "||", parameterTypes: [.text, .text], returnType: .text)
        return .call(join, [balanced(texts[..<middle]), balanced(texts[middle...])])
    }
}
