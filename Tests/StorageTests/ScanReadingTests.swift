import Columns
import DurableIO
import Synchronization
import TableCatalog
import Testing

@testable import Storage

/// How scans read: with buffers used again, and with the disk told in advance.
@Suite("Scans that read on")
struct ScanReadingTests {
    let directory = TemporaryDirectory()

    private func makeTable(rowCount: Int, fileSystem: any FileSystem) throws -> (ColumnStore, TableID) {
        let store = try ColumnStore.open(directory: directory.path, fileSystem: fileSystem)
        let transaction = try store.begin()
        let definition = TableDefinition(
            name: TableName(name: "t"),
            columns: Schema([
                Field(name: "n", type: .bigint), Field(name: "city", type: .text),
                Field(name: "x", type: .integer), Field(name: "text", type: .text),
                Field(name: "price", type: .decimal(precision: 38, scale: 2)),
            ]))
        let table = try transaction.createTable(definition)
        let rows: [[Value]] = (0..<rowCount).map { row in
            let number: Value = row % 11 == 0 ? .null : .integer(Int32(row % 50))
            let price = Value.decimal(unscaled: Int128(row), scale: 2)
            return [
                .bigint(Int64(row * 37 % 1000)), .text("город \(row % 9)"), number, .text("строка \(row)"),
                price,
            ]
        }
        try Samples.append(rows, to: table, in: transaction, types: definition.columns.types)
        _ = try transaction.commit()
        return (store, table)
    }

    @Test("a long scan decodes into the buffers of its first row group", arguments: [1, 20, 1000])
    func reusedBuffers(bound: Int64) throws {
        let (store, table) = try makeTable(rowCount: 140_000, fileSystem: POSIXFileSystem())
        let predicate = ScanPredicate(column: 0, comparison: .less, values: [.bigint(bound)])
        let scan = try store.snapshot().scan(
            table, columns: [0, 1, 2, 3, 4], predicates: [predicate], includesRowLocator: true)
        let reader = scan.makeReader()
        var made: [Int] = []
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() { #expect(chunk.selectedCount > 0) }
            made.append(reader.buffersMade)
        }
        #expect(made.count == 3)
        #expect(made.allSatisfy { $0 == made[0] }, "\(made)")
        #expect(made[0] <= 2 * 6)
    }

    @Test("chunks that are held keep their values, at the price of more buffers")
    func heldChunks() throws {
        let (store, table) = try makeTable(rowCount: 70_000, fileSystem: POSIXFileSystem())
        let scan = try store.snapshot().scan(table, columns: [0, 4])
        let reader = scan.makeReader()
        var held: [DataChunk] = []
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() { held.append(chunk) }
        }
        var row = 0
        for chunk in held {
            for index in stride(from: 0, to: chunk.rowCount, by: 191) {
                #expect(chunk.row(index)[1] == .decimal(unscaled: Int128(row + index), scale: 2))
            }
            row += chunk.rowCount
        }
        #expect(row == 70_000)
    }

    @Test("what is not in memory is announced before it is read, and only that")
    func announcements() throws {
        let files = ListeningFileSystem()
        let (store, table) = try makeTable(rowCount: 140_000, fileSystem: files)
        store.cache.removeAll()
        files.clear()
        let all = try store.snapshot().scan(table, columns: [0, 3])
        try read(all)
        // Three row groups, whose two columns do not lie side by side or do, are each announced once.
        #expect((3...6).contains(files.announced))
        files.clear()
        try read(all)
        #expect(files.announced == 0)
        store.cache.removeAll()
        let predicate = ScanPredicate(column: 0, comparison: .greater, values: [.bigint(1000)])
        try read(try store.snapshot().scan(table, columns: [0, 3], predicates: [predicate]))
        #expect(files.announced == 0)
    }

    private func read(_ scan: TableScan) throws {
        let reader = scan.makeReader()
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while try reader.next() != nil {}
        }
    }
}

/// The system's files, with a count of the ranges that were announced.
private final class ListeningFileSystem: FileSystem {
    private let inner = POSIXFileSystem()
    private let count = Mutex(0)

    var announced: Int { count.withLock { $0 } }

    func clear() { count.withLock { $0 = 0 } }

    func open(_ path: String, _ intent: OpenIntent) throws(DurableIOError) -> any OpenFile {
        File(try inner.open(path, intent), self)
    }
    func list(_ directory: String) throws(DurableIOError) -> [String] { try inner.list(directory) }
    func makeDirectory(_ path: String) throws(DurableIOError) { try inner.makeDirectory(path) }
    func link(_ source: String, to target: String) throws(DurableIOError) {
        try inner.link(source, to: target)
    }
    func rename(_ source: String, to target: String) throws(DurableIOError) {
        try inner.rename(source, to: target)
    }
    func remove(_ path: String) throws(DurableIOError) { try inner.remove(path) }
    func syncDirectory(_ path: String) throws(DurableIOError) { try inner.syncDirectory(path) }
    func exists(_ path: String) throws(DurableIOError) -> Bool { try inner.exists(path) }
    func lock(_ path: String, _ kind: LockKind) throws(DurableIOError) -> any HeldLock {
        try inner.lock(path, kind)
    }

    private final class File: OpenFile {
        let inner: any OpenFile
        let owner: ListeningFileSystem

        init(_ inner: any OpenFile, _ owner: ListeningFileSystem) {
            self.inner = inner
            self.owner = owner
        }

        var path: String { inner.path }
        func read(
            into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int
        ) throws(DurableIOError) -> Int { try inner.read(into: buffer, atByteOffset: byteOffset) }
        func write(_ bytes: UnsafeRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError) {
            try inner.write(bytes, atByteOffset: byteOffset)
        }
        func truncate(toByteCount byteCount: Int) throws(DurableIOError) {
            try inner.truncate(toByteCount: byteCount)
        }
        func byteCount() throws(DurableIOError) -> Int { try inner.byteCount() }
        func sync() throws(DurableIOError) { try inner.sync() }
        func willRead(_ range: Range<Int>) {
            owner.count.withLock { $0 += 1 }
            inner.willRead(range)
        }
    }
}
