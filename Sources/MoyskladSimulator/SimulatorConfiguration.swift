/// What a simulated Moysklad is made from.
public struct SimulatorConfiguration: Sendable {
    /// The rate rules of one user (API §3.1, §3.2).
    public struct RateLimit: Sendable, Equatable {
        /// Units that one window holds.
        public var unitsPerWindow: Int
        public var window: Duration
        /// Units that an ordinary request costs; the two extended stock reports cost five, or this if more.
        public var weight: Int
        /// Requests of one user that may run at once.
        public var parallelMax: Int

        /// The original's limits: 45 units in 3 seconds, 5 requests at once.
        public init(
            unitsPerWindow: Int = 45, window: Duration = .seconds(3), weight: Int = 1, parallelMax: Int = 5
        ) {
            precondition(
                unitsPerWindow > 0 && weight > 0 && parallelMax > 0, "a limit of nothing serves nobody")
            precondition(window > .zero, "a window has a length")
            self.unitsPerWindow = unitsPerWindow
            self.window = window
            self.weight = weight
            self.parallelMax = parallelMax
        }
    }

    public var host: String
    /// 0 takes any free port.
    public var port: Int
    /// Lines of all orders, sales and returns together.
    public var scale: Int
    /// The same seed, scale and `now` give the same shop, byte for byte.
    public var seed: UInt64
    /// The user's token at start; issuing another one revokes it, as in the original.
    public var token: String
    public var login: String
    public var password: String
    /// Nil switches the limits off: no 429, and no counters in the answers.
    public var rateLimit: RateLimit?
    /// The shop's last moment in Moscow time, `YYYY-MM-DD HH:MM:SS`, from which its clock steps a second a
    /// change. Nil: trade up to the last midnight, changes at the machine's time; another day, another shop.
    public var now: String?

    public static let defaultToken = "5eed0000ambar0simulator0demo0token000001"
    public static let defaultLogin = "admin@ambar"
    public static let defaultPassword = "ambar-demo"

    public init(
        host: String = "127.0.0.1", port: Int = 8181, scale: Int = 200_000, seed: UInt64 = 1,
        token: String = Self.defaultToken, login: String = Self.defaultLogin,
        password: String = Self.defaultPassword, rateLimit: RateLimit? = RateLimit(), now: String? = nil
    ) {
        self.host = host
        self.port = port
        self.scale = scale
        self.seed = seed
        self.token = token
        self.login = login
        self.password = password
        self.rateLimit = rateLimit
        self.now = now
    }
}
