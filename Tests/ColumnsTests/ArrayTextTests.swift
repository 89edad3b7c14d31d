import Columns
import Testing

@Suite("Arrays as text")
struct ArrayTextTests {
    private static func read(_ text: String) -> ArrayText? {
        var copy = text
        return copy.withUTF8 { bytes in
            do throws(TextReadingError) {
                return try ArrayText(reading: bytes)
            } catch {
                return nil
            }
        }
    }

    private static func written(_ array: ArrayText) -> String {
        let buffer = TextBuffer()
        buffer.append(array: array)
        return buffer.string
    }

    @Test(
        "an array has one spelling",
        arguments: [
            ("{}", "{}"), (" { 1 , 2 } ", "{1,2}"), ("{null,\"null\"}", "{NULL,\"null\"}"),
            ("{\"a\\\"b\",c\\ d}", "{\"a\\\"b\",\"c d\"}"), ("{{1,2},{3,4}}", "{{1,2},{3,4}}"),
            ("{ {a} , {NULL} }", "{{a},{NULL}}"), ("{\"\"}", "{\"\"}"), ("{{},{}}", "{}"),
        ])
    func spelling(text: String, wanted: String) throws {
        let array = try #require(Self.read(text))
        #expect(Self.written(array) == wanted)
        #expect(Self.read(wanted) == array)
    }

    @Test(
        "what is no array is refused",
        arguments: [
            "", "1", "{", "{1", "{1,}", "{,}", "{1}x", "{{1},2}", "{1,{2}}", "{{1},{2,3}}", "{\"a}", "{a\\",
        ])
    func malformed(text: String) { #expect(Self.read(text) == nil) }

    @Test("deep nesting ends with an error")
    func nesting() {
        #expect(Self.read(String(repeating: "{", count: 7) + "1" + String(repeating: "}", count: 7)) == nil)
        #expect(Self.read(String(repeating: "{", count: 100_000)) == nil)
    }

    @Test("random elements come back from their text", arguments: 0..<50 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let letters = Array("ab\"\\{}, \tNULл".utf8)
        let rows = next(3) + 1
        let columns = next(4) + 1
        let elements = (0..<(rows * columns)).map { _ -> [UInt8]? in
            next(5) == 0 ? nil : (0..<next(6)).map { _ in letters[next(letters.count)] }
        }
        let array = ArrayText(dimensions: rows > 1 ? [rows, columns] : [columns], elements: elements)
        let buffer = TextBuffer()
        buffer.append(array: array)
        let bytes = Array(buffer.bytes)
        let back = try bytes.withUnsafeBufferPointer { try ArrayText(reading: $0) }
        #expect(back == array)
    }

    @Test("random bytes end with an array or an error", arguments: 0..<200 as Range<UInt64>)
    func garbage(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let letters = Array("{{}},,\"\\1aN ".utf8)
        let bytes = (0..<24).map { _ -> UInt8 in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return letters[Int(state % UInt64(letters.count))]
        }
        let read = Self.read(String(decoding: bytes, as: UTF8.self))
        if let read { #expect(Self.read(Self.written(read)) == read) }
    }

    @Test("elements are read and printed by their type")
    func typed() throws {
        let canonical = { (text: String, type: DataType) in
            try TextReader.value(text, as: .array(of: type)).text
        }
        #expect(try canonical("{ 01, +2 ,NULL}", .integer) == "{1,2,NULL}")
        #expect(try canonical("{true,no}", .boolean) == "{t,f}")
        #expect(try canonical("{2024-1-5}", .date) == "{2024-01-05}")
        #expect(throws: TextReadingError.malformed) { try canonical("{a}", .integer) }
        #expect(throws: TextReadingError.outOfRange) { try canonical("{99999999999}", .integer) }
    }
}
