import Foundation

/// What the environment says. The only place that reads it: everything below gets its settings as arguments.
struct Settings: Sendable {
    /// `AMBAR_POSTGRES_URL`: the Postgres that holds the record; without it a private one runs in the data directory.
    var postgresURL: String?
    /// `AMBAR_POSTGRES_BIN`: the directory of `initdb` and `postgres`, when it is not where Debian puts it.
    var postgresBinaries: String?
    /// `AMBAR_MOYSKLAD_URL`, by default the real service.
    var moyskladURL: String
    var moyskladToken: String?
    var moyskladLogin: String?
    var moyskladPassword: String?
    /// `AMBAR_MOYSKLAD_WEIGHT`: units that one request costs this credential (1 for a solution's token, more for a user's).
    var moyskladWeight: Int
    /// `AMBAR_ADMIN_PASSWORD`: the first administrator's password, instead of a generated one.
    var adminPassword: String?

    static let moyskladDefaultURL = "https://api.moysklad.ru/api/remap/1.2"

    init(environment: [String: String]) throws {
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        postgresURL = text("AMBAR_POSTGRES_URL")
        postgresBinaries = text("AMBAR_POSTGRES_BIN")
        moyskladURL = text("AMBAR_MOYSKLAD_URL") ?? Self.moyskladDefaultURL
        moyskladToken = text("AMBAR_MOYSKLAD_TOKEN")
        moyskladLogin = text("AMBAR_MOYSKLAD_LOGIN")
        moyskladPassword = text("AMBAR_MOYSKLAD_PASSWORD")
        adminPassword = text("AMBAR_ADMIN_PASSWORD")
        let weight = text("AMBAR_MOYSKLAD_WEIGHT") ?? "1"
        guard let units = Int(weight), (1...45).contains(units) else {
            throw CommandFailure("AMBAR_MOYSKLAD_WEIGHT must be a whole number from 1 to 45: \(weight)")
        }
        moyskladWeight = units
    }

    static func read() throws -> Settings { try Settings(environment: ProcessInfo.processInfo.environment) }

    var hasMoyskladCredentials: Bool { moyskladToken != nil || (moyskladLogin != nil && moyskladPassword != nil) }
}

/// A failure that is told in one line and ends the command with exit code 1.
struct CommandFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
