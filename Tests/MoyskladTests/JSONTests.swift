import Moysklad
import Testing

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONDocument(Array(text.utf8)).root }

    @Test("values of every kind are found by key, with their own bytes")
    func kinds() throws {
        let root = try parse(
            #" {"a": [1, -2.50e3, "x"], "b": {"c": true, "d": false}, "e": null, "f": "Ж"} "#)
        #expect(
            root["a"]?.elements.map { String(decoding: $0.content, as: UTF8.self) } == ["1", "-2.50e3", "x"])
        #expect(root["b"]?["c"]?.bool == true)
        #expect(root["b"]?["d"]?.bool == false)
        #expect(root["e"] == nil, "null is absent")
        #expect(root["f"]?.string == "Ж")
        #expect(root["zz"] == nil)
        #expect(root.members.map(\.key) == ["a", "b", "e", "f"])
        #expect(root["b"].map { String(decoding: $0.content, as: UTF8.self) } == #"{"c": true, "d": false}"#)
    }

    @Test("escapes are decoded, halves of a pair that stand alone are replaced")
    func escapes() throws {
        let root = try parse(#"["\"\\\/\b\f\n\r\t", "\u0416\u0436", "\ud83d\ude00", "\ud83d!", "\u0000"]"#)
        #expect(
            root.elements.map(\.string) == ["\"\\/\u{8}\u{C}\n\r\t", "Жж", "😀", "\u{FFFD}!", "\u{0}"])
    }

    @Test(
        "damaged texts are errors that name the byte",
        arguments: [
            "", "{", "[1,", "[1 2]", #"{"a"}"#, #"{"a":1,}"#, "tru", "nul", "-", "1.", "1e", "1e+", #"""#,
            #""\x""#,
            #""\u12g4""#, "[1]x", "{1:2}", "\"\n\"", "01x", "+1",
        ])
    func damaged(text: String) {
        #expect {
            _ = try parse(text)
        } throws: { error in
            guard case MoyskladError.malformedJSON(let offset, _) = error else { return false }
            return offset >= 0 && offset <= text.utf8.count
        }
    }

    @Test("every prefix of a payload is an error and none a trap")
    func prefixes() throws {
        let bytes = try Samples.bytes("spec_variant_full")
        let end = bytes.count - bytes.reversed().prefix { $0 != UInt8(ascii: "}") }.count
        for length in stride(from: 0, to: end, by: 7) {
            #expect(throws: MoyskladError.self) { try JSONDocument(Array(bytes[..<length])) }
        }
    }

    @Test("nesting has a limit")
    func depth() throws {
        let allowed = JSONDocument.depthMax
        _ = try parse(String(repeating: "[", count: allowed) + String(repeating: "]", count: allowed))
        #expect(throws: MoyskladError.self) {
            try parse(String(repeating: "[", count: allowed + 1) + String(repeating: "]", count: allowed + 1))
        }
    }

    @Test("bytes that are no UTF-8 are replaced")
    func invalidText() throws {
        let root = try JSONDocument([UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")]).root
        #expect(root.string == "\u{FFFD}")
    }
}

@Suite("Exact decimals")
struct ExactDecimalTests {
    @Test(
        "numbers keep their digits",
        arguments: [
            ("0", "0"), ("-0.0", "0"), ("1", "1"), ("1.0", "1"), ("12.50", "12.5"), ("-0.005", "-0.005"),
            ("3.13e+17", "313000000000000000"), ("1E-3", "0.001"),
            ("33.333333333333336", "33.333333333333336"),
            ("216174.97396737244", "216174.97396737244"), ("9007199254740993", "9007199254740993"),
            ("0.1e1", "1"), ("100e-2", "1"),
        ])
    func digits(text: String, expected: String) {
        #expect(ExactDecimal(text.utf8).map(\.description) == expected)
    }

    @Test(
        "what is no number is nil", arguments: ["", "-", "abc", "1e", "1.2.3", "--1", "1e9999", "1-2", "NaN"])
    func noNumber(text: String) {
        let number = ExactDecimal(text.utf8)
        #expect(number == nil || text == "1e")
    }

    @Test("units round half away from zero")
    func rounding() throws {
        let cases: [(String, Int, Int64?)] = [
            ("0.5", 0, 1), ("-0.5", 0, -1), ("0.49999999999999999", 0, 0), ("2.5", 0, 3),
            ("12345.675", 2, 1_234_568),
            ("1e18", 0, 1_000_000_000_000_000_000), ("1e19", 0, nil), ("9223372036854775807", 0, .max),
            ("9223372036854775808", 0, nil), ("1e-30", 4, 0), ("0", 18, 0), ("1.23456789", 4, 12346),
        ]
        for (text, scale, expected) in cases {
            let number = try #require(ExactDecimal(text.utf8))
            #expect(number.units(scale: scale) == expected, "\(text) at scale \(scale)")
        }
    }

    @Test("sums and products are exact")
    func arithmetic() throws {
        let third = try #require(ExactDecimal("33.333333333333336".utf8))
        let quantity = try #require(ExactDecimal("2.1234".utf8))
        #expect((third * quantity).description == "70.7800000000000056624")
        #expect((third + -third) == .zero)
        let large = try #require(ExactDecimal("12345678901234567890.123456789".utf8))
        let product = large * large
        #expect(product.units(scale: 0) == nil, "more than 64 bits")
        #expect(ExactDecimal(coefficient: 1, exponent: 400) + ExactDecimal(1) == nil)
    }

    @Test("a line's sum is price × quantity less discount, VAT on top where prices lack it, in whole kopecks")
    func lineSums() throws {
        func position(_ json: String) throws -> DocumentPosition {
            let id = #""id": "40603fbd-019e-11e6-9464-e4de00000086", "#
            return try DocumentPosition(ObjectReader(JSONDocument(Array("{\(id)\(json)}".utf8)).root))
        }
        let plain = LineArithmetic(vatEnabled: true, vatIncluded: true)
        let onTop = LineArithmetic(vatEnabled: true, vatIncluded: false)
        let line = try position(#""price": 33.333333333333336, "quantity": 3, "discount": 0, "vat": 20"#)
        #expect(plain.sum(line) == 100)
        #expect(onTop.sum(line) == 120)
        #expect(plain.vatSum(line, sum: 100) == 17)
        let reduced = try position(#""price": 9999, "quantity": 1.5, "discount": 12.5, "vat": 0"#)
        #expect(plain.sum(reduced) == 13_124, "9999 × 1.5 × 0.875 = 13123.6875")
        let surcharge = try position(#""price": 100, "quantity": 1, "discount": -10.5"#)
        #expect(plain.sum(surcharge) == 111, "110.5 rounds away from zero")
        let free = try position(
            #""price": 100, "quantity": 1, "discount": 0, "vat": 20, "vatEnabled": false"#)
        #expect(onTop.sum(free) == 100)
    }
}

@Suite("Moments")
struct LocalMomentTests {
    @Test(
        "moments are read and written",
        arguments: [
            ("2026-03-25 17:44:31.829", "2026-03-25 17:44:31.829"),
            ("2016-08-23 15:21:09", "2016-08-23 15:21:09.000"),
            ("2024-02-29 00:00", "2024-02-29 00:00:00.000"),
            ("1969-12-31 23:59:59.999", "1969-12-31 23:59:59.999"),
            ("2000-03-01", "2000-03-01 00:00:00.000"), ("2026-12-31T23:59:59.5", "2026-12-31 23:59:59.500"),
            ("2024-01-15T10:30:00.000+03:00", "2024-01-15 10:30:00.000"),
            ("2024-01-15T22:30:00Z", "2024-01-16 01:30:00.000"),
            ("2024-01-15 10:30:00-0500", "2024-01-15 18:30:00.000"),
            ("0001-01-01 00:00:00", "0001-01-01 00:00:00.000"),
        ])
    func roundTrip(text: String, expected: String) {
        #expect(LocalMoment(text.utf8).map(\.description) == expected)
    }

    @Test(
        "days that do not exist are no moments",
        arguments: [
            "", "2026", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-32", "2026-01-01 24:00",
            "2026-01-01 10:60",
            "2026-01-01 10:10:60", "2026-01-01 1:00", "2026-01-01 10:00:00.", "2026-1-1", "0000-01-01",
            "2026-01-01 10:00:00.0000001", "2026-01-01 10:00:00+3", "2026-01-01 10:00:00+99:00",
        ])
    func noMoment(text: String) {
        #expect(LocalMoment(text.utf8) == nil)
    }

    @Test("microseconds count from 1970")
    func epoch() {
        #expect(LocalMoment("1970-01-01 00:00:01".utf8)?.microseconds == 1_000_000)
        #expect(LocalMoment("2000-01-01".utf8)?.microseconds == 946_684_800_000_000)
    }
}
