import Foundation
import Glibc

@testable import HTTPAPI

/// A client that sees the bytes and the end of a connection as they are.
final class RawConnection: Sendable {
    enum End: Equatable { case closed, reset, stillOpen }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .ECONNREFUSED) }
    }

    func send(_ text: String) async {
        await offPool { [descriptor] in
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    func query(_ sql: String, token: String, keepAlive: Bool = true) async {
        await send(
            """
            POST /api/v1/query HTTP/1.1\r
            Host: localhost\r
            Connection: \(keepAlive ? "keep-alive" : "close")\r
            Authorization: Bearer \(token)\r
            Content-Type: text/plain\r
            Accept: text/csv\r
            Content-Length: \(sql.utf8.count)\r
            \r
            \(sql)
            """)
    }

    /// Reads until there are `byteCount` bytes or the connection ends.
    func read(upTo byteCount: Int = .max) async -> (bytes: [UInt8], end: End) {
        await offPool { [descriptor] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while bytes.count < byteCount {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count == 0 { return (bytes, .closed) }
                if count < 0 { return (bytes, errno == ECONNRESET ? .reset : .stillOpen) }
                bytes += buffer[..<count]
            }
            return (bytes, .stillOpen)
        }
    }

    func close() { _ = Glibc.close(descriptor) }

    /// Blocking calls must not hold the threads that the server under test answers on.
    private func offPool<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}

struct ServerNotStarted: Error {}

/// Serves on a free port while `body` runs.
func withRunning<Result: Sendable>(
    _ server: APIServer, _ body: (Int) async throws -> Result
) async throws -> Result {
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await server.run(host: "127.0.0.1", port: 0) { continuation.yield($0) }
        }
        guard let port = await ports.first(where: { _ in true }) else { throw ServerNotStarted() }
        defer { group.cancelAll() }
        return try await body(port)
    }
}
