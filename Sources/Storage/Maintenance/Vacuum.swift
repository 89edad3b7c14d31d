import DurableIO

/// What `ColumnStore.vacuum` did.
public struct VacuumReport: Hashable, Sendable {
    /// Versions that can no longer be read, except by snapshots that hold them.
    public var versionsDropped: Int
    public var versionsLeft: Int
    public var filesUnlinked: Int
    public var bytesFreed: Int
    /// Files that no version needs, but a snapshot, or a process that has the store open for reading; later
    /// transactions unlink them.
    public var filesWaiting: Int
    public var manifestBytes: Int
}

extension ColumnStore {
    /// Row groups that later versions have lost before the manifest is rewritten for their sake.
    static let retiredRowGroupsMax = 256
    /// The same when earlier versions are not wanted.
    static let retiredRowGroupsMaxWithoutHistory = 16

    /// Thins the versions out at once, rewrites the manifest and unlinks the files that nobody needs.
    /// Commits do the same now and then by the store's own policy.
    ///
    /// - Parameters:
    ///   - policy: Instead of the store's `retention`, this time.
    ///   - limit: How long to wait for a transaction to end.
    /// - Throws: As `begin`; `.damagedManifest`; `.files` when nothing was changed.
    @discardableResult
    public func vacuum(
        retaining policy: RetentionPolicy? = nil, waitingAtMost limit: Duration = .seconds(60)
    ) throws(StorageError) -> VacuumReport {
        try enterGate(waitingAtMost: limit)
        defer { endTransaction() }
        let dropped = try thinHistory(policy ?? retention)
        let unlinked = collectGarbage()
        return VacuumReport(
            versionsDropped: dropped, versionsLeft: retainedVersions.count, filesUnlinked: unlinked.files,
            bytesFreed: unlinked.bytes, filesWaiting: unlinked.waiting + garbage.pinnedCount,
            manifestBytes: manifest.byteCount)
    }

    /// After a commit: rewrites the manifest when it has grown much, or when many row groups are kept only
    /// for earlier versions.
    func thinHistoryIfNeeded() {
        let retired = lock.withLock { history.retiredRowGroups }
        let limit =
            retention.limit == 0 ? Self.retiredRowGroupsMaxWithoutHistory : Self.retiredRowGroupsMax
        guard manifest.wantsCheckpoint || retired >= limit else { return }
        do {
            _ = try thinHistory(retention)
        } catch {
            // The commit stands. When the manifest could not be rewritten, it goes on growing, and is tried
            // again when there is as much to win once more.
            manifest.postponeCheckpoint()
            lock.withLock { history.retiredRowGroups = 0 }
        }
    }

    /// Inside the gate. Afterwards no version but the kept ones can be read, and files that none of them
    /// needs are garbage once no snapshot holds them.
    ///
    /// - Returns: Versions dropped.
    private func thinHistory(_ policy: RetentionPolicy) throws(StorageError) -> Int {
        let (current, old) = lock.withLock { (state, history) }
        let kept = policy.kept(old.versions, now: clock.now)
        let scan = ManifestScan(
            bytes: try ManifestLog.read(manifest.file, byteCount: manifest.byteCount), path: manifest.path)
        let thinned = try HistoryThinning(scan, keeping: kept, builder: replayBuilder(old, current))
        guard thinned.records.last?.version == current.version else {
            throw .damagedManifest(
                path: manifest.path, byteOffset: scan.bytes.count,
                reason: "version \(current.version) is missing")
        }
        let ends: [Int]
        do {
            ends = try manifest.replace(with: thinned.records)
        } catch .undone(let cause) {
            throw .files(cause)
        } catch {
            lock.withLock { isPoisoned = true }
            throw .needsReopening(directory: directory)
        }
        let points = zip(thinned.records, ends).map { record, end in
            StoreHistory.Point(
                version: StoreVersion(number: record.version, time: record.time), endOffset: end)
        }
        let files = old.files.filter { thinned.files.contains($0.key) }
        lock.withLock {
            history = StoreHistory(points: points, files: files, file: manifest.file)
            pastStates.removeAll { !kept.contains($0.version) }
        }
        for (id, file) in old.files where files[id] == nil { file.markObsolete() }
        return old.points.count - points.count
    }
}
