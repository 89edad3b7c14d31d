import Foundation
import Ingest
import Logging
import Moysklad
import Postgres
import Synchronization

/// Makes syncs from the settings.
struct MoyskladAccess: Sendable {
    let configuration: MoyskladConfiguration

    /// - Throws: `CommandFailure` that names the settings that are missing.
    init(_ settings: Settings) throws {
        let credentials: MoyskladConfiguration.Credentials
        if let token = settings.moyskladToken {
            credentials = .token(token)
        } else if let login = settings.moyskladLogin, let password = settings.moyskladPassword {
            credentials = .password(login: login, password: password)
        } else {
            throw CommandFailure(
                "no access to Moysklad is configured: set AMBAR_MOYSKLAD_TOKEN, or AMBAR_MOYSKLAD_LOGIN and "
                    + "AMBAR_MOYSKLAD_PASSWORD")
        }
        configuration = MoyskladConfiguration(
            baseURL: settings.moyskladURL, credentials: credentials,
            limits: .init(unitsPerWindow: settings.moyskladUnits), unitsPerRequest: settings.moyskladWeight)
    }

    /// A simulator of this process: no limits, because it is nobody else's.
    init(simulatorAt address: String, token: String) {
        configuration = MoyskladConfiguration(
            baseURL: address, credentials: .token(token), limits: .init(unitsPerWindow: 1_000_000))
    }

    /// Runs one sync to its end.
    ///
    /// - Throws: `CommandFailure` with one line; a wrong token names the setting.
    func sync(
        into pool: PostgresPool, logger: Logger, onProgress: @escaping ShopSync.ProgressHandler = { _ in }
    ) async throws -> SyncReport {
        let turn = try await SyncTurn.take(in: pool, logger: logger)
        defer { turn.giveBack() }
        do {
            let client = try MoyskladClient(configuration, logger: logger)
            return try await ShopSync(client: client, pool: pool, logger: logger, onProgress: onProgress)
                .run()
        } catch IngestError.moysklad(.wrongCredentials(let host, let usesToken)) {
            let error = MoyskladError.wrongCredentials(host: host, usesToken: usesToken)
            throw CommandFailure("\(error) (\(usesToken ? "AMBAR_MOYSKLAD_TOKEN" : "AMBAR_MOYSKLAD_LOGIN"))")
        } catch let error as IngestError {
            throw CommandFailure("\(error)")
        }
    }
}

/// The right to sync: one sync at a time writes a record, from whichever process. Ends with the connection at
/// the latest.
final class SyncTurn: Sendable {
    private static let lockKey: Int64 = 0x616D_6261_73
    private let connection: Mutex<PostgresConnection?>

    private init(_ connection: sending PostgresConnection) { self.connection = Mutex(connection) }

    /// Waits until no other sync runs.
    static func take(in pool: PostgresPool, logger: Logger) async throws -> SyncTurn {
        let configuration = pool.configuration
        while true {
            let turn = try await blocking { () -> SyncTurn? in
                let connection = try PostgresConnection(configuration)
                let row = try connection.execute("SELECT pg_try_advisory_lock($1) AS mine", [.int(lockKey)])[
                    0]
                return try row.bool("mine") ? SyncTurn(connection) : nil
            }
            if let turn { return turn }
            logger.notice("another sync is running; waiting for it")
            try await Task.sleep(for: .seconds(1))
        }
    }

    func giveBack() { connection.withLock { $0 = nil } }
}
