import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog
import Testing

/// Damaged manifests and footers whose checksums are right, so that the bytes reach the decoders. The work is
/// done in a process with little memory: a trap or a huge allocation ends it.
@Suite("Fuzzing of the decoders")
struct FuzzTests {
    let directory = TemporaryDirectory()
    static let isChild = FaultChild.kind() != nil
    private static let manifest = "/store/MANIFEST"

    /// A store with all kinds of records.
    static func makeStore() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 5)
        let work = try CrashWorkload(on: disk, seed: 5)
        for _ in 0..<14 { try work.step() }
        let transaction = try work.store.begin()
        let table = try transaction.createTable(Samples.everything())
        var generator = SeededGenerator(1)
        let rows = (0..<2100).map { row in
            Samples.allTypes.map { row % 7 == 3 ? .null : Samples.random($0, &generator, distinct: 40) }
        }
        try Samples.append(rows, to: table, in: transaction, types: Samples.allTypes)
        _ = try transaction.commit()
        try work.store.vacuum()
        let options = try work.store.begin()
        try options.setOptions(table, TableOptions(codec: .lz4, bloomColumns: [1, 3]))
        try options.setClusteringKey(table, [2])
        _ = try options.commit()
        return disk.copy()
    }

    /// Opens and reads everything that the store says it has.
    private static func readAll(_ disk: SimulatedDisk) throws {
        do {
            let store = try CrashWorkload.open(disk, mode: .readOnly)
            var snapshots = [store.snapshot()]
            for version in snapshots[0].versions.prefix(3) {
                snapshots.append(try snapshots[0].asOf(version: version.number))
            }
            for snapshot in snapshots {
                for table in snapshot.catalog.tables {
                    do {
                        _ = try snapshot.statistics(of: table.id)
                        _ = try Samples.rows(of: table.id, in: snapshot, columns: [0])
                    } catch let error as StorageError {
                        #expect(error.description.contains("/store/"), "\(error)")
                    }
                }
            }
            _ = try store.verify()
        } catch let error as StorageError {
            #expect(error.description.contains("/store"), "\(error)")
        }
    }

    private static func mutateManifest(seed: UInt64, _ original: SimulatedDisk) throws {
        var generator = SeededGenerator(seed)
        let disk = original.copy()
        let bytes = original.contents(of: manifest)
        if seed % 4 == 0 {
            disk.edit(manifest) { FuzzMutation.mutate(&$0, &generator) }
            return try readAll(disk)
        }
        var records = FuzzMutation.payloads(of: bytes)
        switch generator.next() % 6 {
        case 0: records.swapAt(records.count - 1, Int(generator.next() % UInt64(records.count)))
        case 1: records.remove(at: Int(generator.next() % UInt64(records.count)))
        default:
            let index = Int(generator.next() % UInt64(records.count))
            FuzzMutation.mutate(&records[index].payload, &generator)
        }
        disk.edit(manifest) { $0 = FuzzMutation.manifest(header: Array(bytes[0..<16]), records) }
        try readAll(disk)
    }

    /// Damages one footer of a data file, of which the manifest tells the place.
    private static func mutateFooter(seed: UInt64, _ original: SimulatedDisk) throws {
        var generator = SeededGenerator(seed)
        let disk = original.copy()
        let paths = disk.paths.filter { $0.hasSuffix(".rows") }
        let path = paths[Int(generator.next() % UInt64(paths.count))]
        disk.edit(path) { bytes in
            let magic = Array("ARG1".utf8)
            let starts = bytes.indices.dropLast(16).filter { Array(bytes[$0..<($0 + 4)]) == magic }
            guard let start = starts.last else { return }
            var footer = Array(bytes[start..<(bytes.count - 4)])
            let length = footer.count
            FuzzMutation.mutate(&footer, &generator)
            // The manifest knows how long the footer is.
            footer = Array(footer.prefix(length))
            footer += [UInt8](repeating: 0, count: length - footer.count)
            var writer = BinaryWriter()
            writer.writeRaw(footer)
            writer.write(CRC32C.checksum(footer))
            bytes.replaceSubrange(start..., with: writer.bytes)
        }
        try readAll(disk)
    }

    @Test("in a process of its own with little memory: mutates and reads", .enabled(if: isChild))
    func child() throws {
        let original = try Self.makeStore()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        // The address and the thread sanitizer need all addresses.
        if getenv("AMBAR_SANITIZED") == nil {
            limit.rlim_cur = 4 << 30
            setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        }
        let count: UInt64 = getenv("AMBAR_LONG_TESTS") == nil ? 1200 : 40_000
        let path = FaultChild.directory() + "/seed"
        for seed in 0..<count {
            // The last line tells the seed that has killed the process.
            if seed % 16 == 0 || FaultChild.kind() == "every" { FaultWorkload.note("\(seed)", in: path) }
            if seed % 3 == 0 {
                try Self.mutateFooter(seed: seed, original)
            } else {
                try Self.mutateManifest(seed: seed, original)
            }
        }
        FaultWorkload.note("done", in: path)
    }

    @Test("no bytes of a manifest or a footer make a reader trap or take much memory", .disabled(if: isChild))
    func mutations() throws {
        let child = try #require(
            FaultChild(running: "FuzzTests/child", kind: "mutations", directory: directory.path))
        let code = child.wait()
        let lines = try FaultWorkload.lines(of: directory.path + "/seed")
        #expect(lines.last == "done", "from seed \(lines.last ?? "none") on")
        let log = try FaultWorkload.lines(of: directory.path + "/child.log").filter { $0.contains("✘") }
        #expect(code == 0, "\(log.prefix(5))")
    }

    @Test("a manifest cut at any byte is the state of a prefix of its commits, or an error")
    func truncations() throws {
        let original = try Self.makeStore()
        let bytes = original.contents(of: Self.manifest)
        let newest = try CrashWorkload.open(original, mode: .readOnly).snapshot().version
        var versions: Set<UInt64> = []
        for count in stride(from: bytes.count, to: -1, by: bytes.count > 6000 ? -7 : -1) {
            let disk = original.copy()
            disk.edit(Self.manifest) { $0 = Array($0.prefix(count)) }
            do {
                let store = try CrashWorkload.open(disk, mode: .readOnly)
                versions.insert(store.snapshot().version)
                #expect(store.snapshot().version <= newest)
            } catch let error as StorageError {
                #expect(error.description.contains(Self.manifest))
            }
        }
        #expect(versions.contains(newest) && versions.count > 1)
    }
}
