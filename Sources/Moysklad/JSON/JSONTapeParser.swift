/// Fills the tape of a `JSONDocument`: RFC 8259, with limits on depth and size.
struct JSONTapeParser {
    private(set) var nodes: [JSONTapeNode] = []
    private(set) var sawEscapedNull = false
    private var position = 0

    mutating func parse(_ text: UnsafeBufferPointer<UInt8>) throws(MoyskladError) {
        nodes.reserveCapacity(text.count / 16 + 1)
        skipSpace(text)
        try parseValue(text, depth: 0)
        skipSpace(text)
        guard position == text.count else { throw fault("there is text after the value") }
    }

    private func fault(_ reason: String) -> MoyskladError {
        .malformedJSON(byteOffset: position, reason: reason)
    }

    private mutating func skipSpace(_ text: UnsafeBufferPointer<UInt8>) {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func parseValue(_ text: UnsafeBufferPointer<UInt8>, depth: Int) throws(MoyskladError) {
        guard position < text.count else { throw fault("the text ends early") }
        switch text[position] {
        case UInt8(ascii: "{"): try parseObject(text, depth: depth)
        case UInt8(ascii: "["): try parseArray(text, depth: depth)
        case UInt8(ascii: "\""): try parseString(text)
        case UInt8(ascii: "t"): try parseWord(text, "true", .bool)
        case UInt8(ascii: "f"): try parseWord(text, "false", .bool)
        case UInt8(ascii: "n"): try parseWord(text, "null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try parseNumber(text)
        default: throw fault("a value was expected")
        }
    }

    private mutating func parseObject(_ text: UnsafeBufferPointer<UInt8>, depth: Int) throws(MoyskladError) {
        let index = try open(.object, depth: depth)
        skipSpace(text)
        if take(UInt8(ascii: "}"), text) { return close(index) }
        while true {
            skipSpace(text)
            guard position < text.count, text[position] == UInt8(ascii: "\"") else {
                throw fault("a key was expected")
            }
            try parseString(text)
            skipSpace(text)
            guard take(UInt8(ascii: ":"), text) else { throw fault("a colon was expected") }
            skipSpace(text)
            try parseValue(text, depth: depth + 1)
            skipSpace(text)
            if take(UInt8(ascii: "}"), text) { return close(index) }
            guard take(UInt8(ascii: ","), text) else {
                throw fault("a comma or a closing brace was expected")
            }
        }
    }

    private mutating func parseArray(_ text: UnsafeBufferPointer<UInt8>, depth: Int) throws(MoyskladError) {
        let index = try open(.array, depth: depth)
        skipSpace(text)
        if take(UInt8(ascii: "]"), text) { return close(index) }
        while true {
            skipSpace(text)
            try parseValue(text, depth: depth + 1)
            skipSpace(text)
            if take(UInt8(ascii: "]"), text) { return close(index) }
            guard take(UInt8(ascii: ","), text) else {
                throw fault("a comma or a closing bracket was expected")
            }
        }
    }

    private mutating func open(_ kind: JSONTapeNode.Kind, depth: Int) throws(MoyskladError) -> Int {
        guard depth < JSONDocument.depthMax else { throw fault("values are nested too deeply") }
        nodes.append(JSONTapeNode(kind: kind, start: UInt32(position), end: 0, next: 0))
        position += 1
        return nodes.count - 1
    }

    private mutating func close(_ index: Int) {
        nodes[index].end = UInt32(position)
        nodes[index].next = UInt32(nodes.count)
    }

    private mutating func take(_ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func append(_ kind: JSONTapeNode.Kind, from start: Int, to end: Int) {
        nodes.append(
            JSONTapeNode(kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1)))
    }

    private mutating func parseString(_ text: UnsafeBufferPointer<UInt8>) throws(MoyskladError) {
        position += 1
        let start = position
        var kind = JSONTapeNode.Kind.string
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                append(kind, from: start, to: position)
                position += 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                kind = .escapedString
                try skipEscape(text)
            } else {
                guard byte >= 0x20 else { throw fault("a control character stands in a string") }
                position += 1
            }
        }
        throw fault("a string does not end")
    }

    private mutating func skipEscape(_ text: UnsafeBufferPointer<UInt8>) throws(MoyskladError) {
        guard position + 1 < text.count else { throw fault("a string does not end") }
        switch text[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard position + 6 <= text.count else { throw fault("a string does not end") }
            var isZero = true
            for offset in 2..<6 {
                guard let digit = JSONEscapes.hexDigit(text[position + offset]) else {
                    throw fault("an escape is not hexadecimal")
                }
                if digit != 0 { isZero = false }
            }
            if isZero { sawEscapedNull = true }
            position += 6
        default:
            throw fault("an escape is unknown")
        }
    }

    private mutating func parseWord(
        _ text: UnsafeBufferPointer<UInt8>, _ word: StaticString, _ kind: JSONTapeNode.Kind
    ) throws(MoyskladError) {
        let count = word.utf8CodeUnitCount
        guard position + count <= text.count else { throw fault("a value was expected") }
        for offset in 0..<count where text[position + offset] != word.utf8Start[offset] {
            throw fault("a value was expected")
        }
        append(kind, from: position, to: position + count)
        position += count
    }

    private mutating func parseNumber(_ text: UnsafeBufferPointer<UInt8>) throws(MoyskladError) {
        let start = position
        _ = take(UInt8(ascii: "-"), text)
        let whole = skipDigits(text)
        guard whole > 0 else { throw fault("a number has no digits") }
        if take(UInt8(ascii: "."), text) {
            guard skipDigits(text) > 0 else { throw fault("a fraction has no digits") }
        }
        if take(UInt8(ascii: "e"), text) || take(UInt8(ascii: "E"), text) {
            if !take(UInt8(ascii: "+"), text) { _ = take(UInt8(ascii: "-"), text) }
            guard skipDigits(text) > 0 else { throw fault("an exponent has no digits") }
        }
        append(.number, from: start, to: position)
    }

    private mutating func skipDigits(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        let start = position
        while position < text.count, text[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
        return position - start
    }
}
