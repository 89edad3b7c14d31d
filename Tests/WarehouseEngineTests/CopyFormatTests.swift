import Columns
import Testing

@testable import WarehouseEngine

@Suite("COPY, formats")
struct CopyFormatTests {
    @Test("every format of text is written and read back", arguments: ["csv", "text", "ndjson"])
    func roundTrip(format: String) throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id bigint, name text, price numeric(10,2), note json, at timestamp)")
        try fixture.run(
            """
            INSERT INTO t VALUES (1, E'a\\t"b"\\n\\\\N', 1.5, '{"a": [1]}', '2026-01-31 10:00:00'),
                (2, '', -0.01, NULL, NULL), (3, NULL, NULL, '[]', '1999-12-31 23:59:59.5')
            """)
        let path = fixture.path("file." + format)
        #expect(try fixture.run("COPY t TO '\(path)' (FORMAT \(format))") == 3)
        try fixture.run("CREATE TABLE u (id bigint, name text, price numeric(10,2), note json, at timestamp)")
        #expect(try fixture.run("COPY u FROM '\(path)' (FORMAT \(format))") == 3)
        let rows = try fixture.rows("SELECT * FROM u ORDER BY id")
        #expect(try rows == fixture.rows("SELECT * FROM t ORDER BY id"))
        #expect(rows[0][1] == "a\t\"b\"\n\\N")
    }

    @Test("a NULL where none may be is a row like other bad ones: named by its line, and skipped")
    func nulls() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id integer NOT NULL, name text)")
        let path = try fixture.write("1,a\n,b\n3,c\n", to: "in.csv")
        let error = fixture.error("COPY t FROM '\(path)'")
        #expect(error?.code == "23502")
        #expect(error?.message.contains("line 2, column id") == true)
        #expect(try fixture.run("COPY t FROM '\(path)' (ON_ERROR skip)") == 2)
        let lines = try fixture.write("{\"name\":\"x\",\"id\":7}\n{\"id\":8,\"b\":1}\n", to: "in.ndjson")
        #expect(fixture.error("COPY t FROM '\(lines)'")?.code == "42703")
        #expect(try fixture.run("COPY t FROM '\(lines)' (UNKNOWN_KEYS ignore)") == 2)
        #expect(
            try fixture.rows("SELECT id, name FROM t ORDER BY id")
                == [["1", "a"], ["3", "c"], ["7", "x"], ["8", nil]])
    }
}
