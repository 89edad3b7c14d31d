import APIContract
import Columns
import Synchronization
import WarehouseEngine

@testable import HTTPAPI

/// Queries that a test scripts.
struct MemoryQueries: QueryService {
    var answer: @Sendable (String, [Value]) throws -> any QueryRows

    func run(_ sql: String, parameters: [Value]) throws -> any QueryRows { try answer(sql, parameters) }

    func tables() throws -> [TableDescription] {
        [
            TableDescription(
                schema: "shop", name: "product", rowCount: 3,
                columns: [.init(name: "id", type: "BIGINT", nullable: false)])
        ]
    }
}

/// What happened to a query's rows.
final class RowsLog: Sendable {
    private let state = Mutex((chunks: 0, isCancelled: false))

    var chunkCount: Int { state.withLock { $0.chunks } }
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func produced() { state.withLock { $0.chunks += 1 } }
    func cancelled() { state.withLock { $0.isCancelled = true } }
}

/// Whole numbers from 0, with a text that makes each row about 100 bytes.
final class NumberRows: QueryRows {
    let columns = [ResultColumn(name: "number", type: .bigint), ResultColumn(name: "name", type: .text)]
    private let rowCount: Int
    private let failure: QueryError?
    private let log: RowsLog
    private var produced = 0

    /// - Parameter failure: Thrown after the last row.
    init(rowCount: Int, failure: QueryError? = nil, log: RowsLog = RowsLog()) {
        self.rowCount = rowCount
        self.failure = failure
        self.log = log
    }

    func next() throws -> DataChunk? {
        guard produced < rowCount else {
            if let failure { throw failure }
            return nil
        }
        let builder = DataChunkBuilder(types: columns.map(\.type))
        while produced < rowCount, !builder.isFull {
            builder.append([.bigint(Int64(produced)), .text(String(repeating: "x", count: 90))])
            produced += 1
        }
        log.produced()
        return builder.finish()
    }

    func cancel() { log.cancelled() }
}

/// The parameters as one row of texts.
final class EchoRows: QueryRows {
    let values: [Value]
    private var isDone = false

    init(_ values: [Value]) { self.values = values }

    var columns: [ResultColumn] { values.indices.map { ResultColumn(name: "p\($0 + 1)", type: .text) } }

    func next() throws -> DataChunk? {
        guard !isDone else { return nil }
        isDone = true
        let builder = DataChunkBuilder(types: columns.map(\.type))
        builder.append(values.map { .text("\($0)") })
        return builder.finish()
    }

    func cancel() {}
}

/// Users with passwords, and refresh tokens that are good once.
final class MemoryAccounts: AccountService {
    struct RecordIsDown: Error {}

    static let key = [UInt8](repeating: 7, count: 32)

    private struct State {
        var tokens: [String: Account] = [:]
        var tokenCount = 0
        var isDown = false
        var attempts = 0
    }

    private let passwords: [String: (password: String, role: Role)] = [
        "anna": ("correct horse", .analyst), "boss": ("battery staple", .admin),
    ]
    private let state = Mutex(State())

    /// Calls of `signIn`.
    var attemptCount: Int { state.withLock { $0.attempts } }

    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    func signIn(login: String, password: String) async throws -> HTTPAPI.Session? {
        try state.withLock { state in
            state.attempts += 1
            if state.isDown { throw RecordIsDown() }
            let login = login.lowercased()
            guard let known = passwords[login], known.password == password else { return nil }
            return Self.session(Account(login: login, role: known.role), &state)
        }
    }

    func refresh(_ token: String) async throws -> HTTPAPI.Session? {
        state.withLock { state in
            state.tokens.removeValue(forKey: token).map { Self.session($0, &state) }
        }
    }

    func signingKey() async throws -> [UInt8] { Self.key }

    private static func session(_ account: Account, _ state: inout State) -> HTTPAPI.Session {
        state.tokenCount += 1
        let token = "refresh-\(state.tokenCount)"
        state.tokens[token] = account
        return HTTPAPI.Session(account: account, refreshToken: token)
    }
}

struct MemoryReadiness: ReadinessProbe {
    var list: [HealthReply.Check]

    func checks() async -> [HealthReply.Check] { list }
}
