import Foundation
import Ingest
import Logging
import Moysklad
import Postgres

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
