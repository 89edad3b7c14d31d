import Columns
import DurableIO
import Execution
import FileFormats
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// COPY between a file and a table, or from a query to a file.
struct CopyCommand {
    let commands: TableCommands
    let copy: Copy

    func run() throws(QueryError) -> ResultStream {
        let options = try CopyOptions(copy.options)
        switch copy.direction {
        case .from:
            guard case .table(let name, let columns) = copy.source else {
                throw QueryError(
                    code: SQLState.syntaxError.rawValue, message: "COPY … FROM needs a table")
            }
            return try load(name, columns, options)
        case .to: return try unload(options)
        }
    }

    /// The format that is asked for, or that the file's name says.
    private func format(_ options: CopyOptions) throws(QueryError) -> CopyOptions.Format {
        if let format = options.format { return format }
        guard case .file(let path) = copy.endpoint else { return .csv }
        let name = path.lowercased()
        for (suffix, format) in [
            (".csv", CopyOptions.Format.csv), (".tsv", .csv), (".tbl", .csv), (".ndjson", .ndjson),
            (".jsonl", .ndjson), (".parquet", .parquet), (".arrow", .arrow),
        ] where name.hasSuffix(suffix) { return format }
        throw QueryError(
            code: SQLState.invalidParameterValue.rawValue, message: "format of \(path) is not known",
            hint: "say it: WITH (FORMAT csv)")
    }

    // MARK: From a file

    private func load(
        _ parts: [Identifier], _ names: [Identifier], _ options: CopyOptions
    ) throws(QueryError) -> ResultStream {
        let name = try commands.ownName(parts)
        let catalog = commands.run.snapshot.catalog
        guard let id = catalog.table(named: name), let table = catalog.definition(of: id) else {
            throw TableNames.unknown(parts)
        }
        let (source, targets) = try source(options, names, table)
        let isUnfilled = table.defaults.keys.contains { !targets.contains($0) }
        if isUnfilled || !table.checks.isEmpty {
            let what = isUnfilled ? "defaults of other columns" : "check constraints"
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message:
                    "COPY into a table with \(what) "
                    + "is not supported: \(name)",
                position: parts.first?.span.start,
                hint: "Copy into another table, and INSERT … SELECT from there.")
        }
        let conversions = try conversions(of: source, to: targets.map { table.columns[$0] })
        var rows = 0
        try commands.change { (transaction, run) throws(QueryError) in
            let load = try CopyLoad(
                source: source, transaction: transaction, table: id, definition: table, targets: targets,
                conversions: conversions, run: run, options: options)
            rows = try load.run()
            try QueryError.storage { () throws(StorageError) in try transaction.checkPrimaryKey(of: id) }
            try commands.checkUnique(id, transaction, run)
        }
        return .changed(rows, "COPY")
    }

    /// Indices of the table's columns in the order of the file's.
    private func targets(_ names: [Identifier], _ table: TableDefinition) throws(QueryError) -> [Int] {
        if names.isEmpty { return Array(table.columns.fields.indices) }
        var targets: [Int] = []
        for name in names {
            guard let index = table.columns.index(of: name.name) else {
                throw QueryError(
                    code: SQLState.undefinedColumn.rawValue,
                    message: "column \"\(name.name)\" of relation \"\(table.name.name)\" does not exist",
                    position: name.span.start)
            }
            guard !targets.contains(index) else {
                throw QueryError(
                    code: SQLState.duplicateColumn.rawValue,
                    message: "column \"\(name.name)\" specified more than once", position: name.span.start)
            }
            targets.append(index)
        }
        return targets
    }

    /// Opens the file; also returns the table's columns that its columns go to. Text gets the types of the
    /// table; Parquet and Arrow have names and types of their own.
    private func source(
        _ options: CopyOptions, _ names: [Identifier], _ table: TableDefinition
    ) throws(QueryError) -> (any RowSource, targets: [Int]) {
        let format = try format(options)
        if format == .parquet || format == .arrow { return try binarySource(format, names, table) }
        let targets = try targets(names, table)
        let columns = targets.map { FileColumn(table.columns[$0]) }
        let reader = try reader()
        if format == .ndjson {
            var lines = NDJSONOptions()
            lines.ignoresUnknownKeys = options.ignoresUnknownKeys
            lines.skipsBadRows = options.csv.skipsBadRows
            return (NDJSONSource(reader, columns: columns, options: lines), targets)
        }
        let source = try QueryError.files { () throws(FileFormatError) in
            try CSVSource(reader, columns: columns, options: delimited(options))
        }
        return (source, targets)
    }

    /// Columns are matched by name: those that the statement lists, or all of the file.
    private func binarySource(
        _ format: CopyOptions.Format, _ names: [Identifier], _ table: TableDefinition
    ) throws(QueryError) -> (any RowSource, targets: [Int]) {
        guard case .file(let path) = copy.endpoint else {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "COPY format \"\(format.rawValue)\" is read from a file, not from STDIN")
        }
        let wanted = names.isEmpty ? nil : try targets(names, table).map { table.columns[$0].name }
        let file: any OpenFile
        do throws(DurableIOError) { file = try commands.run.warehouse.fileSystem.open(path, .read) } catch {
            throw QueryError(FileFormatError.files(error))
        }
        let source = try QueryError.files { () throws(FileFormatError) -> any RowSource in
            format == .parquet
                ? try ParquetSource(file: file, columns: wanted)
                : try ArrowSource(file: file, columns: wanted)
        }
        var targets: [Int] = []
        for column in source.columns {
            guard let index = table.columns.index(of: column.name) else {
                throw QueryError(
                    code: SQLState.undefinedColumn.rawValue,
                    message: "column \"\(column.name)\" of \(path) is not in \(table.name)",
                    hint: "list the columns to read: COPY \(table.name.name) (a, b) FROM …")
            }
            targets.append(index)
        }
        return (source, targets)
    }

    /// What turns the file's columns into the table's; nil when they have its types.
    private func conversions(
        of source: any RowSource, to fields: [Field]
    ) throws(QueryError) -> [Expression]? {
        var expressions: [Expression] = []
        for (index, (column, field)) in zip(source.columns, fields).enumerated() {
            let value = Expression.column(index, column.type)
            if column.type == field.type {
                expressions.append(value)
                continue
            }
            guard TypeCoercion.canCast(from: column.type, to: field.type, context: .assignment) else {
                throw QueryError(
                    code: SQLState.datatypeMismatch.rawValue,
                    message: "column \"\(field.name)\" is of type \(field.type.sqlName) but the file has "
                        + column.type.sqlName)
            }
            expressions.append(.cast(value, field.type))
        }
        return zip(source.columns, fields).allSatisfy { $0.type == $1.type } ? nil : expressions
    }

    /// The options for delimited text: tabs for a file that is called so, if the statement says nothing.
    private func delimited(_ options: CopyOptions) -> CSVOptions {
        var csv = options.csv
        if case .file(let path) = copy.endpoint, !options.hasDelimiter, csv.style == .csv,
            path.lowercased().hasSuffix(".tsv")
        {
            csv.delimiter = 9
        }
        return csv
    }

    private func reader() throws(QueryError) -> any SequentialReader {
        guard case .file(let path) = copy.endpoint else { return StandardInputReader() }
        do throws(DurableIOError) {
            return try FileReader(try commands.run.warehouse.fileSystem.open(path, .read))
        } catch {
            throw QueryError(FileFormatError.files(error))
        }
    }

    // MARK: To a file

    private func unload(_ options: CopyOptions) throws(QueryError) -> ResultStream {
        let query: Query
        switch copy.source {
        case .query(let given): query = given
        case .table(let name, let columns):
            let span = name.first?.span ?? SourceSpan(start: 1, end: 1)
            let items =
                columns.isEmpty
                ? [SelectItem(SQLExpression(.star([]), span: span), alias: nil)]
                : columns.map { SelectItem(SQLExpression(.column([$0]), span: $0.span), alias: nil) }
            var core = SelectCore(items: items, span: span)
            core.from = [.table(NamedTable(name: name))]
            query = Query(body: .select(core), span: span)
        }
        let planned = try commands.run.plan(.query(query))
        let columns = planned.columns.fields.map { FileColumn($0) }
        let sink = try sink(options, columns)
        let rows = ResultStream(
            columns: [], queue: QueryExecutor.start(planned.plan, commands.run.makeContext()))
        var count = 0
        while let chunk = try rows.next() {
            try QueryError.files { () throws(FileFormatError) in try sink.write(chunk) }
            count += chunk.selectedCount
        }
        try QueryError.files { () throws(FileFormatError) in try sink.finish() }
        return ResultStream(
            columns: [], changedRows: count, hasOwnOutput: copy.endpoint == .standardOutput)
    }

    private func sink(_ options: CopyOptions, _ columns: [FileColumn]) throws(QueryError) -> any RowSink {
        let format = try format(options)
        let output = try QueryError.files { () throws(FileFormatError) -> any ByteSink in
            guard case .file(let path) = copy.endpoint else { return StandardOutputSink() }
            return try WholeFileSink(path, fileSystem: commands.run.warehouse.fileSystem)
        }
        switch format {
        case .csv, .text:
            let quoted = options.forcesAllQuotes ? Set(columns.map(\.name)) : options.forceQuote
            return CSVSink(output, columns: columns, options: delimited(options), forceQuote: quoted)
        case .ndjson: return ResultFileSink(NDJSONResultWriter(), columns: columns, output: output)
        case .parquet:
            return try QueryError.files { () throws(FileFormatError) in
                try ParquetSink(output, columns: columns)
            }
        case .arrow:
            return try QueryError.files { () throws(FileFormatError) in
                try ArrowSink(output, columns: columns)
            }
        }
    }
}

extension FileColumn {
    init(_ field: Field) { self.init(name: field.name, type: field.type, isNullable: field.isNullable) }
}

extension QueryError {
    /// Runs `body` and turns its error into the client's.
    static func files<Result>(_ body: () throws(FileFormatError) -> Result) throws(QueryError) -> Result {
        do throws(FileFormatError) { return try body() } catch { throw QueryError(error) }
    }

    init(_ error: FileFormatError) {
        let code =
            switch error {
            case .badRow(_, _, _, let code, _): code
            case .malformed: "22P04"
            case .unsupported: SQLState.featureNotSupported.rawValue
            case .invalidRequest: SQLState.invalidParameterValue.rawValue
            case .files(.notFound): "58P01"
            case .files(.diskFull): SQLState.diskFull.rawValue
            case .files: "58030"
            }
        self.init(code: code, message: error.description)
    }
}
