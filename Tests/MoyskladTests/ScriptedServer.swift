import Foundation
import Glibc
import Synchronization

/// A small HTTP/1.1 server on a free port of 127.0.0.1 that answers as its script says.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var method: String
        var target: String
        var headers: [String: String]
        /// Which connection it came over, from 0.
        var connection: Int
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [String: String] = ["Content-Type": "application/json;charset=utf-8"]
        var body: [UInt8] = Array("{}".utf8)
        /// Close the connection without an answer.
        var isReset = false

        static func json(_ text: String, status: Int = 200, headers: [String: String] = [:]) -> Reply {
            var reply = Reply(status: status, body: Array(text.utf8))
            reply.headers.merge(headers) { $1 }
            return reply
        }
        static func error(_ status: Int, code: Int, headers: [String: String] = [:]) -> Reply {
            json(#"{"errors": [{"error": "Отказ", "code": \#(code)}]}"#, status: status, headers: headers)
        }
        static let reset = Reply(isReset: true)
    }

    private let socket: Int32
    let port: UInt16
    private let log = Mutex<[Request]>([])
    private let connections = Mutex<[Int32]>([])
    private let answer: @Sendable (Request, Int) -> Reply

    var requests: [Request] { log.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameter answer: From a request and how many came before it.
    init(_ answer: @escaping @Sendable (Request, Int) -> Reply) throws {
        self.answer = answer
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.featureUnsupported) }
        socket = descriptor
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// Ends the server and its connections.
    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
        connections.withLock { open in
            for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func acceptAll() {
        var count = 0
        while true {
            let descriptor = accept(socket, nil, nil)
            guard descriptor >= 0 else { return }
            connections.withLock { $0.append(descriptor) }
            let number = count
            count += 1
            Thread.detachNewThread { [self] in
                serve(descriptor, number)
                // Closed under the lock: a number that is free again may already be another server's.
                connections.withLock { open in
                    open.removeAll { $0 == descriptor }
                    close(descriptor)
                }
            }
        }
    }

    private func serve(_ descriptor: Int32, _ connection: Int) {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            while let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
                pending.removeSubrange(..<end.upperBound)
                let request = Self.parse(head, connection)
                let index = log.withLock { requests in
                    requests.append(request)
                    return requests.count - 1
                }
                let reply = answer(request, index)
                guard !reply.isReset, write(reply, to: descriptor) else { return }
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            pending += buffer[..<count]
        }
    }

    private static func parse(_ head: String, _ connection: Int) -> Request {
        let lines = head.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        return Request(
            method: words.first ?? "", target: words.count > 1 ? words[1] : "", headers: headers,
            connection: connection)
    }

    private func write(_ reply: Reply, to descriptor: Int32) -> Bool {
        var head = "HTTP/1.1 \(reply.status) X\r\nContent-Length: \(reply.body.count)\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        let bytes = Array((head + "\r\n").utf8) + reply.body
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
