import DurableIO
import Glibc
import Testing

@Suite("Files of the machine")
struct POSIXFileSystemTests {
    let fileSystem = POSIXFileSystem()
    let directory: String

    init() {
        var template = Array("/tmp/ambar-durable-XXXXXX".utf8CString)
        directory = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
    }

    private func cleanUp() throws {
        for name in try fileSystem.list(directory) {
            if rmdir(directory + "/" + name) != 0 { try fileSystem.remove(directory + "/" + name) }
        }
        rmdir(directory)
    }

    @Test("bytes are read back where they were written, and short files are errors")
    func readsAndWrites() throws {
        let path = directory + "/a"
        let file = try fileSystem.open(path, .create)
        try file.write([1, 2, 3, 4, 5], atByteOffset: 3)
        try file.sync()
        #expect(try file.byteCount() == 8)
        #expect(try file.readBytes(atByteOffset: 2, byteCount: 4) == [0, 1, 2, 3])
        #expect(throws: DurableIOError.shortRead(path: path, byteOffset: 6, wantedBytes: 4, gotBytes: 2)) {
            try file.readBytes(atByteOffset: 6, byteCount: 4)
        }
        #expect(
            throws: DurableIOError.shortRead(path: path, byteOffset: 0, wantedBytes: 1 << 50, gotBytes: 8)
        ) {
            try file.readBytes(atByteOffset: 0, byteCount: 1 << 50)
        }
        try file.truncate(toByteCount: 4)
        #expect(try fileSystem.open(path, .read).readBytes(atByteOffset: 0, byteCount: 4) == [0, 0, 0, 1])
        try cleanUp()
    }

    @Test("errors name the path")
    func errors() throws {
        let path = directory + "/missing"
        #expect(throws: DurableIOError.notFound(path: path)) { try fileSystem.open(path, .read) }
        _ = try fileSystem.open(path, .create)
        #expect(throws: DurableIOError.alreadyExists(path: path)) { try fileSystem.open(path, .create) }
        #expect(throws: DurableIOError.alreadyExists(path: path)) { try fileSystem.makeDirectory(path) }
        #expect(throws: DurableIOError.notFound(path: path + "2")) { try fileSystem.remove(path + "2") }
        let denied = DurableIOError.system(operation: "open", path: "/x", errno: EACCES)
        #expect(denied.description == "open failed: /x (Permission denied, errno 13)")
        try cleanUp()
    }

    @Test("directories are made with their parents and listed in order")
    func directories() throws {
        try fileSystem.makeDirectory(directory + "/deep/er")
        try fileSystem.makeDirectory(directory + "/deep/er")
        #expect(try fileSystem.exists(directory + "/deep/er"))
        _ = try fileSystem.open(directory + "/b", .create)
        _ = try fileSystem.open(directory + "/a", .create)
        #expect(try fileSystem.list(directory) == ["a", "b", "deep"])
        try fileSystem.rename(directory + "/a", to: directory + "/c")
        #expect(try fileSystem.list(directory) == ["b", "c", "deep"])
        rmdir(directory + "/deep/er")
        try cleanUp()
    }

    @Test("an exclusive lock keeps others out and tells who holds it")
    func locks() throws {
        let path = directory + "/LOCK"
        let held = try fileSystem.lock(path, .exclusive)
        #expect(throws: DurableIOError.locked(path: path, pid: getpid())) {
            try fileSystem.lock(path, .exclusive)
        }
        #expect(throws: DurableIOError.locked(path: path, pid: getpid())) {
            try fileSystem.lock(path, .shared)
        }
        held.release()
        let first = try fileSystem.lock(path, .shared)
        let second = try fileSystem.lock(path, .shared)
        #expect(throws: DurableIOError.self) { try fileSystem.lock(path, .exclusive) }
        first.release()
        second.release()
        try fileSystem.lock(path, .exclusive).release()
        try cleanUp()
    }

    @Test("a file is replaced whole")
    func atomicReplace() throws {
        let path = directory + "/whole"
        for content: [UInt8] in [[1, 2, 3], [9]] {
            let file = try AtomicReplace.write(content, to: path, in: directory, on: fileSystem)
            #expect(try file.readBytes(atByteOffset: 0, byteCount: try file.byteCount()) == content)
        }
        #expect(try fileSystem.list(directory) == ["whole"])
        try cleanUp()
    }

    @Test("an append-only file keeps order through its buffer", arguments: [1, 1000, 300_000])
    func appends(pieceBytes: Int) throws {
        let path = directory + "/log\(pieceBytes)"
        let file = AppendOnlyFile(try fileSystem.open(path, .create), byteCount: 0)
        var expected: [UInt8] = []
        for piece in 0..<5 {
            let bytes = [UInt8](repeating: UInt8(piece), count: pieceBytes)
            #expect(try file.append(bytes) == expected.count)
            expected += bytes
        }
        try file.sync()
        #expect(file.byteCount == expected.count)
        #expect(try file.file.readBytes(atByteOffset: 0, byteCount: expected.count) == expected)
        try cleanUp()
    }
}
