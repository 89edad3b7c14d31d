import DurableIO

/// The faults of `storage/damaged`, each done to a copy of one small store.
enum FixtureDamage {
    static let cases = [
        "manifest-missing-magic", "manifest-short", "manifest-header-bit", "manifest-newer-version",
        "manifest-first-record-torn", "manifest-record-header-bit", "manifest-record-bit",
        "manifest-last-record-bit", "manifest-last-record-torn", "manifest-record-lost", "data-missing",
        "data-magic", "data-newer-version", "data-segment-bit", "data-footer-bit", "data-short",
    ]

    static func damage(_ contents: inout [String: [UInt8]], by name: String) {
        let data = "data/00000001.rows"
        guard var manifest = contents["MANIFEST"], var file = contents[data] else { return }
        let starts = recordStarts(manifest)
        switch name {
        case "manifest-missing-magic": manifest[0] = 0
        case "manifest-short": manifest.removeLast(manifest.count - 9)
        case "manifest-header-bit": manifest[9] ^= 4
        case "manifest-newer-version": newerVersion(&manifest)
        case "manifest-first-record-torn": manifest.removeLast(manifest.count - starts[0] - 25)
        case "manifest-record-header-bit": manifest[starts[1] + 4] ^= 1
        case "manifest-record-bit": manifest[starts[1] + 40] ^= 16
        case "manifest-last-record-bit": manifest[manifest.count - 5] ^= 64
        case "manifest-last-record-torn": manifest.removeLast(7)
        case "manifest-record-lost": manifest.removeSubrange(starts[2]..<starts[3])
        case "data-missing": contents[data] = nil
        case "data-magic": file[3] ^= 32
        case "data-newer-version": newerVersion(&file)
        case "data-segment-bit": file[70] ^= 2
        case "data-footer-bit": file[file.count - 30] ^= 8
        default: file.removeLast(10)
        }
        contents["MANIFEST"] = manifest
        if contents[data] != nil { contents[data] = file }
    }

    private static func newerVersion(_ bytes: inout [UInt8]) {
        bytes[8] = 2
        var writer = BinaryWriter()
        writer.write(CRC32C.checksum(bytes[0..<12]))
        bytes.replaceSubrange(12..<16, with: writer.bytes)
    }

    private static func recordStarts(_ manifest: [UInt8]) -> [Int] {
        var starts: [Int] = []
        var offset = 16
        while offset + 20 <= manifest.count {
            if 512 - offset % 512 < 20 { offset += 512 - offset % 512 }
            starts.append(offset)
            let length = (0..<4).reversed().reduce(0) { $0 << 8 | Int(manifest[offset + $1]) }
            offset += 20 + length
        }
        return starts
    }
}
