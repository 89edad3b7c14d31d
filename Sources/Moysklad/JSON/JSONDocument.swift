/// One JSON text with the places of its values: parsed once, read many times, without a copy of any value
/// until asked.
///
/// The raw bytes of every value stay at hand, because objects are also kept as they came, and numbers stay
/// text, because money must not pass through a binary fraction.
public final class JSONDocument: Sendable {
    // Invariants: nodes[0] is the root; a container's subtree is nodes[index + 1 ..< nodes[index].next]; an
    // object's children are pairs of a string node and a value; start and end lie inside bytes.
    let bytes: [UInt8]
    let nodes: [JSONTapeNode]
    /// Some string of the text has an escaped NUL character, which PostgreSQL cannot store.
    public let containsEscapedNull: Bool

    /// Bytes of the longest text that can be read.
    public static let byteCountMax = 512 << 20
    /// Levels of arrays and objects inside each other.
    public static let depthMax = 128

    /// Reads a JSON text.
    ///
    /// - Parameter bytes: UTF-8; bytes that are not are read as U+FFFD.
    /// - Throws: `MoyskladError.malformedJSON` with the byte offset of the first fault.
    ///
    /// Takes O(bytes) time and 16 bytes a value.
    public init(_ bytes: [UInt8]) throws(MoyskladError) {
        guard bytes.count <= Self.byteCountMax else {
            throw .malformedJSON(byteOffset: Self.byteCountMax, reason: "the text is too long")
        }
        let valid = String(validating: bytes, as: UTF8.self) != nil
        let text = valid ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
        var parser = JSONTapeParser()
        let fault = text.withUnsafeBufferPointer { buffer -> MoyskladError? in
            do throws(MoyskladError) {
                try parser.parse(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
        self.bytes = text
        self.nodes = parser.nodes
        self.containsEscapedNull = parser.sawEscapedNull
    }

    /// The whole text's value.
    public var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// Where one value stands.
struct JSONTapeNode {
    enum Kind: UInt8 { case null, bool, number, string, escapedString, array, object }

    var kind: Kind
    /// Of a string: inside the quotes. Of anything else: with its brackets.
    var start: UInt32
    var end: UInt32
    /// The index of the first node after this one and all inside it.
    var next: UInt32
}
