import APIContract
import Columns
import HTTPAPI
import Postgres
import Replication
import SystemOfRecord
import WarehouseEngine

/// SQL for the API: read-only, with limits.
struct WarehouseQueries: QueryService {
    let warehouse: Warehouse
    static let timeLimit: Duration = .seconds(60)

    func run(_ sql: String, parameters: [Value]) throws -> any QueryRows {
        Rows(
            stream: try warehouse.run(
                sql, parameters: parameters,
                options: QueryOptions(timeLimit: Self.timeLimit, isReadOnly: true)))
    }

    func tables() throws -> [TableDescription] {
        warehouse.tables().map { definition, rowCount in
            TableDescription(
                schema: definition.name.schema, name: definition.name.name, rowCount: rowCount,
                columns: definition.columns.fields.map {
                    .init(name: $0.name, type: $0.type.sqlName, nullable: $0.isNullable)
                })
        }
    }

    private struct Rows: QueryRows {
        let stream: ResultStream

        var columns: [ResultColumn] { stream.columns }

        func next() throws -> DataChunk? { try stream.next() }

        func cancel() { stream.cancel() }
    }
}

/// What `/readyz` asks.
struct ServerReadiness: ReadinessProbe {
    let record: RecordDatabase
    let replicator: Replicator

    func checks() async -> [HealthReply.Check] {
        var checks: [HealthReply.Check] = []
        do {
            try await record.pool.withConnection { connection in
                _ = try connection.execute("SELECT 1")
            }
            checks.append(.init(name: "record", isReady: true, detail: "Postgres answers"))
        } catch {
            checks.append(.init(name: "record", isReady: false, detail: "Postgres does not answer"))
        }
        let status = replicator.currentStatus
        checks.append(.init(name: "mirror", isReady: status.isStreaming, detail: status.publicSummary))
        return checks
    }
}

extension ReplicationStatus {
    /// The summary without causes, which may name hosts and paths.
    var publicSummary: String {
        if case .waiting = state { return "waiting for the record" }
        return summary
    }
}
