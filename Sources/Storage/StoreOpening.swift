import DurableIO

/// The steps of opening a store.
struct StoreOpening {
    let directory: String
    let fileSystem: any FileSystem
    let cache: BlockCache

    func openForWriting() throws(StorageError) -> ColumnStore {
        let dataDirectory = directory + "/" + ColumnStore.dataFolder
        let held = try StorageError.files { () throws(DurableIOError) in
            try fileSystem.makeDirectory(directory)
            let held = try fileSystem.lock(directory + "/" + ColumnStore.lockName, .exclusive)
            try fileSystem.makeDirectory(dataDirectory)
            try fileSystem.syncDirectory(directory)
            return held
        }
        let garbage = FileGarbage()
        var builder = stateBuilder(garbage)
        let manifest: ManifestLog
        if try exists() {
            manifest = try ManifestLog.open(in: directory, fileSystem: fileSystem, isWriter: true) { record in
                builder.apply(record)
            }
        } else {
            let first = builder.state.checkpoint()
            manifest = try ManifestLog.create(first, in: directory, fileSystem: fileSystem)
        }
        let orphans = try orphans(of: builder.state, in: dataDirectory)
        return ColumnStore(
            directory: directory, mode: .readWrite, cache: cache, fileSystem: fileSystem, heldLock: held,
            state: builder.state, manifest: manifest, garbage: garbage, waitingGarbage: orphans)
    }

    func openForReading() throws(StorageError) -> ColumnStore {
        guard try exists() else { throw .noStore(directory: directory) }
        // Held before the manifest is read: from here on no file that it names is unlinked.
        let held = try StorageError.files { () throws(DurableIOError) in
            try fileSystem.lock(directory + "/" + ColumnStore.readersName, .shared)
        }
        let garbage = FileGarbage()
        var builder = stateBuilder(garbage)
        let manifest = try ManifestLog.open(in: directory, fileSystem: fileSystem, isWriter: false) {
            record in
            builder.apply(record)
        }
        return ColumnStore(
            directory: directory, mode: .readOnly, cache: cache, fileSystem: fileSystem, heldLock: held,
            state: builder.state, manifest: manifest, garbage: garbage, waitingGarbage: [])
    }

    private func exists() throws(StorageError) -> Bool {
        try StorageError.files { () throws(DurableIOError) in
            try fileSystem.exists(directory + "/" + ManifestLog.fileName)
        }
    }

    private func stateBuilder(_ garbage: FileGarbage) -> StateBuilder {
        let dataDirectory = directory + "/" + ColumnStore.dataFolder
        return StateBuilder(StoreState()) { id in
            DataFile(
                id: id, path: dataDirectory + "/" + id.fileName, cacheNumber: cache.registerFile(),
                fileSystem: fileSystem, garbage: garbage)
        }
    }

    /// Data files that no row group of the state lies in: left by a crash.
    private func orphans(of state: StoreState, in dataDirectory: String) throws(StorageError) -> [String] {
        var named: Set<String> = []
        for table in state.tables.values {
            for live in table.rowGroups { named.insert(live.group.file.id.fileName) }
        }
        let names = try StorageError.files { () throws(DurableIOError) in try fileSystem.list(dataDirectory) }
        return names.filter { $0.hasSuffix(DataFileID.suffix) && !named.contains($0) }.map {
            dataDirectory + "/" + $0
        }
    }
}
