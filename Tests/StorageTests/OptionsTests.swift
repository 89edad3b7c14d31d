import Columns
import Storage
import TableCatalog
import Testing

@Suite("Table options")
struct OptionsTests {
    private func text(_ options: TableOptions) -> String? {
        var definition = Samples.keyed()
        definition.options = options
        return definition.validate()?.description
    }

    @Test("options that do not fit are refused with their name and value")
    func validation() {
        #expect(text(TableOptions()) == nil)
        #expect(text(TableOptions(codec: .zstd, level: 19, bloomColumns: [0, 1])) == nil)
        #expect(text(TableOptions(codec: .lz4, bloomColumns: [])) == nil)
        #expect(
            text(TableOptions(codec: .zstd, level: 20))
                == "option \"level\" must be from 1 to 19: shop.item (level = 20)")
        #expect(text(TableOptions(codec: .zstd, level: 0)) != nil)
        #expect(
            text(TableOptions(codec: .lz4, level: 3))
                == "option \"level\" is only for compression = 'zstd': shop.item "
                + "(compression = 'lz4', level = 3)")
        #expect(
            text(TableOptions(bloomColumns: [2]))
                == "option \"bloom\" names a column that is not there: shop.item (2)")
        #expect(
            text(TableOptions(bloomColumns: [1, 1]))
                == "option \"bloom\" names a column twice: shop.item.name")
    }

    @Test("codecs have the names that SQL uses")
    func names() {
        for codec in BlockCodec.allCases { #expect(BlockCodec(sqlName: codec.sqlName) == codec) }
        #expect(BlockCodec(sqlName: "ZSTD") == .zstd)
        #expect(BlockCodec(sqlName: "gzip") == nil)
    }

    @Test("options and clustering keys set later are kept, also by a checkpoint")
    func setting() throws {
        let disk = SimulatedDisk(seed: 3)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        let types = Samples.keyed().columns.types
        var transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        try transaction.setOptions(table, TableOptions(codec: .lz4))
        _ = try transaction.commit()
        #expect(store.snapshot().catalog.definition(of: table)?.options == TableOptions(codec: .lz4))
        let wanted = TableOptions(codec: .zstd, level: 9, bloomColumns: [1])
        transaction = try store.begin()
        try transaction.setOptions(table, wanted)
        try transaction.setClusteringKey(table, [1, 0])
        try transaction.append(table, Samples.chunk([[.bigint(1), .text("x")]], types: types))
        #expect(transaction.definition(of: table)?.clusteringKey == [1, 0])
        _ = try transaction.commit()
        let large = String(repeating: "значение", count: 20_000)
        for round in 0..<2 {
            let definition = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
                .snapshot().catalog.definition(of: table)
            #expect(definition?.options == wanted)
            #expect(definition?.clusteringKey == [1, 0])
            if round == 1 { break }
            for step in 0..<16 {
                transaction = try store.begin()
                try transaction.setProperty("p\(step % 2)", to: large + "\(step)")
                _ = try transaction.commit()
            }
        }
        #expect(try Samples.rows(of: table, in: store.snapshot()) == [[.bigint(1), .text("x")]])
    }

    @Test("a refused option changes nothing, and setting the same again makes no version")
    func refusal() throws {
        let disk = SimulatedDisk(seed: 4)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        var transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        let version = try transaction.commit()
        transaction = try store.begin()
        let wrong = TableOptions(codec: .none, level: 4)
        let name = Samples.keyed().name
        #expect(throws: StorageError.invalidDefinition(.levelNotTaken(table: name, codec: .none, level: 4))) {
            try transaction.setOptions(table, wrong)
        }
        #expect(throws: StorageError.invalidDefinition(.keyColumnMissing(table: name, index: 7))) {
            try transaction.setClusteringKey(table, [7])
        }
        try transaction.setOptions(table, TableOptions())
        #expect(try transaction.commit() == version)
    }
}
