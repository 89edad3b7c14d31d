/// One value of a `JSONDocument`: a place in it, cheap to pass around. It keeps the whole document alive.
public struct JSONValue: Sendable {
    /// What a value is.
    public enum Kind: String, Sendable { case null, bool, number, string, array, object }

    let document: JSONDocument
    let index: Int

    private var node: JSONTapeNode { document.nodes[index] }

    /// What this value is.
    public var kind: Kind {
        switch node.kind {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The text of a string; nil if the value is none.
    public var string: String? {
        switch node.kind {
        case .string: String(decoding: content, as: UTF8.self)
        case .escapedString: JSONEscapes.decode(content)
        default: nil
        }
    }

    /// The digits of a number as they were sent; nil if the value is none.
    public var numberText: ArraySlice<UInt8>? { node.kind == .number ? content : nil }

    /// The truth value; nil if the value is none.
    public var bool: Bool? { node.kind == .bool ? document.bytes[Int(node.start)] == UInt8(ascii: "t") : nil }

    /// Whether this is JSON's null.
    public var isNull: Bool { node.kind == .null }

    /// The value's bytes as they were sent; of a string without its quotes and with its escapes.
    public var content: ArraySlice<UInt8> { document.bytes[Int(node.start)..<Int(node.end)] }

    /// The elements of an array in order; empty if the value is none.
    public var elements: [JSONValue] {
        guard node.kind == .array else { return [] }
        var result: [JSONValue] = []
        var child = index + 1
        while child < Int(node.next) {
            result.append(JSONValue(document: document, index: child))
            child = Int(document.nodes[child].next)
        }
        return result
    }

    /// The members of an object in order; empty if the value is none.
    public var members: [(key: String, value: JSONValue)] {
        guard node.kind == .object else { return [] }
        var result: [(key: String, value: JSONValue)] = []
        var child = index + 1
        while child < Int(node.next) {
            let value = JSONValue(document: document, index: child + 1)
            result.append((JSONValue(document: document, index: child).string ?? "", value))
            child = Int(document.nodes[child + 1].next)
        }
        return result
    }

    /// The first member with this key; nil if there is none, if it is null, or if the value is no object.
    ///
    /// Takes time proportional to the number of members before it.
    public subscript(key: StaticString) -> JSONValue? {
        guard node.kind == .object else { return nil }
        let end = Int(node.next)
        var child = index + 1
        while child < end {
            let value = child + 1
            if matches(document.nodes[child], key) {
                return document.nodes[value].kind == .null ? nil : JSONValue(document: document, index: value)
            }
            child = Int(document.nodes[value].next)
        }
        return nil
    }

    private func matches(_ name: JSONTapeNode, _ key: StaticString) -> Bool {
        let count = key.utf8CodeUnitCount
        guard name.kind == .string, Int(name.end) - Int(name.start) == count else { return false }
        let start = Int(name.start)
        for offset in 0..<count where document.bytes[start + offset] != key.utf8Start[offset] { return false }
        return true
    }

    /// Some string of the value's document has an escaped NUL character.
    public var containsEscapedNull: Bool { document.containsEscapedNull }

    /// The offset of the value's first byte in its document.
    public var byteOffset: Int { Int(node.start) }

    /// The offset of the first byte after the value.
    public var byteEnd: Int { Int(node.end) }
}
