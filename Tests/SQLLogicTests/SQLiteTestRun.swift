import Columns
import Foundation
import WarehouseEngine

/// Runs the records of a file in order and tells where an answer is not the expected one.
struct SQLiteTestRun {
    /// Records that the real PostgreSQL 15 does not answer as the file says, by file and line, with the
    /// reason. They are not run.
    let exceptions: [Int: String]

    /// A line a record that failed, at most `limit` of them.
    func failures(of file: SQLiteTestFile, on session: Session, limit: Int = 20) -> [String] {
        var failures: [String] = []
        for record in file.records where exceptions[record.line] == nil {
            if let failure = failure(of: record, on: session) {
                failures.append("line \(record.line): \(failure): \(record.sql)")
                if failures.count == limit { break }
            }
        }
        return failures
    }

    private func failure(of record: SQLiteTestFile.Record, on session: Session) -> String? {
        if Self.isOwnReindex(record.sql) { return nil }
        switch record.kind {
        case .statement(let succeeds):
            do {
                _ = try session.run(record.sql).allRows()
                return succeeds ? nil : "should fail"
            } catch {
                return succeeds ? "\(error)" : nil
            }
        case .query(let types, let order, let expected):
            do {
                let rows = try session.run(record.sql).allRows()
                if let row = rows.first, row.count != types.count { return "gives \(row.count) columns" }
                let texts = rows.map { zip($0, types).map { Self.text($0.0, as: $0.1) } }
                return Self.difference(Self.ordered(texts, order), expected)
            } catch {
                return "\(error)"
            }
        }
    }

    /// `REINDEX name`, which names neither a table nor an index as PostgreSQL's grammar wants.
    private static func isOwnReindex(_ sql: String) -> Bool {
        let words = sql.prefix(40).uppercased().split { $0 == " " || $0 == "\n" }
        guard words.first == "REINDEX" else { return false }
        return words.count < 2 || !["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"].contains(words[1])
    }

    private static func ordered(_ rows: [[String]], _ order: SQLiteTestFile.Order) -> [String] {
        // By bytes, as the files were made; a comparison of Strings is by canonical order.
        func precedes(_ left: String, _ right: String) -> Bool {
            left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        switch order {
        case .asGiven: return rows.flatMap { $0 }
        case .rows: return rows.sorted { $0.lexicographicallyPrecedes($1, by: precedes) }.flatMap { $0 }
        case .values: return rows.flatMap { $0 }.sorted(by: precedes)
        }
    }

    private static func difference(_ values: [String], _ expected: SQLiteTestFile.Expectation) -> String? {
        switch expected {
        case .values(let wanted):
            return values == wanted ? nil : "gives \(values.prefix(12)), not \(wanted.prefix(12))"
        case .digest(let count, let md5):
            if values.count != count { return "gives \(values.count) values, not \(count)" }
            let digest = MD5.hexadecimal(values.map { $0 + "\n" }.joined())
            return digest == md5 ? nil : "gives \(digest), not \(md5), first \(values.prefix(6))"
        }
    }

    private static func text(_ value: Value, as type: Character) -> String {
        guard let text = value.text else { return "NULL" }
        switch type {
        case "I":
            if text == "t" || text == "true" { return "1" }
            if text == "f" || text == "false" { return "0" }
            if Int(text) != nil { return text }
            return Double(text).flatMap { Int(exactly: $0.rounded(.towardZero)) }.map(String.init) ?? "0"
        case "R": return Double(text).map { String(format: "%.3f", $0) } ?? "0.000"
        default:
            if text.isEmpty { return "(empty)" }
            return String(text.unicodeScalars.map { $0.value < 32 || $0.value > 126 ? "@" : Character($0) })
        }
    }
}
