import Testing

@testable import MoyskladSimulator

@Suite("Values of the shop")
struct ShopValuesTests {
    @Test("a line is rounded to whole kopecks, half away from zero")
    func rounding() {
        let plain = LineArithmetic(vatEnabled: true, vatIncluded: true)
        // 1.5 pieces at 0.33 roubles are 49.5 kopecks.
        #expect(plain.sum(LineAmounts(quantity: 1500, price: 3300, discount: 0, vat: 20)) == 50)
        #expect(plain.sum(LineAmounts(quantity: 3000, price: 3_333_333, discount: 0, vat: 20)) == 100_000)
        #expect(plain.sum(LineAmounts(quantity: 1000, price: 10_000, discount: 3333, vat: 20)) == 67)
        #expect(plain.sum(LineAmounts(quantity: 1000, price: 10_000, discount: -500, vat: 20)) == 105)
        #expect(plain.sum(LineAmounts(quantity: 0, price: 10_000, discount: 0, vat: 20)) == 0)
    }

    @Test("VAT is added on top where the document says so, and only there")
    func vat() {
        let line = LineAmounts(quantity: 2000, price: 50_025, discount: 1000, vat: 20)
        let onTop = LineArithmetic(vatEnabled: true, vatIncluded: false)
        #expect(onTop.sum(line) == 1081)
        #expect(onTop.vatSum(line) == 180)
        let included = LineArithmetic(vatEnabled: true, vatIncluded: true)
        #expect(included.sum(line) == 900)
        #expect(included.vatSum(line) == 150)
        #expect(LineArithmetic(vatEnabled: false, vatIncluded: false).vatSum(line) == 0)
    }

    @Test("an id leads back to its object, and to no other", arguments: [0, 1, 65_535, Int32.max])
    func identity(ordinal: Int32) {
        let identity = ObjectIdentity(seed: 3)
        let text = identity.text(code: 17, ordinal: ordinal)
        #expect(ObjectIdentity.isWellFormed(Array(text.utf8)))
        #expect(identity.decode(text) == ObjectIdentity.Decoded(code: 17, ordinal: ordinal))
        #expect(identity.decode(text.uppercased()) == ObjectIdentity.Decoded(code: 17, ordinal: ordinal))
        #expect(ObjectIdentity(seed: 4).decode(text) == nil)
    }

    @Test("texts that are no ids are refused", arguments: ["", "x", "12345678-1234-1234-1234-12345678901g"])
    func malformedIdentity(text: String) {
        #expect(!ObjectIdentity.isWellFormed(Array(text.utf8)))
        #expect(ObjectIdentity(seed: 3).decode(text) == nil)
    }

    @Test(
        "moments are read and written",
        arguments: [
            ("2026-11-20 15:04:05.006", "2026-11-20 15:04:05.006"), ("2024-02-29", "2024-02-29 00:00:00.000"),
            ("2024-02-29 23:59", "2024-02-29 23:59:00.000"),
            ("1969-12-31 23:59:59.9", "1969-12-31 23:59:59.900"),
            ("2000-01-01 00:00:01", "2000-01-01 00:00:01.000"),
        ])
    func moments(text: String, written: String) throws {
        #expect(try #require(ShopTime(text)).text == written)
    }

    @Test(
        "what is no moment is refused",
        arguments: ["", "2023-02-29", "2024-13-01", "2024-01-01T00:00:00", "2024-01-01 24:00", "yesterday!"])
    func malformedMoments(text: String) { #expect(ShopTime(text) == nil) }

    @Test("numbers keep their digits on the way in")
    func decimals() {
        #expect(DecimalText.units("33333.33", scale: 100) == 3_333_333)
        #expect(DecimalText.units("-0.5", scale: 1000) == -500)
        #expect(DecimalText.units("1e3", scale: 100) == 100_000)
        #expect(DecimalText.units("1.239", scale: 100) == 123)
        #expect(DecimalText.units("12E-1", scale: 10) == 12)
        #expect(DecimalText.units("99999999999999999999", scale: 1) == nil)
        #expect(DecimalText.units("1.2.3", scale: 1) == nil)
    }

    @Test("numbers keep their digits on the way out")
    func writtenNumbers() {
        var writer = JSONWriter()
        writer.open(UInt8(ascii: "{"))
        writer.field("a", units: 3_333_333, scale: 100)
        writer.field("b", units: -5, scale: 1000)
        writer.field("c", units: 700, scale: 1)
        writer.field("d", -12)
        writer.field("e", "a\"b\\c\n\u{1}я" as String?)
        writer.field("f", nil)
        writer.close(UInt8(ascii: "}"))
        let expected = #"{"a":33333.33,"b":-0.005,"c":700.0,"d":-12,"e":"a\"b\\c\n\u0001я"}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test("a body is read with its escapes")
    func body() throws {
        let json = try RequestJSON(Array(#" {"a":[1.50,true,null],"b":{"c":"\u0416\ud83d\ude00\/"}} "#.utf8))
        #expect(json["a"]?.elements == [.number("1.50"), .flag(true), .null])
        #expect(json["b"]?["c"]?.string == "Ж😀/")
    }

    @Test(
        "a malformed body is refused with its place",
        arguments: ["", "{", "[1,]", "{\"a\"}", "nul", "\"\\x\"", "1 2", "\"\u{1}\"", "[1e]", "{\"a\":1,}"])
    func malformedBody(text: String) {
        #expect(throws: RequestJSON.Failure.self) { try RequestJSON(Array(text.utf8)) }
    }

    @Test("bodies that are too deep or too long are refused")
    func bodyLimits() {
        let deep = String(repeating: "[", count: 11) + String(repeating: "]", count: 11)
        #expect(throws: RequestJSON.Failure.tooDeep) { try RequestJSON(Array(deep.utf8)) }
        let long = "[" + Array(repeating: "1", count: 1001).joined(separator: ",") + "]"
        #expect(throws: RequestJSON.Failure.tooManyElements) { try RequestJSON(Array(long.utf8)) }
    }
}

@Suite("The weighted bucket")
struct RateBucketTests {
    @Test("a window holds its units and says when the next begins")
    func window() {
        var bucket = RateBucket(limit: .init(unitsPerWindow: 10, window: .seconds(3), weight: 4))
        #expect(bucket.requestsPerWindow == 2)
        let moments: [Int64] = [100, 200, 1100, 3099, 3100]
        let decisions = moments.map { bucket.take(weight: 4, now: $0) }
        #expect(
            decisions == [
                .allowed(remaining: 1), .allowed(remaining: 0), .refused(retryAfter: 2000),
                .refused(retryAfter: 1),
                .allowed(remaining: 1),
            ])
    }

    @Test("so many requests run at once and no more")
    func parallel() {
        var bucket = RateBucket(limit: .init(parallelMax: 2))
        let three = [bucket.enter(), bucket.enter(), bucket.enter()]
        #expect(three == [true, true, false])
        bucket.leave()
        let next = bucket.enter()
        #expect(next)
    }
}
