import Execution
import SQLSyntax

/// Questions about syntax trees that are asked before binding.
enum SyntaxSearch {
    /// Whether a call of an aggregate stands in the expression, outside its subqueries.
    static func containsAggregate(_ expression: SQLExpression) -> Bool {
        if case .call(let call) = expression.kind {
            let isAggregate = call.name.last.map { FunctionCatalog.isAggregate($0.name) } ?? false
            let isOther = call.name.last?.name == "grouping" || !call.withinGroup.isEmpty
            if isAggregate || isOther, call.over == nil { return true }
        }
        return operands(of: expression).contains(where: containsAggregate)
    }

    /// Where the first name of a column stands, outside subqueries.
    static func firstColumn(in expression: SQLExpression) -> SourceSpan? {
        if case .column = expression.kind { return expression.span }
        return operands(of: expression).lazy.compactMap(firstColumn).first
    }

    /// The expressions directly within one; those in subqueries are not.
    static func operands(of expression: SQLExpression) -> [SQLExpression] {
        switch expression.kind {
        case .null, .boolean, .integer, .decimal, .string, .typedString, .parameter, .column, .star, .exists,
            .scalarQuery, .arrayQuery, .defaultValue:
            []
        case .unary(_, let operand), .not(let operand), .cast(let operand, _), .isTest(let operand, _, _),
            .inQuery(let operand, _, _), .quantifiedQuery(let operand, _, _, _), .field(let operand, _),
            .collate(let operand, _):
            [operand]
        case .binary(_, let left, let right), .isDistinctFrom(let left, let right, _),
            .quantifiedArray(let left, _, _, let right), .element(let left, let right):
            [left, right]
        case .and(let parts), .or(let parts), .row(let parts), .array(let parts),
            .concatenation(let parts):
            parts
        case .between(let operand, let low, let high, _, _): [operand, low, high]
        case .match(_, let operand, let pattern, let escape, _):
            [operand, pattern] + (escape.map { [$0] } ?? [])
        case .inList(let operand, let list, _): [operand] + list
        case .caseWhen(let operand, let branches, let otherwise):
            (operand.map { [$0] } ?? []) + branches.flatMap { [$0.condition, $0.result] }
                + (otherwise.map { [$0] } ?? [])
        case .call(let call):
            call.arguments + (call.orderBy + call.withinGroup).map(\.expression)
                + (call.filter.map { [$0] } ?? [])
        }
    }

    /// Whether a query names a table of that name in a FROM clause of its own or of a side of its set
    /// operations.
    static func mentions(_ table: String, in query: Query) -> Bool { mentions(table, in: query.body) }

    private static func mentions(_ table: String, in body: QueryBody) -> Bool {
        switch body {
        case .select(let core): core.from.contains { mentions(table, in: $0) }
        case .table(let parts): parts.count == 1 && parts[0].name == table
        case .nested(let query): mentions(table, in: query)
        case .setOperation(_, _, let left, let right): mentions(table, in: left) || mentions(table, in: right)
        case .unions(let bodies, _): bodies.contains { mentions(table, in: $0) }
        case .values: false
        }
    }

    private static func mentions(_ table: String, in reference: TableReference) -> Bool {
        switch reference {
        case .table(let named): named.name.count == 1 && named.name[0].name == table
        case .query(let query, _, _): mentions(table, in: query)
        case .join(let join): mentions(table, in: join.left) || mentions(table, in: join.right)
        case .function: false
        }
    }

    /// Where a body begins, for errors.
    static func span(of body: QueryBody) -> SourceSpan {
        switch body {
        case .select(let core): core.items.first?.expression.span ?? core.span
        case .values(let rows): rows.first?.first?.span ?? SourceSpan(start: 1, end: 1)
        case .table(let parts): parts.first?.span ?? SourceSpan(start: 1, end: 1)
        case .nested(let query): query.span
        case .setOperation(_, _, let left, _): span(of: left)
        case .unions(let bodies, _): bodies.first.map(span) ?? SourceSpan(start: 1, end: 1)
        }
    }

    /// The name that PostgreSQL gives to an output column without an alias.
    static func outputName(of expression: SQLExpression) -> String {
        derivedName(of: expression) ?? "?column?"
    }

    private static func derivedName(of expression: SQLExpression) -> String? {
        switch expression.kind {
        case .column(let parts): parts.last?.name
        case .call(let call): call.name.last?.name
        case .cast(let operand, let type): derivedName(of: operand) ?? shortName(of: type)
        case .typedString(let type, _): shortName(of: type)
        case .caseWhen(_, _, let otherwise): otherwise.flatMap(derivedName) ?? "case"
        case .exists: "exists"
        case .scalarQuery(let query): firstColumn(of: query.body)
        case .boolean: "bool"
        case .collate(let operand, _): derivedName(of: operand)
        case .field(_, let field): field.name
        case .array, .arrayQuery: "array"
        case .row: "row"
        default: nil
        }
    }

    private static func firstColumn(of body: QueryBody) -> String? {
        switch body {
        case .select(let core): core.items.first.flatMap { $0.alias?.name ?? derivedName(of: $0.expression) }
        case .nested(let query): firstColumn(of: query.body)
        case .setOperation(_, _, let left, _): firstColumn(of: left)
        case .unions(let bodies, _): bodies.first.flatMap(firstColumn)
        case .values: "column1"
        case .table: nil
        }
    }

    /// The name under which PostgreSQL's catalogue holds a type.
    private static func shortName(of type: TypeName) -> String {
        switch type.name {
        case "integer": "int4"
        case "bigint": "int8"
        case "smallint": "int2"
        case "real": "float4"
        case "double precision": "float8"
        case "boolean": "bool"
        case "character varying": "varchar"
        case "character": "bpchar"
        case "timestamp with time zone": "timestamptz"
        case "time with time zone": "timetz"
        default: type.name
        }
    }
}
