extension StoreSnapshot {
    /// The versions that `asOf` can give back, oldest first; the last is this snapshot's own. A commit may
    /// thin out all but the newest 64 at any moment.
    public var versions: [StoreVersion] {
        let own = state.point
        return store.retainedVersions.filter { $0 < own } + [own]
    }

    /// The store as of an earlier version: its tables (also such that were dropped since), rows, properties
    /// and replication positions.
    ///
    /// - Throws: `.versionNotRetained`, which names the nearest that are; `.versionNotReached`;
    ///   `.damagedManifest`, `.files`.
    ///
    /// Reads the manifest up to the version, as opening does; the last few versions are remembered. The
    /// snapshot keeps its files, also when the version is thinned out afterwards.
    public func asOf(version: UInt64) throws(StorageError) -> StoreSnapshot {
        if version == self.version { return self }
        guard version < self.version else {
            throw .versionNotReached(version: version, newest: state.point)
        }
        return store.snapshot(of: try store.state(asOf: version))
    }

    /// The store as of the newest retained version at or before a time.
    ///
    /// - Parameter time: Microseconds since 1970-01-01 UTC. Of a time after this snapshot's version, that is
    ///   the snapshot itself.
    /// - Throws: `.timeNotRetained`, which names the oldest version; `.damagedManifest`, `.files`.
    public func asOf(time: Int64) throws(StorageError) -> StoreSnapshot {
        let versions = versions
        guard let found = versions.last(where: { $0.time <= time }) else {
            throw .timeNotRetained(time: time, oldest: versions.first ?? state.point)
        }
        return try asOf(version: found.number)
    }
}

extension ColumnStore {
    static let pastStatesMax = 4

    /// What the manifest can give back, oldest first.
    var retainedVersions: [StoreVersion] { lock.withLock { history }.versions }

    /// Makes the state of an earlier version out of the manifest.
    func state(asOf version: UInt64) throws(StorageError) -> StoreState {
        // What is taken here holds every file that a retained version needs.
        let (current, history, past) = lock.withLock { (self.state, self.history, self.pastStates) }
        if current.version == version { return current }
        if let known = past.first(where: { $0.version == version }) { return known }
        guard let index = history.index(of: version), let file = history.file else {
            let near = history.neighbours(of: version)
            throw .versionNotRetained(version: version, before: near.before, after: near.after)
        }
        let bytes = try ManifestLog.read(file, byteCount: history.points[index].endOffset)
        var builder = replayBuilder(history, current)
        _ = try ManifestScan(bytes: bytes, path: manifest.path).run { record, _ in builder.apply(record) }
        guard builder.state.version == version else {
            throw .damagedManifest(
                path: manifest.path, byteOffset: bytes.count, reason: "version \(version) is missing")
        }
        let made = builder.state.sharingDictionaries(of: current)
        lock.withLock {
            guard self.history.index(of: version) != nil else { return }
            pastStates.append(made)
            if pastStates.count > Self.pastStatesMax { pastStates.removeFirst() }
        }
        return made
    }

    /// An empty state to which the manifest's records can be applied, with the objects that exist already.
    func replayBuilder(_ history: StoreHistory, _ current: StoreState) -> StateBuilder {
        var groups: [RowGroupID: RowGroup] = [:]
        for table in current.tables.values {
            for live in table.rowGroups { groups[live.group.id] = live.group }
        }
        return StateBuilder(StoreState(), prepared: groups) { id in history.files[id] ?? self.dataFile(id) }
    }
}

extension StoreState {
    /// The same state with the dictionaries of a later one, which begin with its own: vectors of both then
    /// share their codes.
    fileprivate func sharingDictionaries(of later: StoreState) -> StoreState {
        var shared = self
        for (id, table) in tables {
            guard let newer = later.tables[id] else { continue }
            for (column, dictionary) in table.dictionaries.enumerated() {
                guard let dictionary, newer.dictionaries.indices.contains(column),
                    let other = newer.dictionaries[column], other.identity == dictionary.identity
                else { continue }
                shared.tables[id]?.dictionaries[column] = other
            }
        }
        return shared
    }
}
