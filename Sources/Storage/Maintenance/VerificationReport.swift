import TableCatalog

/// One thing that is wrong with a store on disk.
public struct StorageFault: Hashable, Sendable {
    public var path: String
    /// Where in the file the damaged part begins.
    public var byteOffset: Int
    /// nil when the fault concerns a whole file.
    public var table: TableName?
    /// nil when the fault concerns a whole row group.
    public var column: String?
    public var reason: String
}

extension StorageFault: CustomStringConvertible {
    public var description: String {
        let place = [table?.description, column].compactMap { $0 }.joined(separator: ".")
        return "\(path) at offset \(byteOffset)\(place.isEmpty ? "" : " (\(place))"): \(reason)"
    }
}

/// How far a verification has come.
public struct VerificationProgress: Hashable, Sendable {
    public var rowGroupsDone = 0
    public var rowGroups = 0
    public var bytesRead = 0
    public var faults = 0
}

/// What a verification read and found.
public struct VerificationReport: Hashable, Sendable {
    public var versions = 0
    public var files = 0
    public var rowGroups = 0
    public var rows = 0
    public var segments = 0
    public var bytesRead = 0
    public var faults: [StorageFault] = []
    /// Paths of data files that no retained version names: they wait for readers to leave, or were left by a
    /// crash. A writer unlinks them.
    public var orphanFiles: [String] = []
    /// Paths of data files newer than the version: of a transaction under way, or left by a crash.
    public var uncommittedFiles: [String] = []

    public var isSound: Bool { faults.isEmpty }
}
