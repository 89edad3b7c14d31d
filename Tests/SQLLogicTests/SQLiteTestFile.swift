/// One file of SQLite's logic tests, as read by an engine that answers as PostgreSQL: records that `onlyif`
/// and `skipif` leave to other engines are not in it, and nothing after a `halt`.
///
///     statement ok                      query IT rowsort label
///     CREATE TABLE t1 (a INTEGER)       SELECT a, b FROM t1
///                                       ----
///                                       6 values hashing to 0123456789abcdef0123456789abcdef
struct SQLiteTestFile {
    enum Order: String { case asGiven = "nosort", rows = "rowsort", values = "valuesort" }

    enum Expectation {
        case values([String])
        /// How many values, and the MD5 of them, each with a newline after it.
        case digest(count: Int, md5: String)
    }

    enum Kind {
        case statement(succeeds: Bool)
        /// A letter a column: `I` an integer, `R` three decimals, `T` text.
        case query(types: [Character], order: Order, expected: Expectation)
    }

    struct Record {
        var kind: Kind
        var sql: String
        var line: Int
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var records: [Record] = []
    private var isHalted = false

    init(_ text: String, name: String) throws {
        var block: [(number: Int, text: Substring)] = []
        // Some of the files have CRLF at the ends of their lines, one Character that is a newline too.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            if line.allSatisfy({ $0 == " " }) {
                try add(block, name)
                block = []
            } else if !line.hasPrefix("#") {
                block.append((index + 1, line))
            }
            if isHalted { return }
        }
        try add(block, name)
    }

    private mutating func add(_ block: [(number: Int, text: Substring)], _ name: String) throws {
        var rest = block[...]
        while let head = rest.first {
            let words = Self.words(head.text)
            switch words.first {
            case "onlyif": if words.count < 2 || words[1] != "postgresql" { return }
            case "skipif": if words.count > 1, words[1] == "postgresql" { return }
            case "hash-threshold": break
            case "halt":
                isHalted = true
                return
            case "statement":
                let sql = rest.dropFirst().map(\.text).joined(separator: "\n")
                let succeeds = words.count > 1 && words[1] == "ok"
                records.append(Record(kind: .statement(succeeds: succeeds), sql: sql, line: head.number))
                return
            case "query":
                records.append(try Self.query(words, Array(rest.dropFirst()), head.number, name))
                return
            default: throw Malformed(description: "\(name):\(head.number): unknown record: \(head.text)")
            }
            rest = rest.dropFirst()
        }
    }

    private static func query(
        _ words: [Substring], _ lines: [(number: Int, text: Substring)], _ number: Int, _ name: String
    ) throws -> Record {
        guard words.count > 1, let rule = lines.firstIndex(where: { $0.text == "----" }) else {
            throw Malformed(description: "\(name):\(number): a query needs its types and a line of ----")
        }
        let order = words.count > 2 ? Order(rawValue: String(words[2])) ?? .asGiven : .asGiven
        let values = lines[(rule + 1)...].map { String($0.text) }
        var expected = Expectation.values(values)
        if values.count == 1, let hashed = values.first.map({ Self.words(Substring($0)) }), hashed.count == 5,
            hashed[1] == "values", hashed[2] == "hashing", let count = Int(hashed[0])
        {
            expected = .digest(count: count, md5: String(hashed[4]))
        }
        return Record(
            kind: .query(types: Array(words[1]), order: order, expected: expected),
            sql: lines[..<rule].map(\.text).joined(separator: "\n"), line: number)
    }

    /// The words of a line up to a `#`.
    private static func words(_ line: Substring) -> [Substring] {
        let words = line.split(separator: " ")
        return Array(words.prefix { !$0.hasPrefix("#") })
    }
}
