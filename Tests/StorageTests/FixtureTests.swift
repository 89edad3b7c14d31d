import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog
import Testing

/// The golden store of format version 1, and damaged ones. `AMBAR_WRITE_FIXTURES=1` makes the first test
/// write them anew, which is right only before a version of the format is released.
@Suite("Fixtures of the format", .serialized)
struct FixtureTests {
    let directory = TemporaryDirectory()
    private static let golden = FixtureStore.repository("fixtures/v1")
    private static let damaged = FixtureStore.repository("damaged")

    /// A row a line, ordered as text: the order of rows is not part of a table.
    static func lines(of name: String, in snapshot: StoreSnapshot) throws -> [String] {
        guard let id = snapshot.catalog.table(schema: "shop", name: name),
            let definition = snapshot.catalog.definition(of: id)
        else { return [] }
        let names = definition.columns.fields.map(\.name)
        return try Samples.rows(of: id, in: snapshot).map { FixtureText.line($0, names: names) }.sorted()
    }

    private func damagedOutcome(_ contents: [String: [UInt8]], _ name: String) throws -> [String] {
        let path = directory.path + "/" + name
        try FixtureFiles.place(contents, in: path)
        do {
            let store = try ColumnStore.open(directory: path, mode: .readOnly)
            let rows = try Self.lines(of: "goods", in: store.snapshot())
            return ["version \(store.snapshot().version), \(rows.count) rows"]
        } catch let error as StorageError {
            let parts = error.description.split(separator: path, omittingEmptySubsequences: false)
            return [parts.joined(separator: "STORE")]
        }
    }

    @Test("fixtures are written anew", .enabled(if: getenv("AMBAR_WRITE_FIXTURES") != nil))
    func writeFixtures() throws {
        let path = directory.path + "/golden"
        try FixtureStore.write(to: path)
        try FixtureFiles.place(try FixtureFiles.contents(of: path), in: Self.golden)
        let store = try ColumnStore.open(directory: path, mode: .readOnly)
        for name in FixtureStore.tables {
            try FixtureFiles.write(
                try Self.lines(of: name, in: store.snapshot()), to: Self.golden + "/expected/\(name).ndjson")
        }
        let small = directory.path + "/small"
        try FixtureStore.writeSmall(to: small)
        let contents = try FixtureFiles.contents(of: small)
        for name in FixtureDamage.cases {
            var copy = contents
            FixtureDamage.damage(&copy, by: name)
            try FixtureFiles.place(copy, in: Self.damaged + "/" + name)
            try FixtureFiles.write(
                try damagedOutcome(copy, name), to: Self.damaged + "/" + name + "/expected.txt")
        }
    }

    @Test("the golden store holds what its expected rows say, and earlier versions too")
    func golden() throws {
        // Opening makes a lock file, which is no part of the fixture.
        let path = directory.path + "/golden"
        try FixtureFiles.place(try FixtureFiles.contents(of: Self.golden), in: path)
        let store = try ColumnStore.open(directory: path, mode: .readOnly)
        let snapshot = store.snapshot()
        for name in FixtureStore.tables {
            let expected = try FixtureFiles.lines(Self.golden + "/expected/\(name).ndjson")
            #expect(!expected.isEmpty)
            #expect(try Self.lines(of: name, in: snapshot) == expected, "\(name)")
        }
        #expect(snapshot.property("made by") == "fixture")
        #expect(snapshot.replicationPosition(of: "slot") == 0x1_0000_0005)
        #expect(snapshot.versions.count == 10)
        #expect(try Self.lines(of: "orders", in: snapshot.asOf(version: 4)).count == 400)
        #expect(try Self.lines(of: "orders", in: snapshot.asOf(version: 5)).count == 397)
        #expect(try store.verify(allVersions: true).isSound)
    }

    @Test("today's code writes the golden store byte for byte")
    func sameBytes() throws {
        let path = directory.path + "/again"
        try FixtureStore.write(to: path)
        let made = try FixtureFiles.contents(of: path)
        let golden = try FixtureFiles.contents(of: Self.golden)
        #expect(made.keys.sorted() == golden.keys.sorted())
        for (name, bytes) in golden { #expect(made[name] == bytes, "\(name) differs") }
    }

    @Test("each damaged store gives exactly its error", arguments: FixtureDamage.cases)
    func damaged(name: String) throws {
        let path = Self.damaged + "/" + name
        let expected = try FixtureFiles.lines(path + "/expected.txt")
        #expect(try damagedOutcome(try FixtureFiles.contents(of: path), name) == expected)
    }
}
