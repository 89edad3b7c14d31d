import Glibc
import NIOCore

/// Breaks a connection so that nobody can take what was sent for a complete answer.
struct ConnectionReset: Sendable {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    /// Closes the connection with a reset. An ordinary close would also cut the answer before its last chunk,
    /// but readers that go by the end of the connection would not notice.
    func reset() async {
        guard let socket = channel as? any SocketOptionProvider else { return }
        do {
            try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            try await channel.close()
        } catch {
            // The connection is closed already, which is what was wanted.
            return
        }
    }
}
