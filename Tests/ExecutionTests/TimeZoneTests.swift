import Columns
import DurableIO
import Testing

@testable import Execution

@Suite("Time zones")
struct TimeZoneTests {
    private static func moment(_ text: String) throws -> Int64 {
        try #require(try TextReader.value(text, as: .timestamp).integerValue)
    }

    @Test(
        "a clock shows what the zone's rules say",
        arguments: [
            ("Europe/Moscow", "2024-01-01 10:00", "2024-01-01 13:00"),
            ("Europe/Moscow", "2012-07-01 10:00", "2012-07-01 14:00"),
            ("europe/moscow", "1990-01-01 00:00", "1990-01-01 03:00"),
            ("America/New_York", "2040-07-01 10:00", "2040-07-01 06:00"),
            ("America/New_York", "2040-12-01 10:00", "2040-12-01 05:00"),
            ("UTC", "2024-01-01 10:00", "2024-01-01 10:00"), ("MSK", "2024-01-01 10:00", "2024-01-01 13:00"),
            ("+03", "2024-01-01 10:00", "2024-01-01 07:00"),
        ])
    func local(zone: String, utc: String, clock: String) throws {
        let rules = try TimeZoneRules(named: zone)
        let moment = try Self.moment(utc)
        let shown = try Self.moment(clock)
        #expect(rules.local(fromUTC: moment) == shown)
        #expect(rules.utc(fromLocal: shown) == moment)
    }

    @Test("a time that the clock skips or shows twice is PostgreSQL's")
    func changes() throws {
        let rules = try TimeZoneRules(named: "America/New_York")
        // 02:30 does not exist on 2024-03-10, and exists twice on 2024-11-03 at 01:30.
        let skipped = try Self.moment("2024-03-10 02:30")
        let doubled = try Self.moment("2024-11-03 01:30")
        let afterGap = try Self.moment("2024-03-10 07:30")
        let second = try Self.moment("2024-11-03 06:30")
        #expect(rules.utc(fromLocal: skipped) == afterGap)
        #expect(rules.utc(fromLocal: doubled) == second)
    }

    @Test(
        "an unknown zone is an error", arguments: ["Foo/Bar", "", "../../etc/passwd", "/etc/passwd", "a b"])
    func unknown(name: String) {
        #expect(throws: ExecutionError.self) { try TimeZoneRules(named: name) }
    }

    @Test("a damaged zone file gives rules or nothing, never otherwise", arguments: 0..<300 as Range<Int>)
    func damaged(seed: Int) throws {
        let file = try POSIXFileSystem().open("\(TimeZoneRules.directory)/Europe/Moscow", .read)
        var bytes = try file.readBytes(atByteOffset: 0, byteCount: try file.byteCount())
        if seed % 3 == 0 {
            bytes.removeLast(seed * 7 % bytes.count)
        } else {
            bytes[seed * 13 % min(bytes.count, 200)] = UInt8(truncatingIfNeeded: seed * 31)
        }
        let rules = TimeZoneRules(bytes: bytes)
        _ = rules?.local(fromUTC: 1_700_000_000_000_000)
    }
}

@Suite("Digests")
struct DigestTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        let text = TextBuffer()
        ByteText.append(hex: bytes, to: text)
        return text.string
    }

    @Test("MD5 and SHA-2 give the digests of their specifications")
    func known() {
        let abc = Array("abc".utf8)
        #expect(Self.hex(MD5.digest([])) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(Self.hex(MD5.digest(abc)) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(
            Self.hex(SHA2.digest256(abc, isShort: false))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Self.hex(SHA2.digest256(abc, isShort: true))
                == "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")
        #expect(
            Self.hex(SHA2.digest512(abc, isShort: true)).hasPrefix("cb00753f45a35e8bb5a03d699ac65007"))
        #expect(
            Self.hex(SHA2.digest512(abc, isShort: false)).hasPrefix("ddaf35a193617abacc417349ae204131"))
        // More than one block.
        let long = [UInt8](repeating: 97, count: 1_000)
        #expect(Self.hex(MD5.digest(long)) == "cabe45dcc9ae5b66ba86600cca6b8ba8")
    }

    @Test("base64 comes back", arguments: 0..<80)
    func base64(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let text = TextBuffer()
        ByteText.append(base64: bytes, to: text)
        #expect(try ByteText.fromBase64(Array(text.bytes)) == bytes)
    }
}

@Suite("Searching by trial")
struct RegexBacktrackerTests {
    @Test("a pattern that would try for ever ends")
    func bounded() throws {
        let expression = try RegularExpression("^(a+)+\\1b$")
        #expect(!expression.isMatch(String(repeating: "a", count: 200)))
    }

    @Test("both ways of searching agree", arguments: ["a*b", "(a|b)+c", "^a.c$", "[ab]{2,3}", "x?y"])
    func agreement(pattern: String) throws {
        // An empty look-ahead changes nothing but the way of searching.
        let plain = try RegularExpression(pattern)
        let trial = try RegularExpression("(?=)" + pattern)
        for text in ["", "a", "ab", "aab", "abc", "bbac", "axc", "xy", "yyx", "cab"]
        where !pattern.hasPrefix("^") {
            let scalars = Array(text.unicodeScalars)
            #expect(
                plain.firstMatch(scalars, from: 0)?.range == trial.firstMatch(scalars, from: 0)?.range,
                "\(pattern) in \(text)")
        }
    }
}
