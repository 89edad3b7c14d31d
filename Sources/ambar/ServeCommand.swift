import ArgumentParser
import Foundation

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run everything: record, mirror, sync and the HTTP API.",
        discussion: """
            With access to Moysklad in the environment (AMBAR_MOYSKLAD_TOKEN) it syncs at start and then \
            every few minutes. With --demo it runs a simulated shop instead. Without AMBAR_POSTGRES_URL it \
            runs a private Postgres in the data directory. Stop it with Ctrl-C.
            """)

    @Option(help: "Data directory.")
    var data = "data"

    @Option(help: "Port of the HTTP API; 0 for any free one.")
    var port = 8080

    @Option(help: "Address of the HTTP API.")
    var host = "127.0.0.1"

    @Flag(help: "Serve a simulated shop.")
    var demo = false

    @Option(help: "Lines of the simulated shop.")
    var scale = 200_000

    @Option(help: "Seconds from the end of one sync to the next.")
    var syncEvery = 300

    @Flag(help: "Do not sync with Moysklad.")
    var noSync = false

    @OptionGroup
    var mirror: MirrorOptions

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be from 0 to 65535: \(port)")
        }
        guard syncEvery > 0 else { throw ValidationError("--sync-every must be positive: \(syncEvery)") }
    }

    func run() async throws {
        let settings = try Settings.read()
        let directory = try DataDirectory(preparing: data)
        let server = try await AmbarServer.open(directory, settings, mirroring: mirror.patterns)
        let plan = AmbarServer.Plan(
            host: host, port: port, demoScale: demo ? scale : nil, syncEvery: .seconds(syncEvery),
            isSyncing: !noSync && (demo || settings.hasMoyskladCredentials))
        let result: Result<Void, any Error>
        do {
            result = .success(try await server.run(plan))
        } catch is CancellationError {
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await server.close()
        try result.get()
    }
}
