import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog
import Testing

/// Faults of the machine's own file system.
@Suite("Faults of a real disk")
struct FaultTests {
    let directory = TemporaryDirectory()
    private var storePath: String { directory.path + "/store" }
    private var notes: String { directory.path + "/notes" }

    static let isChild = FaultChild.kind() != nil
    static let isLong = getenv("AMBAR_LONG_TESTS") != nil

    @Test("in a process of its own: works as its starter says", .enabled(if: isChild))
    func child() throws {
        let path = FaultChild.directory()
        switch FaultChild.kind() {
        case "commits": try Self.commitForever(path)
        case "file size": try Self.reachFileSizeLimit(path)
        default: Issue.record("an unknown kind of work")
        }
    }

    private static func commitForever(_ path: String) throws {
        let store = try ColumnStore.open(directory: path + "/store")
        var number = FaultWorkload.last(of: store)
        // The starter kills the process; the bound is for a starter that has gone.
        for _ in 0..<100_000 {
            number += 1
            try FaultWorkload.commit(number, to: store)
            FaultWorkload.note("\(number)", in: path + "/notes")
        }
    }

    @Test("a process killed at any moment loses no acknowledged commit", .disabled(if: isChild))
    func kills() throws {
        var generator = SeededGenerator(9)
        var last = 0
        for round in 0..<(Self.isLong ? 400 : 32) {
            let child = try #require(
                FaultChild(running: "FaultTests/child", kind: "commits", directory: directory.path))
            // At least one commit of this process is waited for, so that every round gets somewhere.
            let before = try FaultWorkload.lines(of: notes).count
            for _ in 0..<2000 {
                if try FaultWorkload.lines(of: notes).count > before { break }
                usleep(5_000)
            }
            usleep(UInt32(generator.next() % 60_000))
            child.kill()
            let acknowledged = try FaultWorkload.lines(of: notes).last.flatMap { Int($0) } ?? 0
            #expect(acknowledged > last, "round \(round) got nowhere")
            let store = try ColumnStore.open(directory: storePath)
            let found = FaultWorkload.last(of: store)
            #expect(found == acknowledged || found == acknowledged + 1)
            #expect(try FaultWorkload.problem(of: store) == nil)
            last = found
        }
        let store = try ColumnStore.open(directory: storePath)
        #expect(try store.verify().isSound)
        try store.vacuum(retaining: .newestOnly)
        let inspection = try POSIXFileSystem().list(storePath + "/data")
        var groups = 0
        for table in store.snapshot().catalog.tables {
            groups += try store.snapshot().scan(table.id, columns: []).morselCount
        }
        #expect(inspection.count <= groups)
    }

    /// Commits until a file may not grow, and goes on when it may.
    private static func reachFileSizeLimit(_ path: String) throws {
        signal(SIGXFSZ, SIG_IGN)
        let store = try ColumnStore.open(directory: path + "/store", retention: .newestOnly)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        limit.rlim_cur = 2500
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        var number = 0
        var failure: StorageError?
        while failure == nil && number < 100 {
            do {
                try FaultWorkload.commit(number + 1, to: store)
                number += 1
            } catch let error as StorageError {
                failure = error
                // The commit may have happened and only what follows it have failed.
                number = FaultWorkload.last(of: store)
            }
        }
        let error = try #require(failure)
        FaultWorkload.note(error.description, in: path + "/notes")
        #expect(try FaultWorkload.problem(of: store) == nil)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        for _ in 0..<20 {
            number += 1
            try FaultWorkload.commit(number, to: store)
        }
        #expect(try FaultWorkload.problem(of: store) == nil)
        FaultWorkload.note("went on", in: path + "/notes")
    }

    @Test(
        "a limit of file sizes is an error that names the file, and the store goes on", .disabled(if: isChild)
    )
    func fileSizeLimit() throws {
        let child = try #require(
            FaultChild(running: "FaultTests/child", kind: "file size", directory: directory.path))
        #expect(child.wait() == 0)
        let lines = try FaultWorkload.lines(of: notes)
        #expect(lines.count == 2)
        #expect(lines.first?.contains(storePath) == true, "\(lines)")
        #expect(lines.first?.contains("File too large") == true, "\(lines)")
        #expect(lines.last == "went on")
        let store = try ColumnStore.open(directory: storePath)
        #expect(try FaultWorkload.problem(of: store) == nil)
    }

    static let canMount: Bool = {
        let probe = TemporaryDirectory()
        guard geteuid() == 0, mount("tmpfs", probe.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        return umount(probe.path) == 0
    }()

    @Test(
        "a full file system fails commits, and the store goes on when there is room again",
        .enabled(if: canMount, "mounting a small tmpfs needs root"), .disabled(if: isChild))
    func fullFileSystem() throws {
        try #require(mount("tmpfs", directory.path, "tmpfs", 0, "size=512k") == 0)
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        let store = try ColumnStore.open(directory: storePath, retention: .newestOnly)
        var number = 0
        for _ in 0..<20 {
            number += 1
            try FaultWorkload.commit(number, to: store)
        }
        var filler: (any OpenFile)? = try POSIXFileSystem().open(directory.path + "/filler", .create)
        var size = 0
        while true {
            do {
                try filler?.write([UInt8](repeating: 7, count: 4096), atByteOffset: size)
            } catch { break }
            size += 4096
        }
        filler = nil
        var failures = 0
        for _ in 0..<30 {
            do {
                try FaultWorkload.commit(FaultWorkload.last(of: store) + 1, to: store)
            } catch let error as StorageError {
                failures += 1
                guard case .files(.diskFull(let path)) = error else {
                    Issue.record("not a full disk: \(error)")
                    continue
                }
                #expect(path.hasPrefix(storePath))
            }
            #expect(try FaultWorkload.problem(of: store) == nil)
        }
        #expect(failures > 0)
        try POSIXFileSystem().remove(directory.path + "/filler")
        for _ in 0..<20 { try FaultWorkload.commit(FaultWorkload.last(of: store) + 1, to: store) }
        #expect(try FaultWorkload.problem(of: store) == nil)
        #expect(FaultWorkload.last(of: store) >= 40)
    }

    @Test("a data file that has vanished stays readable where it is open, and is an error elsewhere")
    func vanishedFile() throws {
        let store = try ColumnStore.open(directory: storePath)
        try FaultWorkload.commit(1, to: store)
        #expect(try FaultWorkload.problem(of: store) == nil)
        let reader = try ColumnStore.open(directory: storePath, mode: .readOnly)
        let paths = try POSIXFileSystem().list(storePath + "/data").map { storePath + "/data/" + $0 }
        for path in paths { try POSIXFileSystem().remove(path) }
        #expect(try FaultWorkload.problem(of: store) == nil)
        #expect { try FaultWorkload.problem(of: reader) } throws: { error in
            guard case .files(.notFound(let path)) = error as? StorageError else { return false }
            return paths.contains(path)
        }
    }

    /// Runs `body` without the rights of root, where the process has them.
    private func withoutPrivileges(_ body: @escaping () throws -> Void) throws {
        let results = Threads.run(1) { _ in
            // The rights for files are those of a thread on Linux. Swift does not import the call.
            if geteuid() == 0, let symbol = dlsym(nil, "setfsuid") {
                typealias SetUser = @convention(c) (uid_t) -> Int32
                _ = unsafeBitCast(symbol, to: SetUser.self)(65_534)
            }
            return Result { try body() }
        }
        for result in results { try result.get() }
    }

    @Test("a directory without the right to write is an error that names it, and can be read")
    func readOnlyDirectory() throws {
        var writer: ColumnStore? = try ColumnStore.open(directory: storePath)
        if let writer { try FaultWorkload.commit(1, to: writer) }
        writer = nil
        let lock = storePath + "/LOCK"
        for name in ["", "/data"] { chmod(storePath + name, 0o555) }
        for name in ["/LOCK", "/MANIFEST"] { chmod(storePath + name, 0o444) }
        chmod(directory.path, 0o755)
        defer { for name in ["", "/data"] { chmod(storePath + name, 0o755) } }
        let path = storePath
        try withoutPrivileges {
            #expect(
                throws: StorageError.files(.system(operation: "open", path: lock, errno: EACCES))
            ) { try ColumnStore.open(directory: path) }
        }
        chmod(storePath + "/data", 0)
        let manifest = storePath + "/MANIFEST"
        chmod(manifest, 0)
        try withoutPrivileges {
            #expect { try ColumnStore.open(directory: path, mode: .readOnly) } throws: { error in
                guard case .files(let cause) = error as? StorageError else { return false }
                return cause.path.hasPrefix(path) && cause.description.contains("Permission denied")
            }
        }
    }

    @Test("a store can be read by whoever may not write there")
    func readWithoutRightToWrite() throws {
        var writer: ColumnStore? = try ColumnStore.open(directory: storePath)
        if let writer { try FaultWorkload.commit(1, to: writer) }
        writer = nil
        for name in ["", "/data"] { chmod(storePath + name, 0o555) }
        chmod(directory.path, 0o755)
        defer { for name in ["", "/data"] { chmod(storePath + name, 0o755) } }
        let path = storePath
        try withoutPrivileges {
            let reader = try ColumnStore.open(directory: path, mode: .readOnly)
            #expect(try FaultWorkload.problem(of: reader) == nil)
        }
    }
}
