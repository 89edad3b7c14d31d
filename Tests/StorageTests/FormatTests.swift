import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog
import Testing

/// Reads a written store by the offsets of `storage/FORMAT.md`, without the store's own code.
@Suite("The format is as FORMAT.md says")
struct FormatTests {
    let directory = TemporaryDirectory()

    private func bytes(_ name: String) throws -> [UInt8] {
        let file = try POSIXFileSystem().open(directory.path + "/" + name, .read)
        return try file.readBytes(atByteOffset: 0, byteCount: try file.byteCount())
    }

    private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[offset + $1]) }
    }

    /// The fields of the manifest's last record that adds a row group.
    private func rowGroup() throws -> (file: UInt64, footerOffset: Int, footerBytes: Int, rows: Int) {
        let manifest = try bytes("MANIFEST")
        #expect(Array(manifest[0..<8]) == [0xFE, 0x41, 0x4D, 0x42, 0x41, 0x52, 0x4D, 0x46])
        #expect(number(manifest, 8, 4) == 1)
        #expect(number(manifest, 12, 4) == UInt64(CRC32C.checksum(manifest[0..<12])))
        var offset = 16
        var last = 0..<0
        var versions: [UInt64] = []
        while offset < manifest.count {
            let length = Int(number(manifest, offset, 4))
            versions.append(number(manifest, offset + 4, 8))
            let payload = (offset + 20)..<(offset + 20 + length)
            #expect(number(manifest, offset + 12, 4) == UInt64(CRC32C.checksum(manifest[payload])))
            #expect(
                number(manifest, offset + 16, 4) == UInt64(CRC32C.checksum(manifest[offset..<(offset + 16)])))
            #expect(manifest[payload.upperBound - 1] == 0xA5)
            last = payload
            offset = payload.upperBound
        }
        #expect(versions == [0, 1, 2])
        var at = last.lowerBound
        func varint() -> UInt64 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                let byte = manifest[at]
                at += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
        }
        #expect(manifest[at] == 0)
        at += 1
        #expect(varint() == 2)
        #expect(varint() == 1)
        let now = Int64(time(nil))
        #expect(abs(Int64(varint() / 1_000_000) - now) < 600)
        for _ in 0..<4 { _ = varint() }
        #expect(varint() == 1)
        #expect(manifest[at] == 4)
        at += 1
        #expect(varint() == 1)
        _ = varint()
        let file = varint()
        let footerOffset = Int(varint())
        let footerBytes = Int(varint())
        let rows = Int(varint())
        #expect(varint() == 0)
        return (file, footerOffset, footerBytes, rows)
    }

    @Test("a packed segment parses by its offsets")
    func packedSegment() throws {
        let store = try ColumnStore.open(directory: directory.path)
        var transaction = try store.begin()
        let table = try transaction.createTable(
            TableDefinition(
                name: TableName(name: "t"), columns: Schema([Field(name: "n", type: .bigint)]),
                options: TableOptions(codec: .none)))
        _ = try transaction.commit()
        let values: [Int64?] = (0..<3000).map { (row: Int) -> Int64? in
            row % 10 == 3 ? nil : Int64(row * 37 % 1000) - 17
        }
        transaction = try store.begin()
        let rows: [[Value]] = values.map { value in
            if let value { [Value.bigint(value)] } else { [Value.null] }
        }
        try Samples.append(rows, to: table, in: transaction, types: [.bigint])
        _ = try transaction.commit()

        let group = try rowGroup()
        #expect(group.rows == 3000)
        let data = try bytes(
            "data/" + String(repeating: "0", count: 7) + String(group.file, radix: 16) + ".rows")
        #expect(Array(data[0..<8]) == Array("AMBARDAT".utf8))
        #expect(group.footerOffset + group.footerBytes == data.count)
        let footer = Array(data[group.footerOffset...])
        #expect(Array(footer[0..<4]) == Array("ARG1".utf8))
        #expect(number(footer, 4, 4) == 3000)
        #expect(number(footer, 8, 4) == 1)
        let checksum = number(footer, footer.count - 4, 4)
        #expect(checksum == UInt64(CRC32C.checksum(footer[0..<(footer.count - 4)])))
        let start = Int(number(footer, 12, 8))
        let length = Int(number(footer, 20, 4))
        #expect(footer[24] == 2)
        #expect(number(footer, 25, 4) == 0)
        let zone = 33 + Int(number(footer, 29, 2))
        #expect(number(footer, zone, 4) == 300)
        #expect(footer[zone + 4] == 8)
        #expect(Int64(bitPattern: number(footer, zone + 5, 8)) == values.compactMap { $0 }.min())
        #expect(Int64(bitPattern: number(footer, zone + 13, 8)) == values.compactMap { $0 }.max())
        try check(Array(data[start..<(start + length)]), against: values)
    }

    private func check(_ segment: [UInt8], against values: [Int64?]) throws {
        #expect(Array(segment[0..<4]) == [2, 3, 0, 2])
        #expect(number(segment, 4, 4) == UInt64(values.count))
        #expect(number(segment, 48, 4) == UInt64(CRC32C.checksum(segment[0..<48])))
        // Block 0 is the validity bitmap, block 1 the packed stream, both as they are.
        #expect(Array(segment[16..<18]) == [0, 0])
        #expect(Array(segment[32..<34]) == [1, 0])
        let validity = 52
        let stream = validity + Int(number(segment, 20, 4))
        #expect(number(segment, 28, 4) == UInt64(CRC32C.checksum(segment[validity..<stream])))
        #expect(stream + Int(number(segment, 36, 4)) == segment.count)
        let factor = number(segment, stream, 8)
        let descriptors = stream + 8
        let words = descriptors + 2 * 16
        for (row, value) in values.enumerated() {
            let isValid = number(segment, validity + row / 64 * 8, 8) >> UInt64(row % 64) & 1 == 1
            #expect(isValid == (value != nil))
            guard let value else { continue }
            let descriptor = descriptors + row / 2048 * 16
            let base = Int64(bitPattern: number(segment, descriptor, 8))
            let offset = Int(number(segment, descriptor + 8, 4))
            let width = Int(number(segment, descriptor + 12, 1))
            #expect(number(segment, descriptor + 13, 3) == 0)
            let lane = row % 2048 % 64
            var difference: UInt64 = 0
            for bit in 0..<width {
                let position = row % 2048 / 64 * width + bit
                let word = number(segment, words + offset + (position / 32 * 64 + lane) * 4, 4)
                difference |= (word >> UInt64(position % 32) & 1) << UInt64(bit)
            }
            #expect(base + Int64(difference * factor) == value)
        }
    }
}
