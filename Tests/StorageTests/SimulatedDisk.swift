import DurableIO
import Synchronization

/// A disk in memory that fails on purpose, the same way for the same seed: it loses power at any change,
/// tears and reorders what was not synced, forgets unsynced names, fills up, answers with I/O errors, flips
/// bits.
final class SimulatedDisk: FileSystem, Sendable {
    /// A name given or taken that no sync of its directory has made durable yet.
    struct NameEdit: Sendable {
        var name: String
        var file: Int?
    }

    struct State: Sendable {
        var files: [Int: SimulatedContent] = [:]
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var unsyncedNames: [NameEdit] = []
        var directories: Set<String> = []
        var locks: [String: Int] = [:]
        var nextFile = 1
        var changes = 0
        var reads = 0
        var isOff = false
        var fault = DiskFault.none
        /// Bytes that all named files may have together.
        var capacity = Int.max
        var generator: SeededGenerator
        /// What the test wants to find again beside a moment.
        var note = 0
        var canLink = true
        /// Renamed directories that a power loss may give their old names back.
        var unsyncedMoves: [(source: String, target: String)] = []

        /// Names below a directory move with it, as they are now and as a power loss would leave them.
        mutating func moveDirectory(_ source: String, to target: String) {
            func moved(_ name: String) -> String {
                name.hasPrefix(source + "/") ? target + name.dropFirst(source.count) : name
            }
            names = Dictionary(names.map { (moved($0.key), $0.value) }) { _, last in last }
            durableNames = Dictionary(durableNames.map { (moved($0.key), $0.value) }) { _, last in last }
            for index in unsyncedNames.indices {
                unsyncedNames[index].name = moved(unsyncedNames[index].name)
            }
            if directories.remove(source) != nil { directories.insert(target) }
        }
    }

    let state: Mutex<State>
    /// The states before each change, when they are recorded.
    private let recorded: Mutex<[State]?>

    init(seed: UInt64, failure: DiskFault = .none) {
        var state = State(generator: SeededGenerator(seed))
        state.fault = failure
        self.state = Mutex(state)
        recorded = Mutex(nil)
    }

    private init(_ state: State) {
        self.state = Mutex(state)
        recorded = Mutex(nil)
    }

    /// Changes of the disk so far.
    var changeCount: Int { state.withLock { $0.changes } }
    var readCount: Int { state.withLock { $0.reads } }

    func fail(_ fault: DiskFault) { state.withLock { $0.fault = fault } }

    /// Lets the disk have room for this many bytes more than are on it; nil for any number.
    func limit(toBytesMore bytes: Int?) {
        state.withLock { state in state.capacity = bytes.map { Self.usedBytes(state) + $0 } ?? .max }
    }

    /// A number that later moments carry.
    func note(_ number: Int) { state.withLock { $0.note = number } }

    /// From here on, keeps the state before each change: power may be lost at every one of them.
    func record() { recorded.withLock { $0 = [] } }

    /// The recorded moments and the state now. Each is a disk that can lose power.
    func moments() -> [(note: Int, disk: SimulatedDisk)] {
        let states = (recorded.withLock { $0 } ?? []) + [state.withLock { $0 }]
        return states.map { ($0.note, SimulatedDisk($0)) }
    }

    /// Flips one bit of a file, also in what is durable.
    func flipBit(of path: String, byte: Int, bit: Int) {
        edit(path) { bytes in
            if byte < bytes.count { bytes[byte] ^= 1 << UInt8(bit) }
        }
    }

    /// Changes the durable bytes of a file behind the store's back.
    func edit(_ path: String, _ change: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let file = state.names[path], var content = state.files[file] else { return }
            change(&content.bytes)
            content.durable = content.bytes
            content.unsynced = []
            state.files[file] = content
        }
    }

    func contents(of path: String) -> [UInt8] {
        state.withLock { state in state.names[path].flatMap { state.files[$0]?.bytes } ?? [] }
    }

    var paths: [String] { state.withLock { $0.names.keys.sorted() } }

    /// The same files on a disk of their own, everything durable, nothing locked.
    func copy(seed: UInt64 = 0) -> SimulatedDisk {
        var fresh = state.withLock { $0 }
        for (file, content) in fresh.files {
            fresh.files[file] = SimulatedContent(bytes: content.bytes, durable: content.bytes)
        }
        fresh.durableNames = fresh.names
        fresh.unsyncedNames = []
        return restarted(fresh, generator: SeededGenerator(seed))
    }

    /// The disk after the power came back: what was synced, and as much of the rest as the seed decides.
    /// Unsynced writes survive whole, torn or not at all, in any combination; so do names.
    ///
    /// - Parameter seed: Instead of the disk's own.
    func afterPowerLoss(seed: UInt64? = nil) -> SimulatedDisk {
        var fresh = state.withLock { $0 }
        if let seed { fresh.generator = SeededGenerator(seed) }
        var generator = fresh.generator
        for move in fresh.unsyncedMoves.reversed() where generator.next() % 2 == 0 {
            fresh.moveDirectory(move.target, to: move.source)
        }
        fresh.unsyncedMoves = []
        fresh.names = PowerLoss.survivingNames(fresh, &generator)
        let named = Set(fresh.names.values)
        for file in fresh.files.keys.sorted() {
            guard named.contains(file), let content = fresh.files[file] else {
                fresh.files[file] = nil
                continue
            }
            let bytes = PowerLoss.survivor(of: content, &generator)
            fresh.files[file] = SimulatedContent(bytes: bytes, durable: bytes)
        }
        fresh.durableNames = fresh.names
        fresh.unsyncedNames = []
        return restarted(fresh, generator: generator)
    }

    private func restarted(_ state: State, generator: SeededGenerator) -> SimulatedDisk {
        var fresh = state
        fresh.locks = [:]
        fresh.changes = 0
        fresh.reads = 0
        fresh.isOff = false
        fresh.note = 0
        fresh.fault = .none
        fresh.capacity = .max
        fresh.generator = generator
        return SimulatedDisk(fresh)
    }

    private static func usedBytes(_ state: State) -> Int {
        state.names.values.reduce(0) { $0 + (state.files[$1]?.bytes.count ?? 0) }
    }

    /// Counts a change and lets it fail if its turn has come.
    func change(_ state: inout State, _ kind: DiskChange, path: String) throws(DurableIOError) {
        let broken = DurableIOError.system(operation: "simulated", path: path, errno: 5)
        if state.isOff { throw broken }
        recorded.withLock { moments in
            if moments != nil { moments?.append(state) }
        }
        state.changes += 1
        switch state.fault {
        case .powerLoss(let change) where change == state.changes:
            state.isOff = true
            throw broken
        case .diskFull(let change) where change == state.changes: throw .diskFull(path: path)
        case .ioError(let change) where change == state.changes: throw broken
        case .ioErrors(let change) where change <= state.changes: throw broken
        case .syncError(let change) where change <= state.changes && kind == .sync:
            state.fault = .none
            throw broken
        default: return
        }
    }

    /// Counts a read and lets it fail if its turn has come. Reads work after the power loss, too: tests
    /// compare what was there.
    func read(_ state: inout State, path: String) throws(DurableIOError) {
        state.reads += 1
        if state.fault == .readError(atRead: state.reads) {
            throw .system(operation: "simulated", path: path, errno: 5)
        }
    }

    /// Bytes of a growing file that still have room.
    func room(_ state: State, for bytes: Int) -> Int {
        guard state.capacity != .max else { return bytes }
        return max(0, min(bytes, state.capacity - Self.usedBytes(state)))
    }
}
