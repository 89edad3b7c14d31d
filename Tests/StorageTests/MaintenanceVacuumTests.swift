import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog
import Testing

@Suite("Vacuum")
struct MaintenanceVacuumTests {
    static let types = Samples.keyed().columns.types

    @Test("a snapshot keeps its files through a vacuum, and the vacuum says so")
    func pinned() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try MaintenanceBackupTests.smallStore(disk)
        let table = try #require(store.snapshot().catalog.table(named: Samples.keyed().name))
        var pinned: StoreSnapshot? = try store.snapshot().asOf(version: 2)
        let rows = try Samples.rows(of: table, in: store.snapshot().asOf(version: 2))
        let transaction = try store.begin()
        try transaction.dropTable(table)
        _ = try transaction.commit()
        let files = try disk.list("/store/data").count
        let report = try store.vacuum(retaining: .newestOnly)
        #expect(report.versionsDropped == 4 && report.versionsLeft == 1)
        #expect(report.filesUnlinked == files - 2)
        #expect(report.filesWaiting == 2)
        if let pinned { #expect(try Samples.rows(of: table, in: pinned) == rows) }
        #expect(throws: StorageError.self) { try store.snapshot().asOf(version: 2) }
        pinned = nil
        let second = try store.vacuum()
        #expect(second.filesUnlinked == 2 && second.filesWaiting == 0 && second.bytesFreed > 0)
        #expect(try disk.list("/store/data") == [])
    }

    @Test("a vacuum that fails leaves every version", arguments: 1..<12)
    func failing(change: Int) throws {
        for isFull in [true, false] {
            let disk = SimulatedDisk(seed: UInt64(change))
            let store = try MaintenanceBackupTests.smallStore(disk)
            let table = try #require(store.snapshot().catalog.table(named: Samples.keyed().name))
            let rows = try Samples.rows(of: table, in: store.snapshot())
            let at = disk.changeCount + change
            disk.fail(isFull ? .diskFull(atChange: at) : .ioError(atChange: at))
            let failed = (try? store.vacuum(retaining: .newestOnly)) == nil
            let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
            let versions = reader.snapshot().versions.count
            #expect(failed ? versions == 1 || versions == 4 : versions == 1)
            #expect(try Samples.rows(of: table, in: reader.snapshot()) == rows)
            #expect(try reader.verify(allVersions: true).isSound)
        }
    }

    @Test("ten commits a second leave a bounded number of files and a manifest that opens quickly")
    func manyCommits() throws {
        let disk = SimulatedDisk(seed: 1)
        let clock = ManualClock()
        // Ten thousand commits take half a minute without optimisation.
        let commits = getenv("AMBAR_LONG_TESTS") == nil ? 1500 : 10_000
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk, clock: clock.clock)
        var transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        _ = try transaction.commit()
        var mostFiles = 0
        var mostBytes = 0
        for commit in 0..<commits {
            clock.advance(by: 100_000)
            transaction = try store.begin()
            // Half of the keys come again: deletions, small and large.
            let rows: [[Value]] = (0..<10).map {
                [.bigint(Int64((commit * 5 + $0) % 20_000)), .text("n\($0)")]
            }
            try transaction.upsert(table, Samples.chunk(rows, types: Self.types))
            _ = try transaction.commit()
            if commit % 8 == 7 { try store.compactIfNeeded(table) }
            if commit % 50 == 0 {
                mostFiles = max(mostFiles, try disk.list("/store/data").count)
                mostBytes = max(mostBytes, disk.contents(of: "/store/MANIFEST").count)
            }
        }
        #expect(mostFiles < 1500)
        #expect(mostBytes < 1 << 20)
        let elapsed = try ContinuousClock().measure {
            let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
            #expect(reader.snapshot().version == store.snapshot().version)
            #expect(reader.snapshot().rowCount(of: table) == min(20_000, commits * 5 + 5))
        }
        #expect(elapsed < .seconds(2))
        let minuteAgo = try store.snapshot().asOf(time: clock.now - 60_000_000)
        #expect(minuteAgo.time > clock.now - 121_000_000)
        try store.vacuum()
        #expect(store.snapshot().versions.count <= 64 + 61 + 3)
        print("after \(commits) commits: at most \(mostFiles) files, manifest of \(mostBytes) bytes")
    }
}
