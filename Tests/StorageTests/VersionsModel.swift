import Columns
import DurableIO
import Storage
import Synchronization
import TableCatalog
import Testing

/// A clock that stands still until a test moves it.
final class ManualClock: Sendable {
    private let time: Atomic<Int64>

    init(_ start: Int64 = 1_700_000_000_000_000) { time = Atomic(start) }

    var now: Int64 { time.load(ordering: .acquiring) }
    var clock: CommitClock { CommitClock { self.now } }

    func advance(by microseconds: Int64) { time.add(microseconds, ordering: .acquiringAndReleasing) }
}

/// A store beside full copies of each of its versions.
final class VersionsModel {
    struct Content: Equatable {
        var tables: [String: [Int64: String]] = [:]
        var properties: [String: String] = [:]
        var position: UInt64?
    }

    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 60 * minute
    static let directory = "/store"
    static let names = ["first", "second"]

    private(set) var disk: SimulatedDisk
    let clock = ManualClock()
    let retention: RetentionPolicy
    private(set) var store: ColumnStore
    private(set) var contents: [UInt64: Content] = [:]
    private(set) var versions: [StoreVersion] = []
    private(set) var now = Content()
    private(set) var pinned: [StoreSnapshot] = []
    private var generator: SeededGenerator
    private var counter = 0

    init(seed: UInt64, retention: RetentionPolicy) throws {
        disk = SimulatedDisk(seed: seed)
        generator = SeededGenerator(seed)
        self.retention = retention
        store = try Self.open(disk, clock, retention)
        record()
    }

    private static func open(
        _ disk: SimulatedDisk, _ clock: ManualClock, _ retention: RetentionPolicy
    ) throws -> ColumnStore {
        try ColumnStore.open(
            directory: directory, fileSystem: disk, retention: retention, clock: clock.clock)
    }

    private func random(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }

    /// Writes down what the versions since the last call hold.
    private func record() {
        for version in store.snapshot().versions where version.number > versions.last?.number ?? 0 {
            versions.append(version)
            contents[version.number] = now
        }
        if versions.isEmpty, let first = store.snapshot().versions.first {
            versions = [first]
            contents[first.number] = now
        }
    }

    /// One random step: a commit, a compaction, a vacuum, a new snapshot or a reopening.
    func step() throws {
        clock.advance(by: [0, 1, Self.minute / 3, Self.minute * 7, Self.hour, 5 * Self.hour][random(6)])
        switch random(16) {
        case 0..<10: try commit()
        case 10, 11:
            for name in Self.names {
                let table = store.snapshot().catalog.table(schema: "shop", name: name)
                if let table { try store.compactIfNeeded(table) }
            }
        case 12: try store.vacuum()
        case 13:
            pinned.append(store.snapshot())
            if pinned.count > 3 { pinned.removeFirst() }
        case 14:
            pinned = []
            disk = disk.afterPowerLoss()
            store = try Self.open(disk, clock, retention)
        default:
            if let version = store.snapshot().versions.randomElement(using: &generator) {
                pinned.append(try store.snapshot().asOf(version: version.number))
            }
        }
        record()
    }

    private func commit() throws {
        let transaction = try store.begin()
        defer { transaction.rollback() }
        for _ in 0...random(2) {
            let name = Self.names[random(2)]
            let definition = Samples.keyed(name)
            guard let table = transaction.tableID(named: definition.name) else {
                _ = try transaction.createTable(definition)
                now.tables[name] = [:]
                continue
            }
            switch random(12) {
            case 0:
                try transaction.dropTable(table)
                now.tables[name] = nil
            case 1:
                try transaction.truncate(table)
                now.tables[name] = [:]
            case 2:
                try transaction.setProperty("p\(random(2))", to: "\(counter)", of: nil)
                try transaction.setReplicationPosition("slot", lsn: UInt64(counter))
                now.position = UInt64(counter)
            case 3..<7: try delete(from: table, name, in: transaction)
            default: try upsert(into: table, name, in: transaction)
            }
            counter += 1
        }
        _ = try transaction.commit()
        let snapshot = store.snapshot()
        now.properties = Dictionary(
            uniqueKeysWithValues: ["p0", "p1"].compactMap { key in
                snapshot.property(key).map { (key, $0) }
            })
    }

    private func upsert(into table: TableID, _ name: String, in transaction: StoreTransaction) throws {
        let start = Int64(random(120))
        let rows: [[Value]] = (0..<Int64(random(60) + 1)).map {
            [.bigint(start + $0), .text("text \(counter % 37)")]
        }
        try transaction.upsert(
            table, Samples.chunk(rows, types: Samples.keyed().columns.types))
        for row in rows { now.tables[name]?[row[0].integerValue ?? 0] = "text \(counter % 37)" }
    }

    private func delete(from table: TableID, _ name: String, in transaction: StoreTransaction) throws {
        let start = Int64(random(150))
        let keys = Array(start..<(start + Int64(random(70) + 1)))
        try transaction.delete(table, keys: Samples.keys(keys))
        for key in keys { now.tables[name]?[key] = nil }
    }

    static func content(of snapshot: StoreSnapshot) throws -> Content {
        var content = Content()
        for table in snapshot.catalog.tables {
            var rows: [Int64: String] = [:]
            let found = try Samples.rows(of: table.id, in: snapshot)
            for row in found {
                if case .text(let text) = row[1] { rows[row[0].integerValue ?? 0] = text }
            }
            #expect(found.count == rows.count)
            #expect(snapshot.rowCount(of: table.id) == rows.count)
            content.tables[table.definition.name.name] = rows
        }
        for key in ["p0", "p1"] {
            if let value = snapshot.property(key) { content.properties[key] = value }
        }
        content.position = snapshot.replicationPosition(of: "slot")
        return content
    }

    /// Compares every version that the store still gives back, and the pinned ones, with their copies.
    func check(_ store: ColumnStore) throws {
        let snapshot = store.snapshot()
        let retained = snapshot.versions
        let wanted = retention.kept(versions, now: clock.now)
        #expect(wanted.isSubset(of: Set(retained.map(\.number))))
        for version in retained {
            let past = try snapshot.asOf(version: version.number)
            #expect(past.version == version.number)
            #expect(past.time == version.time)
            let found = try Self.content(of: past)
            #expect(found == contents[version.number], "version \(version)")
        }
        for past in pinned {
            let found = try Self.content(of: past)
            #expect(found == contents[past.version], "pinned \(past.version)")
        }
        for version in versions {
            let expected = retained.last { $0.time <= version.time }
            guard let expected else {
                let error = #expect(throws: StorageError.self) { try snapshot.asOf(time: version.time) }
                #expect(error == .timeNotRetained(time: version.time, oldest: retained[0]))
                continue
            }
            #expect(try snapshot.asOf(time: version.time).version == expected.number)
        }
    }
}
