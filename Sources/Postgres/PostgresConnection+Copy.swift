import CLibpq

extension PostgresConnection {
    /// Runs `COPY … TO STDOUT` and calls `body` with each message, which for the binary format is a row (the
    /// first begins with a 19-byte header, the last is the 2-byte trailer). The bytes are valid for the call.
    ///
    /// - Throws: What `body` throws, after the copy was cancelled; else as `execute`.
    public func copyOut(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        _ = try execute(sql)
        var failure: (any Error)?
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle, &buffer, 0)
            if count <= 0 {
                try finishCopy(isCancelled: failure != nil)
                break
            }
            defer { PQfreemem(buffer) }
            guard failure == nil else { continue }
            do {
                try body(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
            } catch {
                failure = error
                cancel()
            }
        }
        if let failure { throw failure }
    }

    /// Runs `COPY … FROM STDIN`; `body` sends the data. Throwing from it makes the server drop the whole
    /// copy.
    ///
    /// - Returns: Rows copied.
    @discardableResult
    public func copyIn(_ sql: String, _ body: (PostgresCopyWriter) throws -> Void) throws -> Int {
        _ = try execute(sql)
        let writer = PostgresCopyWriter(connection: self)
        do {
            try body(writer)
            try writer.flush()
        } catch {
            PQputCopyEnd(handle, "given up")
            drain()
            throw error
        }
        guard PQputCopyEnd(handle, nil) == 1 else { throw lost() }
        // Also after an error, so that a pool sees an idle connection and keeps it.
        defer { drain() }
        return try checked(PQgetResult(handle)).affectedRows
    }

    /// Asks the server to end the running statement.
    public func cancel() {
        guard let cancel = PQgetCancel(handle) else { return }
        var reason = [CChar](repeating: 0, count: 256)
        PQcancel(cancel, &reason, Int32(reason.count))
        PQfreeCancel(cancel)
    }

    private func finishCopy(isCancelled: Bool) throws(PostgresError) {
        let result = PQgetResult(handle)
        defer { drain() }
        do throws(PostgresError) {
            _ = try checked(result)
        } catch {
            if !isCancelled || error.sqlState != "57014" { throw error }
        }
    }

    /// Reads results until there is none, without which the next statement would fail.
    func drain() {
        while !isBroken, let result = PQgetResult(handle) { PQclear(result) }
    }
}

/// Sends the data of a `COPY … FROM STDIN` in pieces of about 64 KiB.
public final class PostgresCopyWriter {
    private let connection: PostgresConnection
    private var pending: [UInt8] = []
    private static let pieceBytes = 65_536
    /// What libpq is given at once: it keeps a copy, and counts in 32 bits.
    private static let sendBytesMax = 1 << 20

    init(connection: PostgresConnection) {
        self.connection = connection
        pending.reserveCapacity(Self.pieceBytes * 2)
    }

    public func send(_ bytes: [UInt8]) throws(PostgresError) {
        pending.append(contentsOf: bytes)
        if pending.count >= Self.pieceBytes { try flush() }
    }

    /// A line of the text format: tab-separated fields, NULL as `\N`.
    public func send(row: [String?]) throws(PostgresError) {
        for (index, field) in row.enumerated() {
            if index > 0 { pending.append(9) }
            guard let field else {
                pending.append(contentsOf: [92, 78])
                continue
            }
            for byte in field.utf8 {
                switch byte {
                case 9: pending.append(contentsOf: [92, 116])
                case 10: pending.append(contentsOf: [92, 110])
                case 13: pending.append(contentsOf: [92, 114])
                case 92: pending.append(contentsOf: [92, 92])
                default: pending.append(byte)
                }
            }
        }
        pending.append(10)
        if pending.count >= Self.pieceBytes { try flush() }
    }

    func flush() throws(PostgresError) {
        let isSent = pending.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: Self.sendBytesMax).allSatisfy { start in
                let piece = UnsafeRawBufferPointer(
                    rebasing: bytes[start..<min(start + Self.sendBytesMax, bytes.count)])
                return PQputCopyData(
                    connection.handle, piece.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(piece.count)) == 1
            }
        }
        guard isSent else { throw connection.lost() }
        pending.removeAll(keepingCapacity: true)
    }
}
