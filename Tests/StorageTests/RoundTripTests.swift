import Columns
import Storage
import TableCatalog
import Testing

@Suite("A store gives back what was committed")
struct RoundTripTests {
    let directory = TemporaryDirectory()

    @Test("rows of every type survive a commit and a reopening", arguments: [0, 1, 2047, 2048, 2049, 70_000])
    func allTypes(rowCount: Int) throws {
        var generator = SeededGenerator(UInt64(rowCount))
        let rows: [[Value]] = (0..<rowCount).map { _ in
            Samples.allTypes.map { type in
                generator.next() % 7 == 0 ? .null : Samples.random(type, &generator, distinct: 500)
            }
        }
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Samples.everything())
        try Samples.append(rows, to: table, in: transaction, types: Samples.allTypes)
        #expect(try transaction.commit() == 1)
        #expect(store.snapshot().rowCount(of: table) == rowCount)
        #expect(try Samples.rows(of: table, in: store.snapshot()) == rows)
        let other = try ColumnStore.open(directory: directory.path, mode: .readOnly)
        #expect(try Samples.rows(of: table, in: other.snapshot()) == rows)
        #expect(other.snapshot().version == 1)
    }

    @Test("a table without rows can be scanned and has statistics")
    func emptyTable() throws {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        _ = try transaction.commit()
        let snapshot = store.snapshot()
        #expect(try Samples.rows(of: table, in: snapshot) == [])
        let statistics = try snapshot.statistics(of: table)
        #expect(statistics.rowCount == 0)
        #expect(statistics.columns.count == 2)
        #expect(statistics.columns[0].minimum == nil)
    }
}
