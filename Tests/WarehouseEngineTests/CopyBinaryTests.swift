import Columns
import Foundation
import Testing

@testable import WarehouseEngine

@Suite("COPY of Parquet and Arrow")
struct CopyBinaryTests {
    @Test(
        "a table goes to a file and back, by name and through the types of another table",
        arguments: ["parquet", "arrow"])
    func roundTrip(format: String) throws {
        let fixture = try WarehouseFixture()
        try fixture.run(
            """
            CREATE TABLE t (id bigint, name text, price numeric(10,2), day date, at timestamp, ok boolean,
                ratio double precision, code uuid)
            """)
        try fixture.run(
            """
            INSERT INTO t VALUES
                (1, 'болт', 1.50, '2026-01-31', '2026-01-31 10:00:00.5', true, 0.1,
                    'a1b2c3d4-e5f6-4711-8899-aabbccddeeff'),
                (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, '', -0.01, '1969-12-31', NULL, false, 1e30, NULL)
            """)
        let path = fixture.path("t.\(format)")
        #expect(try fixture.run("COPY t TO '\(path)'") == 3)
        try fixture.run(
            """
            CREATE TABLE other (code uuid, price numeric(12,4), id integer, extra text, name text, day date,
                at timestamp, ok boolean, ratio real)
            """)
        #expect(try fixture.run("COPY other (id, name, price, code) FROM '\(path)' (FORMAT \(format))") == 3)
        #expect(
            try fixture.rows("SELECT id, name, price, code, extra, day FROM other ORDER BY id") == [
                ["1", "болт", "1.5000", "a1b2c3d4-e5f6-4711-8899-aabbccddeeff", nil, nil],
                ["2", nil, nil, nil, nil, nil], ["3", "", "-0.0100", nil, nil, nil],
            ])
        try fixture.run("CREATE TABLE twin AS SELECT * FROM t WHERE false")
        #expect(try fixture.run("COPY twin FROM '\(path)'") == 3)
        #expect(
            try fixture.rows("SELECT * FROM twin ORDER BY id") == fixture.rows("SELECT * FROM t ORDER BY id"))
    }

    @Test("columns that do not fit are named")
    func mistakes() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id bigint, flag boolean)")
        try fixture.run("INSERT INTO t VALUES (40000, true)")
        let path = fixture.path("t.parquet")
        try fixture.run("COPY t TO '\(path)'")
        try fixture.run("CREATE TABLE narrow (id smallint)")
        try fixture.run("CREATE TABLE wrong (id bigint, flag date)")
        #expect(fixture.error("COPY narrow FROM '\(path)'")?.code == "42703")
        #expect(fixture.error("COPY narrow (id) FROM '\(path)'")?.code == "22003")
        #expect(fixture.error("COPY wrong FROM '\(path)'")?.code == "42804")
        let text = try fixture.write("not a file of columns", to: "x.parquet")
        #expect(fixture.error("COPY t FROM '\(text)'")?.code == "22P04")
        #expect(try fixture.rows("SELECT count(*) FROM narrow") == [["0"]])
    }
}
