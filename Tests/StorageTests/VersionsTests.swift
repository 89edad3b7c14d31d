import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Versions of a store")
struct VersionsTests {
    @Test(
        "every retained version reads as it was, whatever happened since",
        arguments: 0..<200 as Range<UInt64>)
    func retained(seed: UInt64) throws {
        let policy =
            seed % 3 == 0
            ? RetentionPolicy(newestCount: 5, limit: 12 * VersionsModel.hour)
            : RetentionPolicy(newestCount: Int(seed % 20) + 1, limit: Int64(seed % 4) * VersionsModel.hour)
        let model = try VersionsModel(seed: seed, retention: policy)
        for _ in 0..<24 { try model.step() }
        try model.check(model.store)
        try model.store.vacuum()
        try model.check(model.store)
        let reader = try ColumnStore.open(
            directory: VersionsModel.directory, fileSystem: model.disk, mode: .readOnly)
        try model.check(reader)
        #expect(reader.snapshot().versions == model.store.snapshot().versions)
    }

    @Test("a version that is not retained is an error that names the nearest ones")
    func missingVersions() throws {
        let clock = ManualClock(0)
        let store = try ColumnStore.open(
            directory: "/store", fileSystem: SimulatedDisk(seed: 1), retention: .newestOnly,
            clock: clock.clock)
        for round in 1...5 {
            clock.advance(by: VersionsModel.hour)
            let transaction = try store.begin()
            try transaction.setProperty("round", to: "\(round)")
            _ = try transaction.commit()
        }
        let early = store.snapshot()
        try store.vacuum(retaining: RetentionPolicy(newestCount: 2, limit: 0))
        let snapshot = store.snapshot()
        let newest = StoreVersion(number: 5, time: 5 * VersionsModel.hour)
        let before = StoreVersion(number: 4, time: 4 * VersionsModel.hour)
        #expect(snapshot.versions == [before, newest])
        let old = #expect(throws: StorageError.self) { try snapshot.asOf(version: 2) }
        #expect(old == .versionNotRetained(version: 2, before: nil, after: before))
        #expect(
            old?.description
                == "version is not retained: 2 (nearest retained: version 4 of 1970-01-01 04:00:00 UTC)")
        let late = #expect(throws: StorageError.self) { try snapshot.asOf(version: 6) }
        #expect(late == .versionNotReached(version: 6, newest: newest))
        let time = #expect(throws: StorageError.self) { try snapshot.asOf(time: 4 * VersionsModel.hour - 1) }
        #expect(time == .timeNotRetained(time: 4 * VersionsModel.hour - 1, oldest: before))
        #expect(try snapshot.asOf(time: .max).version == 5)
        #expect(try snapshot.asOf(version: 4).property("round") == "4")
        #expect(early.property("round") == "5")
    }

    @Test("commit times never go back although the clock does")
    func clockGoesBack() throws {
        let clock = ManualClock(1000)
        let disk = SimulatedDisk(seed: 1)
        var store: ColumnStore? = try ColumnStore.open(
            directory: "/store", fileSystem: disk, clock: clock.clock)
        for (step, expected) in [(500, 1500), (-900, 1500), (100, 1500), (2000, 2700)] as [(Int64, Int64)] {
            clock.advance(by: step)
            do {
                let transaction = try #require(try store?.begin())
                try transaction.setProperty("step", to: "\(step)")
                _ = try transaction.commit()
            }
            #expect(store?.snapshot().time == expected)
            store = nil
            store = try ColumnStore.open(directory: "/store", fileSystem: disk, clock: clock.clock)
        }
        #expect(store?.snapshot().versions.map(\.time) == [1000, 1500, 1500, 1500, 2700])
    }

    @Test("a file left by a crash does not take the file of its number along")
    func leftoverFiles() throws {
        let disk = SimulatedDisk(seed: 1)
        try disk.makeDirectory("/store/data")
        _ = try disk.open("/store/data/00000001.rows", .create)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        let transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        let rows: [[Value]] = [[.bigint(1), .text("one")]]
        try transaction.append(table, Samples.chunk(rows, types: Samples.keyed().columns.types))
        _ = try transaction.commit()
        #expect(try disk.list("/store/data") == ["00000002.rows"])
        let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(try Samples.rows(of: table, in: reader.snapshot()) == rows)
    }
}
