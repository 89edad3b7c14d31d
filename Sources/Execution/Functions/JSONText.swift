import Columns

/// Walks JSON text without building a tree.
struct JSONText {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    /// Nesting beyond this is refused instead of exhausting the stack.
    static let depthMax = 512

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    static func isValid(_ view: StringView) -> Bool {
        view.withBytes { bytes in
            var text = JSONText(bytes)
            guard text.skipValue(depth: 0) else { return false }
            text.skipSpace()
            return text.position == bytes.count
        }
    }

    /// Whether a text is one value of JSON and nothing else.
    static func isValid(_ text: String) -> Bool {
        var copy = text
        return copy.withUTF8 { bytes in
            var json = JSONText(bytes)
            guard json.skipValue(depth: 0) else { return false }
            json.skipSpace()
            return json.position == bytes.count
        }
    }

    /// The bytes without white space around them.
    static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
        var slice = bytes[...]
        while let first = slice.first, isSpace(first) { slice = slice.dropFirst() }
        while let last = slice.last, isSpace(last) { slice = slice.dropLast() }
        return UnsafeBufferPointer(rebasing: slice)
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = current, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// Moves behind the value that begins here; false when it is malformed.
    mutating func skipValue(depth: Int) -> Bool {
        guard depth < Self.depthMax else { return false }
        skipSpace()
        switch current {
        case 123: return skipMembers(depth: depth, isObject: true)
        case 91: return skipMembers(depth: depth, isObject: false)
        case 34: return skipString() != nil
        case 116: return skip("true")
        case 102: return skip("false")
        case 110: return skip("null")
        default: return skipNumber()
        }
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[index] else { return false }
            position += 1
        }
        return true
    }

    private mutating func skipMembers(depth: Int, isObject: Bool) -> Bool {
        let end: UInt8 = isObject ? 125 : 93
        position += 1
        skipSpace()
        if take(end) { return true }
        while true {
            if isObject {
                skipSpace()
                guard skipString() != nil else { return false }
                skipSpace()
                guard take(58) else { return false }
            }
            guard skipValue(depth: depth + 1) else { return false }
            skipSpace()
            if take(end) { return true }
            guard take(44) else { return false }
        }
    }

    /// The bytes between the quotes, escapes and all; nil when malformed.
    mutating func skipString() -> UnsafeBufferPointer<UInt8>? {
        guard take(34) else { return nil }
        let start = position
        while let byte = current {
            if byte == 34 {
                position += 1
                return UnsafeBufferPointer(rebasing: bytes[start..<(position - 1)])
            }
            if byte < 32 { return nil }
            position += byte == 92 ? 2 : 1
        }
        return nil
    }

    private mutating func skipNumber() -> Bool {
        let start = position
        _ = take(45)
        let first = current
        let digits = position
        guard skipDigits(), first != 48 || position == digits + 1 else { return false }
        if take(46) { guard skipDigits() else { return false } }
        if let byte = current, byte | 0x20 == 101 {
            position += 1
            if current == 43 || current == 45 { position += 1 }
            guard skipDigits() else { return false }
        }
        return position > start
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = current, byte >= 48, byte <= 57 { position += 1 }
        return position > start
    }

    /// The span of the member of an object, or of the element of an array, that begins here; nil when there
    /// is none.
    mutating func member(named name: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        skipSpace()
        guard take(123) else { return nil }
        var found: UnsafeBufferPointer<UInt8>?
        while true {
            skipSpace()
            guard let key = skipString() else { return found }
            skipSpace()
            guard take(58) else { return found }
            skipSpace()
            let start = position
            guard skipValue(depth: 0) else { return found }
            // The last of several members of one name counts, as in PostgreSQL.
            if Self.unescaped(key).elementsEqual(name) {
                found = UnsafeBufferPointer(rebasing: bytes[start..<position])
            }
            skipSpace()
            guard take(44) else { return found }
        }
    }

    /// The keys (the insides of their quotes) and values of an object; nil when no object begins here.
    mutating func members() -> [(key: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>)]? {
        skipSpace()
        guard take(123) else { return nil }
        var found: [(key: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>)] = []
        skipSpace()
        if take(125) { return found }
        while true {
            skipSpace()
            guard let key = skipString() else { return nil }
            skipSpace()
            guard take(58) else { return nil }
            skipSpace()
            let start = position
            guard skipValue(depth: 0) else { return nil }
            found.append((key, UnsafeBufferPointer(rebasing: bytes[start..<position])))
            skipSpace()
            if take(125) { return found }
            guard take(44) else { return nil }
        }
    }

    /// The spans of an array's elements; nil when no array begins here.
    mutating func elements() -> [UnsafeBufferPointer<UInt8>]? {
        skipSpace()
        guard take(91) else { return nil }
        var spans: [UnsafeBufferPointer<UInt8>] = []
        skipSpace()
        if take(93) { return spans }
        while true {
            skipSpace()
            let start = position
            guard skipValue(depth: 0) else { return nil }
            spans.append(UnsafeBufferPointer(rebasing: bytes[start..<position]))
            skipSpace()
            if take(93) { return spans }
            guard take(44) else { return nil }
        }
    }

    /// The characters of a string's inside.
    static func unescaped(_ inside: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard inside.contains(92) else { return Array(inside) }
        var result: [UInt8] = []
        var index = 0
        while index < inside.count {
            let byte = inside[index]
            index += 1
            guard byte == 92, index < inside.count else {
                result.append(byte)
                continue
            }
            let escape = inside[index]
            index += 1
            switch escape {
            case 98: result.append(8)
            case 102: result.append(12)
            case 110: result.append(10)
            case 114: result.append(13)
            case 116: result.append(9)
            case 117:
                var code = hexadecimal(inside, index)
                index += 4
                if code >= 0xD800, code < 0xDC00, index + 6 <= inside.count, inside[index] == 92 {
                    let low = hexadecimal(inside, index + 2)
                    if low >= 0xDC00, low < 0xE000 {
                        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                        index += 6
                    }
                }
                let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
                result.append(contentsOf: String(Character(scalar)).utf8)
            default: result.append(escape)
            }
        }
        return result
    }

    private static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in start..<min(start + 4, bytes.count) {
            let byte = bytes[index]
            let digit: UInt8 =
                switch byte {
                case 48...57: byte - 48
                case 97...102: byte - 87
                case 65...70: byte - 55
                default: 0
                }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
