import Foundation
import Logging

/// What the environment says. The only place that reads it: everything below gets its settings as arguments.
struct Settings: Sendable {
    /// `AMBAR_POSTGRES_URL`: the Postgres that holds the record; without it a private one runs in the data
    /// directory.
    var postgresURL: String?
    /// `AMBAR_POSTGRES_BIN`: the directory of `initdb` and `postgres`, when it is not where Debian puts it.
    var postgresBinaries: String?
    /// `AMBAR_MOYSKLAD_URL`, by default the real service.
    var moyskladURL: String
    var moyskladToken: String?
    var moyskladLogin: String?
    var moyskladPassword: String?
    /// `AMBAR_MOYSKLAD_WEIGHT`: units that one request costs this credential (1 for a solution's token, more
    /// for a user's).
    var moyskladWeight: Int
    /// `AMBAR_MOYSKLAD_UNITS`: units that Moysklad grants in three seconds, as far as it does not say so
    /// itself.
    var moyskladUnits: Int
    /// `AMBAR_LOG_LEVEL`: trace, debug, info, notice, warning, error or critical.
    var logLevel: Logger.Level
    /// `AMBAR_HOME`: where the program's files are, when they are neither beside it nor above it.
    var home: String?
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
        home = text("AMBAR_HOME")
        let weight = text("AMBAR_MOYSKLAD_WEIGHT") ?? "1"
        guard let units = Int(weight), (1...45).contains(units) else {
            throw CommandFailure("AMBAR_MOYSKLAD_WEIGHT must be a whole number from 1 to 45: \(weight)")
        }
        moyskladWeight = units
        let granted = text("AMBAR_MOYSKLAD_UNITS") ?? "45"
        guard let unitsGranted = Int(granted), (1...1_000_000).contains(unitsGranted) else {
            throw CommandFailure("AMBAR_MOYSKLAD_UNITS must be a whole number from 1 to 1000000: \(granted)")
        }
        moyskladUnits = unitsGranted
        let level = text("AMBAR_LOG_LEVEL") ?? "info"
        guard let known = Logger.Level(rawValue: level) else {
            throw CommandFailure(
                "AMBAR_LOG_LEVEL must be trace, debug, info, notice, warning or error: \(level)")
        }
        logLevel = known
    }

    /// A logger to standard error.
    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        return logger
    }

    static func read() throws -> Settings { try Settings(environment: ProcessInfo.processInfo.environment) }

    var hasMoyskladCredentials: Bool {
        moyskladToken != nil || (moyskladLogin != nil && moyskladPassword != nil)
    }
}

/// A failure that is told in one line and ends the command with exit code 1.
struct CommandFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
