/// One file of logic tests: records of a statement or a query with what must come of it, blank lines between.
///
///     statement ok                      statement error 42P01
///     CREATE TABLE t (a bigint)         SELECT * FROM nothing
///
///     query [rowsort]
///     SELECT a, b FROM t
///     ----
///     1|x
///     2|NULL
///
/// A value is PostgreSQL's text; NULL is `NULL`, an empty string `(empty)`. `#` begins a comment line.
struct LogicTestFile {
    enum Record {
        case statement(sql: String, errorCode: String?, line: Int)
        case query(sql: String, isSorted: Bool, rows: [String], line: Int)
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    var records: [Record] = []

    init(_ text: String, name: String) throws {
        var block: [(number: Int, text: Substring)] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("#") { continue }
            if line.isEmpty {
                try add(block, name)
                block = []
            } else {
                block.append((index + 1, line))
            }
        }
        try add(block, name)
    }

    private mutating func add(_ block: [(number: Int, text: Substring)], _ name: String) throws {
        guard let head = block.first else { return }
        let words = head.text.split(separator: " ")
        switch words.first {
        case "statement":
            let sql = block.dropFirst().map(\.text).joined(separator: "\n")
            let code = words.count > 2 ? String(words[2]) : nil
            guard words.count > 1, words[1] == "ok" || (words[1] == "error" && code != nil) else {
                throw Malformed(description: "\(name):\(head.number): statement ok, or statement error CODE")
            }
            records.append(.statement(sql: sql, errorCode: code, line: head.number))
        case "query":
            guard let rule = block.firstIndex(where: { $0.text == "----" }) else {
                throw Malformed(description: "\(name):\(head.number): a query without ----")
            }
            records.append(
                .query(
                    sql: block[1..<rule].map(\.text).joined(separator: "\n"),
                    isSorted: words.contains("rowsort"),
                    rows: block[(rule + 1)...].map { String($0.text) }, line: head.number))
        default: throw Malformed(description: "\(name):\(head.number): unknown record")
        }
    }
}
