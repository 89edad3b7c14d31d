import Columns
import Execution
import SQLSyntax

extension Binder {
    /// The version that `AS OF` names; its expression is a constant, so that the plan is one for all rows.
    func bind(_ asOf: AsOf) throws(SQLError) -> EarlierVersion {
        let place = asOf.expression.span.start
        let point: VersionPoint
        switch asOf {
        case .version(let syntax):
            guard case .bigint(let number) = try constant(syntax, as: .bigint),
                let version = UInt64(exactly: number)
            else {
                throw SQLError(
                    .invalidParameterValue, "AS OF VERSION takes the number of a version", position: place)
            }
            point = .version(version)
        case .time(let syntax):
            guard case .timestamp(let time) = try constant(syntax, as: .timestamp) else {
                throw SQLError(.invalidParameterValue, "AS OF takes a time that is not NULL", position: place)
            }
            point = .time(time)
        }
        do throws(SQLError) {
            return try versions(point)
        } catch {
            throw SQLError(error.code, error.message, position: error.position ?? place, hint: error.hint)
        }
    }

    private func constant(_ syntax: SQLExpression, as type: DataType) throws(SQLError) -> Value {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: Scope(parent: nil), commonTables: CommonTables(parent: nil), clause: .from,
            attachments: attachments)
        let bound = try bind(syntax, context)
        let expression = ConstantFolding.fold(try Coercion.coerce(bound, to: type))
        guard attachments.list.isEmpty, let value = expression.constantValue else {
            throw SQLError(
                .featureNotSupported, "AS OF takes a constant", position: syntax.span.start,
                hint: "for example AS OF TIMESTAMP '2026-11-01 09:00:00' or AS OF VERSION 12")
        }
        return value
    }
}
