import Foundation

/// The one user of the simulated account: a login with its password, and the token in force.
struct AccessControl: Sendable {
    private let login: String
    private let basic: String
    private(set) var token: String
    private var random: SeededRandom

    init(configuration: SimulatorConfiguration) {
        login = configuration.login
        basic = Data("\(configuration.login):\(configuration.password)".utf8).base64EncodedString()
        token = configuration.token
        random = SeededRandom(seed: configuration.seed ^ 0x746f_6b65_6e73)
    }

    enum Scheme: Equatable { case basic, bearer }

    /// How an `Authorization` header proves the user; nil when it does not.
    func scheme(of header: String?) -> Scheme? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "basic": return parts[1] == basic ? .basic : nil
        case "bearer": return parts[1] == token ? .bearer : nil
        default: return nil
        }
    }

    /// Makes a token of 40 hexadecimal digits; the former one no longer holds.
    mutating func issueToken() -> String {
        var digits = ""
        for _ in 0..<3 {
            let part = String(random.next(), radix: 16)
            digits += String(repeating: "0", count: 16 - part.count) + part
        }
        token = String(digits.prefix(40))
        return token
    }
}
