import Testing

@testable import Execution

@Suite("lower and upper case")
struct TextCaseTests {
    private static func single(_ mapped: String, _ scalar: Unicode.Scalar) -> String {
        mapped.unicodeScalars.count == 1 ? mapped : String(scalar)
    }

    @Test("every character gets its simple mapping")
    func everyCharacter() {
        var wrong: [Unicode.Scalar] = []
        for value in UInt32(0)..<0x2_0000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            let lower = Self.single(properties.lowercaseMapping, scalar)
            let upper = Self.single(properties.uppercaseMapping, scalar)
            let text = String(scalar)
            let isRight =
                TextCase.change(text, .lower).unicodeScalars.elementsEqual(lower.unicodeScalars)
                && TextCase.change(text, .upper).unicodeScalars.elementsEqual(upper.unicodeScalars)
            if !isRight { wrong.append(scalar) }
        }
        #expect(wrong.isEmpty)
    }

    @Test("words begin with upper case")
    func words() {
        #expect(TextCase.change("кОФЕ в зЁрнах, 1-й сорт", .initcap) == "Кофе В Зёрнах, 1-Й Сорт")
        #expect(TextCase.change("hELLO wORLD o'neil", .initcap) == "Hello World O'Neil")
        #expect(TextCase.change("", .initcap).isEmpty)
    }

    @Test("bytes that are no text become replacement characters")
    func malformed() {
        let bytes: [UInt8] = [65, 0xFF, 0xD0, 66, 0xE2, 0x82]
        let made = bytes.withUnsafeBufferPointer { bytes in
            TextCase.withChanged(bytes, .lower) { Array($0) }
        }
        #expect(made.first == 97)
        #expect(made.count <= bytes.count * 3)
    }
}
