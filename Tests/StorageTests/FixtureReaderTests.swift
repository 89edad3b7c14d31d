import Testing

/// Reads the golden store with a reader that is written from `storage/FORMAT.md` alone.
@Suite("FORMAT.md describes the golden store")
struct FixtureReaderTests {
    private static let golden = FixtureStore.repository("fixtures/v1")

    private struct Reading {
        var lines: [String] = []
        var encodings: Set<Int> = []
    }

    private static func file(_ number: UInt64) throws -> [UInt8] {
        let digits = String(number, radix: 16)
        let name = String(repeating: "0", count: 8 - digits.count) + digits
        return try FixtureFiles.bytes(golden + "/data/\(name).rows")
    }

    private func read(_ table: FixtureManifest.Table) throws -> Reading {
        var reading = Reading()
        for group in table.groups {
            let file = try Self.file(group.file)
            #expect(Array(file[0..<8]) == Array("AMBARDAT".utf8))
            let footer = Array(file[group.footerOffset..<(group.footerOffset + group.footerBytes)])
            var reader = FixtureBytes(footer)
            #expect(reader.take(4) == Array("ARG1".utf8))
            #expect(reader.integer(4) == group.rows)
            #expect(reader.integer(4) == table.columns.count)
            var columns: [[String?]] = []
            for (index, column) in table.columns.enumerated() {
                let start = reader.integer(8)
                let length = reader.integer(4)
                let encoding = reader.integer(1)
                let filterBytes = reader.integer(4)
                let sketchBytes = reader.integer(2)
                let distributionBytes = reader.integer(2)
                reader.offset += sketchBytes
                try checkFilter(file, at: start + length, byteCount: filterBytes)
                let zones = group.rows > 2048 ? 1 + (group.rows + 2047) / 2048 : 1
                var rows = group.rows
                for zone in 0..<zones {
                    if zone > 0 { rows = min(2048, group.rows - (zone - 1) * 2048) }
                    if reader.integer(4) < rows { reader.offset += 2 * reader.integer(1) }
                    // The distribution stands behind the zone of the segment.
                    if zone == 0 { reader.offset += distributionBytes }
                }
                let segment = try FixtureSegment(Array(file[start..<(start + length)]))
                #expect(segment.encodingNumber == encoding)
                reading.encodings.insert(encoding)
                columns.append(
                    try segment.texts(type: column.type, dictionary: table.dictionaries[index]))
            }
            #expect(reader.number(4) == FixtureBytes.checksum(footer.dropLast(4)))
            #expect(reader.isAtEnd)
            let names = table.columns.map(\.name)
            for row in 0..<group.rows where !group.deleted.contains(row) {
                reading.lines.append(FixtureText.line(names: names, columns.map { $0[row] }))
            }
        }
        return reading
    }

    /// A Bloom filter ends with the checksum of its blocks.
    private func checkFilter(_ file: [UInt8], at start: Int, byteCount: Int) throws {
        guard byteCount > 0 else { return }
        var reader = FixtureBytes(file, at: start)
        let blocks = reader.take(byteCount - 4)
        #expect(blocks.count % 32 == 0)
        #expect(reader.number(4) == FixtureBytes.checksum(blocks))
    }

    @Test("the manifest and the segments parse by the offsets that it gives")
    func segments() throws {
        let manifest = try FixtureManifest(
            try FixtureFiles.bytes(Self.golden + "/MANIFEST"), readFile: Self.file)
        #expect(manifest.version == 9)
        #expect(manifest.properties == ["made by": "fixture"])
        #expect(manifest.position == ["slot": 0x1_0000_0005])
        #expect(manifest.tables.values.map(\.name).sorted() == FixtureStore.tables.sorted())
        var encodings: Set<Int> = []
        for table in manifest.tables.values where table.name != "orders" {
            let reading = try read(table)
            let expected = try FixtureFiles.lines(Self.golden + "/expected/\(table.name).ndjson")
            #expect(reading.lines.sorted() == expected, "\(table.name)")
            encodings.formUnion(reading.encodings)
        }
        // Which forms the golden store has, whatever the chooser prefers for the rest.
        #expect(encodings.isSuperset(of: [0, 1, 2, 3, 4, 5, 7, 9, 10]), "\(encodings.sorted())")
        // The deletes of the compressed table: its rows as the manifest counts them.
        let orders = manifest.tables.values.first { $0.name == "orders" }
        let live = orders?.groups.reduce(0) { $0 + $1.rows - $1.deleted.count }
        #expect(live == (try FixtureFiles.lines(Self.golden + "/expected/orders.ndjson").count))
    }
}
