import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Crashes during maintenance")
struct MaintenanceCrashTests {
    /// Commits, deletes, compacts, vacuums and backs up until the power goes; what each version held.
    private func work(
        on disk: SimulatedDisk, seed: UInt64, contents: inout [UInt64: [[Value]]], clock: ManualClock
    ) throws {
        var generator = SeededGenerator(seed)
        let store = try ColumnStore.open(
            directory: "/store", fileSystem: disk, retention: RetentionPolicy(newestCount: 4, limit: 0),
            clock: clock.clock)
        var model: [Int64: [Value]] = [:]
        for round in 0..<10 {
            clock.advance(by: 1_000_000)
            let transaction = try store.begin()
            let table =
                try transaction.tableID(named: Samples.keyed().name)
                ?? transaction.createTable(Samples.keyed())
            let rows: [[Value]] = (0..<80).map { _ in
                [.bigint(Int64(generator.next() % 200)), .text("round \(round)")]
            }
            try transaction.upsert(table, Samples.chunk(rows, types: Samples.keyed().columns.types))
            for row in rows { model[row[0].integerValue ?? 0] = row }
            // Known before the commit, which may have happened although its caller never hears of it.
            contents[store.snapshot().version + 1] = Self.sorted(Array(model.values))
            _ = try transaction.commit()
            if round % 3 == 1 {
                let version = store.snapshot().version
                for later in 1...3 as ClosedRange<UInt64> { contents[version + later] = contents[version] }
                try store.compactIfNeeded(table)
            }
            if round % 3 == 2 { try store.vacuum() }
            if round == 5 { try store.backup(to: "/copy") }
        }
    }

    private static func sorted(_ rows: [[Value]]) -> [[Value]] {
        rows.sorted { ($0[0].integerValue ?? 0) < ($1[0].integerValue ?? 0) }
    }

    private func check(_ directory: String, _ disk: SimulatedDisk, _ contents: [UInt64: [[Value]]]) throws {
        let store = try ColumnStore.open(directory: directory, fileSystem: disk)
        for version in store.snapshot().versions {
            let past = try store.snapshot().asOf(version: version.number)
            guard let table = past.catalog.table(named: Samples.keyed().name) else {
                #expect(version.number == 0)
                continue
            }
            let rows = Self.sorted(try Samples.rows(of: table, in: past))
            #expect(rows == contents[version.number], "\(directory) \(version)")
        }
        let report = try store.verify(allVersions: true)
        #expect(report.isSound, "\(report.faults)")
        try store.vacuum(retaining: .newestOnly)
        #expect(try store.verify().orphanFiles == [])
    }

    @Test("a power loss at any change loses no retained version", arguments: 0..<200 as Range<UInt64>)
    func powerLoss(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed, failure: .powerLoss(atChange: Int(seed) + 5))
        var contents: [UInt64: [[Value]]] = [:]
        do {
            try work(on: disk, seed: seed, contents: &contents, clock: ManualClock())
        } catch {
            #expect(disk.changeCount == Int(seed) + 5)
        }
        let after = disk.afterPowerLoss()
        try check("/store", after, contents)
        if try after.exists("/copy/MANIFEST") { try check("/copy", after, contents) }
    }
}
