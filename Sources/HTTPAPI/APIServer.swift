import APIContract
import Hummingbird
import Logging

/// The HTTP API on one address.
public struct APIServer: Sendable {
    /// The longest request body.
    public static let requestBytesMax = 1_048_576

    private let services: APIServices
    private let logger: Logger

    public init(services: APIServices, logger: Logger) {
        self.services = services
        self.logger = logger
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
            configuration: .init(address: .hostname(host, port: port), serverName: "ambar"),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) }, logger: logger)
        try await application.run()
    }

    /// All paths, for tests that call it without a socket.
    func router() async throws -> Router<APIRequestContext> {
        let tokens = await AccessTokens(key: try await services.accounts.signingKey())
        let router = Router(context: APIRequestContext.self)
        router.add(middleware: ProblemMiddleware())
        HealthRoutes(readiness: services.readiness).add(to: router)
        TokenRoutes(accounts: services.accounts, tokens: tokens).add(to: router.group("api/v1"))
        let guarded = router.group("api/v1").add(middleware: Authentication(tokens: tokens))
        QueryRoutes(queries: services.queries).add(to: guarded)
        TableRoutes(queries: services.queries).add(to: guarded)
        return router
    }
}
