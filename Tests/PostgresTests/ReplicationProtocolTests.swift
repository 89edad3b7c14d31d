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
        try connection.executeScript(
            "UPDATE t SET id = 3, name = NULL WHERE id = 2; DELETE FROM t WHERE id = 1")
        try connection.executeScript("TRUNCATE t")
        let stream = try ReplicationConnection(configuration)
        try stream.start(slot: name, at: slot.consistentPoint, publication: "p")
        var seen: [String] = []
        for _ in 0..<200 where seen.last != "T" {
            guard case .data(_, let end, let bytes) = try stream.receive(waitingMilliseconds: 100) else {
                continue
            }
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

    /// One good message of each kind, as the server sends them.
    static let samples: [[UInt8]] = {
        let tuple: [UInt8] = [0, 3, 0x6E, 0x75, 0x74, 0, 0, 0, 2, 0x68, 0x69]
        let id: [UInt8] = [0, 0, 64, 1]
        let key: [UInt8] = [0x4B] + tuple
        let column = Array("\u{1}id\0".utf8) + [0, 0, 0, 20, 255, 255, 255, 255]
        return [
            Array("B".utf8) + [UInt8](repeating: 1, count: 20),
            Array("C".utf8) + [UInt8](repeating: 1, count: 25),
            Array("R".utf8) + id + Array("shop\0document\0d".utf8) + [0, 2] + column + column,
            Array("I".utf8) + id + Array("N".utf8) + tuple,
            Array("U".utf8) + id + key + Array("N".utf8) + tuple,
            Array("D".utf8) + id + key,
            Array("T".utf8) + [0, 0, 0, 2, 0] + id + id,
            Array("w".utf8) + [UInt8](repeating: 0, count: 24) + Array("B".utf8),
            Array("k".utf8) + [UInt8](repeating: 0, count: 17),
        ]
    }()

    @Test("good messages of each kind are read")
    func samplesAreGood() throws {
        for sample in Self.samples {
            if sample.first == UInt8(ascii: "w") || sample.first == UInt8(ascii: "k") {
                _ = try ReplicationConnection.decode(sample)
            } else {
                #expect(try PgOutputDecoder.decode(sample) != .other(sample[0]))
            }
        }
        #expect(
            try PgOutputDecoder.decode(Self.samples[4])
                == .update(
                    relation: 16_385, oldKey: [.null, .unchanged, .text([0x68, 0x69])], oldRow: nil,
                    new: [.null, .unchanged, .text([0x68, 0x69])]))
    }

    @Test("a message that is cut off anywhere is an error")
    func cutOff() {
        for sample in Self.samples {
            for count in 0..<sample.count where sample.first != UInt8(ascii: "w") || count < 25 {
                #expect(throws: PostgresError.self) {
                    if sample.first == UInt8(ascii: "w") || sample.first == UInt8(ascii: "k") {
                        _ = try ReplicationConnection.decode(Array(sample.prefix(count)))
                    } else {
                        _ = try PgOutputDecoder.decode(Array(sample.prefix(count)))
                    }
                }
            }
        }
    }

    @Test("damaged messages are read or refused, never a trap", arguments: 0..<40 as Range<UInt64>)
    func damaged(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next() -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random
        }
        for sample in Self.samples {
            for _ in 0..<100 {
                var bytes = sample
                for _ in 0...Int(next() % 3) {
                    bytes[Int(next() % UInt64(bytes.count))] =
                        [0, 0xFF, 0x7F, 0x80, UInt8(truncatingIfNeeded: next())][Int(next() % 5)]
                }
                _ = try? PgOutputDecoder.decode(bytes)
                _ = try? ReplicationConnection.decode(bytes)
            }
        }
    }

    @Test("positions are printed and read as Postgres does")
    func positions() {
        #expect(LogPosition("16/B374D848")?.description == "16/B374D848")
        #expect(LogPosition("0/0")?.rawValue == 0)
        #expect(LogPosition("x") == nil)
    }
}
