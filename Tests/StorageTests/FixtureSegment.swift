/// One column of one row group, read by `storage/FORMAT.md`, "Segment". Blocks that are not compressed only.
struct FixtureSegment {
    private let bytes: [UInt8]
    private let encoding: Int
    let physical: Int
    private let isAllNull: Bool
    let rows: Int
    private let entries: Int
    private var blocks: [(stream: Int, bytes: [UInt8])] = []

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        var reader = FixtureBytes(bytes)
        encoding = reader.integer(1)
        physical = reader.integer(1)
        isAllNull = reader.number(1) & 1 == 1
        let count = reader.integer(1)
        rows = reader.integer(4)
        entries = reader.integer(4)
        guard reader.number(4) == 0 else { throw FixtureManifest.Malformed(what: "reserved bytes") }
        var place = 20 + 16 * count
        for _ in 0..<count {
            let stream = reader.integer(1)
            let codec = reader.integer(1)
            _ = reader.number(2)
            let stored = reader.integer(4)
            let raw = reader.integer(4)
            guard codec == 0, stored == raw else { throw FixtureManifest.Malformed(what: "a codec") }
            let part = Array(bytes[place..<(place + stored)])
            guard reader.number(4) == FixtureBytes.checksum(part) else {
                throw FixtureManifest.Malformed(what: "checksum of a block")
            }
            blocks.append((stream, part))
            place += stored
        }
        guard reader.number(4) == FixtureBytes.checksum(bytes[0..<(16 + 16 * count)]), place == bytes.count
        else { throw FixtureManifest.Malformed(what: "checksum of a segment's header") }
    }

    var encodingNumber: Int { encoding }

    func block(_ stream: Int) -> [UInt8] { blocks.first { $0.stream == stream }?.bytes ?? [] }

    /// The values as the expected rows have them.
    func texts(type: Int, dictionary: [[UInt8]]) throws -> [String?] {
        if isAllNull { return [String?](repeating: nil, count: rows) }
        let found = try values(type: type, dictionary: dictionary)
        guard found.count == rows else { throw FixtureManifest.Malformed(what: "count of values") }
        let validity = block(0)
        if validity.isEmpty { return found }
        return found.enumerated().map { row, text in
            validity[row / 8] >> UInt8(row % 8) & 1 == 1 ? text : nil
        }
    }

    private func values(type: Int, dictionary: [[UInt8]]) throws -> [String] {
        if physical == 8 { return try strings(dictionary).map { String(decoding: $0, as: UTF8.self) } }
        let raw = block(1)
        switch encoding {
        case 0: return [String](repeating: Self.plain(raw, physical, 0), count: rows)
        case 1: return (0..<rows).map { Self.plain(raw, physical, $0) }
        case 2: return FixturePackedStream.values(raw, count: rows).map(number)
        case 3:
            let runs = FixturePackedStream.values(raw, count: entries).map(number)
            return repeated(runs)
        case 4:
            return FixturePackedStream.values(block(3), count: rows).map {
                Self.plain(raw, physical, Int($0))
            }
        case 9: return decimalScaled()
        default: throw FixtureManifest.Malformed(what: "encoding \(encoding)")
        }
    }

    private func strings(_ dictionary: [[UInt8]]) throws -> [[UInt8]] {
        switch encoding {
        case 0: return [[UInt8]](repeating: block(6), count: rows)
        case 4:
            let entries = plainStrings(count: entries)
            return FixturePackedStream.values(block(3), count: rows).map { entries[Int($0)] }
        case 5: return FixturePackedStream.values(block(3), count: rows).map { dictionary[Int($0)] }
        case 6, 7, 10: return plainStrings(count: rows)
        case 8: return repeated(plainStrings(count: entries))
        default: throw FixtureManifest.Malformed(what: "encoding \(encoding)")
        }
    }

    private func plainStrings(count: Int) -> [[UInt8]] {
        let uuids = block(7)
        if !uuids.isEmpty {
            return (0..<count).map { row in
                let digits = uuids[(16 * row)..<(16 * row + 16)].map { byte in
                    (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
                let parts = [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10...]]
                return Array(parts.map { $0.joined() }.joined(separator: "-").utf8)
            }
        }
        if !block(8).isEmpty { return symbolStrings(count: count) }
        return Self.split(block(6), FixturePackedStream.values(block(4), count: count))
    }

    /// A value for each row out of one for each run.
    private func repeated<Element>(_ runs: [Element]) -> [Element] {
        let lengths = FixturePackedStream.values(block(2), count: entries)
        return zip(runs, lengths).flatMap { [Element](repeating: $0, count: Int($1)) }
    }

    /// A number of a packed stream.
    private func number(_ value: Int64) -> String {
        switch physical {
        case 0: value == 0 ? "false" : "true"
        case 5: String(UInt32(truncatingIfNeeded: value), radix: 16)
        case 6: String(UInt64(bitPattern: value), radix: 16)
        default: "\(value)"
        }
    }

    /// Value `index` of fixed width.
    private static func plain(_ bytes: [UInt8], _ physical: Int, _ index: Int) -> String {
        let width = [1, 2, 4, 8, 16, 4, 8, 16, 0, 16][physical]
        var reader = FixtureBytes(bytes, at: width * index)
        switch physical {
        case 0: return reader.number(1) == 0 ? "false" : "true"
        case 1: return "\(Int16(truncatingIfNeeded: reader.number(2)))"
        case 2: return "\(Int32(truncatingIfNeeded: reader.number(4)))"
        case 3: return "\(Int64(bitPattern: reader.number(8)))"
        case 5: return String(reader.number(4), radix: 16)
        case 6: return String(reader.number(8), radix: 16)
        case 7:
            let microseconds = Int64(bitPattern: reader.number(8))
            let days = Int32(truncatingIfNeeded: reader.number(4))
            return "\(Int32(truncatingIfNeeded: reader.number(4))) \(days) \(microseconds)"
        default:
            let low = UInt128(reader.number(8))
            let bits = UInt128(reader.number(8)) << 64 | low
            return physical == 4 ? "\(Int128(truncatingIfNeeded: bits))" : String(bits, radix: 16)
        }
    }
}
