import Columns
import Execution
import SQLSyntax
import TableCatalog

/// Turns syntax trees of one statement into logical plans: names become columns, operators become functions
/// with exact types, and every implicit conversion becomes a cast.
final class Binder {
    let catalog: Catalog
    let versions: VersionLookup
    /// Where names without a schema are looked up; that of a view while it is bound.
    var searchPath: [String]
    let parameters: [Value]
    let system: SystemCatalog
    /// Views that the statement reads, also within others.
    var viewsRead: Set<TableName> = []
    /// Views around the one that is being bound.
    var viewDepth = 0
    /// Views that the statement has read so far, each as often as it was named.
    var viewCount = 0
    /// What each `*` stands for, as SQL, by its place.
    var starExpansions: [SourceSpan: String] = [:]
    /// Whether the result hangs on more than tables: names of tables, settings, the time.
    var readsSystem = false
    private var lastColumn = 0
    private var lastTable = 0
    /// Where each column was first named, for errors that are found later.
    private var uses: [Int: (name: String, position: Int)] = [:]
    /// Of each column of a table with a primary key: the columns of that key, in the same occurrence of the
    /// table.
    private var keys: [Int: Set<Int>] = [:]
    /// Tables that the statement reads.
    private(set) var tablesRead: Set<TableID> = []

    init(
        catalog: Catalog, versions: @escaping VersionLookup, searchPath: [String], parameters: [Value],
        system: SystemCatalog = SystemCatalog()
    ) {
        self.system = system
        self.catalog = catalog
        self.versions = versions
        self.searchPath = searchPath
        self.parameters = parameters
    }

    func newColumn(_ name: String, _ type: DataType) -> LogicalColumn {
        lastColumn += 1
        return LogicalColumn(id: lastColumn, name: name, type: type)
    }

    func newTable() -> Int {
        lastTable += 1
        return lastTable
    }

    func noteUse(of column: Int, _ parts: [Identifier], at span: SourceSpan) {
        if uses[column] == nil { uses[column] = (parts.map(\.name).joined(separator: "."), span.start) }
    }

    func noteUse(of column: Int, name: String, position: Int) {
        if uses[column] == nil { uses[column] = (name, position) }
    }

    func noteKey(_ key: Set<Int>, of columns: [LogicalColumn]) {
        for column in columns { keys[column.id] = key }
    }

    /// Whether some of these columns are a primary key that fixes the value of `column`.
    func determines(_ columns: Set<Int>, _ column: Int) -> Bool {
        keys[column].map { $0.isSubset(of: columns) } ?? false
    }

    func firstUse(of column: Int) -> (name: String, position: Int)? { uses[column] }

    /// The table of a name, in the schemas of the search path if it names none.
    ///
    /// - Parameter earlier: The tables of an earlier version, to look in them instead.
    /// - Throws: `undefinedTable` with near names.
    func table(
        _ parts: [Identifier], of earlier: Catalog? = nil
    ) throws(SQLError) -> (id: TableID, definition: TableDefinition) {
        let catalog = earlier ?? self.catalog
        let name = parts.last?.name ?? ""
        let schemas = parts.count > 1 ? [parts[parts.count - 2].name] : searchPath
        for schema in schemas {
            if let id = catalog.table(schema: schema, name: name), let definition = catalog.definition(of: id)
            {
                tablesRead.insert(id)
                return (id, definition)
            }
        }
        let shown = parts.map(\.name).joined(separator: ".")
        let inPath = catalog.tables.filter { schemas.contains($0.definition.name.schema) }
        let elsewhere = catalog.tables.first { $0.definition.name.name == name }
        let near = hint(for: name, among: inPath.map(\.definition.name.name))
        throw SQLError(
            .undefinedTable, "relation \"\(shown)\" does not exist", position: parts.first?.span.start,
            hint: elsewhere.map { "did you mean \"\($0.definition.name)\"?" } ?? near)
    }

    func unsupported(_ what: String, at span: SourceSpan?) -> SQLError {
        SQLError(.featureNotSupported, "\(what) is not supported yet", position: span?.start)
    }
}

/// A query that has been bound: its plan, and which of the plan's columns are its result.
struct BoundQuery {
    var plan: LogicalPlan
    var columns: [LogicalColumn]
    /// Columns that are untyped literals, which a UNION or an INSERT may still give a type.
    var unknownColumns: Set<Int> = []
}

/// The tables of WITH clauses that a query can see, innermost last.
final class CommonTables {
    final class Table {
        let name: String
        let id: Int
        let query: BoundQuery
        let isMaterialized: Bool?
        var useCount = 0

        init(name: String, id: Int, query: BoundQuery, isMaterialized: Bool?) {
            self.name = name
            self.id = id
            self.query = query
            self.isMaterialized = isMaterialized
        }
    }

    let parent: CommonTables?
    var tables: [Table] = []

    init(parent: CommonTables?) { self.parent = parent }

    func find(_ name: String) -> Table? {
        tables.last { $0.name == name } ?? parent?.find(name)
    }
}

/// What surrounds an expression while it is bound.
final class ExpressionContext {
    /// The part of a statement, as messages name it.
    enum Clause: String {
        case select = "SELECT"
        case `where` = "WHERE"
        case join = "JOIN conditions"
        case groupBy = "GROUP BY"
        case having = "HAVING"
        case orderBy = "ORDER BY"
        case values = "VALUES"
        case limit = "LIMIT"
        case filter = "FILTER"
        case from = "FROM"
        case aggregate = "aggregate function calls"
        case update = "UPDATE"
        case window = "window definitions"
        case qualify = "QUALIFY"
        case `default` = "DEFAULT expressions"
        case check = "check constraints"
        case returning = "RETURNING"
    }

    let scope: Scope
    let commonTables: CommonTables
    var clause: Clause
    /// Where subqueries hook in.
    let attachments: Attachments
    /// Where aggregates are collected; nil where none may stand.
    var aggregates: AggregateCollection?
    /// Where functions that give several rows are collected; nil where none may stand.
    var tableFunctions: TableFunctionCollection?
    /// Where window functions are collected; nil where none may stand.
    var windows: WindowCollection?

    init(
        scope: Scope, commonTables: CommonTables, clause: Clause, attachments: Attachments,
        aggregates: AggregateCollection? = nil
    ) {
        self.scope = scope
        self.commonTables = commonTables
        self.clause = clause
        self.attachments = attachments
        self.aggregates = aggregates
    }

    func with(clause: Clause, attachments: Attachments? = nil) -> ExpressionContext {
        ExpressionContext(
            scope: scope, commonTables: commonTables, clause: clause,
            attachments: attachments ?? self.attachments, aggregates: nil)
    }
}

/// Plans of subqueries that must be joined to the input of the expressions that use them.
final class Attachments {
    enum Attachment {
        case scalar(LogicalPlan, LogicalColumn)
        case join(JoinKind, LogicalPlan, [Expression])

        /// What the subquery adds to the columns of the input.
        var columnIDs: Set<Int> {
            switch self {
            case .scalar(_, let column): [column.id]
            case .join(_, let right, _): right.columnIDs
            }
        }

        /// Columns of the input that the subquery reads, and columns of queries around it.
        var freeColumns: Set<Int> {
            switch self {
            case .scalar(let scalar, _): scalar.freeColumns
            case .join(_, let right, let conditions):
                right.freeColumns.union(conditions.flatMap(\.columnIDs)).subtracting(right.columnIDs)
            }
        }

        /// Whether the subquery drops rows of the input.
        var isFilter: Bool {
            if case .join(let kind, _, _) = self {
                kind == .semi || kind == .anti || kind == .nullAwareAnti
            } else {
                false
            }
        }
    }

    private(set) var list: [Attachment] = []

    /// Those that read some of these columns, and the others.
    func split(reading columns: Set<Int>) -> (reading: Attachments, others: Attachments) {
        let (reading, others) = (Attachments(), Attachments())
        for attachment in list {
            let isReading = !attachment.freeColumns.isDisjoint(with: columns)
            if isReading { reading.list.append(attachment) } else { others.list.append(attachment) }
        }
        return (reading, others)
    }

    var isEmpty: Bool { list.isEmpty }

    func add(_ attachment: Attachment) { list.append(attachment) }

    /// Puts the subqueries on top of a plan, in the order in which they were found.
    func apply(to plan: LogicalPlan, rewriting rewrite: (Expression) -> Expression = { $0 }) -> LogicalPlan {
        list.reduce(plan) { input, attachment in
            switch attachment {
            case .scalar(let scalar, let column): .appendScalar(input, scalar: scalar, column: column)
            case .join(let kind, let right, let conditions):
                .join(
                    LogicalJoin(
                        kind: kind, left: input, right: right.rewritten(rewrite),
                        conditions: conditions.map(rewrite)))
            }
        }
    }
}

/// Aggregates of one SELECT, each once.
final class AggregateCollection {
    private(set) var calls: [LogicalAggregate.Call] = []
    /// Subqueries in arguments of aggregates, which belong below the aggregation.
    let inputAttachments: Attachments

    /// What GROUPING refers to.
    var grouping: GroupingContext?

    init(inputAttachments: Attachments) { self.inputAttachments = inputAttachments }

    func column(of call: AggregateCall, make: () -> LogicalColumn) -> LogicalColumn {
        if let known = calls.first(where: { $0.call == call }) { return known.column }
        let column = make()
        calls.append(LogicalAggregate.Call(call: call, column: column))
        return column
    }
}

/// Functions of one select list that give several rows.
final class TableFunctionCollection {
    var calls: [LogicalTableFunctions.Call] = []
}
