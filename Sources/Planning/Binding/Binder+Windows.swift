import Columns
import Execution
import SQLSyntax

/// Window functions of one SELECT, each once.
final class WindowCollection {
    unowned let select: SelectBinding
    private(set) var windows: [LogicalWindow] = []

    init(_ select: SelectBinding) { self.select = select }

    func column(
        _ call: WindowCall, partition: [Expression], order: [SortKey], make: () -> LogicalColumn
    ) -> LogicalColumn {
        let known = windows.firstIndex { $0.partition == partition && $0.order == order }
        let place = known ?? windows.count
        if known == nil {
            windows.append(LogicalWindow(input: .oneRow, partition: partition, order: order, calls: []))
        }
        if let same = windows[place].calls.first(where: { $0.call == call }) { return same.column }
        let column = make()
        windows[place].calls.append(LogicalWindow.Call(call: call, column: column))
        return column
    }

    /// The windows above a plan; those whose sort others can share come first.
    func apply(to plan: LogicalPlan) -> LogicalPlan {
        var rest = windows
        var result = plan
        while !rest.isEmpty {
            guard let longest = rest.max(by: { $0.order.count < $1.order.count }) else { break }
            let sharing = rest.filter { $0.sharesSort(of: longest) }
            rest.removeAll { sharing.contains($0) }
            for var window in sharing.sorted(by: { $0.order.count > $1.order.count }) {
                window.input = result
                result = .window(window)
            }
        }
        return result
    }
}

extension Binder {
    private static let functions: [String: (function: WindowFunction, arguments: ClosedRange<Int>)] = [
        "row_number": (.rowNumber, 0...0), "rank": (.rank, 0...0), "dense_rank": (.denseRank, 0...0),
        "percent_rank": (.percentRank, 0...0), "cume_dist": (.cumeDist, 0...0), "ntile": (.ntile, 1...1),
        "lag": (.lag, 1...3), "lead": (.lead, 1...3), "first_value": (.firstValue, 1...1),
        "last_value": (.lastValue, 1...1), "nth_value": (.nthValue, 2...2),
    ]

    static func isWindowFunction(_ name: String) -> Bool { functions[name] != nil }

    func bindWindowCall(
        _ name: String, _ call: FunctionCall, _ over: WindowReference, _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let place = syntax.span.start
        guard let windows = context.windows else {
            if context.clause == .window {
                throw SQLError(.windowingError, "window function calls cannot be nested", position: place)
            }
            if context.clause == .aggregate {
                throw SQLError(
                    .groupingError, "aggregate function calls cannot contain window function calls",
                    position: place)
            }
            throw SQLError(
                .windowingError, "window functions are not allowed in \(context.clause.rawValue)",
                position: place)
        }
        let select = windows.select
        if call.isDistinct { throw unsupported("DISTINCT of a window function", at: syntax.span) }
        if !call.orderBy.isEmpty {
            throw unsupported("ORDER BY in the arguments of a window function", at: syntax.span)
        }
        let inner = ExpressionContext(
            scope: context.scope, commonTables: context.commonTables, clause: .window,
            attachments: context.attachments, aggregates: context.aggregates)
        let specification = try specification(of: over, select)
        var partition: [Expression] = []
        for item in specification.partitionBy {
            let expression = try aboveGroups(try bindTyped(item, inner), select)
            if !partition.contains(expression) { partition.append(expression) }
        }
        var order: [SortKey] = []
        for item in specification.orderBy {
            order.append(
                sortKey(item, try aboveGroups(try bindTyped(item.expression, inner), select)))
        }
        var arguments: [BoundExpression] = []
        for argument in call.arguments { arguments.append(try bind(argument, inner)) }
        var bound = try windowFunction(name, call, arguments, syntax)
        if let condition = call.filter {
            guard case .aggregate = bound.function else {
                throw SQLError(
                    .featureNotSupported,
                    "FILTER is not implemented for non-aggregate window functions", position: place)
            }
            bound.filter = try bindCondition(condition, "FILTER", inner)
        }
        if let frame = specification.frame {
            bound.bounds = try bounds(frame, order, inner)
        }
        let call = try bound.mapExpressions { (expression) throws(SQLError) in
            try aboveGroups(expression, select)
        }
        let column = windows.column(call, partition: partition, order: order) {
            newColumn(name, call.returnType)
        }
        return known(column.reference, syntax)
    }

    /// Aggregates that take rows whole or in an order of their own: they have no frames yet.
    private static let unframed: Set<String> = [
        "arg_min", "arg_max", "min_by", "max_by", "first", "last", "mode",
    ]

    /// Chooses an aggregate for a window and casts the arguments to it.
    private func resolveAggregate(
        _ name: String, _ call: FunctionCall, _ arguments: [BoundExpression], _ syntax: SQLExpression
    ) throws(SQLError) -> (AggregateFunction, [Expression]) {
        let span = syntax.span
        if call.isStar, name != "count" {
            throw SQLError(.undefinedFunction, "function \(name)(*) does not exist", position: span.start)
        }
        if call.arguments.isEmpty, !call.isStar, name == "count" {
            throw SQLError(
                .wrongObjectType, "count(*) must be used to call a parameterless aggregate function",
                position: span.start)
        }
        if Self.unframed.contains(name) || FunctionCatalog.isDerivedAggregate(name) {
            throw unsupported("\(name) with OVER", at: span)
        }
        var chosen = try plain(name, arguments, span)
        if name == "array_agg" { chosen.arguments = try arrayItems(chosen.arguments, span: span) }
        return (chosen.function, chosen.arguments)
    }

    private func windowFunction(
        _ name: String, _ call: FunctionCall, _ arguments: [BoundExpression], _ syntax: SQLExpression
    ) throws(SQLError) -> WindowCall {
        let bounds = WindowBounds(unit: .range, start: .unbounded, end: .currentRow, exclusion: .none)
        guard let known = Self.functions[name] else {
            let (function, converted) = try resolveAggregate(name, call, arguments, syntax)
            return WindowCall(
                function: .aggregate(function), arguments: converted, bounds: bounds,
                returnType: function.returnType)
        }
        guard known.arguments.contains(arguments.count), !call.isStar else {
            let types = arguments.map { shown($0) }.joined(separator: ", ")
            throw SQLError(
                .undefinedFunction, "function \(name)(\(call.isStar ? "*" : types)) does not exist",
                position: syntax.span.start)
        }
        var converted: [Expression] = []
        var type: DataType
        switch known.function {
        case .rowNumber, .rank, .denseRank: type = .bigint
        case .percentRank, .cumeDist: type = .doublePrecision
        case .ntile:
            type = .integer
            converted = [try Coercion.coerceToCommon(arguments[0], .bigint)]
        default:
            let values = arguments.count == 3 ? [arguments[0], arguments[2]] : [arguments[0]]
            let (unified, common) = try Coercion.unify(values, construct: name)
            type = common
            converted = [unified[0]]
            if arguments.count > 1 { converted.append(try Coercion.coerceToCommon(arguments[1], .bigint)) }
            if unified.count > 1 { converted.append(unified[1]) }
        }
        return WindowCall(function: known.function, arguments: converted, bounds: bounds, returnType: type)
    }

    // MARK: Definitions

    private func specification(
        of reference: WindowReference, _ select: SelectBinding
    ) throws(SQLError) -> WindowSpecification {
        switch reference {
        case .named(let name): return try named(name, select.core.windows[...])
        case .specification(let own): return try completed(own, select.core.windows[...])
        }
    }

    private func named(
        _ name: Identifier, _ windows: ArraySlice<NamedWindow>
    ) throws(SQLError) -> WindowSpecification {
        guard let place = windows.firstIndex(where: { $0.name.name == name.name }) else {
            throw SQLError(
                .undefinedObject, "window \"\(name.name)\" does not exist", position: name.span.start,
                hint: hint(for: name.name, among: windows.map(\.name.name)))
        }
        return try completed(windows[place].specification, windows[..<place])
    }

    private func completed(
        _ own: WindowSpecification, _ windows: ArraySlice<NamedWindow>
    ) throws(SQLError) -> WindowSpecification {
        guard let base = own.base else { return own }
        let inherited = try named(base, windows)
        func refuse(_ message: String) -> SQLError {
            SQLError(.windowingError, message, position: base.span.start)
        }
        if !own.partitionBy.isEmpty {
            throw refuse("cannot override PARTITION BY clause of window \"\(base.name)\"")
        }
        if !own.orderBy.isEmpty, !inherited.orderBy.isEmpty {
            throw refuse("cannot override ORDER BY clause of window \"\(base.name)\"")
        }
        if inherited.frame != nil {
            throw refuse("cannot copy window \"\(base.name)\" because it has a frame clause")
        }
        return WindowSpecification(
            base: nil, partitionBy: inherited.partitionBy,
            orderBy: own.orderBy.isEmpty ? inherited.orderBy : own.orderBy, frame: own.frame)
    }

    func checkWindowNames(_ core: SelectCore) throws(SQLError) {
        var names: Set<String> = []
        for window in core.windows where !names.insert(window.name.name).inserted {
            throw SQLError(
                .windowingError, "window \"\(window.name.name)\" is already defined",
                position: window.name.span.start)
        }
    }

    // MARK: Frames

    private func bounds(
        _ frame: WindowFrame, _ order: [SortKey], _ context: ExpressionContext
    ) throws(SQLError) -> WindowBounds {
        let unit: WindowBounds.Unit =
            switch frame.unit {
            case .rows: .rows
            case .range: .range
            case .groups: .groups
            }
        let exclusion: WindowBounds.Exclusion =
            switch frame.exclusion {
            case .currentRow: .currentRow
            case .group: .group
            case .ties: .ties
            case .noOthers, nil: .none
            }
        if unit == .groups, order.isEmpty {
            throw SQLError(.windowingError, "GROUPS mode requires an ORDER BY clause")
        }
        try checkOrder(of: frame)
        var key: Expression?
        let start = try bound(frame.start, unit, order, &key, context)
        let end = try bound(frame.end, unit, order, &key, context)
        return WindowBounds(unit: unit, start: start, end: end, exclusion: exclusion, rangeKey: key)
    }

    private func checkOrder(of frame: WindowFrame) throws(SQLError) {
        if case .currentRow = frame.start, case .preceding = frame.end {
            throw SQLError(
                .windowingError, "frame starting from current row cannot have preceding rows")
        }
        guard case .following = frame.start else { return }
        switch frame.end {
        case .preceding, .currentRow:
            throw SQLError(
                .windowingError,
                "frame starting from following row "
                    + (frame.end == .currentRow
                        ? "cannot end with current row" : "cannot have preceding rows"))
        default: break
        }
    }

    private func bound(
        _ bound: WindowFrame.Bound, _ unit: WindowBounds.Unit, _ order: [SortKey], _ key: inout Expression?,
        _ context: ExpressionContext
    ) throws(SQLError) -> WindowBounds.Bound {
        let syntax: SQLExpression
        let isPreceding: Bool
        switch bound {
        case .unboundedPreceding, .unboundedFollowing: return .unbounded
        case .currentRow: return .currentRow
        case .preceding(let offset): (syntax, isPreceding) = (offset, true)
        case .following(let offset): (syntax, isPreceding) = (offset, false)
        }
        var offset = try bind(syntax, context)
        if !offset.expression.columnIDs.isEmpty {
            throw SQLError(
                .invalidColumnReference,
                "argument of \(unit.rawValue.uppercased()) must not contain variables",
                position: syntax.span.start)
        }
        var distance: Expression
        var target: Expression?
        if unit == .range {
            guard order.count == 1 else {
                throw SQLError(
                    .windowingError,
                    "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
                    position: syntax.span.start)
            }
            var value = order[0].expression
            if value.type.isInteger { value = Coercion.convert(value, to: .decimal(precision: 38, scale: 0)) }
            if value.type == .date { value = Coercion.convert(value, to: .timestamp) }
            if value.type == .real { value = Coercion.convert(value, to: .doublePrecision) }
            guard value.type.isNumeric || value.type.isTemporal || value.type == .interval else {
                throw SQLError(
                    .featureNotSupported,
                    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type "
                        + value.type.shownName, position: syntax.span.start)
            }
            if offset.isUnknown || value.type.isFloatingPoint {
                let type: DataType = value.type.isNumeric ? value.type : .interval
                offset.expression = try Coercion.coerceToCommon(offset, type)
                offset.isUnknown = false
            }
            guard value.type.isNumeric == offset.type.isNumeric else {
                throw SQLError(
                    .featureNotSupported,
                    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type "
                        + "\(order[0].expression.type.shownName) and offset type \(offset.type.shownName)",
                    position: syntax.span.start)
            }
            distance = offset.expression
            let goesDown = isPreceding != order[0].isDescending
            let sum = try resolve(
                goesDown ? "-" : "+", [BoundExpression(expression: value, span: syntax.span), offset],
                isOperator: true, span: syntax.span)
            if value.type.isNumeric, sum.type != value.type { value = Coercion.convert(value, to: sum.type) }
            key = value
            target = Coercion.convert(sum, to: value.type)
        } else {
            distance = try Coercion.coerceToCommon(offset, .bigint)
        }
        return isPreceding
            ? .preceding(distance: distance, target: target)
            : .following(distance: distance, target: target)
    }
}
