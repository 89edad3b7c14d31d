import Testing

@testable import Postgres

@Suite("The replication protocol")
struct ReplicationProtocolTests {
    @Test("changes after the slot's point arrive in order, old ones do not")
    func stream() throws {
        let configuration = try TestCluster.makeDatabase()
        let connection = try PostgresConnection(configuration)
        try connection.executeScript(
            "CREATE TABLE t (id bigint PRIMARY KEY, name text); INSERT INTO t VALUES (1, 'before');"
                + "CREATE PUBLICATION p FOR TABLE t")
        let replication = try ReplicationConnection(configuration)
        let name = "slot_\(configuration.database)"
        let slot = try replication.createSlot(name)
        try connection.executeScript("INSERT INTO t VALUES (2, 'два')")
        try connection.executeScript("UPDATE t SET id = 3, name = NULL WHERE id = 2; DELETE FROM t WHERE id = 1")
        try connection.executeScript("TRUNCATE t")
        let stream = try ReplicationConnection(configuration)
        try stream.start(slot: name, at: slot.consistentPoint, publication: "p")
        var seen: [String] = []
        for _ in 0..<200 where seen.last != "T" {
            guard case .data(_, let end, let bytes) = try stream.receive(waitingMilliseconds: 100) else { continue }
            seen.append(Self.outline(try PgOutputDecoder.decode(bytes)))
            try stream.acknowledge(end)
        }
        // TRUNCATE gives the table a new file, and the server then describes it again.
        #expect(
            seen == ["B", "R t", "I 2 два", "C", "B", "U 2→3 null", "D 1", "C", "B", "R t", "T"])
    }

    static func outline(_ message: PgOutputMessage) -> String {
        func text(_ field: PgOutputMessage.Field) -> String {
            switch field {
            case .null: "null"
            case .unchanged: "unchanged"
            case .text(let bytes): String(decoding: bytes, as: UTF8.self)
            }
        }
        switch message {
        case .begin: return "B"
        case .commit: return "C"
        case .relation(let relation): return "R \(relation.name)"
        case .insert(_, let new): return "I " + new.map(text).joined(separator: " ")
        case .update(_, let key, _, let new):
            return "U \(key.map { text($0[0]) } ?? "")→" + new.map(text).joined(separator: " ")
        case .delete(_, let old): return "D \(text(old[0]))"
        case .truncate: return "T"
        case .other: return "?"
        }
    }

    @Test("damaged messages are errors, never traps", arguments: 0..<300 as Range<UInt64>)
    func damaged(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next() -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random
        }
        let tags = Array("BCRIUDTYOwk".utf8)
        var bytes = [tags[Int(next() % UInt64(tags.count))]]
        for _ in 0..<Int(next() % 60) { bytes.append(next() % 3 == 0 ? 0 : UInt8(truncatingIfNeeded: next())) }
        _ = try? PgOutputDecoder.decode(bytes)
        _ = try? ReplicationConnection.decode(bytes)
    }

    @Test("positions are printed and read as Postgres does")
    func positions() {
        #expect(LogPosition("16/B374D848")?.description == "16/B374D848")
        #expect(LogPosition("0/0")?.rawValue == 0)
        #expect(LogPosition("x") == nil)
    }
}
