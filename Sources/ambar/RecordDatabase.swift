import Foundation
import Postgres
import SystemOfRecord

/// The record, open: a private cluster or the server that the settings name, with the newest schema.
final class RecordDatabase: Sendable {
    let configuration: PostgresConfiguration
    let pool: PostgresPool
    private let cluster: PrivateCluster?

    /// Starts or connects, and migrates. Blocks.
    ///
    /// - Throws: One clear line: what is missing and what to do.
    init(_ directory: DataDirectory, _ settings: Settings) throws {
        if let url = settings.postgresURL {
            guard let configuration = PostgresConfiguration(url: url) else {
                throw CommandFailure("AMBAR_POSTGRES_URL must look like postgres://user@host:5432/database")
            }
            self.configuration = configuration
            cluster = nil
        } else {
            let cluster = try PrivateCluster(
                directory: directory.path, options: .init(binaries: settings.postgresBinaries))
            try cluster.start()
            configuration = cluster.configuration
            self.cluster = cluster
        }
        pool = PostgresPool(configuration)
        do {
            let migrations = try RecordMigrations.load(
                directory: try ProgramFiles.directory("storage/record/migrations", home: settings.home))
            try MigrationRunner(migrations).run(on: try PostgresConnection(configuration))
        } catch {
            cluster?.stop()
            throw error
        }
    }

    /// Closes the pool and stops a private cluster that nobody else uses. Blocks.
    func close() {
        pool.close()
        cluster?.stop()
    }
}

/// Runs work that blocks off Swift's cooperative pool.
func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Swift.Result { try work() }) }
    }
}
