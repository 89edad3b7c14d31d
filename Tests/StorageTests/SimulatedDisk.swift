import DurableIO
import Synchronization

/// A disk in memory that fails on purpose, the same way for the same seed: it loses power at the n-th change,
/// tears the write that was under way, forgets what was not synced, fills up, or answers with an I/O error.
final class SimulatedDisk: FileSystem, Sendable {
    enum Failure: Sendable, Hashable {
        case none
        /// Power goes at this change: it and everything later fails.
        case powerLoss(atChange: Int)
        /// This change fails with ENOSPC; later ones work.
        case diskFull(atChange: Int)
        /// This change fails with EIO; later ones work.
        case ioError(atChange: Int)
    }

    /// What a file holds, and what of it would survive a power loss.
    struct Content {
        var bytes: [UInt8] = []
        var synced: [UInt8] = []
        /// Ranges written since the last sync, in order.
        var pending: [Range<Int>] = []
    }

    struct State {
        var files: [Int: Content] = [:]
        var names: [String: Int] = [:]
        var syncedNames: [String: Int] = [:]
        var directories: Set<String> = []
        var locks: [String: Int] = [:]
        var nextFile = 1
        var changes = 0
        var isOff = false
        var failure = Failure.none
        var generator: SeededGenerator
        var canLink = true
        /// Renamed directories that a power loss may give their old names back.
        var unsyncedMoves: [(source: String, target: String)] = []

        /// Names below a directory move with it, as they are now and as a power loss would leave them.
        mutating func moveDirectory(_ source: String, to target: String) {
            func moved(_ names: [String: Int]) -> [String: Int] {
                let pairs = names.map { name, file in
                    name.hasPrefix(source + "/")
                        ? (target + name.dropFirst(source.count), file) : (name, file)
                }
                return Dictionary(pairs) { _, last in last }
            }
            names = moved(names)
            syncedNames = moved(syncedNames)
            if directories.remove(source) != nil { directories.insert(target) }
        }
    }

    let state: Mutex<State>

    init(seed: UInt64, failure: Failure = .none) {
        var state = State(generator: SeededGenerator(seed))
        state.failure = failure
        self.state = Mutex(state)
    }

    private init(_ state: State) { self.state = Mutex(state) }

    /// Changes of the disk so far: writes, syncs, new and removed names, truncations.
    var changeCount: Int { state.withLock { $0.changes } }

    func fail(_ failure: Failure) { state.withLock { $0.failure = failure } }

    /// The disk after the power came back. Unsynced bytes are there, gone, zero or cut off, sector by sector
    /// as the seed decides; unsynced names are there or not.
    func afterPowerLoss() -> SimulatedDisk {
        var old = state.withLock { $0 }
        for move in old.unsyncedMoves.reversed() where old.generator.next() % 2 == 0 {
            old.moveDirectory(move.target, to: move.source)
        }
        var fresh = State(generator: old.generator)
        fresh.canLink = old.canLink
        fresh.nextFile = old.nextFile
        fresh.directories = old.directories
        fresh.names = old.syncedNames
        for (name, file) in old.names where fresh.names[name] == nil && fresh.generator.next() % 2 == 0 {
            fresh.names[name] = file
        }
        for (name, file) in old.syncedNames where old.names[name] != file && fresh.generator.next() % 2 == 0 {
            fresh.names[name] = old.names[name]
        }
        for (file, content) in old.files {
            let bytes = Self.survivor(content, &fresh.generator)
            fresh.files[file] = Content(bytes: bytes, synced: bytes)
        }
        fresh.syncedNames = fresh.names
        return SimulatedDisk(fresh)
    }

    private static func survivor(_ content: Content, _ generator: inout SeededGenerator) -> [UInt8] {
        if content.pending.isEmpty || content.bytes.count < content.synced.count { return content.synced }
        let start = content.synced.count
        let grown = content.bytes.count - start
        guard grown > 0 else { return content.synced }
        switch generator.next() % 4 {
        case 0: return content.synced
        case 1: return Array(content.bytes.prefix(start + Int(generator.next() % UInt64(grown + 1))))
        case 2:
            // The file is as long as it was to be, but only the first part has been written.
            let written = start + Int(generator.next() % UInt64(grown + 1)) / 512 * 512
            return content.bytes.prefix(written)
                + [UInt8](repeating: 0, count: max(0, content.bytes.count - written))
        default: return content.bytes
        }
    }

    /// Flips one bit of a file.
    func flipBit(of path: String, byte: Int, bit: Int) {
        state.withLock { state in
            guard let file = state.names[path] else { return }
            state.files[file]?.bytes[byte] ^= 1 << UInt8(bit)
        }
    }

    func contents(of path: String) -> [UInt8] {
        state.withLock { state in state.names[path].flatMap { state.files[$0]?.bytes } ?? [] }
    }

    var paths: [String] { state.withLock { $0.names.keys.sorted() } }

    /// Counts a change and lets it fail if its turn has come.
    static func change(_ state: inout State, path: String) throws(DurableIOError) {
        if state.isOff { throw .system(operation: "simulated", path: path, errno: 5) }
        state.changes += 1
        switch state.failure {
        case .powerLoss(let change) where change == state.changes:
            state.isOff = true
            throw .system(operation: "simulated", path: path, errno: 5)
        case .diskFull(let change) where change == state.changes: throw .diskFull(path: path)
        case .ioError(let change) where change == state.changes:
            throw .system(operation: "simulated", path: path, errno: 5)
        default: return
        }
    }
}

extension SimulatedDisk {
    func open(_ path: String, _ intent: OpenIntent) throws(DurableIOError) -> any OpenFile {
        let file = try state.withLock { (state) throws(DurableIOError) -> Int in
            if intent == .create {
                guard state.names[path] == nil else { throw .alreadyExists(path: path) }
                try Self.change(&state, path: path)
                let file = state.nextFile
                state.nextFile += 1
                state.files[file] = Content()
                state.names[path] = file
                return file
            }
            guard let file = state.names[path] else { throw .notFound(path: path) }
            return file
        }
        return SimulatedFile(disk: self, file: file, path: path)
    }

    func list(_ directory: String) throws(DurableIOError) -> [String] {
        let prefix = directory + "/"
        let below = paths.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
        return Set(below.map { String($0.prefix { $0 != "/" }) }).sorted()
    }

    func makeDirectory(_ path: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            try Self.change(&state, path: path)
            state.directories.insert(path)
        }
    }

    func link(_ source: String, to target: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            guard let file = state.names[source] else { throw .notFound(path: source) }
            guard state.names[target] == nil else { throw .alreadyExists(path: target) }
            if !state.canLink { throw .system(operation: "link", path: target, errno: 18) }
            try Self.change(&state, path: target)
            state.names[target] = file
        }
    }

    func rename(_ source: String, to target: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            if state.names.keys.contains(where: { $0.hasPrefix(source + "/") }) {
                try Self.change(&state, path: source)
                state.moveDirectory(source, to: target)
                state.unsyncedMoves.append((source, target))
                return
            }
            guard let file = state.names[source] else { throw .notFound(path: source) }
            try Self.change(&state, path: source)
            state.names[source] = nil
            state.names[target] = file
        }
    }

    func remove(_ path: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            guard state.names[path] != nil else { throw .notFound(path: path) }
            try Self.change(&state, path: path)
            state.names[path] = nil
        }
    }

    func syncDirectory(_ path: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            try Self.change(&state, path: path)
            state.unsyncedMoves.removeAll { FilePath.parent(of: $0.target) == path }
            let prefix = path + "/"
            for name in Set(state.names.keys).union(state.syncedNames.keys)
            where name.hasPrefix(prefix) && !name.dropFirst(prefix.count).contains("/") {
                state.syncedNames[name] = state.names[name]
            }
        }
    }

    func exists(_ path: String) throws(DurableIOError) -> Bool {
        state.withLock { state in
            state.names[path] != nil || state.directories.contains(path)
                || state.names.keys.contains { $0.hasPrefix(path + "/") }
        }
    }

    func lock(_ path: String, _ kind: LockKind) throws(DurableIOError) -> any HeldLock {
        try state.withLock { (state) throws(DurableIOError) in
            let holders = state.locks[path, default: 0]
            // Minus one is an exclusive holder, a positive number of shared ones.
            guard kind == .shared ? holders >= 0 : holders == 0 else { throw .locked(path: path, pid: nil) }
            state.locks[path] = kind == .shared ? holders + 1 : -1
        }
        return SimulatedLock(disk: self, path: path)
    }
}

final class SimulatedLock: HeldLock, Sendable {
    private let disk: SimulatedDisk
    private let path: String
    private let isHeld = Atomic<Bool>(true)

    init(disk: SimulatedDisk, path: String) {
        self.disk = disk
        self.path = path
    }

    deinit { release() }

    func release() {
        guard isHeld.exchange(false, ordering: .acquiringAndReleasing) else { return }
        disk.state.withLock { $0.locks[path] = max(0, $0.locks[path, default: 0] - 1) }
    }
}

final class SimulatedFile: OpenFile, Sendable {
    let path: String
    private let disk: SimulatedDisk
    private let file: Int

    init(disk: SimulatedDisk, file: Int, path: String) {
        self.disk = disk
        self.file = file
        self.path = path
    }

    private func content(_ state: SimulatedDisk.State) -> SimulatedDisk.Content {
        state.files[file] ?? SimulatedDisk.Content()
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int
    ) throws(DurableIOError) -> Int {
        let bytes = disk.state.withLock { content($0).bytes }
        guard byteOffset < bytes.count else { return 0 }
        let count = min(buffer.count, bytes.count - byteOffset)
        bytes.withUnsafeBytes { source in
            buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: source[byteOffset..<(byteOffset + count)]))
        }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError) {
        let copy = Array(bytes)
        try disk.state.withLock { (state) throws(DurableIOError) in
            do throws(DurableIOError) {
                try SimulatedDisk.change(&state, path: path)
            } catch {
                // A failing write may have got half way.
                let half = Int(state.generator.next() % UInt64(copy.count + 1))
                Self.put(copy.prefix(half), at: byteOffset, &state, file)
                throw error
            }
            Self.put(copy[...], at: byteOffset, &state, file)
        }
    }

    private static func put(
        _ bytes: ArraySlice<UInt8>, at byteOffset: Int, _ state: inout SimulatedDisk.State, _ file: Int
    ) {
        guard !bytes.isEmpty, state.files[file] != nil else { return }
        let end = byteOffset + bytes.count
        if let count = state.files[file]?.bytes.count, count < end {
            state.files[file]?.bytes.append(contentsOf: [UInt8](repeating: 0, count: end - count))
        }
        state.files[file]?.bytes.replaceSubrange(byteOffset..<end, with: bytes)
        state.files[file]?.pending.append(byteOffset..<end)
    }

    func truncate(toByteCount byteCount: Int) throws(DurableIOError) {
        try disk.state.withLock { (state) throws(DurableIOError) in
            try SimulatedDisk.change(&state, path: path)
            var content = content(state)
            if content.bytes.count > byteCount { content.bytes.removeLast(content.bytes.count - byteCount) }
            while content.bytes.count < byteCount { content.bytes.append(0) }
            state.files[file] = content
        }
    }

    func byteCount() throws(DurableIOError) -> Int { disk.state.withLock { content($0).bytes.count } }

    func sync() throws(DurableIOError) {
        try disk.state.withLock { (state) throws(DurableIOError) in
            try SimulatedDisk.change(&state, path: path)
            var content = content(state)
            content.synced = content.bytes
            content.pending = []
            state.files[file] = content
        }
    }
}
