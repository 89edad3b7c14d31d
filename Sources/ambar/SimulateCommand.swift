import ArgumentParser
import Foundation
import Logging
import MoyskladSimulator

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Serve a Moysklad API with a generated shop.",
        discussion: "The same seed and scale give the same shop. Prints the address and the token to use.")

    @Option(help: "Port to listen on; 0 for any free one.")
    var port = 8181

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Lines of all orders, sales and returns together.")
    var scale = 200_000

    @Option(help: "Seed of the generator.")
    var seed: UInt64 = 1

    @Option(help: "Units that one request costs of the 45 in 3 seconds.")
    var weight = 1

    @Flag(help: "Answer without limits on the rate of requests.")
    var noLimits = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be from 0 to 65535: \(port)")
        }
        guard (1...45).contains(weight) else {
            throw ValidationError("--weight must be from 1 to 45: \(weight)")
        }
    }

    func run() async throws {
        let simulator = try Simulator(
            SimulatorConfiguration(
                host: host, port: port, scale: scale, seed: seed,
                rateLimit: noLimits ? nil : .init(weight: weight)))
        let configuration = simulator.configuration
        StandardStreams.writeLine("token: \(configuration.token)")
        StandardStreams.writeLine("login: \(configuration.login)  password: \(configuration.password)")
        try await simulator.run(stopsOnSignals: true, logger: Logger(label: "simulator")) { address in
            StandardStreams.writeLine("Moysklad is simulated at \(address)")
        }
    }
}
