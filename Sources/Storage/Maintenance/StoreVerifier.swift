import DurableIO
import TableCatalog

/// Reads everything that versions of a store name, and tells all that is wrong with it.
struct StoreVerifier {
    /// A row group, and what is needed to understand it.
    struct Job {
        var group: RowGroup
        var deletes: RowDeletions?
        var definition: TableDefinition
        var dictionaries: [TableDictionary?]
    }

    private let store: ColumnStore
    private let progress: (VerificationProgress) -> Void
    private var jobs: [RowGroupID: Job] = [:]
    private var report = VerificationReport()

    init(_ store: ColumnStore, progress: @escaping (VerificationProgress) -> Void) {
        self.store = store
        self.progress = progress
    }

    mutating func run(allVersions: Bool) throws(StorageError) -> VerificationReport {
        // What is taken here holds every file that a retained version needs.
        let (current, history) = store.lock.withLock { (store.state, store.history) }
        if allVersions {
            try addRetained(history, current)
        } else {
            add(current, changedBy: nil)
        }
        verifyRowGroups()
        try listUnnamed(history, current)
        return report
    }

    private mutating func addRetained(
        _ history: StoreHistory, _ current: StoreState
    ) throws(StorageError) {
        guard let file = history.file, let end = history.points.last?.endOffset else { return }
        let bytes = try ManifestLog.read(file, byteCount: end)
        var builder = store.replayBuilder(history, current)
        _ = try ManifestScan(bytes: bytes, path: store.manifest.path).run { record, _ in
            if let reason = builder.apply(record) { return reason }
            add(builder.state, changedBy: record.kind == .checkpoint ? nil : record.version)
            return nil
        }
    }

    /// Takes the row groups of a version in; of one that several versions have, the last counts.
    ///
    /// - Parameter version: Only tables that this version changed; all of them when nil.
    private mutating func add(_ state: StoreState, changedBy version: UInt64?) {
        report.versions += 1
        for table in state.tables.values where version == nil || table.version == version {
            for live in table.rowGroups {
                jobs[live.group.id] = Job(
                    group: live.group, deletes: live.deletes, definition: table.definition,
                    dictionaries: table.dictionaries)
            }
        }
    }

    private mutating func verifyRowGroups() {
        let byFile = Dictionary(grouping: jobs.values) { $0.group.file.id }
        var state = VerificationProgress()
        state.rowGroups = jobs.count
        for (_, inFile) in byFile.sorted(by: { $0.key < $1.key }) {
            guard let file = inFile.first?.group.file else { continue }
            report.files += 1
            if let fault = file.headerFault() { report.faults.append(fault) }
            for job in inFile.sorted(by: { $0.group.footerOffset < $1.group.footerOffset }) {
                var verifier = RowGroupVerifier(job)
                verifier.run()
                report.rowGroups += 1
                report.rows += job.group.rowCount
                report.segments += verifier.segments
                report.bytesRead += verifier.bytesRead
                report.faults += verifier.faults
                state.rowGroupsDone += 1
                state.bytesRead = report.bytesRead
                state.faults = report.faults.count
                progress(state)
            }
            // Thousands of files need not stay open.
            file.close()
        }
    }

    private mutating func listUnnamed(
        _ history: StoreHistory, _ current: StoreState
    ) throws(StorageError) {
        let names = try StorageError.files { () throws(DurableIOError) in
            try store.fileSystem.list(store.dataDirectory)
        }
        let named = Set(history.files.keys.map(\.fileName))
        for name in names where name.hasSuffix(DataFileID.suffix) && !named.contains(name) {
            let path = store.dataDirectory + "/" + name
            if DataFileID.after([path]) > current.nextFile {
                report.uncommittedFiles.append(path)
            } else {
                report.orphanFiles.append(path)
            }
        }
    }
}

extension ColumnStore {
    /// Reads the files of the newest version, or of all retained ones, whole: checksums of headers, footers
    /// and segments, every value, zone maps and sketches against the values, row counts, dictionary codes.
    /// Works beside a writer; new commits do not count in.
    ///
    /// - Parameter progress: Called after each row group, on this thread.
    /// - Returns: All faults, not only the first. Damage of the manifest itself fails `open` already.
    /// - Throws: `.damagedManifest` and `.files` when the manifest or the folder cannot be read.
    ///
    /// O(bytes and rows); memory for one row group.
    public func verify(
        allVersions: Bool = false, progress: @escaping (VerificationProgress) -> Void = { _ in }
    ) throws(StorageError) -> VerificationReport {
        var verifier = StoreVerifier(self, progress: progress)
        return try verifier.run(allVersions: allVersions)
    }
}
