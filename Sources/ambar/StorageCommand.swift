import ArgumentParser
import Foundation
import Storage
import WarehouseEngine

/// Looking at the column store and keeping it in order, without SQL and without Postgres.
struct StorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "Inspect, verify, vacuum, compact, back up and restore the column store.",
        subcommands: [
            StorageInspect.self, StorageVerify.self, StorageVacuum.self, StorageCompact.self,
            StorageBackup.self, StorageRestore.self,
        ])
}

/// Which store a command is about.
struct StoreChoice: ParsableArguments {
    @Option(help: "Data directory, whose store is meant.")
    var data = "data"

    @Option(help: "The directory of a store itself, for example of a backup, instead of a data directory's.")
    var store: String?

    func directory() throws -> String {
        if let store { return URL(filePath: store).standardizedFileURL.path }
        return try DataDirectory(existing: data).store
    }

    func open(_ mode: ColumnStore.Mode) throws -> ColumnStore {
        let directory = try directory()
        if mode == .readWrite, !FileManager.default.fileExists(atPath: directory) {
            throw CommandFailure("there is no store in \(directory)")
        }
        return try StorageFailure.told { () throws(StorageError) in
            try ColumnStore.open(directory: directory, mode: mode)
        }
    }
}

/// Turns the store's errors into the command's.
enum StorageFailure {
    static func told<Result>(_ body: () throws(StorageError) -> Result) throws -> Result {
        do throws(StorageError) { return try body() } catch { throw CommandFailure("\(QueryError(error))") }
    }
}

struct StorageVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read the whole store and check every checksum and value; a server may run beside it.",
        discussion: "Prints every fault with its file and offset. The exit code is 1 when there is one.")

    @OptionGroup
    var choice: StoreChoice

    @Flag(help: "Also the versions that are kept for AS OF, not only the newest.")
    var allVersions = false

    func run() async throws {
        let this = self
        try await blocking { try this.verify() }
    }

    private func verify() throws {
        let store = try choice.open(.readOnly)
        let line = ProgressLine()
        let report = try StorageFailure.told { () throws(StorageError) in
            try store.verify(allVersions: allVersions) { progress in
                line.show(
                    done: progress.rowGroupsDone, of: progress.rowGroups,
                    "\(ByteText.text(progress.bytesRead)), \(progress.faults) faults")
            }
        }
        line.clear()
        for fault in report.faults { StandardStreams.writeLine("fault: \(fault)") }
        for path in report.orphanFiles { StandardStreams.writeLine("not needed by any version: \(path)") }
        StandardStreams.writeLine(
            "\(report.faults.count) faults in \(report.files) files, \(report.rowGroups) row groups, "
                + "\(report.segments) segments, \(ByteText.text(report.bytesRead)) read")
        if !report.isSound { throw ExitCode(1) }
    }
}

struct StorageVacuum: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum",
        abstract: "Forget old versions and remove files that nobody needs; no server may run.")

    @OptionGroup
    var choice: StoreChoice

    @Option(help: "Hours back to which AS OF shall go on working; 0 keeps the newest version only.")
    var retainHours: Int?

    func validate() throws {
        if let retainHours, retainHours < 0 {
            throw ValidationError("--retain-hours is not negative: \(retainHours)")
        }
    }

    func run() async throws {
        let this = self
        try await blocking { try this.vacuum() }
    }

    private func vacuum() throws {
        let store = try choice.open(.readWrite)
        let policy = retainHours.map { hours in
            hours == 0 ? RetentionPolicy.newestOnly : RetentionPolicy(limit: Int64(hours) * 3_600_000_000)
        }
        let report = try StorageFailure.told { () throws(StorageError) in try store.vacuum(retaining: policy)
        }
        StandardStreams.writeLine(
            "\(report.versionsDropped) versions dropped, \(report.versionsLeft) left; "
                + "\(report.filesUnlinked) files removed, \(ByteText.text(report.bytesFreed)) freed, "
                + "\(report.filesWaiting) wait for readers")
    }
}

struct StorageBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make a copy of the store as of now, while a server may go on writing.",
        discussion: """
            On the same file system the copy is made of hard links: it takes no time and no room until the \
            store's own files are rewritten. For another disk the files are copied.
            """)

    @OptionGroup
    var choice: StoreChoice

    @Flag(help: "Copy the files also on the same file system.")
    var copy = false

    @Argument(help: "Directory to make; missing or empty.")
    var target: String

    func run() async throws {
        let this = self
        try await blocking {
            let store = try this.choice.open(.readOnly)
            let report = try StorageFailure.told { () throws(StorageError) in
                try store.backup(to: this.target, copying: this.copy)
            }
            StandardStreams.writeLine("backed up \(report.text) to \(this.target)")
        }
    }
}

struct StorageRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a store out of a backup, after reading and checking all of it.",
        discussion: "The store to make must not exist: move the old one away first.")

    @OptionGroup
    var choice: StoreChoice

    @Flag(help: "Copy the files also on the same file system.")
    var copy = false

    @Argument(help: "Directory of the backup.")
    var backup: String

    func run() async throws {
        let this = self
        try await blocking {
            let directory =
                try this.choice.store.map { URL(filePath: $0).standardizedFileURL.path }
                ?? DataDirectory(preparing: this.choice.data).store
            let line = ProgressLine()
            let report = try StorageFailure.told { () throws(StorageError) in
                try ColumnStore.restore(from: this.backup, to: directory, copying: this.copy) { progress in
                    line.show(done: progress.rowGroupsDone, of: progress.rowGroups, "checked")
                }
            }
            line.clear()
            StandardStreams.writeLine("restored \(report.text) into \(directory)")
        }
    }
}

extension BackupReport {
    fileprivate var text: String {
        "\(version): \(filesLinked) files linked, \(filesCopied) copied, \(ByteText.text(bytes))"
    }
}
