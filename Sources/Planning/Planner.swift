import Columns
import Execution
import SQLSyntax
import TableCatalog

/// From a syntax tree to a plan that the executor runs, against one version of the store.
public struct Planner: Sendable {
    /// How a statement is planned.
    public struct Options: Sendable {
        /// Schemas in which names without one are looked up, first to last.
        public var searchPath: [String]
        /// Whether the optimizer's rules are applied; tests compare results with and without them.
        public var isOptimizing: Bool

        public init(searchPath: [String] = [TableName.defaultSchema], isOptimizing: Bool = true) {
            self.searchPath = searchPath
            self.isOptimizing = isOptimizing
        }
    }

    private let catalog: Catalog
    private let statistics: @Sendable (TableID) -> TableStatistics?
    private let versions: VersionLookup
    private let system: SystemCatalog
    private let options: Options

    /// - Parameters:
    ///   - statistics: Of the same version as the catalogue; nil where there are none.
    ///   - versions: Finds what AS OF names; by default there is nothing before the catalogue's version.
    public init(
        catalog: Catalog, statistics: @escaping @Sendable (TableID) -> TableStatistics? = { _ in nil },
        versions: @escaping VersionLookup = Planner.noEarlierVersion,
        system: SystemCatalog = SystemCatalog(), options: Options = Options()
    ) {
        self.system = system
        self.catalog = catalog
        self.statistics = statistics
        self.versions = versions
        self.options = options
    }

    /// The lookup of a planner without a past.
    public static let noEarlierVersion: VersionLookup = { _ throws(SQLError) in
        throw SQLError(.featureNotSupported, "there are no earlier versions here")
    }

    func makeBinder(_ parameters: [Value]) -> Binder {
        Binder(
            catalog: catalog, versions: versions, searchPath: options.searchPath, parameters: parameters,
            system: system)
    }

    /// Plans a statement that gives rows: SELECT, VALUES, TABLE, and EXPLAIN of one (its inner plan).
    ///
    /// - Parameters:
    ///   - parameters: Values of `$1`, `$2` and so on. TEXT and NULL take the type that their place wants.
    /// - Throws: Every mistake of the statement, with its SQLSTATE and position; `featureNotSupported` for
    ///   statements without rows.
    public func plan(statement: Statement, parameters: [Value] = []) throws(SQLError) -> PlannedStatement {
        switch statement {
        case .query(let query): return try plan(query: query, parameters: parameters)
        case .explain(let explain): return try plan(statement: explain.statement, parameters: parameters)
        default: throw SQLError(.featureNotSupported, "statement gives no rows")
        }
    }

    public func plan(query: Query, parameters: [Value] = []) throws(SQLError) -> PlannedStatement {
        let binder = makeBinder(parameters)
        let bound = try binder.bind(query, parent: nil, commonTables: CommonTables(parent: nil))
        return try planned(bound.plan, bound.columns, binder)
    }

    func planned(
        _ logical: LogicalPlan, _ columns: [LogicalColumn], _ binder: Binder
    ) throws(SQLError) -> PlannedStatement {
        let bound = LogicalPlan.project(logical, columns.map { NamedExpression($0.reference, as: $0) })
        let joins = DependentJoins(newColumn: binder.newColumn, newTable: binder.newTable)
        let whole = try joins.unnest(bound)
        let estimator = CardinalityEstimator(statistics: statistics)
        let best = options.isOptimizing ? Optimizer.optimize(whole, estimator) : whole
        let plan: PhysicalPlan
        do throws(UnplacedColumn) {
            plan = try PhysicalPlanner(estimator: estimator).plan(best, result: columns)
        } catch {
            let use = binder.firstUse(of: error.id)
            throw SQLError(
                .groupingError, "subquery uses ungrouped column \"\(use?.name ?? "")\" from outer query",
                position: use?.position)
        }
        let fields = columns.map { Field(name: $0.name, type: $0.type) }
        return PlannedStatement(
            columns: Schema(fields), plan: plan,
            tables: binder.tablesRead.sorted(), readsSystem: binder.readsSystem)
    }
}

/// A statement that is ready to run.
public struct PlannedStatement: Sendable {
    /// Names and types of the result; names may repeat.
    public var columns: Schema
    public var plan: PhysicalPlan
    /// Every table that the statement names, in order of their ids.
    public var tables: [TableID]
    /// Whether the plan holds what no table's version tells, such as names of tables or settings: it is for
    /// this once.
    public var readsSystem: Bool
}

/// An INSERT, UPDATE or DELETE that is ready to run.
public struct PlannedChange: Sendable {
    public var table: TableID
    /// What `Planner.plan(insert:)`, `plan(update:)` and `plan(delete:)` say.
    public var rows: PlannedStatement
    /// Constraints of which `rows` has a BOOLEAN column each at its end; a row may go only if none is false.
    public var checks: [CheckConstraint] = []
    /// RETURNING, over the table's columns as given rows (`GivenRows.table`).
    public var returning: PlannedStatement?
    /// ON CONFLICT, over the table's columns and a BIGINT row number as given rows: the number of a given
    /// row, the `RowLocator.rawValue` of the row that has its key, and for DO UPDATE a BOOLEAN that is true
    /// if that row is replaced, the values that it takes, and the checks.
    public var conflicts: PlannedStatement?
}
