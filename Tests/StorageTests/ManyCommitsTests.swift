import Columns
import DurableIO
import Glibc
import Storage
import Synchronization
import TableCatalog
import Testing

@Suite("Many commits")
struct ManyCommitsTests {
    static let types = Samples.keyed().columns.types

    @Test("tiny commits leave few row groups, few files and a manifest that opens quickly")
    func tinyCommits() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk, retention: .newestOnly)
        var transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        _ = try transaction.commit()
        let commits = 600
        for commit in 0..<commits {
            transaction = try store.begin()
            let rows: [[Value]] = (0..<10).map { [.bigint(Int64(commit * 10 + $0)), .text("n\($0)")] }
            try transaction.upsert(table, Samples.chunk(rows, types: Self.types))
            _ = try transaction.commit()
            if commit % 8 == 7 { try store.compactIfNeeded(table) }
        }
        let scan = try store.snapshot().scan(table, columns: [0])
        #expect(scan.morselCount < 40)
        try store.vacuum()
        #expect(try disk.list("/store/data").count == scan.morselCount)
        let ids = try Samples.rows(of: table, in: store.snapshot(), columns: [0]).compactMap {
            $0[0].integerValue
        }
        #expect(ids == (0..<Int64(commits * 10)).map { $0 })
        let reopened = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(try Samples.rows(of: table, in: reopened.snapshot()).count == commits * 10)
    }

    @Test("the manifest is replaced by checkpoints and keeps everything")
    func checkpoints() throws {
        let disk = SimulatedDisk(seed: 2)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk, retention: .newestOnly)
        var transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        try transaction.append(
            table, Samples.chunk([[.bigint(1), .text("x")], [.bigint(2), .text("y")]], types: Self.types))
        try transaction.setReplicationPosition("slot", lsn: 1 << 40)
        _ = try transaction.commit()
        transaction = try store.begin()
        try transaction.delete(table, keys: Samples.keys([1]))
        _ = try transaction.commit()
        let large = String(repeating: "значение", count: 20_000)
        for round in 0..<16 {
            transaction = try store.begin()
            try transaction.setProperty("p\(round % 2)", to: large + "\(round)")
            _ = try transaction.commit()
        }
        let size = disk.contents(of: "/store/MANIFEST").count
        #expect(size < 8 * large.utf8.count)
        let reopened = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly).snapshot()
        #expect(reopened.version == 18)
        #expect(reopened.version(of: table) == 2)
        #expect(reopened.property("p1") == large + "15")
        #expect(reopened.replicationPosition(of: "slot") == 1 << 40)
        #expect(try Samples.rows(of: table, in: reopened) == [[.bigint(2), .text("y")]])
    }

    @Test("readers on other threads always see whole commits while one writes")
    func concurrentReaders() throws {
        let directory = TemporaryDirectory()
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        _ = try transaction.commit()
        let isDone = Atomic<Bool>(false)
        let wrong = Atomic<Int>(0)
        let seen = Atomic<Int>(0)
        try withReaders(2) {
            while !isDone.load(ordering: .acquiring) {
                let snapshot = store.snapshot()
                // Every commit holds 100 rows of its own and a total that matches.
                guard let rows = try? Samples.rows(of: table, in: snapshot, columns: [0]) else {
                    wrong.add(1, ordering: .relaxed)
                    continue
                }
                let distinct = Set(rows).count
                if rows.count != snapshot.rowCount(of: table) || rows.count % 100 != 0
                    || distinct != rows.count
                {
                    wrong.add(1, ordering: .relaxed)
                }
                seen.add(1, ordering: .relaxed)
            }
        } while: {
            for commit in 0..<60 {
                let transaction = try store.begin()
                let start = Int64(commit % 20 * 100)
                let rows: [[Value]] = (start..<(start + 100)).map { [.bigint($0), .text("c\(commit)")] }
                try transaction.upsert(table, Samples.chunk(rows, types: Self.types))
                _ = try transaction.commit()
                if commit % 10 == 9 { try store.compactIfNeeded(table) }
            }
            isDone.store(true, ordering: .releasing)
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(seen.load(ordering: .relaxed) > 0)
        #expect(store.snapshot().rowCount(of: table) == 2000)
    }

    /// Runs `reader` on threads of its own while `writer` runs here.
    private func withReaders(
        _ count: Int, _ reader: @escaping @Sendable () -> Void, while writer: () throws -> Void
    ) throws {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var threads: [pthread_t] = []
        for _ in 0..<count {
            var thread = pthread_t()
            let body = Unmanaged.passRetained(Body(reader)).toOpaque()
            let code = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                }, body)
            #expect(code == 0)
            threads.append(thread)
        }
        defer { for thread in threads { pthread_join(thread, nil) } }
        try writer()
    }

    @Test("tables of one transaction can be filled from several threads")
    func parallelAppends() throws {
        let directory = TemporaryDirectory()
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let tables = try (0..<3).map { try transaction.createTable(Samples.keyed("t\($0)")) }
        let next = Atomic<Int>(0)
        let failures = Atomic<Int>(0)
        let fill: @Sendable () -> Void = {
            let table = tables[next.add(1, ordering: .relaxed).oldValue]
            for start in 0..<40 {
                let rows: [[Value]] = (0..<500).map {
                    [.bigint(Int64(start * 500 + $0)), .text("r\($0 % 50)")]
                }
                do { try transaction.append(table, Samples.chunk(rows, types: Self.types)) } catch {
                    failures.add(1, ordering: .relaxed)
                }
            }
        }
        try withReaders(2, fill) { fill() }
        #expect(failures.load(ordering: .relaxed) == 0)
        _ = try transaction.commit()
        for table in tables {
            let ids = try Samples.rows(of: table, in: store.snapshot(), columns: [0]).compactMap {
                $0[0].integerValue
            }
            #expect(ids == (0..<20_000).map { Int64($0) })
        }
    }
}
