import Columns
import Foundation
import Postgres
import Storage
import Testing

@testable import Replication

@Suite("The mirror of the record", .serialized)
struct ReplicatorTests {
    static let everyType = """
        CREATE TYPE shop.mood AS ENUM ('sad', 'glad');
        CREATE TABLE shop.every (
            id bigint PRIMARY KEY, b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision,
            n0 numeric(18,4), n1 numeric(38,10), n2 numeric(5,0), t text, v varchar(20), d date, ts timestamp,
            tz timestamptz, u uuid, j jsonb, iv interval, m shop.mood, a text[]);
        INSERT INTO shop.every (id) VALUES (1);
        INSERT INTO shop.every VALUES (
            2, true, -32768, -2147483648, -9223372036854775808, 0.1, 1e-300, -0.0001,
            1234567890123456789012345678.0123456789, 99999, 'Ёлка |\\ "кавычки"', '', '0001-01-01',
            '1969-12-31 23:59:59.999999', '2024-02-29 12:00:00+03', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
            '{"ключ": [1, null]}', '1 year 2 mons -3 days 04:05:06.7', 'glad', '{а,NULL,"b,c"}');
        INSERT INTO shop.every VALUES (
            3, false, 32767, 2147483647, 9223372036854775807, 'Infinity', 'NaN', 99999999999999.9999, 0, 0,
            repeat('длинный текст ', 1000), 'x', 'infinity', '-infinity', '2024-07-01', NULL, 'null', '0', 'sad', '{}');
        """

    @Test("the initial copy holds every type, NULL and extreme as the record does")
    func initialCopy() throws {
        let mirror = try MirrorFixture(Self.everyType)
        try mirror.start()
        #expect(try mirror.differences() == [])
        let rows = try mirror.rows("every")
        #expect(rows.count == 3)
        #expect(rows[0].filter(\.isNull).count == 19)
        #expect(rows[1][7] == .decimal(unscaled: -1, scale: 4))
        #expect(rows[1][8].text == "1234567890123456789012345678.0123456789")
        #expect(rows[1][14].text == "2024-02-29 09:00:00")
        #expect(rows[1][17].text == "1 year 2 mons -3 days +04:05:06.7")
        #expect(rows[2][12].text == "infinity")
    }

    @Test("inserts, updates, deletes and truncates arrive in order")
    func stream() throws {
        let mirror = try MirrorFixture(Self.everyType)
        try mirror.start()
        #expect(try mirror.differences() == [])
        try mirror.connection.executeScript(
            """
            INSERT INTO shop.every SELECT 10 + n, n % 2 = 0, n, n, n, n / 3.0, n / 7.0, n / 11.0, n, n % 9, 'т' || n
            FROM generate_series(1, 5000) AS n;
            """)
        #expect(try mirror.differences() == [])
        try mirror.connection.executeScript(
            "UPDATE shop.every SET t = 'новый', i4 = i4 + 1 WHERE id % 7 = 0; DELETE FROM shop.every WHERE id % 5 = 0"
        )
        #expect(try mirror.differences() == [])
        try mirror.connection.executeScript("UPDATE shop.every SET id = id + 100000 WHERE id > 4000")
        // A large value that the update does not touch is not sent and must stay.
        try mirror.connection.executeScript("UPDATE shop.every SET i2 = 5 WHERE id = 3")
        #expect(try mirror.differences() == [])
        let third = try mirror.rows("every").first { $0[0] == .bigint(3) }
        #expect(third?[10].stringValue?.count == 14_000)
        try mirror.connection.executeScript(
            "TRUNCATE shop.every; INSERT INTO shop.every (id, t) VALUES (1, 'a'), (2, 'b'); DELETE FROM shop.every WHERE id = 1"
        )
        #expect(try mirror.differences() == [])
        #expect(try mirror.rows("every").map { $0[0] } == [.bigint(2)])
    }

    @Test("after a stop the mirror goes on where it was, without a new copy")
    func resume() throws {
        let mirror = try MirrorFixture(Self.everyType)
        try mirror.start()
        #expect(try mirror.differences() == [])
        let copiedAt = try #require(mirror.store?.snapshot().version)
        for round in 0..<3 {
            mirror.stop()
            try mirror.connection.executeScript(
                "INSERT INTO shop.every (id, t) VALUES (\(100 + round), 'round'); UPDATE shop.every SET t = t || '!' WHERE id = 100"
            )
            try mirror.start()
            #expect(try mirror.differences() == [])
            let version = try #require(mirror.store?.snapshot().version)
            #expect(
                version > copiedAt && version <= copiedAt + UInt64(round * 3 + 4),
                "only the new changes were written")
        }
    }

    @Test("a changed table, a new table and a lost slot lead to a new copy")
    func copiedAnew() throws {
        let mirror = try MirrorFixture(
            "CREATE TABLE shop.a (id bigint PRIMARY KEY, t text); INSERT INTO shop.a VALUES (1, 'x')")
        try mirror.start()
        #expect(try mirror.differences() == [])
        try mirror.connection.executeScript(
            "ALTER TABLE shop.a ADD COLUMN n numeric(10,2); UPDATE shop.a SET n = 1.5")
        #expect(try mirror.differences() == [])
        #expect(try mirror.rows("a")[0][2].text == "1.50")
        mirror.stop()
        try mirror.connection.executeScript(
            "CREATE TABLE shop.b (k uuid, l date, PRIMARY KEY (k, l)); INSERT INTO shop.b VALUES (gen_random_uuid(), now())"
        )
        try mirror.start()
        #expect(try mirror.differences() == [])
        #expect(try mirror.rows("b").count == 1)
        mirror.stop()
        try mirror.dropSlot()
        try mirror.connection.executeScript("DELETE FROM shop.a; DELETE FROM shop.b")
        try mirror.start()
        #expect(try mirror.differences() == [])
        #expect(try mirror.rows("a").isEmpty)
    }

    @Test("random transactions leave both sides equal", arguments: [11, 12] as [UInt64])
    func randomTransactions(seed: UInt64) throws {
        let mirror = try MirrorFixture(
            "CREATE TABLE shop.a (id bigint PRIMARY KEY, k text, n numeric(18,4)); CREATE TABLE shop.b (p text, q int, v text, PRIMARY KEY (q, p))"
        )
        try mirror.start()
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: UInt64) -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random % bound
        }
        for round in 0..<500 {
            var script = "BEGIN;"
            for _ in 0...next(6) {
                let id = next(60)
                switch next(7) {
                case 0, 1:
                    script +=
                        "INSERT INTO shop.a VALUES (\(id), 'к\(next(9))', \(next(1000)) / 7.0) ON CONFLICT (id) DO UPDATE SET n = excluded.n;"
                case 2: script += "DELETE FROM shop.a WHERE id = \(id);"
                case 3: script += "UPDATE shop.a SET k = k || '\(next(9))' WHERE id % 7 = \(next(7));"
                case 4:
                    script +=
                        "INSERT INTO shop.b VALUES ('p\(next(5))', \(next(5)), 'v') ON CONFLICT (p, q) DO UPDATE SET v = shop.b.v || 'w';"
                case 5:
                    script +=
                        "UPDATE shop.b SET q = q + 10 WHERE q < 10 AND NOT EXISTS (SELECT 1 FROM shop.b WHERE q >= 10);"
                default:
                    script += next(40) == 0 ? "TRUNCATE shop.b;" : "DELETE FROM shop.b WHERE q = \(next(15));"
                }
            }
            try mirror.connection.executeScript(script + (next(10) == 0 ? "ROLLBACK" : "COMMIT"))
            if round % 125 == 60 {
                mirror.stop()
                try mirror.start()
            }
        }
        #expect(try mirror.differences() == [])
    }

    @Test("many small commits leave few row groups, and the same rows")
    func smallCommitsAreMerged() throws {
        let mirror = try MirrorFixture("CREATE TABLE shop.a (id bigint PRIMARY KEY, t text)")
        try mirror.start()
        for id in 0..<80 {
            try mirror.connection.executeScript("INSERT INTO shop.a VALUES (\(id), 'x')")
            let caughtUp = try mirror.differences()
            #expect(caughtUp == [])
        }
        let store = try #require(mirror.store)
        let id = try #require(store.snapshot().catalog.table(schema: "shop", name: "a"))
        var groups = 80
        for _ in 0..<100 where groups > 40 {
            Thread.sleep(forTimeInterval: 0.02)
            groups = try #require(try store.snapshot().size(of: id)).rowGroups
        }
        #expect(groups <= 40)
        #expect(try mirror.differences() == [])
        #expect(try mirror.rows("a").count == 80)
    }

    @Test("a server that cannot be followed is told, not tried for ever in silence")
    func unsuitable() throws {
        let mirror = try MirrorFixture("CREATE TABLE shop.keyless (n int)")
        try mirror.start()
        let replicator = try #require(mirror.replicator)
        #expect(throws: (any Error).self) { try replicator.catchUp(withinSeconds: 1) }
        let status = replicator.currentStatus
        #expect(status.summary.contains("shop.keyless") && status.summary.contains("primary key"))
    }

    @Test("a difference is found and named")
    func differenceIsNamed() throws {
        let mirror = try MirrorFixture(Self.everyType)
        try mirror.start()
        #expect(try mirror.differences() == [])
        let store = try #require(mirror.store)
        let id = try #require(store.snapshot().catalog.table(schema: "shop", name: "every"))
        let transaction = try store.begin()
        let keys = DataChunkBuilder(types: [.bigint])
        keys.append([.bigint(2)])
        let deleted = try transaction.delete(id, keys: keys.finish())
        #expect(deleted == 1)
        _ = try transaction.commit()
        let differences = try MirrorVerifier(record: mirror.configuration).compare(store.snapshot())
        #expect(differences.map(\.isEqual) == [false])
        #expect(differences[0].recordRows == 3 && differences[0].storeRows == 2)
        #expect(differences[0].differingKeys == ["2"])
    }

    @Test("hashes are those of Postgres")
    func hashes() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        for text in [
            "", "a", "abcd", "Ёлка", "0123456789ab", "0123456789abc", String(repeating: "щ", count: 101),
        ] {
            let theirs = try connection.execute("SELECT hashtextextended($1, 0) AS h", [.text(text)])[0].int(
                "h")
            var copy = text
            let ours = copy.withUTF8 { PostgresHash.hash($0) }
            #expect(ours == theirs, "\(text)")
        }
    }
}
