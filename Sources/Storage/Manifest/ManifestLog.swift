import DurableIO

/// The file that says what the store is: a log of records, each with checksums (`storage/FORMAT.md`,
/// "Manifest").
///
/// Invariants: every record before `byteCount` is whole and durable; versions rise by one a record. Owned by
/// the writer.
final class ManifestLog {
    static let fileName = "MANIFEST"
    static let magic: UInt64 = 0x464D_5241_424D_41FE
    static let formatVersion: UInt32 = 1
    static let headerBytes = 16
    static let recordHeaderBytes = 20
    /// What a disk writes whole or not at all.
    static let sectorBytes = 512
    /// A log is replaced by a checkpoint when it has grown by this, or by twice the last checkpoint.
    static let growthBytesMin = 1 << 20
    /// No record is larger: a damaged length cannot ask for more memory.
    static let recordBytesMax = 1 << 30

    let path: String
    private let directory: String
    private let fileSystem: any FileSystem
    private(set) var file: any OpenFile
    private(set) var byteCount: Int
    private var checkpointBytes: Int

    private init(
        path: String, directory: String, fileSystem: any FileSystem, file: any OpenFile, byteCount: Int,
        checkpointBytes: Int
    ) {
        self.path = path
        self.directory = directory
        self.fileSystem = fileSystem
        self.file = file
        self.byteCount = byteCount
        self.checkpointBytes = checkpointBytes
    }

    /// Makes the manifest of a new store that begins with `record`.
    static func create(
        _ record: ManifestRecord, in directory: String, fileSystem: any FileSystem
    ) throws(StorageError) -> ManifestLog {
        let path = directory + "/" + fileName
        let bytes = header() + framed(record)
        let file = try StorageError.files { () throws(DurableIOError) in
            try AtomicReplace.write(bytes, to: path, in: directory, on: fileSystem)
        }
        return ManifestLog(
            path: path, directory: directory, fileSystem: fileSystem, file: file, byteCount: bytes.count,
            checkpointBytes: bytes.count)
    }

    /// Opens an existing manifest and hands its records over in order. A torn last record is cut off when
    /// `isWriter`, and passed over otherwise.
    ///
    /// - Parameter apply: Takes a record and where it ends; returns why it does not fit, or nil.
    static func open(
        in directory: String, fileSystem: any FileSystem, isWriter: Bool,
        apply: (ManifestRecord, Int) -> String?
    ) throws(StorageError) -> ManifestLog {
        let path = directory + "/" + fileName
        let file = try StorageError.files { () throws(DurableIOError) in
            try fileSystem.open(path, isWriter ? .readWrite : .read)
        }
        let bytes = try read(file, byteCount: nil)
        let end = try ManifestScan(bytes: bytes, path: path).run(apply)
        if isWriter && end.lastCommit.upperBound == end.byteCount {
            let last = Array(bytes[end.lastCommit])
            try StorageError.files { () throws(DurableIOError) in
                // A failed sync leaves pages that reads see and no later sync writes, because they count as
                // clean. Written again, the last record is on the disk before others follow it.
                try file.write(last, atByteOffset: end.lastCommit.lowerBound)
                try file.truncate(toByteCount: end.byteCount)
                try file.sync()
            }
        }
        return ManifestLog(
            path: path, directory: directory, fileSystem: fileSystem, file: file, byteCount: end.byteCount,
            checkpointBytes: end.checkpointBytes)
    }

    /// The first `byteCount` bytes of a manifest, or all of them, with the header checked.
    static func read(_ file: any OpenFile, byteCount: Int?) throws(StorageError) -> [UInt8] {
        let bytes = try StorageError.files { () throws(DurableIOError) in
            let whole = try file.byteCount()
            return try file.readBytes(atByteOffset: 0, byteCount: byteCount ?? whole)
        }
        guard bytes.count >= headerBytes else { throw .notAManifest(path: file.path) }
        try checkHeader(bytes, path: file.path)
        return bytes
    }

    /// Whether so much has been appended that a checkpoint pays.
    var wantsCheckpoint: Bool {
        byteCount - checkpointBytes > max(Self.growthBytesMin, 2 * checkpointBytes)
    }

    /// Lets the log grow as much once more before it wants a checkpoint.
    func postponeCheckpoint() { checkpointBytes = byteCount }

    /// How an append can fail.
    enum AppendError: Error {
        /// Nothing was appended; the log is as before.
        case undone(DurableIOError)
        /// Whether the record is durable is not known.
        case unknown(DurableIOError)
    }

    /// Appends a record and makes it durable. When this returns, the commit has happened.
    func append(_ record: ManifestRecord) throws(AppendError) {
        let bytes = Self.padding(at: byteCount) + Self.framed(record)
        do {
            try file.write(bytes, atByteOffset: byteCount)
        } catch {
            // A full disk may have taken a part, which must be gone for certain before the next record.
            do {
                try file.truncate(toByteCount: byteCount)
                try file.sync()
            } catch let second {
                throw .unknown(second)
            }
            throw .undone(error)
        }
        do { try file.sync() } catch { throw .unknown(error) }
        byteCount += bytes.count
    }

    /// How a replacement can fail.
    enum ReplaceError: Error {
        /// The log is as before, for example because there is no room for another.
        case undone(DurableIOError)
        /// Which file is the manifest is not known any more.
        case unknown(DurableIOError)
    }

    /// Replaces the log by other records that end with the same state.
    ///
    /// - Returns: Where each record ends.
    func replace(with records: [ManifestRecord]) throws(ReplaceError) -> [Int] {
        var bytes = Self.header()
        var ends: [Int] = []
        for record in records {
            bytes += Self.padding(at: bytes.count) + Self.framed(record)
            ends.append(bytes.count)
        }
        do { try AtomicReplace.stage(bytes, for: path, on: fileSystem) } catch { throw .undone(error) }
        do { file = try AtomicReplace.swap(path, in: directory, on: fileSystem) } catch {
            throw .unknown(error)
        }
        byteCount = bytes.count
        checkpointBytes = bytes.count
        return ends
    }

    private static func header() -> [UInt8] {
        var writer = BinaryWriter()
        writer.write(magic)
        writer.write(formatVersion)
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    private static func checkHeader(_ bytes: [UInt8], path: String) throws(StorageError) {
        var reader = BinaryReader(bytes[..<headerBytes])
        do throws(BinaryReaderError) {
            guard try reader.read(UInt64.self) == magic else {
                throw BinaryReaderError.truncated(byteOffset: 0)
            }
        } catch { throw .notAManifest(path: path) }
        let rest = Array(bytes[8..<headerBytes])
        let expected = header()
        if rest == Array(expected[8...]) { return }
        let version = UInt32(rest[0]) | UInt32(rest[1]) << 8 | UInt32(rest[2]) << 16 | UInt32(rest[3]) << 24
        let stored = UInt32(rest[4]) | UInt32(rest[5]) << 8 | UInt32(rest[6]) << 16 | UInt32(rest[7]) << 24
        guard stored == CRC32C.checksum(bytes[..<12]) else {
            throw .damagedManifest(path: path, byteOffset: 8, reason: "header checksum does not match")
        }
        throw .unsupportedFormat(path: path, version: version)
    }

    /// Where a record begins that follows `offset`: its header lies in one sector, which a crash leaves
    /// whole.
    static func recordStart(after offset: Int) -> Int {
        let left = sectorBytes - offset % sectorBytes
        return left < recordHeaderBytes ? offset + left : offset
    }

    private static func padding(at offset: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: recordStart(after: offset) - offset)
    }

    /// Length, version, checksum of the payload, checksum of these three; then the payload.
    private static func framed(_ record: ManifestRecord) -> [UInt8] {
        let payload = record.encoded()
        precondition(payload.count <= recordBytesMax, "a commit's record has a limit")
        var writer = BinaryWriter()
        writer.write(UInt32(payload.count))
        writer.write(record.version)
        writer.write(CRC32C.checksum(payload))
        writer.write(CRC32C.checksum(writer.bytes))
        writer.writeRaw(payload)
        return writer.bytes
    }
}
