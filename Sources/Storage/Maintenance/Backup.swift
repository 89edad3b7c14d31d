import DurableIO

/// What a backup, or a restoring from one, has made.
public struct BackupReport: Hashable, Sendable {
    public var version: StoreVersion
    public var filesLinked = 0
    public var filesCopied = 0
    public var bytes = 0
}

extension ColumnStore {
    /// Makes a store of its own out of this snapshot's version in another directory: hard links to the data
    /// files (or copies, where the directory is on another file system), and a manifest of that one version.
    /// Commits may go on meanwhile; a store that is open for reading can be backed up too.
    ///
    /// Everything is made and synced in `<directory>.partial`, which then takes the directory's name: after a
    /// crash the backup is whole or not there.
    ///
    /// - Parameters:
    ///   - target: Missing or empty. Its parent directory must exist.
    ///   - snapshot: Of this store; the newest version when nil.
    ///   - copying: Copies files instead of linking them, so that damage of a disk's sector hits one only.
    /// - Throws: `.directoryNotEmpty`, `.files`.
    @discardableResult
    public func backup(
        to target: String, of snapshot: StoreSnapshot? = nil, copying: Bool = false
    ) throws(StorageError) -> BackupReport {
        // Keeps the files until the end.
        let pinned = snapshot ?? self.snapshot()
        let writer = StoreCopy(
            state: pinned.state, target: FilePath.withoutTrailingSlashes(target), fileSystem: fileSystem,
            copying: copying)
        return try writer.write()
    }

    /// Makes a store out of a backup: reads all of the backup first, then links or copies its files as
    /// `backup` does.
    ///
    /// - Parameters:
    ///   - backup: A directory that `backup` has made (or any store that can be opened for reading).
    ///   - directory: Missing or empty.
    ///   - progress: Of the verification.
    /// - Throws: `.damagedBackup` when anything in it is wrong, `.directoryNotEmpty`, and what `open` throws.
    @discardableResult
    public static func restore(
        from backup: String, to directory: String, copying: Bool = false,
        fileSystem: any FileSystem = POSIXFileSystem(),
        progress: @escaping (VerificationProgress) -> Void = { _ in }
    ) throws(StorageError) -> BackupReport {
        let source = try open(directory: backup, fileSystem: fileSystem, mode: .readOnly)
        let report = try source.verify(progress: progress)
        if let first = report.faults.first {
            throw .damagedBackup(directory: backup, faults: report.faults.count, first: first)
        }
        return try source.backup(to: directory, copying: copying)
    }
}

/// Writes one version of a store as a store of its own.
private struct StoreCopy {
    static let partialSuffix = ".partial"

    let state: StoreState
    let target: String
    let fileSystem: any FileSystem
    let copying: Bool

    private var partial: String { target + Self.partialSuffix }
    private var partialData: String { partial + "/" + ColumnStore.dataFolder }

    func write() throws(StorageError) -> BackupReport {
        try requireEmpty()
        try removeLeftovers()
        var report = BackupReport(version: state.point)
        try StorageError.files { () throws(DurableIOError) in
            try fileSystem.makeDirectory(partialData)
            for (_, file) in state.files.sorted(by: { $0.key < $1.key }) {
                try add(file, to: &report)
            }
            try fileSystem.syncDirectory(partialData)
        }
        _ = try ManifestLog.create(
            StateDifference.record(from: nil, to: state), in: partial, fileSystem: fileSystem)
        try StorageError.files { () throws(DurableIOError) in
            try fileSystem.syncDirectory(partial)
            try fileSystem.rename(partial, to: target)
            try fileSystem.syncDirectory(FilePath.parent(of: target))
        }
        return report
    }

    private func add(_ file: DataFile, to report: inout BackupReport) throws(DurableIOError) {
        let path = partialData + "/" + file.id.fileName
        if copying {
            try FileCopy.copy(file.path, to: path, on: fileSystem)
            report.filesCopied += 1
        } else if try FileCopy.linkOrCopy(file.path, to: path, on: fileSystem) {
            report.filesLinked += 1
        } else {
            report.filesCopied += 1
        }
        report.bytes += try file.byteCount()
    }

    private func requireEmpty() throws(StorageError) {
        let names = try StorageError.files { () throws(DurableIOError) in
            try fileSystem.exists(target) ? try fileSystem.list(target) : []
        }
        if !names.isEmpty { throw .directoryNotEmpty(path: target) }
    }

    /// Removes what a backup that was cut short has left, and nothing else.
    private func removeLeftovers() throws(StorageError) {
        guard try StorageError.files({ () throws(DurableIOError) in try fileSystem.exists(partial) }) else {
            return
        }
        let names = try StorageError.files { () throws(DurableIOError) in try fileSystem.list(partial) }
        let manifest = ManifestLog.fileName
        let ours = [ColumnStore.dataFolder, manifest, manifest + AtomicReplace.temporarySuffix]
        guard names.allSatisfy({ ours.contains($0) }) else { throw .directoryNotEmpty(path: partial) }
        try StorageError.files { () throws(DurableIOError) in
            for name in names where name != ColumnStore.dataFolder {
                try fileSystem.remove(partial + "/" + name)
            }
            guard names.contains(ColumnStore.dataFolder) else { return }
            for name in try fileSystem.list(partialData) where name.hasSuffix(DataFileID.suffix) {
                try fileSystem.remove(partialData + "/" + name)
            }
        }
    }
}
