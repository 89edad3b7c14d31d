import DurableIO
import Foundation

@testable import Execution

/// A temporary directory of one test's spilled rows; removed with everything in it at the end.
final class SpillDirectory {
    let path = FileManager.default.temporaryDirectory.appending(path: "ambar-spilled-\(UUID().uuidString)")
        .path

    func space(limitBytes: Int = .max, fileSystem: any FileSystem = POSIXFileSystem()) -> SpillSpace {
        SpillSpace(directory: path, limitBytes: limitBytes, fileSystem: fileSystem)
    }

    /// Names that are left in it.
    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The machine's files, with every write or read answered by the test's error.
struct FailingFileSystem: FileSystem {
    enum Fault: Sendable { case writesAreFull, flippedBytes, shortReads }

    let fault: Fault
    private let real = POSIXFileSystem()

    init(_ fault: Fault) { self.fault = fault }

    func open(_ path: String, _ intent: OpenIntent) throws(DurableIOError) -> any OpenFile {
        FailingFile(fault, try real.open(path, intent))
    }

    func list(_ directory: String) throws(DurableIOError) -> [String] { try real.list(directory) }
    func makeDirectory(_ path: String) throws(DurableIOError) { try real.makeDirectory(path) }
    func link(_ source: String, to target: String) throws(DurableIOError) {
        try real.link(source, to: target)
    }
    func rename(_ source: String, to target: String) throws(DurableIOError) {
        try real.rename(source, to: target)
    }
    func remove(_ path: String) throws(DurableIOError) { try real.remove(path) }
    func syncDirectory(_ path: String) throws(DurableIOError) { try real.syncDirectory(path) }
    func exists(_ path: String) throws(DurableIOError) -> Bool { try real.exists(path) }
    func lock(_ path: String, _ kind: LockKind) throws(DurableIOError) -> any HeldLock {
        try real.lock(path, kind)
    }

    private final class FailingFile: OpenFile {
        let fault: Fault
        let real: any OpenFile

        init(_ fault: Fault, _ real: any OpenFile) {
            self.fault = fault
            self.real = real
        }

        var path: String { real.path }

        func read(
            into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int
        ) throws(DurableIOError) -> Int {
            let count = try real.read(into: buffer, atByteOffset: byteOffset)
            if fault == .flippedBytes, count > 0 { buffer[count / 2] ^= 0x10 }
            return fault == .shortReads ? max(0, count - 1) : count
        }

        func write(_ bytes: UnsafeRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError) {
            if fault == .writesAreFull { throw .diskFull(path: path) }
            try real.write(bytes, atByteOffset: byteOffset)
        }

        func truncate(toByteCount byteCount: Int) throws(DurableIOError) {
            try real.truncate(toByteCount: byteCount)
        }
        func byteCount() throws(DurableIOError) -> Int { try real.byteCount() }
        func sync() throws(DurableIOError) { try real.sync() }
    }
}
