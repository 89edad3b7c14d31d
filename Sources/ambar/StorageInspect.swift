import ArgumentParser
import Foundation
import Storage

struct StorageInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show tables, columns, encodings, sizes and versions; a server may run beside it.")

    enum Format: String, ExpressibleByArgument { case text, json }

    @OptionGroup
    var choice: StoreChoice

    @Option(help: "text or json.")
    var format = Format.text

    @Argument(help: "Tables to show, schema.name; all when none is given.")
    var tables: [String] = []

    func run() async throws {
        let this = self
        try await blocking { try this.inspect() }
    }

    private func inspect() throws {
        let store = try choice.open(.readOnly)
        var inspection = try StorageFailure.told { () throws(StorageError) in
            try store.snapshot().inspect()
        }
        if !tables.isEmpty {
            let known = Set(inspection.tables.map { "\($0.definition.name)" })
            if let missing = tables.first(where: { !known.contains($0) && !known.contains("public.\($0)") }) {
                throw CommandFailure(
                    "there is no table \(missing); the store has \(known.sorted().joined(separator: ", "))")
            }
            inspection.tables.removeAll { table in
                !tables.contains("\(table.definition.name)") && !tables.contains(table.definition.name.name)
            }
        }
        switch format {
        case .text: StorageReport(inspection).write()
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let text = String(decoding: try encoder.encode(StorageJSON(inspection)), as: UTF8.self)
            StandardStreams.writeLine(text)
        }
    }
}

/// The inspection for people: a paragraph for the store and a table of columns for each table.
private struct StorageReport {
    let inspection: StoreInspection

    init(_ inspection: StoreInspection) { self.inspection = inspection }

    func write() {
        let store = inspection
        StandardStreams.writeLine(
            """
            \(store.directory): \(store.version)
            \(store.currentFiles) data files, \(ByteText.text(store.currentFileBytes)); with \
            earlier versions \(store.dataFiles) files, \(ByteText.text(store.dataFileBytes)); manifest \
            \(ByteText.text(store.manifestBytes)); \(store.versions.count) versions kept\
            \(store.versions.first.map { ", the oldest \($0)" } ?? "")
            """)
        for table in store.tables { write(table) }
    }

    private func write(_ table: TableInspection) {
        let options = table.definition.options
        let level = options.codec == .zstd ? " level \(options.effectiveLevel)" : ""
        StandardStreams.writeLine(
            """

            \(table.definition.name): \(table.rows) rows in \(table.rowGroupRows.count) row groups, \
            \(table.deletedRows) deleted (\(percent(table.deletedShare))), \
            \(ByteText.text(table.storedBytes)) of \(ByteText.text(table.rawBytes)) raw \
            (\(String(format: "%.1f", table.ratio)) ×), \
            \(options.codec.sqlName)\(level)
            """)
        var lines = [
            ["column", "type", "stored", "raw", "ratio", "NULLs", "distinct", "encodings", "codecs"]
        ]
        for column in table.columns {
            lines.append([
                column.name, column.type.sqlName, ByteText.text(column.storedBytes),
                ByteText.text(column.rawBytes), String(format: "%.1f", column.ratio), "\(column.nullCount)",
                "\(Int(column.distinctEstimate.rounded()))", shares(column.encodings), shares(column.codecs),
            ])
        }
        write(aligned: lines)
    }

    private func shares(_ shares: [ColumnInspection.Share]) -> String {
        shares.map { shares.count == 1 ? $0.name : "\($0.name) \($0.count)" }.joined(separator: ", ")
    }

    private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

    private func write(aligned lines: [[String]]) {
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        for line in lines {
            let cells = line.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return (2...6).contains(column) ? padding + cell : cell + padding
            }
            var text = "  " + cells.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            StandardStreams.writeLine(text)
        }
    }
}

/// The inspection for programs.
private struct StorageJSON: Encodable {
    struct Version: Encodable {
        var number: UInt64
        var time: String

        init(_ version: StoreVersion) {
            number = version.number
            time = StoreVersion.text(ofTime: version.time)
        }
    }

    struct Share: Encodable {
        var name: String
        var count: Int
        var storedBytes: Int
    }

    struct Column: Encodable {
        var name: String
        var type: String
        var storedBytes: Int
        var rawBytes: Int
        var nulls: Int
        var distinctEstimate: Double
        var minimum: String?
        var maximum: String?
        var encodings: [Share]
        var codecs: [Share]
    }

    struct Table: Encodable {
        var name: String
        var rows: Int
        var deletedRows: Int
        var rowGroupRows: [Int]
        var storedBytes: Int
        var rawBytes: Int
        var compression: String
        var level: Int?
        var columns: [Column]
    }

    var directory: String
    var version: Version
    var versions: [Version]
    var manifestBytes: Int
    var dataFiles: Int
    var dataFileBytes: Int
    var currentFiles: Int
    var currentFileBytes: Int
    var tables: [Table]

    init(_ store: StoreInspection) {
        directory = store.directory
        version = Version(store.version)
        versions = store.versions.map { Version($0) }
        manifestBytes = store.manifestBytes
        dataFiles = store.dataFiles
        dataFileBytes = store.dataFileBytes
        currentFiles = store.currentFiles
        currentFileBytes = store.currentFileBytes
        tables = store.tables.map { table in
            Table(
                name: "\(table.definition.name)", rows: table.rows, deletedRows: table.deletedRows,
                rowGroupRows: table.rowGroupRows, storedBytes: table.storedBytes, rawBytes: table.rawBytes,
                compression: table.definition.options.codec.sqlName, level: table.definition.options.level,
                columns: table.columns.map { Self.column($0) })
        }
    }

    private static func column(_ column: ColumnInspection) -> Column {
        Column(
            name: column.name, type: column.type.sqlName, storedBytes: column.storedBytes,
            rawBytes: column.rawBytes, nulls: column.nullCount, distinctEstimate: column.distinctEstimate,
            minimum: column.minimum?.text, maximum: column.maximum?.text,
            encodings: column.encodings.map { share($0) }, codecs: column.codecs.map { share($0) })
    }

    private static func share(_ share: ColumnInspection.Share) -> Share {
        Share(name: share.name, count: share.count, storedBytes: share.storedBytes)
    }
}
