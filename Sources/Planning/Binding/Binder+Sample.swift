import Columns
import Execution
import SQLSyntax

/// TABLESAMPLE: a filter on where the rows lie, so that a seed always takes the same rows of a table that has
/// not changed.
extension Binder {
    /// Rows that SYSTEM takes or leaves together: a vector.
    private static let systemBlockRows = Int64(DataChunk.capacity)

    /// The scan with only the rows of the sample.
    func sampled(_ scan: LogicalScan, _ sample: TableSample) throws(SQLError) -> LogicalPlan {
        let blockRows: Int64
        switch sample.method.name {
        case "bernoulli": blockRows = 1
        case "system": blockRows = Self.systemBlockRows
        default:
            throw SQLError(
                .undefinedObject, "tablesample method \"\(sample.method.name)\" does not exist",
                position: sample.method.span.start,
                hint: hint(for: sample.method.name, among: ["bernoulli", "system"]))
        }
        guard sample.arguments.count == 1 else {
            throw SQLError(
                SQLState(rawValue: "2202H"),
                "tablesample method \(sample.method.name) requires 1 argument, "
                    + "not \(sample.arguments.count)", position: sample.method.span.start)
        }
        let percent = try sampleNumber(sample.arguments[0])
        guard let percent, (0...100).contains(percent) else {
            throw SQLError(
                SQLState(rawValue: "2202H"), "sample percentage must be between 0 and 100",
                position: sample.arguments[0].span.start)
        }
        var seed = Int64.random(in: .min ... .max)
        if let syntax = sample.seed {
            guard let number = try sampleNumber(syntax) else {
                throw SQLError(
                    SQLState(rawValue: "2202G"), "TABLESAMPLE REPEATABLE parameter cannot be null",
                    position: syntax.span.start)
            }
            seed = Int64(bitPattern: number.bitPattern)
        }
        let locator = newColumn("locator", .bigint)
        var located = scan
        located.columns.append(LogicalScan.Column(index: ScanNode.rowLocatorIndex, column: locator))
        let function = ScalarFunction(
            name: "sample_fraction", parameterTypes: [.bigint, .bigint, .bigint],
            returnType: .doublePrecision)
        let fraction = Expression.call(
            function,
            [
                locator.reference, .constant(.bigint(blockRows), .bigint),
                .constant(.bigint(seed), .bigint),
            ])
        let bound = Expression.constant(.doublePrecision(percent / 100), .doublePrecision)
        let kept = LogicalPlan.filter(.scan(located), [.comparison(.less, fraction, bound)])
        return .project(kept, scan.columns.map { NamedExpression($0.column.reference, as: $0.column) })
    }

    /// A constant as a number; nil for NULL.
    private func sampleNumber(_ syntax: SQLExpression) throws(SQLError) -> Double? {
        let context = ExpressionContext(
            scope: Scope(parent: nil), commonTables: CommonTables(parent: nil), clause: .from,
            attachments: Attachments())
        let bound = try bind(syntax, context)
        let number = ConstantFolding.fold(try Coercion.coerce(bound, to: .doublePrecision, .assignment))
        switch number.constantValue {
        case .doublePrecision(let value): return value
        case .null: return nil
        default: throw unsupported("an expression that is no constant in TABLESAMPLE", at: syntax.span)
        }
    }
}
