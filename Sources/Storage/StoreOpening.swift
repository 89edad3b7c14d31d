import DurableIO

/// What a manifest says.
struct OpenedManifest {
    var state: StoreState
    var history: StoreHistory
    var manifest: ManifestLog
}

/// The steps of opening a store.
struct StoreOpening {
    let directory: String
    let fileSystem: any FileSystem
    let cache: BlockCache
    let retention: RetentionPolicy
    let clock: CommitClock

    func openForWriting() throws(StorageError) -> ColumnStore {
        let dataDirectory = directory + "/" + ColumnStore.dataFolder
        let held = try StorageError.files { () throws(DurableIOError) in
            try fileSystem.makeDirectory(directory)
            let held = try fileSystem.lock(directory + "/" + ColumnStore.lockName, .exclusive)
            // Made for readers that may not write here.
            try fileSystem.lock(directory + "/" + ColumnStore.readersName, .shared).release()
            try fileSystem.makeDirectory(dataDirectory)
            try fileSystem.syncDirectory(directory)
            return held
        }
        let garbage = FileGarbage()
        let opened = try exists() ? openManifest(garbage, isWriter: true) : makeManifest()
        let orphans = try orphans(of: opened.history, in: dataDirectory)
        return ColumnStore(
            self, mode: .readWrite, heldLock: held, opened: opened, garbage: garbage, orphans: orphans)
    }

    func openForReading() throws(StorageError) -> ColumnStore {
        guard try exists() else { throw .noStore(directory: directory) }
        // Held before the manifest is read: from here on no file that it names is unlinked.
        let held = try StorageError.files { () throws(DurableIOError) in
            try fileSystem.lock(directory + "/" + ColumnStore.readersName, .shared)
        }
        let garbage = FileGarbage()
        let opened = try openManifest(garbage, isWriter: false)
        return ColumnStore(
            self, mode: .readOnly, heldLock: held, opened: opened, garbage: garbage, orphans: [])
    }

    private func exists() throws(StorageError) -> Bool {
        try StorageError.files { () throws(DurableIOError) in
            try fileSystem.exists(directory + "/" + ManifestLog.fileName)
        }
    }

    private func makeManifest() throws(StorageError) -> OpenedManifest {
        var state = StoreState()
        state.time = clock.now
        let first = StateDifference.record(from: nil, to: state)
        let manifest = try ManifestLog.create(first, in: directory, fileSystem: fileSystem)
        let point = StoreHistory.Point(version: state.point, endOffset: manifest.byteCount)
        return OpenedManifest(
            state: state, history: StoreHistory(points: [point], file: manifest.file), manifest: manifest)
    }

    private func openManifest(
        _ garbage: FileGarbage, isWriter: Bool
    ) throws(StorageError) -> OpenedManifest {
        let dataDirectory = directory + "/" + ColumnStore.dataFolder
        var builder = StateBuilder(StoreState()) { id in
            DataFile(
                id: id, path: dataDirectory + "/" + id.fileName, cacheNumber: cache.registerFile(),
                fileSystem: fileSystem, garbage: garbage)
        }
        var history = StoreHistory()
        let manifest = try ManifestLog.open(in: directory, fileSystem: fileSystem, isWriter: isWriter) {
            record, end in
            if let reason = builder.apply(record) { return reason }
            history.points.append(StoreHistory.Point(version: builder.state.point, endOffset: end))
            return nil
        }
        history.files = builder.files
        history.retiredRowGroups = builder.removedRowGroups
        history.file = manifest.file
        return OpenedManifest(state: builder.state, history: history, manifest: manifest)
    }

    /// Data files that no version names: left by a crash.
    private func orphans(
        of history: StoreHistory, in dataDirectory: String
    ) throws(StorageError) -> [String] {
        let named = Set(history.files.keys.map(\.fileName))
        let names = try StorageError.files { () throws(DurableIOError) in try fileSystem.list(dataDirectory) }
        return names.filter { $0.hasSuffix(DataFileID.suffix) && !named.contains($0) }.map {
            dataDirectory + "/" + $0
        }
    }
}
