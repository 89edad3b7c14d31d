/// What is wrong with bytes that should be a Thrift structure.
enum ThriftFault: Error {
    /// The bytes end before the structure does.
    case truncated
    case malformed(String, at: Int)
}

/// Reads structures of Thrift's compact protocol from bytes that may be damaged: every step is checked, depth
/// is limited, and a list never claims more elements than bytes are left.
///
/// Source: "Thrift Compact protocol encoding", apache/thrift, doc/specs/thrift-compact-protocol.md.
struct ThriftReader {
    struct Field {
        var id: Int
        var type: UInt8
    }

    /// Types of fields and list elements.
    enum Wire {
        static let boolTrue: UInt8 = 1
        static let boolFalse: UInt8 = 2
        static let int8: UInt8 = 3
        static let int64: UInt8 = 6
        static let double: UInt8 = 7
        static let binary: UInt8 = 8
        static let list: UInt8 = 9
        static let set: UInt8 = 10
        static let map: UInt8 = 11
        static let structure: UInt8 = 12
        static let uuid: UInt8 = 13
    }

    /// Structures inside structures; Parquet needs 6.
    static let depthMax = 24

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    private var depth = 0

    /// The caller keeps `bytes` alive and in place.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func byte() throws(ThriftFault) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func variable() throws(ThriftFault) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || (shift == 63 && next <= 1) else {
                throw .malformed("number of more than 64 bits", at: position)
            }
            number |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return number }
            shift += 7
        }
    }

    private mutating func zigzag() throws(ThriftFault) -> Int64 {
        let number = try variable()
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    /// Reads one structure: calls `body` for each field, which reads or skips its value.
    mutating func structure(
        _ body: (inout ThriftReader, Field) throws(ThriftFault) -> Void
    ) throws(ThriftFault) {
        guard depth < Self.depthMax else { throw .malformed("structures lie too deep", at: position) }
        depth += 1
        defer { depth -= 1 }
        var id = 0
        while true {
            let head = try byte()
            if head == 0 { return }
            if head >> 4 == 0 {
                let number = try zigzag()
                guard number >= 0, number <= Int64(Int16.max) else {
                    throw .malformed("number of a field", at: position)
                }
                id = Int(number)
            } else {
                id += Int(head >> 4)
            }
            try body(&self, Field(id: id, type: head & 15))
        }
    }

    /// The head of a list: how many elements follow, at most as many as bytes are left.
    mutating func listCount(_ field: Field, of element: UInt8) throws(ThriftFault) -> Int {
        try require(field.type == Wire.list || field.type == Wire.set, "list", field)
        let (type, count) = try collectionHead()
        // An empty list may carry any element type.
        try require(count == 0 || type == element, "element type of a list", field)
        return count
    }

    private mutating func collectionHead() throws(ThriftFault) -> (type: UInt8, count: Int) {
        let head = try byte()
        var count = UInt64(head >> 4)
        if count == 15 { count = try variable() }
        guard count <= UInt64(remaining) else { throw .truncated }
        return (head & 15, Int(count))
    }

    mutating func integer(_ field: Field) throws(ThriftFault) -> Int64 {
        try require(field.type >= Wire.int8 && field.type <= Wire.int64, "integer", field)
        if field.type == Wire.int8 { return Int64(Int8(bitPattern: try byte())) }
        return try zigzag()
    }

    /// An element of a list of integers (i16...i64).
    mutating func integerElement() throws(ThriftFault) -> Int64 { try zigzag() }

    mutating func boolean(_ field: Field) throws(ThriftFault) -> Bool {
        try require(field.type == Wire.boolTrue || field.type == Wire.boolFalse, "boolean", field)
        return field.type == Wire.boolTrue
    }

    mutating func binary(_ field: Field) throws(ThriftFault) -> UnsafeRawBufferPointer {
        try require(field.type == Wire.binary, "binary", field)
        return try binaryElement()
    }

    mutating func binaryElement() throws(ThriftFault) -> UnsafeRawBufferPointer {
        let count = try variable()
        guard count <= UInt64(remaining) else { throw .truncated }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + Int(count))])
    }

    mutating func text(_ field: Field) throws(ThriftFault) -> String {
        String(decoding: try binary(field), as: UTF8.self)
    }

    mutating func skip(_ field: Field) throws(ThriftFault) {
        try skip(field.type, isElement: false)
    }

    private mutating func skip(_ type: UInt8, isElement: Bool) throws(ThriftFault) {
        switch type {
        case Wire.boolTrue, Wire.boolFalse: if isElement { _ = try byte() }
        case Wire.int8: _ = try byte()
        case (Wire.int8 + 1)...Wire.int64: _ = try variable()
        case Wire.double: try skipBytes(8)
        case Wire.uuid: try skipBytes(16)
        case Wire.binary: _ = try binaryElement()
        case Wire.list, Wire.set:
            try deeper { (reader) throws(ThriftFault) in
                let (element, count) = try reader.collectionHead()
                for _ in 0..<count { try reader.skip(element, isElement: true) }
            }
        case Wire.map: try skipMap()
        case Wire.structure:
            try structure { (reader, field) throws(ThriftFault) in try reader.skip(field) }
        default: throw .malformed("unknown type of a field: \(type)", at: position)
        }
    }

    private mutating func skipMap() throws(ThriftFault) {
        let count = try variable()
        guard count <= UInt64(remaining) else { throw .truncated }
        if count == 0 { return }
        try deeper { (reader) throws(ThriftFault) in
            let types = try reader.byte()
            for _ in 0..<count {
                try reader.skip(types >> 4, isElement: true)
                try reader.skip(types & 15, isElement: true)
            }
        }
    }

    private mutating func deeper(
        _ body: (inout ThriftReader) throws(ThriftFault) -> Void
    ) throws(ThriftFault) {
        guard depth < Self.depthMax else { throw .malformed("structures lie too deep", at: position) }
        depth += 1
        defer { depth -= 1 }
        try body(&self)
    }

    private mutating func skipBytes(_ count: Int) throws(ThriftFault) {
        guard count <= remaining else { throw .truncated }
        position += count
    }

    private func require(_ isRight: Bool, _ what: String, _ field: Field) throws(ThriftFault) {
        guard isRight else { throw .malformed("field \(field.id) is no \(what)", at: position) }
    }
}
