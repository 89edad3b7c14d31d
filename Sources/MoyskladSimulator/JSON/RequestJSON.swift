/// A value of a request's body. Numbers keep their text, so that no digit is lost on the way.
indirect enum RequestJSON: Equatable, Sendable {
    case null
    case flag(Bool)
    case number(String)
    case text(String)
    case array([RequestJSON])
    case object([String: RequestJSON])

    /// Levels of arrays and objects inside one another (API §3.2).
    static let depthMax = 10
    static let elementCountMax = 1000

    enum Failure: Error, Equatable {
        case malformed(byteOffset: Int)
        case tooDeep
        case tooManyElements
    }

    init(_ bytes: [UInt8]) throws(Failure) {
        var reader = Reader(bytes: bytes)
        reader.skipSpace()
        self = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.offset == bytes.count else { throw .malformed(byteOffset: reader.offset) }
    }

    subscript(_ key: String) -> RequestJSON? {
        guard case .object(let fields) = self else { return nil }
        return fields[key]
    }

    var string: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    var bool: Bool? {
        guard case .flag(let flag) = self else { return nil }
        return flag
    }

    var elements: [RequestJSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The number in parts of one `scale`-th, further digits cut off; nil when it is none or too large.
    func units(scale: Int64) -> Int64? {
        guard case .number(let text) = self else { return nil }
        return DecimalText.units(text, scale: scale)
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        var failure: Failure { .malformed(byteOffset: offset) }

        mutating func skipSpace() {
            while offset < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[offset]) { offset += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard offset < bytes.count, bytes[offset] == byte else { return false }
            offset += 1
            return true
        }

        mutating func value(depth: Int) throws(Failure) -> RequestJSON {
            guard offset < bytes.count else { throw failure }
            switch bytes[offset] {
            case UInt8(ascii: "{"): return try object(depth: depth + 1)
            case UInt8(ascii: "["): return try array(depth: depth + 1)
            case UInt8(ascii: "\""): return .text(try text())
            case UInt8(ascii: "t"): return try word("true", .flag(true))
            case UInt8(ascii: "f"): return try word("false", .flag(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            default: return try number()
            }
        }

        mutating func word(_ word: String, _ value: RequestJSON) throws(Failure) -> RequestJSON {
            guard bytes[offset...].starts(with: word.utf8) else { throw failure }
            offset += word.utf8.count
            return value
        }

        mutating func number() throws(Failure) -> RequestJSON {
            let start = offset
            while offset < bytes.count, "+-.eE0123456789".utf8.contains(bytes[offset]) { offset += 1 }
            let text = String(decoding: bytes[start..<offset], as: UTF8.self)
            guard Double(text) != nil else { throw .malformed(byteOffset: start) }
            return .number(text)
        }

        mutating func array(depth: Int) throws(Failure) -> RequestJSON {
            guard depth <= depthMax else { throw .tooDeep }
            offset += 1
            var elements: [RequestJSON] = []
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            while true {
                skipSpace()
                elements.append(try value(depth: depth))
                guard elements.count <= elementCountMax else { throw .tooManyElements }
                skipSpace()
                if take(UInt8(ascii: "]")) { return .array(elements) }
                guard take(UInt8(ascii: ",")) else { throw failure }
            }
        }

        mutating func object(depth: Int) throws(Failure) -> RequestJSON {
            guard depth <= depthMax else { throw .tooDeep }
            offset += 1
            var fields: [String: RequestJSON] = [:]
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(fields) }
            while true {
                skipSpace()
                guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { throw failure }
                let key = try text()
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw failure }
                skipSpace()
                fields[key] = try value(depth: depth)
                skipSpace()
                if take(UInt8(ascii: "}")) { return .object(fields) }
                guard take(UInt8(ascii: ",")) else { throw failure }
            }
        }

        mutating func text() throws(Failure) -> String {
            offset += 1
            var found: [UInt8] = []
            while offset < bytes.count {
                let byte = bytes[offset]
                offset += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: found, as: UTF8.self) }
                guard byte >= 0x20 else { throw failure }
                if byte == UInt8(ascii: "\\") { try escape(into: &found) } else { found.append(byte) }
            }
            throw failure
        }

        mutating func escape(into found: inout [UInt8]) throws(Failure) {
            guard offset < bytes.count else { throw failure }
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): found.append(byte)
            case UInt8(ascii: "n"): found.append(0x0a)
            case UInt8(ascii: "t"): found.append(0x09)
            case UInt8(ascii: "r"): found.append(0x0d)
            case UInt8(ascii: "b"): found.append(0x08)
            case UInt8(ascii: "f"): found.append(0x0c)
            case UInt8(ascii: "u"): found.append(contentsOf: String(try scalar()).utf8)
            default: throw failure
            }
        }

        mutating func scalar() throws(Failure) -> Unicode.Scalar {
            var unit = try codeUnit()
            if (0xd800..<0xdc00).contains(unit) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure }
                let low = try codeUnit()
                guard (0xdc00..<0xe000).contains(low) else { throw failure }
                unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw failure }
            return scalar
        }

        mutating func codeUnit() throws(Failure) -> UInt32 {
            guard offset + 4 <= bytes.count else { throw failure }
            let digits = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
            guard let unit = UInt32(digits, radix: 16) else { throw failure }
            offset += 4
            return unit
        }
    }
}

/// Decimal numbers written as text, read without floating point.
enum DecimalText {
    private static let digitsMax = 40

    /// `text` in parts of one `scale`-th (a power of ten), further digits cut off.
    static func units(_ text: String, scale: Int64) -> Int64? {
        var digits: [UInt8] = []
        var exponent = 0
        var negative = false
        var seenPoint = false
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") { (negative, rest) = (true, rest.dropFirst()) }
        while let byte = rest.first {
            rest = rest.dropFirst()
            switch byte {
            case 48...57:
                guard digits.count < digitsMax else { return nil }
                digits.append(byte - 48)
                if seenPoint { exponent -= 1 }
            case UInt8(ascii: "."):
                guard !seenPoint else { return nil }
                seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let shift = Int(Substring(rest)), abs(shift) <= digitsMax else { return nil }
                exponent += shift
                rest = rest.suffix(0)
            default: return nil
            }
        }
        guard !digits.isEmpty else { return nil }
        var power = 0
        var remaining = scale
        while remaining > 1 { (power, remaining) = (power + 1, remaining / 10) }
        return shifted(digits, by: exponent + power).map { negative ? -$0 : $0 }
    }

    private static func shifted(_ digits: [UInt8], by shift: Int) -> Int64? {
        var value: Int64 = 0
        let kept = shift < 0 ? digits.dropLast(min(digits.count, -shift)) : digits[...]
        for digit in kept + Array(repeating: 0, count: max(0, shift)) {
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = product.addingReportingOverflow(Int64(digit))
            guard !over, !more else { return nil }
            value = sum
        }
        return value
    }
}
