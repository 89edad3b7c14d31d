import Foundation

/// A simulated Moysklad and, beside it, an Ambar server on its own data directory.
final class Shop {
    static let password = "end-to-end-password"

    let directory: TemporaryDirectory
    private(set) var simulator: AmbarProcess?
    private(set) var server: AmbarProcess?
    private(set) var simulatorBase = ""
    private(set) var token = ""
    private var serverPort = 0

    private init(directory: TemporaryDirectory) { self.directory = directory }

    var data: String { directory.path + "/data" }

    /// Starts the simulator with `scale` lines and without request limits.
    static func open(scale: Int, seed: Int = 7) async throws -> Shop {
        let shop = Shop(directory: try TemporaryDirectory())
        let simulator = try AmbarProcess([
            "simulate", "--port", "0", "--scale", "\(scale)", "--seed", "\(seed)", "--no-limits",
        ])
        shop.simulator = simulator
        shop.token = try await simulator.waitForOutput(/token: +(\S+)/, within: 30)
        let address = try await simulator.waitForOutput(/(http:\/\/127\.0\.0\.1:\d+)/, within: 30)
        shop.simulatorBase = address + "/api/remap/1.2"
        return shop
    }

    var environment: [String: String] {
        [
            "AMBAR_MOYSKLAD_URL": simulatorBase, "AMBAR_MOYSKLAD_TOKEN": token,
            "AMBAR_MOYSKLAD_UNITS": "1000000", "AMBAR_ADMIN_PASSWORD": Self.password,
        ]
    }

    /// Starts the server and waits until it answers. The port stays the same over restarts.
    @discardableResult
    func serve(_ more: [String] = []) async throws -> APIConnection {
        let arguments = ["serve", "--data", data, "--port", "\(serverPort)"] + more
        let server = try AmbarProcess(arguments, environment: environment)
        self.server = server
        let address = try await server.waitForOutput(/(http:\/\/127\.0\.0\.1:\d+)/, within: 60)
        guard let base = URL(string: address) else { throw EndToEndFailure("no address: \(address)") }
        return APIConnection(base: base)
    }

    func signIn(_ connection: APIConnection) async throws -> APIConnection {
        try await connection.signedIn(password: Self.password)
    }

    func killServer() {
        server?.kill()
        server = nil
    }

    func sync() async throws -> String {
        let done = try await AmbarProcess.run(
            ["sync", "--data", data], environment: environment, within: 240)
        guard done.status == 0 else { throw EndToEndFailure("sync failed: \(done.output)") }
        return done.output
    }

    func verify() async throws -> String {
        let done = try await AmbarProcess.run(
            ["verify", "--data", data], environment: environment, within: 240)
        guard done.status == 0 else { throw EndToEndFailure("verify failed: \(done.output)") }
        return done.output
    }

    /// Sends a request to the simulator's own API, as an editor in the shop would.
    func edit(_ method: String, _ path: String, body: String? = nil) async throws -> APIConnection.Reply {
        guard let base = URL(string: simulatorBase) else { throw EndToEndFailure("no simulator") }
        let reply = try await APIConnection(base: base, token: token).send(
            method, path, body: body, headers: ["Accept-Encoding": "gzip"])
        guard (200..<300).contains(reply.status) else {
            throw EndToEndFailure("\(method) \(path): \(reply.status) \(reply.text)")
        }
        return reply
    }

    /// Runs SQL with psql in the record's private cluster; rows as comma-separated text.
    func record(_ sql: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/psql")
        process.arguments = [
            "-h", data + "/postgres.sock", "-U", "ambar", "-d", "ambar", "-A", "-t", "-F", ",", "-c", sql,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw EndToEndFailure("psql: \(output)") }
        return output.split(separator: "\n").map(String.init)
    }

    func close() async {
        await server?.stop()
        await simulator?.stop()
    }
}
