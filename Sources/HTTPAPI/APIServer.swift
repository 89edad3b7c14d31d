import APIContract
import Hummingbird
import HummingbirdCore
import Logging

/// The HTTP API on one address.
public struct APIServer: Sendable {
    /// The longest request body.
    public static let requestBytesMax = 1_048_576
    /// Open connections; more wait until one closes.
    public static let connectionsMax = 512
    /// How long a connection may be silent between requests or in the middle of one.
    public static let idleTimeLimit: Duration = .seconds(90)

    private let services: APIServices
    private let logger: Logger
    private let threads: QueryThreads

    public init(services: APIServices, logger: Logger) {
        self.init(services: services, logger: logger, threads: QueryThreads())
    }

    init(services: APIServices, logger: Logger, threads: QueryThreads) {
        self.services = services
        self.logger = logger
        self.threads = threads
    }

    /// Serves until the task is cancelled, then ends open requests gracefully.
    ///
    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - onReady: Called once, with the port, when requests are accepted.
    /// - Throws: When the address cannot be taken.
    public func run(
        host: String, port: Int, onReady: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let application = Application(
            router: try await router(),
            server: .http1(configuration: .init(idleTimeout: .init(Self.idleTimeLimit))),
            configuration: .init(
                address: .hostname(host, port: port), serverName: "ambar",
                availableConnectionsDelegate: .maximum(Self.connectionsMax, logger: logger)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) }, logger: logger)
        try await application.run()
    }

    /// All paths. Health and sign-in do not wait for queries.
    func router() async throws -> Router<APIRequestContext> {
        let tokens = await AccessTokens(key: try await services.accounts.signingKey())
        let router = Router(context: APIRequestContext.self)
        router.add(middleware: AccessLog())
        router.add(middleware: ProblemMiddleware())
        HealthRoutes(readiness: services.readiness).add(to: router)
        TokenRoutes(accounts: services.accounts, tokens: tokens).add(to: router.group("api/v1"))
        let guarded = router.group("api/v1").add(middleware: Authentication(tokens: tokens))
        QueryRoutes(queries: services.queries, threads: threads).add(to: guarded)
        TableRoutes(queries: services.queries, threads: threads).add(to: guarded)
        return router
    }
}
