/// What is wrong with bytes that should be a FlatBuffers structure.
struct FlatFault: Error {
    var byteOffset: Int
}

/// One table of FlatBuffers in bytes that may be damaged: every offset is checked before it is followed, and
/// nothing is followed twice without the caller's asking, so no loop can arise.
///
/// Source: "FlatBuffers Internals", flatbuffers.dev.
struct FlatTable {
    private let bytes: UnsafeRawBufferPointer
    private let position: Int
    private let vtable: Int
    private let vtableBytes: Int

    /// The root table. The caller keeps `bytes` alive and in place.
    init(root bytes: UnsafeRawBufferPointer) throws(FlatFault) {
        let offset: UInt32 = try Self.load(bytes, 0)
        try self.init(bytes, at: Int(offset))
    }

    private init(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(FlatFault) {
        self.bytes = bytes
        self.position = position
        let back: Int32 = try Self.load(bytes, position)
        vtable = position - Int(back)
        let size: UInt16 = try Self.load(bytes, vtable)
        vtableBytes = Int(size)
        guard vtableBytes >= 4, vtableBytes <= bytes.count - vtable else {
            throw FlatFault(byteOffset: vtable)
        }
    }

    private static func load<Number: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) throws(FlatFault) -> Number {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else {
            throw FlatFault(byteOffset: offset)
        }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// Where a field lies; nil when it has its default.
    private func place(_ field: Int) throws(FlatFault) -> Int? {
        let entry = 4 + 2 * field
        guard entry + 2 <= vtableBytes else { return nil }
        let offset: UInt16 = try Self.load(bytes, vtable + entry)
        return offset == 0 ? nil : position + Int(offset)
    }

    private func target(_ place: Int) throws(FlatFault) -> Int {
        let offset: UInt32 = try Self.load(bytes, place)
        return place + Int(offset)
    }

    func number<Number: FixedWidthInteger>(
        _ field: Int, default missing: Number
    ) throws(FlatFault) -> Number {
        guard let place = try place(field) else { return missing }
        return try Self.load(bytes, place)
    }

    func boolean(_ field: Int) throws(FlatFault) -> Bool { try number(field, default: UInt8(0)) != 0 }

    func table(_ field: Int) throws(FlatFault) -> FlatTable? {
        guard let place = try place(field) else { return nil }
        return try FlatTable(bytes, at: try target(place))
    }

    func text(_ field: Int) throws(FlatFault) -> String? {
        guard let (start, count) = try vector(field, elementBytes: 1) else { return nil }
        return String(decoding: bytes[start..<(start + count)], as: UTF8.self)
    }

    /// The tables of a vector; as many as its bytes allow at most.
    func tables(_ field: Int) throws(FlatFault) -> [FlatTable] {
        guard let (start, count) = try vector(field, elementBytes: 4) else { return [] }
        var tables: [FlatTable] = []
        for index in 0..<count { tables.append(try FlatTable(bytes, at: try target(start + index * 4))) }
        return tables
    }

    /// The 64-bit words of a vector of structures of `words` words each.
    func words(_ field: Int, wordsOfElement words: Int) throws(FlatFault) -> [Int] {
        guard let (start, count) = try vector(field, elementBytes: words * 8) else { return [] }
        return (0..<(count * words)).map { index in
            Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + index * 8, as: Int64.self)))
        }
    }

    private func vector(_ field: Int, elementBytes: Int) throws(FlatFault) -> (start: Int, count: Int)? {
        guard let place = try place(field) else { return nil }
        let start = try target(place)
        let count: UInt32 = try Self.load(bytes, start)
        guard Int(count) <= (bytes.count - start - 4) / elementBytes else {
            throw FlatFault(byteOffset: start)
        }
        return (start + 4, Int(count))
    }
}
