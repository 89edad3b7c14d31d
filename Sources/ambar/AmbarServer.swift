import Foundation
import HTTPAPI
import Logging
import MoyskladSimulator
import Replication
import SystemOfRecord
import WarehouseEngine

/// The parts of a running server, connected.
struct AmbarServer: Sendable {
    struct Plan: Sendable {
        var host: String
        var port: Int
        /// Lines of the simulated shop; nil for the real Moysklad.
        var demoScale: Int?
        var syncEvery: Duration
        var isSyncing: Bool
    }

    private let settings: Settings
    private let directory: DataDirectory
    private let record: RecordDatabase
    private let warehouse: Warehouse
    private let replicator: Replicator
    private let users: UserStore
    private let logger: Logger

    /// Opens store and record and starts to mirror. What was opened is closed again when a later step fails.
    static func open(
        _ directory: DataDirectory, _ settings: Settings, mirroring patterns: [MirrorPattern]
    ) async throws -> AmbarServer {
        // The store's lock comes first: it says who else serves this directory.
        let warehouse = try await blocking { try StoreOpening.warehouse(directory, mode: .readWrite) }
        let record = try await blocking { try RecordDatabase(directory, settings) }
        let replicator = Replicator(
            record: record.configuration, tables: patterns, store: warehouse.store,
            logger: settings.logger("replication"))
        replicator.start()
        return AmbarServer(
            settings: settings, directory: directory, record: record, warehouse: warehouse,
            replicator: replicator,
            users: UserStore(pool: record.pool), logger: settings.logger("ambar"))
    }

    /// Serves until a signal asks to stop.
    func run(_ plan: Plan) async throws {
        let password = try await users.createFirstAdministrator(password: settings.adminPassword)
        let services = APIServices(
            queries: WarehouseQueries(warehouse: warehouse),
            accounts: UserAccounts(users: users, sessions: SessionStore(pool: record.pool)),
            readiness: ServerReadiness(record: record, replicator: replicator))
        let server = APIServer(services: services, logger: settings.logger("http"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run(host: plan.host, port: plan.port) { port in
                    Self.announce(host: plan.host, port: port, password: password)
                }
            }
            group.addTask { try await StopSignals.wait() }
            if plan.isSyncing { group.addTask { try await synchronise(plan) } }
            // The first task to end ends the server: a signal, or a failure.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Stops mirroring and the private Postgres; what is committed stays.
    func close() async throws {
        let (replicator, record) = (replicator, record)
        try await blocking {
            replicator.stop()
            record.close()
        }
    }

    private static func announce(host: String, port: Int, password: String?) {
        let shown = host == "0.0.0.0" ? "127.0.0.1" : host
        var text = "Ambar is ready: http://\(shown):\(port)\n"
        if let password { text += "Sign in as admin with the password \(password) (shown only this once)\n" }
        StandardStreams.write(text, to: STDOUT_FILENO)
    }

    private func synchronise(_ plan: Plan) async throws {
        guard let scale = plan.demoScale else {
            return try await synchronise(with: try MoyskladAccess(settings), every: plan.syncEvery)
        }
        let directory = directory
        let simulator = try await blocking {
            try Simulator(
                SimulatorConfiguration(
                    port: 0, scale: scale, rateLimit: nil, now: try DemoMoment.ofShop(in: directory)))
        }
        let token = simulator.configuration.token
        try await simulator.whileRunning { address in
            try await synchronise(
                with: MoyskladAccess(simulatorAt: address, token: token), every: plan.syncEvery)
        }
    }

    /// Syncs again and again. A sync that fails is told and tried again: the server goes on with what it has.
    private func synchronise(with access: MoyskladAccess, every pause: Duration) async throws {
        let syncLogger = settings.logger("sync")
        while !Task.isCancelled {
            do {
                let report = try await access.sync(into: record.pool, logger: syncLogger)
                syncLogger.info("\(SyncCommand.summary(report))")
            } catch is CancellationError {
                return
            } catch {
                syncLogger.error("\(error)")
            }
            try await Task.sleep(for: pause)
        }
    }
}

/// The last moment of the demonstration shop: the midnight before its first start, kept in the data directory
/// so that a restart on another day finds the same shop.
enum DemoMoment {
    static func ofShop(in directory: DataDirectory) throws -> String {
        let path = directory.path + "/demo-moment"
        if let known = try? String(contentsOfFile: path, encoding: .utf8) {
            return known.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 3 * 3600)
        formatter.dateFormat = "yyyy-MM-dd"
        let moment = formatter.string(from: Date()) + " 00:00:00"
        try moment.write(toFile: path, atomically: true, encoding: .utf8)
        return moment
    }
}

/// SIGINT and SIGTERM as the end of a wait.
enum StopSignals {
    static func wait() async throws {
        let (signals, continuation) = AsyncStream<Void>.makeStream()
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        for await _ in signals { return }
        try Task.checkCancellation()
    }
}
