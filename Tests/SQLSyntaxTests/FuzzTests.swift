import SQLSyntax
import Testing

/// A small generator of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

@Suite("Fuzzing the parser")
struct FuzzTests {
    static let pieces = [
        "SELECT", "FROM", "WHERE", "(", ")", ",", "*", "'a'", "\"b\"", "1", ".5", "1e3", "$1", "::", "[", "]",
        "CASE", "WHEN", "THEN", "END", "IN", "NOT", "BETWEEN", "AND", "OVER", "PARTITION", "BY", "JOIN", "ON",
        "UNION", "VALUES", "WITH", "AS", "INTERVAL", "DATE", "ж", "--", "/*", "*/", "E'\\u", "$$", "~", "->>",
        "EXISTS", "ALL", ";", "a.b", "IS", "DISTINCT", "GROUP", "ORDER", "LIMIT", "CREATE TABLE t (", "\0",
    ]

    @Test(
        "no text traps, and what parses prints as something that parses to the same",
        arguments: 0..<40 as Range<UInt64>)
    func mutations(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<60 {
            var bytes = Array((StatementTests.canonical.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) { mutate(&bytes, &random) }
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1 where place < bytes.count: bytes.removeSubrange(place..<min(bytes.count, place + 5))
        case 2: bytes.insert(contentsOf: bytes.suffix(from: place).prefix(20), at: place)
        default:
            let piece = Self.pieces.randomElement(using: &random) ?? ""
            bytes.insert(contentsOf: Array(" \(piece) ".utf8), at: place)
        }
    }

    private func check(_ sql: String) {
        guard let parsed = try? SQLParser.statements(in: sql) else { return }
        let explicit = SQLPrinter(parenthesizesEverything: true)
        for statement in parsed.map(\.statement) {
            let printed = SQLPrinter().text(statement)
            let again = try? SQLParser.statement(in: printed)
            #expect(again.map { explicit.text($0) } == explicit.text(statement), "from \(sql) by \(printed)")
        }
    }
}
