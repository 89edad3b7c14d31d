import Postgres

/// The large values that updates did not touch and the stream does not send, read from the record by key.
///
/// The record may already be further than the stream: then a later change of the same row follows and puts
/// the final value in place.
struct MissingValues {
    private var rows: [[PgOutputMessage.Field]: [PgOutputMessage.Field]] = [:]

    /// Asks the record once a row with such values. Most batches have none and cost nothing.
    init(of changes: TableChanges, from configuration: PostgresConfiguration) throws {
        let table = changes.table
        let wanted = changes.changes.values.filter { $0.row?.contains(.unchanged) == true }
        guard !wanted.isEmpty else { return }
        let connection = try PostgresConnection(configuration)
        let conditions = table.primaryKey.enumerated().map { index, column in
            "\(table.columns[column].quotedName) = $\(index + 1)"
        }
        let columns = table.columns.map { "\($0.quotedName)::text" }.joined(separator: ", ")
        let sql = "SELECT \(columns) FROM \(table.quotedName) WHERE \(conditions.joined(separator: " AND "))"
        for change in wanted {
            let parameters = change.key.map { field -> PostgresValue in
                guard case .text(let bytes) = field else { return .null }
                return .text(String(decoding: bytes, as: UTF8.self))
            }
            guard let row = try connection.execute(sql, parameters).first else { continue }
            rows[change.key] = table.columns.indices.map { column in
                row.text(at: column).map { .text(Array($0.utf8)[...]) } ?? .null
            }
        }
    }

    /// The row with the values put in; a row that the record no longer has keeps its gaps and is deleted
    /// later in the stream.
    func completed(_ row: [PgOutputMessage.Field], key: [PgOutputMessage.Field]) -> [PgOutputMessage.Field] {
        guard row.contains(.unchanged) else { return row }
        guard let known = rows[key], known.count == row.count else {
            return row.map { $0 == .unchanged ? .text([]) : $0 }
        }
        return zip(row, known).map { $0 == .unchanged ? $1 : $0 }
    }
}
