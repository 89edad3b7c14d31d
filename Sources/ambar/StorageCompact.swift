import ArgumentParser
import Foundation
import Storage

struct StorageCompact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Merge small row groups, drop deleted rows and apply tables' options; no server may run.",
        discussion: """
            Without --all only what pays is rewritten, as the server does by itself. The old row groups stay \
            on disk for AS OF until they are vacuumed.
            """)

    @OptionGroup
    var choice: StoreChoice

    @Flag(help: "Rewrite tables as if they had been loaded at once, sorted by their order_by columns.")
    var all = false

    @Argument(help: "Tables, schema.name; all when none is given.")
    var tables: [String] = []

    func run() async throws {
        let this = self
        try await blocking { try this.compact() }
    }

    private func compact() throws {
        let store = try choice.open(.readWrite)
        let known = store.snapshot().catalog.tables
        for name in tables where !known.contains(where: { name == "\($0.definition.name)" }) {
            throw CommandFailure("there is no table \(name); tables are named schema.name")
        }
        for (id, definition) in known where tables.isEmpty || tables.contains("\(definition.name)") {
            let steps = try StorageFailure.told { () throws(StorageError) in
                try store.compact(id, everything: all)
            }
            guard !steps.isEmpty else { continue }
            let read = steps.reduce(0) { $0 + $1.rowGroupsRead }
            let written = steps.reduce(0) { $0 + $1.rowGroupsWritten }
            let rows = steps.reduce(0) { $0 + $1.rowsWritten }
            StandardStreams.writeLine(
                "\(definition.name): \(read) row groups became \(written), \(rows) rows rewritten")
        }
        StandardStreams.writeLine("done")
    }
}
