import DurableIO
import Synchronization

extension SimulatedDisk {
    func open(_ path: String, _ intent: OpenIntent) throws(DurableIOError) -> any OpenFile {
        let file = try state.withLock { (state) throws(DurableIOError) -> Int in
            if intent == .create {
                guard state.names[path] == nil else { throw .alreadyExists(path: path) }
                try change(&state, .create, path: path)
                let file = state.nextFile
                state.nextFile += 1
                state.files[file] = SimulatedContent()
                Self.setName(path, file, &state)
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
            guard !state.directories.contains(path) else { return }
            try change(&state, .directory, path: path)
            state.directories.insert(path)
        }
    }

    func link(_ source: String, to target: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            guard let file = state.names[source] else { throw .notFound(path: source) }
            guard state.names[target] == nil else { throw .alreadyExists(path: target) }
            if !state.canLink { throw .system(operation: "link", path: target, errno: 18) }
            try change(&state, .create, path: target)
            Self.setName(target, file, &state)
        }
    }

    func rename(_ source: String, to target: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            if state.names.keys.contains(where: { $0.hasPrefix(source + "/") }) {
                try change(&state, .rename, path: source)
                state.moveDirectory(source, to: target)
                state.unsyncedMoves.append((source, target))
                return
            }
            guard let file = state.names[source] else { throw .notFound(path: source) }
            try change(&state, .rename, path: source)
            Self.setName(target, file, &state)
            Self.setName(source, nil, &state)
        }
    }

    func remove(_ path: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            guard state.names[path] != nil else { throw .notFound(path: path) }
            try change(&state, .remove, path: path)
            Self.setName(path, nil, &state)
        }
    }

    func syncDirectory(_ path: String) throws(DurableIOError) {
        try state.withLock { (state) throws(DurableIOError) in
            try change(&state, .directory, path: path)
            state.unsyncedMoves.removeAll { FilePath.parent(of: $0.target) == path }
            let prefix = path + "/"
            for edit in state.unsyncedNames where Self.isEntry(edit.name, of: prefix) {
                state.durableNames[edit.name] = edit.file
            }
            state.unsyncedNames.removeAll { Self.isEntry($0.name, of: prefix) }
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

    private static func setName(_ name: String, _ file: Int?, _ state: inout State) {
        state.names[name] = file
        state.unsyncedNames.append(NameEdit(name: name, file: file))
    }

    private static func isEntry(_ name: String, of prefix: String) -> Bool {
        name.hasPrefix(prefix) && !name.utf8.dropFirst(prefix.utf8.count).contains(UInt8(ascii: "/"))
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

    func read(
        into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int
    ) throws(DurableIOError) -> Int {
        let bytes = try disk.state.withLock { (state) throws(DurableIOError) -> [UInt8] in
            try disk.read(&state, path: path)
            return state.files[file]?.bytes ?? []
        }
        guard byteOffset < bytes.count else { return 0 }
        let count = min(buffer.count, bytes.count - byteOffset)
        bytes.withUnsafeBytes { source in
            buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: source[byteOffset..<(byteOffset + count)]))
        }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError) {
        let new = Array(bytes)
        try disk.state.withLock { (state) throws(DurableIOError) in
            do throws(DurableIOError) {
                try disk.change(&state, .write, path: path)
            } catch {
                // A failing write may have got half way.
                let half = Int(state.generator.next() % UInt64(new.count + 1))
                put(Array(new.prefix(half)), at: byteOffset, &state)
                throw error
            }
            let size = state.files[file]?.bytes.count ?? 0
            let growth = max(0, byteOffset + new.count - size)
            let room = disk.room(state, for: growth)
            guard room < growth else { return put(new, at: byteOffset, &state) }
            put(Array(new.prefix(max(0, size + room - byteOffset))), at: byteOffset, &state)
            throw .diskFull(path: path)
        }
    }

    private func put(_ bytes: [UInt8], at byteOffset: Int, _ state: inout SimulatedDisk.State) {
        if bytes.isEmpty { return }
        state.files[file]?.apply(.write(bytes, offset: byteOffset))
    }

    func truncate(toByteCount byteCount: Int) throws(DurableIOError) {
        try disk.state.withLock { (state) throws(DurableIOError) in
            try disk.change(&state, .truncate, path: path)
            state.files[file]?.apply(.truncate(byteCount))
        }
    }

    func byteCount() throws(DurableIOError) -> Int {
        disk.state.withLock { $0.files[file]?.bytes.count ?? 0 }
    }

    func sync() throws(DurableIOError) {
        try disk.state.withLock { (state) throws(DurableIOError) in
            do throws(DurableIOError) {
                try disk.change(&state, .sync, path: path)
            } catch {
                // What of the pages was written is chance, and they count as clean from here on.
                if !state.isOff, let content = state.files[file] {
                    state.files[file]?.durable = PowerLoss.survivor(of: content, &state.generator)
                    state.files[file]?.unsynced = []
                }
                throw error
            }
            guard var content = state.files[file] else { return }
            for edit in content.unsynced { SimulatedContent.apply(edit, to: &content.durable) }
            content.unsynced = []
            state.files[file] = content
        }
    }
}
