import ArgumentParser
import Foundation
import Replication
import Storage
import WarehouseEngine

extension MirrorPattern: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// What `rebuild`, `verify` and `serve` mirror.
struct MirrorOptions: ParsableArguments {
    @Option(
        help: "Table of the record to mirror, schema.table or schema.*; may be repeated (default: shop.*).")
    var mirror: [MirrorPattern] = []

    var patterns: [MirrorPattern] { mirror.isEmpty ? MirrorPattern.standard : mirror }
}

struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Throw the column store away and make it anew from Postgres.",
        discussion: "No server may run on the data directory. Tables of your own in the store are lost.")

    @Option(help: "Data directory.")
    var data = "data"

    @OptionGroup
    var options: MirrorOptions

    func run() async throws {
        let settings = try Settings.read()
        let directory = try DataDirectory(preparing: data)
        let record = try await blocking { try RecordDatabase(directory, settings) }
        let patterns = options.patterns
        let result: Result<Int, any Error>
        do {
            result = .success(
                try await blocking {
                    try StoreRemoval.remove(directory)
                    let warehouse = try StoreOpening.warehouse(directory, mode: .readWrite)
                    let replicator = Replicator(
                        record: record.configuration, tables: patterns, store: warehouse.store,
                        logger: settings.logger("replication"))
                    replicator.start()
                    defer { replicator.stop() }
                    try replicator.catchUp(withinSeconds: 24 * 3600)
                    return warehouse.tables().reduce(0) { $0 + $1.rowCount }
                })
        } catch {
            result = .failure(error)
        }
        try await blocking { record.close() }
        StandardStreams.writeLine("rebuilt: \(try result.get()) rows")
    }
}

/// Empties the store's directory, which must not be in use.
enum StoreRemoval {
    static func remove(_ directory: DataDirectory) throws {
        guard FileManager.default.fileExists(atPath: directory.store) else { return }
        // Moving it aside first makes the removal one step for whoever looks; a locked store is refused.
        do {
            _ = try ColumnStore.open(directory: directory.store, mode: .readWrite)
        } catch .files(.locked(let path, let pid)) {
            throw CommandFailure(
                "the store is in use by process \(pid.map(String.init) ?? "unknown"); stop it first: \(path)")
        } catch {
            // Damaged beyond opening: that is what a rebuild is for.
            StandardStreams.writeError("replacing a store that does not open: \(error)")
        }
        try FileManager.default.removeItem(atPath: directory.store)
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the column store with Postgres, row for row.",
        discussion:
            "Counts and checksums of every table; names tables and rows that differ. Exit code 1 if any do."
    )

    @Option(help: "Data directory.")
    var data = "data"

    @OptionGroup
    var options: MirrorOptions

    func run() async throws {
        let settings = try Settings.read()
        let directory = try DataDirectory(existing: data)
        let record = try await blocking { try RecordDatabase(directory, settings) }
        let patterns = options.patterns
        let result: Result<[TableComparison], any Error>
        do {
            result = .success(
                try await blocking { try Self.compare(directory, record, patterns, settings) })
        } catch {
            result = .failure(error)
        }
        try await blocking { record.close() }
        let tables = try result.get()
        for table in tables {
            let keys =
                table.differingKeys.isEmpty
                ? "" : "; first keys: \(table.differingKeys.joined(separator: " "))"
            StandardStreams.writeLine(
                "\(table.isEqual ? "equal  " : "DIFFERS") \(table.table): "
                    + "\(table.recordRows) rows in Postgres, \(table.storeRows) in the store\(keys)")
        }
        let different = tables.filter { !$0.isEqual }.count
        guard different == 0 else { throw CommandFailure("\(different) of \(tables.count) tables differ") }
        StandardStreams.writeLine("all \(tables.count) tables are equal")
    }

    /// With a server running, the store is read beside it and may be a moment behind: then it is read again.
    /// Without one, the store is brought in step first.
    private static func compare(
        _ directory: DataDirectory, _ record: RecordDatabase, _ patterns: [MirrorPattern],
        _ settings: Settings
    ) throws -> [TableComparison] {
        let verifier = MirrorVerifier(record: record.configuration, tables: patterns)
        let own: ColumnStore?
        do {
            own = try ColumnStore.open(directory: directory.store, mode: .readWrite)
        } catch .files(.locked) {
            own = nil
        } catch {
            throw CommandFailure(QueryError(error).description)
        }
        if let own {
            let replicator = Replicator(
                record: record.configuration, tables: patterns, store: own,
                logger: settings.logger("replication"))
            replicator.start()
            defer { replicator.stop() }
            try replicator.catchUp(withinSeconds: 3600)
            return try verifier.compare(own.snapshot())
        }
        var tables: [TableComparison] = []
        for attempt in 0..<20 {
            if attempt > 0 { Thread.sleep(forTimeInterval: 0.5) }
            let store = try ColumnStore.open(directory: directory.store, mode: .readOnly)
            tables = try verifier.compare(store.snapshot())
            if tables.allSatisfy(\.isEqual) { break }
        }
        return tables
    }
}
