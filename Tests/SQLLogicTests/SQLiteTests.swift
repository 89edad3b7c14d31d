import Foundation
import Testing
import WarehouseEngine

/// SQLite's logic tests, of the public domain: `SQLite` has small files whole and the beginnings of the large
/// ones; AMBAR_SQLITE_TESTS names a directory of whole files to run instead.
@Suite("SQLite's logic tests")
struct SQLiteTests {
    static let folder: URL = {
        if let given = ProcessInfo.processInfo.environment["AMBAR_SQLITE_TESTS"] {
            return URL(filePath: given, directoryHint: .isDirectory)
        }
        return URL(filePath: #filePath).deletingLastPathComponent().appending(path: "SQLite")
    }()

    static let files: [String] = {
        let names = FileManager.default.enumerator(atPath: folder.path)
        return (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".test") }.sorted()
    }()

    /// Records that PostgreSQL 15 does not answer as the file says: by file, the line and the reason.
    static let exceptions: [String: [Int: String]] = [
        "evidence/in1.test": [
            279: "the text 'hello' is compared with integers: 22P02",
            290: "the text 'hello' is compared with integers: 22P02",
            313: "x'…' is a bit string, which no operator compares with an integer: 42883",
            324: "x'…' is a bit string, which no operator compares with an integer: 42883",
        ],
        "evidence/in2.test": Dictionary(
            uniqueKeysWithValues: [81, 88, 95, 102, 109, 119, 129, 139].map {
                ($0, "an empty list after IN is a syntax error: 42601")
            }),
        "random/expr/slt_good_0.test": [
            46601: "AVG of integers is a NUMERIC, and so are its quotients: 58.225…",
            77844: "-31 / 65 is 0, and 20 is divided by it: 22012",
        ],
    ]

    @Test("there are files")
    func filesAreFound() { #expect(!Self.files.isEmpty) }

    @Test("a file gives the answers it tells", arguments: files)
    func file(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let file = try SQLiteTestFile(text, name: name)
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "ambar-sqlite-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let warehouse = try Warehouse.open(directory: directory, mode: .readWrite)
        let run = SQLiteTestRun(exceptions: Self.exceptions[name] ?? [:])
        let failures = run.failures(of: file, on: Session(warehouse))
        #expect(failures.isEmpty, "\(name): \(failures.joined(separator: "\n"))")
    }

    @Test("the digest is that of RFC 1321")
    func digest() {
        #expect(MD5.hexadecimal("") == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(MD5.hexadecimal("message digest") == "f96b697d7cb7938d525a2f31aaf161d0")
        let long = String(repeating: "1234567890", count: 8)
        #expect(MD5.hexadecimal(long) == "57edf4a22be3c955ac49da2e2107b67a")
    }

    @Test("records of other engines and those after a halt are left out")
    func marks() throws {
        let text =
            "skipif postgresql # no\nstatement ok\nA\n\nonlyif postgresql\nstatement error\nB\n"
            + "\nonlyif mysql\nhalt\n\nquery IT rowsort x\nC\n----\n1\n\nskipif mysql\nhalt\n"
            + "\nstatement ok\nD\n"
        let file = try SQLiteTestFile(text.replacingOccurrences(of: "\n", with: "\r\n"), name: "marks")
        #expect(file.records.map(\.sql) == ["B", "C"])
    }
}
