/// A table that is to be written as FlatBuffers: its fields by their numbers.
struct FlatTableValue {
    indirect enum Field {
        /// A number of 1, 2, 4 or 8 bytes, little-endian.
        case number([UInt8])
        case table(FlatTableValue)
        case text(String)
        case tables([FlatTableValue])
        /// A vector of structures of 64-bit words.
        case words([Int], wordsOfElement: Int)
    }

    var fields: [(id: Int, field: Field)] = []

    mutating func number<Number: FixedWidthInteger>(_ id: Int, _ value: Number) {
        fields.append((id, .number(withUnsafeBytes(of: value.littleEndian) { Array($0) })))
    }

    mutating func boolean(_ id: Int, _ flag: Bool) { number(id, UInt8(flag ? 1 : 0)) }
    mutating func text(_ id: Int, _ value: String) { fields.append((id, .text(value))) }
    mutating func table(_ id: Int, _ value: FlatTableValue) { fields.append((id, .table(value))) }
    mutating func tables(_ id: Int, _ value: [FlatTableValue]) { fields.append((id, .tables(value))) }

    mutating func words(_ id: Int, _ value: [Int], wordsOfElement: Int) {
        fields.append((id, .words(value, wordsOfElement: wordsOfElement)))
    }
}

/// Writes tables as FlatBuffers from the front: what a table refers to stands behind it.
///
/// Source: "FlatBuffers Internals", flatbuffers.dev.
struct FlatBuilder {
    private var bytes: [UInt8] = [0, 0, 0, 0]

    /// The bytes of a buffer with that root, a multiple of 8 long.
    static func bytes(_ root: FlatTableValue) -> [UInt8] {
        var builder = FlatBuilder()
        let position = builder.append(root)
        builder.patch(0, to: position)
        builder.align(8, 0)
        return builder.bytes
    }

    /// Pads until the place `ahead` bytes on is a multiple of `alignment`.
    private mutating func align(_ alignment: Int, _ ahead: Int) {
        while (bytes.count + ahead) % alignment != 0 { bytes.append(0) }
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Makes the offset at `place` point to `target`.
    private mutating func patch(_ place: Int, to target: Int) {
        withUnsafeBytes(of: UInt32(target - place).littleEndian) {
            bytes.replaceSubrange(place..<(place + 4), with: $0)
        }
    }

    private mutating func append(_ table: FlatTableValue) -> Int {
        // The widest fields first: with the table at a multiple of 8 all of them are aligned.
        let ordered = table.fields.sorted { Self.width($0.field) > Self.width($1.field) }
        var places: [Int: Int] = [:]
        let firstIsWide = ordered.first.map { Self.width($0.field) == 8 } ?? false
        var size = firstIsWide ? 8 : 4
        for (id, field) in ordered {
            places[id] = size
            size += Self.width(field)
        }
        let slotCount = (table.fields.map(\.id).max() ?? -1) + 1
        align(2, 0)
        let vtable = bytes.count
        append(UInt16(4 + 2 * slotCount))
        append(UInt16(size))
        for id in 0..<slotCount { append(UInt16(places[id] ?? 0)) }
        align(8, 0)
        let start = bytes.count
        append(Int32(start - vtable))
        if firstIsWide { append(UInt32(0)) }
        for (_, field) in ordered {
            if case .number(let number) = field { bytes += number } else { append(UInt32(0)) }
        }
        for (id, field) in table.fields {
            guard let place = places[id], let target = append(field) else { continue }
            patch(start + place, to: target)
        }
        return start
    }

    private static func width(_ field: FlatTableValue.Field) -> Int {
        if case .number(let number) = field { number.count } else { 4 }
    }

    /// Appends what a field refers to; nil for numbers.
    private mutating func append(_ field: FlatTableValue.Field) -> Int? {
        switch field {
        case .number: return nil
        case .table(let table): return append(table)
        case .text(let text):
            align(4, 0)
            let start = bytes.count
            append(UInt32(text.utf8.count))
            bytes += text.utf8
            bytes.append(0)
            return start
        case .tables(let tables):
            align(4, 0)
            let start = bytes.count
            append(UInt32(tables.count))
            for _ in tables { append(UInt32(0)) }
            for (index, table) in tables.enumerated() {
                let target = append(table)
                patch(start + 4 + index * 4, to: target)
            }
            return start
        case .words(let words, let wordsOfElement):
            align(8, 4)
            let start = bytes.count
            append(UInt32(words.count / wordsOfElement))
            for word in words { append(Int64(word)) }
            return start
        }
    }
}
