import Hummingbird
import Logging
import NIOCore

/// A Moysklad server with a generated shop, for tests and demonstrations.
public struct Simulator: Sendable {
    public let configuration: SimulatorConfiguration
    private let store: ShopStore
    private let gate: RequestGate

    /// What cannot be simulated.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        case scaleOutOfRange(Int)
        case malformedMoment(String)

        public var description: String {
            switch self {
            case .scaleOutOfRange(let scale):
                "the scale must be \(ShopGenerator.scaleMin) to \(ShopGenerator.scaleMax) lines: \(scale)"
            case .malformedMoment(let text): "the moment must be written as YYYY-MM-DD HH:MM:SS: \(text)"
            }
        }
    }

    /// Generates the shop, in time and memory proportional to the scale.
    ///
    /// - Throws: `Failure` for a scale or a moment that makes no shop.
    public init(_ configuration: SimulatorConfiguration) throws(Failure) {
        guard (ShopGenerator.scaleMin...ShopGenerator.scaleMax).contains(configuration.scale) else {
            throw .scaleOutOfRange(configuration.scale)
        }
        let wall = ShopClock.wall()
        var clock = ShopClock.running(last: wall)
        // Up to midnight, so that a restart on the same day finds the same shop.
        var end = ShopTime(day: wall.day)
        if let text = configuration.now {
            guard let moment = ShopTime(text) else { throw .malformedMoment(text) }
            clock = .stepping(moment)
            end = moment
        }
        self.configuration = configuration
        let shop = ShopGenerator.generate(
            seed: configuration.seed, scale: configuration.scale, end: end, clock: clock)
        store = ShopStore(shop)
        gate = RequestGate(configuration: configuration)
    }

    /// Serves until the task is cancelled or, with `stopsOnSignals`, the process is told to end.
    ///
    /// - Parameter onStart: Gets the base URL, `http://host:port/api/remap/1.2`, once requests are answered.
    /// - Throws: What binding the address throws.
    public func run(
        stopsOnSignals: Bool = false, logger: Logger = Logger(label: "simulator"),
        onStart: @escaping @Sendable (String) async -> Void = { _ in }
    ) async throws {
        let responder = SimulatorResponder(
            store: store, router: APIRouter(store: store, login: configuration.login), gate: gate)
        let host = configuration.host
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                try await responder.respond(to: request)
            },
            configuration: ApplicationConfiguration(address: .hostname(host, port: configuration.port)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                await onStart("http://\(host):\(port)\(APIRequest.prefix)")
            },
            logger: logger)
        if stopsOnSignals {
            try await application.runService()
        } else {
            try await application.runService(gracefulShutdownSignals: [])
        }
    }

    /// Serves while `body` runs, for tests: set port 0 for any free one.
    ///
    /// - Parameter body: Gets the base URL.
    public func whileRunning<Result: Sendable>(
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        let (addresses, continuation) = AsyncStream<String>.makeStream()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { continuation.finish() }
                // Ending by cancellation is the plan here, not worth a line in the log.
                var logger = Logger(label: "simulator")
                logger.logLevel = .critical
                try await run(logger: logger) { continuation.yield($0) }
                return nil
            }
            group.addTask {
                for await address in addresses { return try await body(address) }
                return nil
            }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if let result = outcome { return result }
            }
            throw CancellationError()
        }
    }
}
