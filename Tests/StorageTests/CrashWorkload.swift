import Columns
import DurableIO
import Storage
import TableCatalog

/// Random work on a store, beside a model of it: appends, upserts, deletes by key and by place, truncations,
/// tables that come and go, growing dictionaries, compaction, vacuum and rollbacks.
final class CrashWorkload {
    static let directory = "/store"
    private static let keyed = "item"
    private static let plain = "log"
    private static let passing = "passing"

    let disk: SimulatedDisk
    private(set) var store: ColumnStore
    /// What has been acknowledged.
    private(set) var model: CrashModel
    /// One for each note of the disk.
    private(set) var expectations: [CrashExpectation] = []
    private var versions: [UInt64: CrashDigest] = [:]
    private var generator: SeededGenerator
    private var nextID: Int64

    /// Opens the store, which holds `model` or is to be made.
    init(on disk: SimulatedDisk, seed: UInt64, model: CrashModel = CrashModel()) throws {
        self.disk = disk
        self.model = model
        generator = SeededGenerator(seed)
        nextID = 1 + (model.tables[Self.plain]?.keys.max() ?? 0)
        store = try Self.open(disk)
        versions[store.snapshot().version] = model.digest
        expect()
    }

    static func open(_ disk: SimulatedDisk, mode: ColumnStore.Mode = .readWrite) throws -> ColumnStore {
        try ColumnStore.open(
            directory: directory, fileSystem: disk, mode: mode, cache: BlockCache(),
            retention: RetentionPolicy(newestCount: 6, limit: 0), clock: CommitClock { 1_700_000_000_000_000 }
        )
    }

    private func random(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }

    /// Writes down what the disk must hold from now on.
    private func expect(underWay: CrashModel? = nil) {
        expectations.append(
            CrashExpectation(acknowledged: model, underWay: underWay, versions: versions))
        disk.note(expectations.count - 1)
    }

    func step() throws {
        switch random(16) {
        case 0...1: try compact()
        case 2: try vacuum()
        case 3: try rollBack()
        default: try commit()
        }
    }

    func compact() throws {
        for table in store.snapshot().catalog.tables { try store.compactIfNeeded(table.id) }
        remember()
    }

    func vacuum() throws {
        if random(2) == 0 { try store.vacuum() } else { try store.vacuum(retaining: .newestOnly) }
    }

    /// All versions made since the last call hold the model.
    private func remember() {
        let digest = model.digest
        let last = versions.keys.max() ?? 0
        for version in store.snapshot().versions where version.number > last {
            versions[version.number] = digest
        }
    }

    private func rollBack() throws {
        let transaction = try store.begin()
        var forgotten = model
        try act(in: transaction, &forgotten)
        transaction.rollback()
    }

    private func commit() throws {
        let transaction = try store.begin()
        defer { transaction.rollback() }
        var draft = model
        for _ in 0...random(2) { try act(in: transaction, &draft) }
        expect(underWay: draft)
        _ = try transaction.commit()
        model = draft
        remember()
        expect()
    }

    /// The store after a failure: opened anew if it asks for it.
    ///
    /// - Returns: Why it is not as it must be; nil when all is well.
    func recover(from error: StorageError) throws -> String? {
        guard case .needsReopening = error else {
            // The commit did not happen; a compaction before the failing one may have.
            remember()
            expect()
            return nil
        }
        let last = expectations.last
        try reopen()
        let found = try CrashDigest(reading: store.snapshot())
        if let underWay = last?.underWay, found == underWay.digest {
            model = underWay
        } else if found != model.digest {
            return "neither before nor after the failed commit: \(found)"
        }
        remember()
        expect()
        return nil
    }

    func reopen() throws {
        // The old one must be gone before its lock is free.
        store = try ColumnStore.open(
            directory: "/elsewhere", fileSystem: SimulatedDisk(seed: 0), mode: .readWrite)
        store = try Self.open(disk)
    }

    private func act(in transaction: StoreTransaction, _ draft: inout CrashModel) throws {
        switch random(15) {
        case 0...4: try upsert(in: transaction, &draft, count: random(24) + 1, names: 40)
        case 5...6: try append(in: transaction, &draft)
        case 7...8: try deleteKeys(in: transaction, &draft)
        case 9...10: try deletePlaces(in: transaction, &draft)
        case 11: try truncate(in: transaction, &draft)
        case 12: try comeOrGo(in: transaction, &draft)
        case 13:
            let text = "note \(generator.next() % 1000)"
            try transaction.setProperty("note", to: text)
            try transaction.setReplicationPosition("slot", lsn: UInt64(text.utf8.count))
            draft.property = text
            draft.position = UInt64(text.utf8.count)
        default: try upsert(in: transaction, &draft, count: 60, names: 100_000)
        }
    }

    private func definition(_ name: String) -> TableDefinition {
        var definition = Samples.keyed(
            name, more: [Field(name: "price", type: .decimal(precision: 18, scale: 2))])
        if name == Self.plain { definition.primaryKey = [] }
        // Most of the time goes to other things than compression.
        definition.options.codec = name == Self.passing ? .zstd : .none
        return definition
    }

    private func table(
        _ name: String, in transaction: StoreTransaction, _ draft: inout CrashModel
    ) throws -> TableID {
        let definition = definition(name)
        if let known = transaction.tableID(named: definition.name) { return known }
        draft.tables[name] = [:]
        return try transaction.createTable(definition)
    }

    private func row(_ id: Int64, names: UInt64) -> [Value] {
        let name: Value = random(9) == 0 ? .null : .text("значение номер \(generator.next() % names)")
        let price: Value = random(5) == 0 ? .null : .decimal(unscaled: Int128(random(100_000)), scale: 2)
        return [.bigint(id), name, price]
    }

    private func chunk(_ rows: [[Value]]) -> DataChunk {
        Samples.chunk(rows, types: definition(Self.keyed).columns.types)
    }

    private func upsert(
        in transaction: StoreTransaction, _ draft: inout CrashModel, count: Int, names: UInt64
    ) throws {
        let table = try table(Self.keyed, in: transaction, &draft)
        let rows = (0..<count).map { _ in row(Int64(random(90)), names: names) }
        try transaction.upsert(table, chunk(rows))
        for row in rows { draft.tables[Self.keyed]?[row[0].integerValue ?? 0] = row }
    }

    private func append(in transaction: StoreTransaction, _ draft: inout CrashModel) throws {
        let table = try table(Self.plain, in: transaction, &draft)
        let rows = (0..<(random(20) + 1)).map { _ in
            nextID += 1
            return row(nextID, names: 30)
        }
        try transaction.append(table, chunk(rows))
        for row in rows { draft.tables[Self.plain]?[row[0].integerValue ?? 0] = row }
    }

    private func deleteKeys(in transaction: StoreTransaction, _ draft: inout CrashModel) throws {
        let table = try table(Self.keyed, in: transaction, &draft)
        let first = Int64(random(90))
        let keys = Array(first..<(first + Int64(random(40) + 1)))
        try transaction.delete(table, keys: Samples.keys(keys))
        for key in keys { draft.tables[Self.keyed]?[key] = nil }
    }

    /// Deletes committed rows by their places.
    private func deletePlaces(in transaction: StoreTransaction, _ draft: inout CrashModel) throws {
        let name = definition(Self.plain).name
        guard let table = transaction.tableID(named: name),
            draft.tables[Self.plain]?.count == model.tables[Self.plain]?.count,
            store.snapshot().catalog.table(named: name) == table
        else { return }
        let scan = try store.snapshot().scan(table, columns: [0], includesRowLocator: true)
        let reader = scan.makeReader()
        var places: [RowLocator] = []
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                for index in 0..<chunk.selectedCount where random(3) == 0 {
                    let values = chunk.row(index)
                    guard let id = values[0].integerValue, let raw = values[1].integerValue,
                        let place = RowLocator(rawValue: raw)
                    else { continue }
                    places.append(place)
                    draft.tables[Self.plain]?[id] = nil
                }
            }
        }
        try transaction.delete(table, rows: places)
    }

    private func truncate(in transaction: StoreTransaction, _ draft: inout CrashModel) throws {
        let name = random(2) == 0 ? Self.keyed : Self.plain
        guard let table = transaction.tableID(named: definition(name).name) else { return }
        try transaction.truncate(table)
        draft.tables[name] = [:]
    }

    private func comeOrGo(in transaction: StoreTransaction, _ draft: inout CrashModel) throws {
        if let table = transaction.tableID(named: definition(Self.passing).name) {
            try transaction.dropTable(table)
            draft.tables[Self.passing] = nil
            return
        }
        let table = try table(Self.passing, in: transaction, &draft)
        let rows = (0..<30).map { row(Int64($0), names: 5) }
        try transaction.append(table, chunk(rows))
        for row in rows { draft.tables[Self.passing]?[row[0].integerValue ?? 0] = row }
    }
}
