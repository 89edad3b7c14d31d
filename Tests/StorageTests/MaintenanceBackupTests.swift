import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Backing up and restoring")
struct MaintenanceBackupTests {
    private func sameContents(_ left: StoreSnapshot, _ right: StoreSnapshot) throws -> Bool {
        guard left.catalog.tables.map(\.definition) == right.catalog.tables.map(\.definition) else {
            return false
        }
        for table in left.catalog.tables {
            let rows = try Samples.rows(of: table.id, in: left)
            if try Samples.rows(of: table.id, in: right) != rows { return false }
        }
        return left.version == right.version && left.time == right.time
    }

    @Test("a backup holds its version while commits go on, and is a store of its own")
    func backup() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try MaintenanceVerifyTests.makeStore(disk)
        let pinned = store.snapshot()
        let items = try #require(pinned.catalog.table(named: Samples.keyed().name))
        let transaction = try store.begin()
        try transaction.truncate(items)
        _ = try transaction.commit()
        try store.vacuum(retaining: .newestOnly)
        let report = try store.backup(to: "/copy/", of: pinned)
        #expect(report.version.number == 4)
        #expect(report.filesLinked > 0 && report.filesCopied == 0)
        let copy = try ColumnStore.open(directory: "/copy", fileSystem: disk)
        #expect(try sameContents(copy.snapshot(), pinned))
        #expect(try copy.verify(allVersions: true).isSound)
        // The copy goes its own way.
        let other = try copy.begin()
        try other.dropTable(items)
        _ = try other.commit()
        try copy.vacuum(retaining: .newestOnly)
        #expect(try store.verify(allVersions: true).isSound)
        #expect(try Samples.rows(of: items, in: pinned).count == 9000)
        let again = #expect(throws: StorageError.self) { try store.backup(to: "/copy") }
        #expect(again == .directoryNotEmpty(path: "/copy"))
        #expect(try disk.list("/copy.partial") == [])
    }

    @Test("where files cannot be linked they are copied, also by one who only reads")
    func copies() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try MaintenanceVerifyTests.makeStore(disk)
        disk.state.withLock { $0.canLink = false }
        let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        let report = try reader.backup(to: "/copy")
        #expect(report.filesLinked == 0 && report.filesCopied > 0)
        let inspection = try store.snapshot().inspect()
        #expect(report.bytes == inspection.currentFileBytes)
        let copy = try ColumnStore.open(directory: "/copy", fileSystem: disk, mode: .readOnly)
        #expect(try sameContents(copy.snapshot(), store.snapshot()))
    }

    @Test("restoring gives the same store, and refuses a damaged backup")
    func restore() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try MaintenanceVerifyTests.makeStore(disk)
        try store.backup(to: "/copy", copying: true)
        try ColumnStore.restore(from: "/copy", to: "/restored", fileSystem: disk)
        let restored = try ColumnStore.open(directory: "/restored", fileSystem: disk, mode: .readOnly)
        #expect(try sameContents(restored.snapshot(), store.snapshot()))
        let path = "/copy/data/" + (try #require(try disk.list("/copy/data").first))
        disk.flipBit(of: path, byte: 40, bit: 3)
        let error = #expect(throws: StorageError.self) {
            try ColumnStore.restore(from: "/copy", to: "/other", fileSystem: disk)
        }
        guard case .damagedBackup("/copy", 1, let fault) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(fault.path == path)
        #expect(try disk.list("/other") == [])
        #expect(throws: StorageError.noStore(directory: "/nothing")) {
            try ColumnStore.restore(from: "/nothing", to: "/other", fileSystem: disk)
        }
    }

    @Test("backups work on real files")
    func realFiles() throws {
        let directory = TemporaryDirectory()
        let store = try ColumnStore.open(directory: directory.path + "/store")
        let transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        let rows: [[Value]] = (0..<5000).map { [.bigint($0), .text("row \($0)")] }
        try Samples.append(rows, to: table, in: transaction, types: Samples.keyed().columns.types)
        _ = try transaction.commit()
        let target = directory.path + "/backup"
        try POSIXFileSystem().makeDirectory(target)
        #expect(try store.backup(to: target).filesLinked == 1)
        let copied = try ColumnStore.restore(from: target, to: directory.path + "/again/", copying: true)
        #expect(copied.filesCopied == 1)
        let again = try ColumnStore.open(directory: directory.path + "/again", mode: .readOnly)
        #expect(try Samples.rows(of: table, in: again.snapshot()) == rows)
        #expect(throws: StorageError.directoryNotEmpty(path: target)) { try store.backup(to: target) }
    }

    @Test("a power loss leaves a whole backup or none, and the store as it was", arguments: 0..<120)
    func powerLoss(seed: Int) throws {
        let disk = SimulatedDisk(seed: UInt64(seed))
        let store = try MaintenanceBackupTests.smallStore(disk)
        let before = store.snapshot()
        disk.fail(.powerLoss(atChange: disk.changeCount + seed % 20 + 1))
        var isDone = false
        do {
            try store.backup(to: "/copy", copying: seed % 3 == 0)
            isDone = true
        } catch {
            #expect(disk.changeCount > 0)
        }
        let after = disk.afterPowerLoss()
        let found = try ColumnStore.open(directory: "/store", fileSystem: after)
        #expect(try found.verify(allVersions: true).isSound)
        #expect(try sameContents(found.snapshot(), before))
        if try after.exists("/copy/MANIFEST") {
            let copy = try ColumnStore.open(directory: "/copy", fileSystem: after)
            #expect(try sameContents(copy.snapshot(), before))
        } else {
            #expect(!isDone)
            #expect(try after.list("/copy") == [])
            // Trying again clears what is left.
            try found.backup(to: "/copy")
            let copy = try ColumnStore.open(directory: "/copy", fileSystem: after)
            #expect(try sameContents(copy.snapshot(), before))
        }
    }

    static func smallStore(_ disk: SimulatedDisk) throws -> ColumnStore {
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        for round in 0..<3 as Range<Int64> {
            let transaction = try store.begin()
            let table =
                try transaction.tableID(named: Samples.keyed().name)
                ?? transaction.createTable(Samples.keyed())
            let rows: [[Value]] = (0..<20).map { [.bigint(round * 15 + $0), .text("v\(round)")] }
            try transaction.upsert(table, Samples.chunk(rows, types: Samples.keyed().columns.types))
            _ = try transaction.commit()
        }
        return store
    }
}
