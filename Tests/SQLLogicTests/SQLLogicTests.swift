import Columns
import Foundation
import Storage
import Testing
import WarehouseEngine

/// SQL behaviour by topic: each file of `Topics` runs on a store of its own, once as it is, once on one
/// thread, once with the store opened anew after every statement outside of a transaction, and once with
/// every operator setting its rows aside on the disk. The expected rows are PostgreSQL's. A topic that begins
/// with `# Within one session.` keeps its store open.
@Suite("SQL by topic")
struct SQLLogicTests {
    enum Mode: String, CaseIterable, Sendable { case plain, oneWorker, reopened, spilling }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Topics")

    static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".slt") }.sorted()
    }()

    /// All files, or those of the comma list in AMBAR_TOPICS.
    static let topics: [String] = {
        let list = ProcessInfo.processInfo.environment["AMBAR_TOPICS"]
        let wanted = list?.split(separator: ",").map(String.init)
        return files.filter { wanted?.contains($0) ?? true }
    }()

    @Test("there are topics")
    func topicsAreFound() { #expect(Self.files.count >= 38) }

    @Test("a topic gives PostgreSQL's rows and errors", arguments: topics, Mode.allCases)
    func topic(name: String, mode: Mode) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let file = try LogicTestFile(text, name: name)
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "ambar-slt-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var resources = QueryResources()
        if mode == .spilling { resources.forcedSpillBytes = 1 }
        var warehouse: Warehouse? = try Warehouse.open(
            directory: directory, mode: .readWrite, workerCount: mode == .oneWorker ? 1 : nil,
            resources: resources)
        var session = warehouse.map { Session($0) }
        let reopens = mode == .reopened && !text.hasPrefix("# Within one session.")
        for record in file.records {
            if reopens, session?.transactionStatus == .idle {
                session = nil
                warehouse = nil
                warehouse = try reopened(directory)
                session = warehouse.map { Session($0) }
            }
            guard let session else { return }
            try run(record, on: session, name)
        }
    }

    /// The thread of a query that has given its last row may still be letting go of the store.
    private func reopened(_ directory: String) throws -> Warehouse {
        for _ in 0..<500 {
            do {
                return try Warehouse.open(directory: directory, mode: .readWrite)
            } catch .files(.locked) {
                Thread.sleep(forTimeInterval: 0.002)
            }
        }
        return try Warehouse.open(directory: directory, mode: .readWrite)
    }

    /// Zeros at the end of a fraction do not count: a NUMERIC of the store has the scale of its type,
    /// PostgreSQL's has one a value.
    static func normalised(_ row: String) -> String {
        row.split(separator: "|", omittingEmptySubsequences: false).map { cell in
            guard cell.contains("."), cell.allSatisfy({ $0.isNumber || $0 == "." || $0 == "-" }) else {
                return String(cell)
            }
            var text = cell
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
            return text == "-0" ? "0" : String(text)
        }.joined(separator: "|")
    }

    private func run(_ record: LogicTestFile.Record, on session: Session, _ name: String) throws {
        switch record {
        case .statement(let sql, let code, let line):
            do {
                _ = try session.run(sql).allRows()
                #expect(code == nil, "\(name):\(line) should fail with \(code ?? "")")
            } catch {
                #expect(error.code == code, "\(name):\(line) \(error)")
            }
        case .query(let sql, let isSorted, let expected, let line):
            do {
                var rows = try session.run(sql).allRows().map { row in
                    row.map { value in value.text.map { $0.isEmpty ? "(empty)" : $0 } ?? "NULL" }
                        .joined(separator: "|")
                }
                if isSorted { rows.sort() }
                var wanted = expected.map(Self.normalised)
                rows = rows.map(Self.normalised)
                if isSorted { wanted.sort() }
                #expect(rows == wanted, "\(name):\(line) \(sql)")
            } catch {
                Issue.record("\(name):\(line) \(error)")
            }
        }
    }
}
