import Testing
import WarehouseEngine

@testable import HTTPAPI

@Suite("Answers that end early, on a socket")
struct BrokenAnswerTests {
    private static let end = Array("\r\n0\r\n\r\n".utf8)

    @Test("a complete answer ends as one")
    func complete() async throws {
        let token = try await TestAPI.token(.analyst)
        let api = TestAPI(queries: MemoryQueries { _, _ in NumberRows(rowCount: 5000) })
        try await withRunning(api.server) { port in
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            await connection.query("x", token: token, keepAlive: false)
            let (bytes, end) = await connection.read()
            #expect(end == .closed)
            #expect(String(decoding: bytes, as: UTF8.self).contains("\n4999,"))
            #expect(bytes.suffix(Self.end.count).elementsEqual(Self.end))
        }
    }

    @Test("an error after the first rows resets the connection", arguments: [true, false])
    func failure(keepAlive: Bool) async throws {
        let token = try await TestAPI.token(.analyst)
        let error = QueryError(code: "22012", message: "division by zero")
        let api = TestAPI(queries: MemoryQueries { _, _ in NumberRows(rowCount: 20_000, failure: error) })
        let threads = api.threads
        try await withRunning(api.server) { port in
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            await connection.query("x", token: token, keepAlive: keepAlive)
            let (bytes, end) = await connection.read()
            #expect(String(decoding: bytes.prefix(20), as: UTF8.self).contains(" 200 "))
            #expect(end == .reset)
            #expect(!bytes.suffix(Self.end.count).elementsEqual(Self.end))
            #expect(try await eventually { threads.runningCount == 0 })
        }
    }

    @Test("a client that goes away ends its query and frees the thread")
    func disconnect() async throws {
        let token = try await TestAPI.token(.analyst)
        let log = RowsLog()
        let api = TestAPI(queries: MemoryQueries { _, _ in NumberRows(rowCount: .max, log: log) })
        let threads = api.threads
        try await withRunning(api.server) { port in
            let connection = try RawConnection(port: port)
            await connection.query("x", token: token)
            let (bytes, _) = await connection.read(upTo: 300_000)
            #expect(bytes.count >= 300_000)
            #expect(!log.isCancelled && threads.runningCount == 1)
            connection.close()
            #expect(try await eventually { log.isCancelled && threads.runningCount == 0 })
        }
    }

    @Test("a client that does not read holds only so much of an answer")
    func backPressure() async throws {
        let token = try await TestAPI.token(.analyst)
        let log = RowsLog()
        let api = TestAPI(queries: MemoryQueries { _, _ in NumberRows(rowCount: .max, log: log) })
        let threads = api.threads
        try await withRunning(api.server) { port in
            let connection = try RawConnection(port: port)
            await connection.query("x", token: token)
            #expect(try await eventually { log.chunkCount > ByteChannel.piecesMax })
            // Quiet for long enough to say that it waits: the system's buffers are full, and ours.
            var before = -1
            for _ in 0..<200 where before != log.chunkCount {
                before = log.chunkCount
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(before == log.chunkCount && before < 1000)
            connection.close()
            #expect(try await eventually { threads.runningCount == 0 })
        }
    }

    @Test("a body that is too large is answered, not just cut off")
    func tooLarge() async throws {
        let token = try await TestAPI.token(.analyst)
        try await withRunning(TestAPI().server) { port in
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            await connection.query(String(repeating: "x", count: 1_500_000), token: token)
            let (bytes, _) = await connection.read(upTo: 400)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains(" 413 ") && text.contains("application/problem+json"))
        }
    }
}
