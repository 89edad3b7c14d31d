import SQLSyntax
import TableCatalog

/// Reads the options of CREATE TABLE and ALTER TABLE, for example `compression = 'zstd', level = 3,
/// bloom = (a, b), order_by = (day)`.
struct TableOptionsReader {
    let table: TableName
    let columns: [String]
    var options: TableOptions
    var clusteringKey: [Int]

    init(_ definition: TableDefinition) {
        table = definition.name
        columns = definition.columns.fields.map(\.name)
        options = definition.options
        clusteringKey = definition.clusteringKey
    }

    /// - Throws: For an unknown option, a value that it does not take or a column that is not there, with the
    ///   position.
    mutating func read(_ list: [StatementOption]) throws(QueryError) {
        var seen: Set<String> = []
        for option in list {
            let name = option.name.name.lowercased()
            guard seen.insert(name).inserted else { throw wrong("option \"\(name)\" is given twice", option) }
            switch name {
            case "compression": options = try compression(option)
            case "level": options.level = try level(option)
            case "bloom": options.bloomColumns = try indices(option)
            case "order_by": clusteringKey = try indices(option)
            default:
                throw wrong(
                    "unrecognized parameter \"\(name)\"", option,
                    hint: "a table has the options compression, level, bloom and order_by")
            }
        }
    }

    private func wrong(_ message: String, _ option: StatementOption, hint: String? = nil) -> QueryError {
        QueryError(
            code: SQLState.invalidParameterValue.rawValue, message: message, position: option.name.span.start,
            hint: hint)
    }

    /// A codec's level is its own: it goes back to the codec's default.
    private func compression(_ option: StatementOption) throws(QueryError) -> TableOptions {
        guard option.values.count == 1, case .string(let word) = option.values[0].kind,
            let codec = BlockCodec(sqlName: word)
        else {
            let names = BlockCodec.allCases.map { "'\($0.sqlName)'" }.joined(separator: ", ")
            throw wrong("option \"compression\" is one of \(names)", option)
        }
        if codec == options.codec { return options }
        return TableOptions(codec: codec, bloomColumns: options.bloomColumns)
    }

    private func level(_ option: StatementOption) throws(QueryError) -> Int {
        guard option.values.count == 1, case .integer(let digits) = option.values[0].kind,
            let level = Int(digits)
        else { throw wrong("option \"level\" takes a whole number", option) }
        return level
    }

    /// Columns by their names; an empty text stands for none.
    private func indices(_ option: StatementOption) throws(QueryError) -> [Int] {
        var result: [Int] = []
        for value in option.values {
            let name: Identifier
            switch value.kind {
            case .string(""): continue
            case .string(let text): name = Identifier(text, span: value.span)
            case .column(let parts) where parts.count == 1: name = parts[0]
            default: throw wrong("option \"\(option.name.name)\" takes names of columns", option)
            }
            guard let index = columns.firstIndex(of: name.name) else {
                throw QueryError(
                    code: SQLState.undefinedColumn.rawValue,
                    message: "column \"\(name.name)\" of relation \"\(table.name)\" does not exist",
                    position: name.span.start)
            }
            result.append(index)
        }
        return result
    }
}
