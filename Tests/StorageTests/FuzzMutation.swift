import DurableIO

/// Seeded damage of bytes: flipped bits, extreme numbers, cuts, insertions and splices.
enum FuzzMutation {
    static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        func random(_ count: Int) -> Int { Int(generator.next() % UInt64(max(1, count))) }
        for _ in 0...random(3) {
            guard !bytes.isEmpty else { return }
            let place = random(bytes.count)
            switch random(8) {
            case 0, 1: bytes[place] ^= 1 << UInt8(random(8))
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][random(5)]
            case 3:
                // A number at an extreme.
                let width = min([2, 4, 8][random(3)], bytes.count - place)
                let fill: UInt8 = random(2) == 0 ? 0xFF : 0
                for index in place..<(place + width) { bytes[index] = fill }
                if random(2) == 0 { bytes[place + width - 1] ^= 0x80 }
            case 4:
                // An overlong or huge varint.
                let length = random(11)
                bytes.insert(contentsOf: [UInt8](repeating: 0xFF, count: length) + [1], at: place)
            case 5: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random(9)))
            case 6:
                let source = random(bytes.count)
                let part = Array(bytes[source..<min(bytes.count, source + 1 + random(24))])
                bytes.insert(contentsOf: part, at: place)
            default: bytes.removeLast(random(bytes.count))
            }
        }
    }

    /// The payloads of a whole manifest, with the versions of their records.
    static func payloads(of manifest: [UInt8]) -> [(version: [UInt8], payload: [UInt8])] {
        var records: [(version: [UInt8], payload: [UInt8])] = []
        var offset = 16
        while true {
            if 512 - offset % 512 < 20 { offset += 512 - offset % 512 }
            guard offset + 20 <= manifest.count else { return records }
            let length = (0..<4).reversed().reduce(0) { $0 << 8 | Int(manifest[offset + $1]) }
            records.append(
                (
                    Array(manifest[(offset + 4)..<(offset + 12)]),
                    Array(manifest[(offset + 20)..<(offset + 20 + length)])
                ))
            offset += 20 + length
        }
    }

    /// A manifest of such records, with right lengths and checksums.
    static func manifest(
        header: [UInt8], _ records: [(version: [UInt8], payload: [UInt8])]
    ) -> [UInt8] {
        var bytes = header
        for record in records {
            while 512 - bytes.count % 512 < 20 { bytes.append(0) }
            var writer = BinaryWriter()
            writer.write(UInt32(record.payload.count))
            writer.writeRaw(record.version)
            writer.write(CRC32C.checksum(record.payload))
            writer.write(CRC32C.checksum(writer.bytes))
            bytes += writer.bytes + record.payload
        }
        return bytes
    }
}
