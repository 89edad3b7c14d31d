import Glibc
import NIOCore

/// Breaks a connection so that nobody can take what was sent for a complete answer.
struct ConnectionReset: Sendable {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    /// Makes the close that follows a reset. An ordinary close ends an answer in HTTP/1.0, which proxies still speak,
    /// and would look like its end.
    func reset() async {
        guard let socket = channel as? any SocketOptionProvider else { return }
        do {
            try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        } catch {
            // The connection is closed already, which is what was wanted.
            return
        }
    }
}
