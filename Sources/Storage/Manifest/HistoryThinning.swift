import DurableIO

/// Rewrites the records of a manifest so that only some of its versions are left: the oldest as a checkpoint,
/// each later one as one record of what changed since.
struct HistoryThinning {
    private(set) var records: [ManifestRecord] = []
    /// The files that the records name.
    private(set) var files: Set<DataFileID> = []

    /// - Parameters:
    ///   - scan: The manifest as it is.
    ///   - kept: Versions to keep; the newest must be among them.
    ///   - builder: An empty state that knows the files.
    /// - Throws: `.damagedManifest`.
    ///
    /// Holds two versions at a time in memory.
    init(
        _ scan: ManifestScan, keeping kept: Set<UInt64>, builder: StateBuilder
    ) throws(StorageError) {
        var builder = builder
        var previous: StoreState?
        var records: [ManifestRecord] = []
        _ = try scan.run { record, _ in
            if let reason = builder.apply(record) { return reason }
            if kept.contains(record.version) {
                records.append(StateDifference.record(from: previous, to: builder.state))
                previous = builder.state
            }
            return nil
        }
        self.records = records
        for record in records {
            for operation in record.operations {
                if let file = operation.file { files.insert(file) }
            }
        }
    }
}
