import CLibpq
import Foundation

/// A position in Postgres's log, printed as `16/B374D848`.
public struct LogPosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    public init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let high = UInt64(parts[0], radix: 16), let low = UInt64(parts[1], radix: 16),
            high <= UInt64(UInt32.max), low <= UInt64(UInt32.max)
        else { return nil }
        rawValue = high << 32 | low
    }

    public var description: String {
        String(rawValue >> 32, radix: 16, uppercase: true) + "/"
            + String(rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }

    public static func < (left: LogPosition, right: LogPosition) -> Bool { left.rawValue < right.rawValue }
}

/// What the server sends while it streams its log.
public enum ReplicationMessage: Sendable {
    /// One message of the output plugin.
    case data(start: LogPosition, end: LogPosition, bytes: [UInt8])
    /// How far the server's log goes; an answer is due at once when it asks for one.
    case keepalive(end: LogPosition, replyRequested: Bool)
}

/// A connection in replication mode, used by one thread.
///
/// Source: PostgreSQL documentation, "Streaming Replication Protocol".
public final class ReplicationConnection {
    private let connection: PostgresConnection

    public init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        connection = try PostgresConnection(configuration, replication: true)
    }

    /// A new slot of the plugin pgoutput, and the snapshot that shows exactly what the slot's stream does
    /// not.
    public struct CreatedSlot: Sendable {
        public var consistentPoint: LogPosition
        /// For `SET TRANSACTION SNAPSHOT`; valid until this connection runs its next command.
        public var snapshot: String
    }

    public func createSlot(_ name: String) throws(PostgresError) -> CreatedSlot {
        let result = try connection.executeScript(
            "CREATE_REPLICATION_SLOT \"\(name)\" LOGICAL pgoutput EXPORT_SNAPSHOT")
        guard let row = result.first, let point = LogPosition(try row.text("consistent_point")) else {
            throw .protocolViolation("no consistent point for slot \(name)")
        }
        return CreatedSlot(consistentPoint: point, snapshot: try row.text("snapshot_name"))
    }

    /// Begins streaming the committed transactions that end after `position`.
    public func start(slot: String, at position: LogPosition, publication: String) throws(PostgresError) {
        try connection.executeScript(
            "START_REPLICATION SLOT \"\(slot)\" LOGICAL \(position) "
                + "(proto_version '1', publication_names '\"\(publication)\"')")
    }

    /// The next message, waiting at most `milliseconds`; nil when none came.
    ///
    /// - Throws: `.connectionLost`, or `.server` when the server ends the stream.
    public func receive(waitingMilliseconds milliseconds: Int32) throws(PostgresError) -> ReplicationMessage?
    {
        if let message = try receiveBuffered() { return message }
        var descriptor = pollfd(fd: connection.socket, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, milliseconds) > 0 {
            guard PQconsumeInput(connection.handle) == 1 else { throw connection.lost() }
        }
        return try receiveBuffered()
    }

    private func receiveBuffered() throws(PostgresError) -> ReplicationMessage? {
        var buffer: UnsafeMutablePointer<CChar>?
        let count = PQgetCopyData(connection.handle, &buffer, 1)
        if count == 0 { return nil }
        if count < 0 {
            let result = PQgetResult(connection.handle)
            _ = try connection.checked(result)
            throw connection.lost()
        }
        defer { PQfreemem(buffer) }
        return try Self.decode([UInt8](UnsafeRawBufferPointer(start: buffer, count: Int(count))))
    }

    /// The envelope of a message: `w` with data or `k`, a keepalive.
    static func decode(_ bytes: [UInt8]) throws(PostgresError) -> ReplicationMessage {
        var reader = BigEndianReader(bytes[...])
        switch try reader.byte() {
        case UInt8(ascii: "w"):
            let start = LogPosition(UInt64(bitPattern: try reader.int64()))
            let end = LogPosition(UInt64(bitPattern: try reader.int64()))
            _ = try reader.int64()
            return .data(start: start, end: end, bytes: Array(reader.rest))
        case UInt8(ascii: "k"):
            let end = LogPosition(UInt64(bitPattern: try reader.int64()))
            _ = try reader.int64()
            return .keepalive(end: end, replyRequested: try reader.byte() != 0)
        case let other:
            throw .protocolViolation("unknown replication message \(other)")
        }
    }

    /// Tells the server what is durable on our side; it may forget its log up to there.
    public func acknowledge(_ position: LogPosition) throws(PostgresError) {
        var bytes: [UInt8] = [UInt8(ascii: "r")]
        let microseconds = Int64((Date().timeIntervalSince1970 - 946_684_800) * 1_000_000)
        for number in [
            position.rawValue, position.rawValue, position.rawValue, UInt64(bitPattern: microseconds),
        ] {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(0)
        let sent = bytes.withUnsafeBytes { buffer in
            PQputCopyData(
                connection.handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(buffer.count))
        }
        guard sent == 1, PQflush(connection.handle) >= 0 else { throw connection.lost() }
    }
}
