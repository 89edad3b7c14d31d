import Columns
import Execution
import SQLSyntax

extension Binder {
    /// Calls that ask for types: `pg_typeof(x)`, and `float8(x)` for a cast. nil for all others.
    func bindTypeCall(
        _ name: String, _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression? {
        guard call.arguments.count == 1 else { return nil }
        if name == "pg_typeof" {
            let argument = try bind(call.arguments[0], context)
            return known(.constant(.text(shown(argument)), .text), syntax)
        }
        guard Self.castNames.contains(name), !FunctionCatalog.isScalar(name) else { return nil }
        let type = TypeName(name: Self.typeNames[name] ?? name, span: syntax.span)
        return try bind(SQLExpression(.cast(call.arguments[0], type), span: syntax.span), context)
    }

    /// Names of types that PostgreSQL also lets one call.
    private static let castNames: Set<String> = [
        "text", "int2", "int4", "int8", "float4", "float8", "bool", "numeric", "date", "timestamp", "varchar",
        "uuid", "timestamptz", "jsonb", "json",
    ]

    private static let typeNames: [String: String] = [
        "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real",
        "float8": "double precision",
        "bool": "boolean", "varchar": "character varying", "timestamptz": "timestamp with time zone",
    ]
}
