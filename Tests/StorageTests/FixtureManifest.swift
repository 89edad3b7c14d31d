/// The newest version of a store, read out of the bytes of its manifest by `storage/FORMAT.md`.
struct FixtureManifest {
    struct Column {
        var name: String
        var type: Int
    }

    struct Group {
        var number: UInt64
        var file: UInt64
        var footerOffset: Int
        var footerBytes: Int
        var rows: Int
        var deleted: Set<Int> = []
    }

    struct Table {
        var name: String
        var columns: [Column]
        /// Entries of each column's dictionary.
        var dictionaries: [[[UInt8]]]
        var groups: [Group] = []
    }

    struct Malformed: Error { var what: String }

    private(set) var tables: [UInt64: Table] = [:]
    private(set) var version: UInt64 = 0
    private(set) var position: [String: UInt64] = [:]
    private(set) var properties: [String: String] = [:]

    /// The bytes of a data file by its number.
    private let readFile: (UInt64) throws -> [UInt8]

    init(_ bytes: [UInt8], readFile: @escaping (UInt64) throws -> [UInt8]) throws {
        self.readFile = readFile
        var reader = FixtureBytes(bytes)
        guard reader.take(8) == [0xFE, 0x41, 0x4D, 0x42, 0x41, 0x52, 0x4D, 0x46], reader.number(4) == 1,
            reader.number(4) == FixtureBytes.checksum(bytes[0..<12])
        else { throw Malformed(what: "header") }
        while !reader.isAtEnd {
            let left = 512 - reader.offset % 512
            if left < 20 {
                guard reader.take(left).allSatisfy({ $0 == 0 }) else { throw Malformed(what: "padding") }
            }
            let start = reader.offset
            let length = reader.integer(4)
            version = reader.number(8)
            let payloadChecksum = reader.number(4)
            guard reader.number(4) == FixtureBytes.checksum(bytes[start..<(start + 16)]),
                payloadChecksum == FixtureBytes.checksum(bytes[(start + 20)..<(start + 20 + length)])
            else { throw Malformed(what: "checksum of version \(version)") }
            var payload = FixtureBytes(reader.take(length))
            try apply(&payload)
        }
    }

    private mutating func apply(_ payload: inout FixtureBytes) throws {
        if payload.number(1) == 1 { tables = [:] }
        guard payload.varint() == version else { throw Malformed(what: "version") }
        // The version before, the time, and the next numbers of tables, row groups, files and dictionaries.
        for _ in 0..<6 { _ = payload.varint() }
        let operations = payload.count()
        for _ in 0..<operations { try applyOperation(&payload) }
        guard payload.number(1) == 0xA5, payload.isAtEnd else { throw Malformed(what: "end mark") }
    }

    private mutating func applyOperation(_ payload: inout FixtureBytes) throws {
        let code = payload.number(1)
        if code == 8 {
            let name = payload.text()
            position[name] = payload.varint()
            return
        }
        let id = payload.varint()
        switch code {
        case 1: tables[id] = Self.definition(&payload)
        case 2: tables[id] = nil
        case 3:
            _ = payload.varint()
            let columns = tables[id]?.columns.count ?? 0
            tables[id]?.groups = []
            tables[id]?.dictionaries = [[[UInt8]]](repeating: [], count: columns)
        case 4:
            let group = Group(
                number: payload.varint(), file: payload.varint(), footerOffset: payload.count(),
                footerBytes: payload.count(), rows: payload.count())
            let before = payload.varint()
            _ = payload.varint()
            _ = payload.varint()
            let groups = tables[id]?.groups ?? []
            let place = groups.firstIndex { $0.number == before } ?? groups.count
            tables[id]?.groups.insert(group, at: place)
        case 5:
            let number = payload.varint()
            tables[id]?.groups.removeAll { $0.number == number }
        case 6: deleteRows(of: id, &payload)
        case 7:
            let column = payload.count()
            let first = payload.count()
            _ = payload.varint()
            _ = payload.number(1)
            guard tables[id]?.dictionaries[column].count == first else { throw Malformed(what: "codes") }
            for _ in 0..<payload.count() { tables[id]?.dictionaries[column].append(payload.counted()) }
        case 9:
            let key = payload.text()
            let value = payload.number(1) == 1 ? payload.text() : nil
            if id == 0 { properties[key] = value }
        case 10: _ = payload.varint()
        case 11:
            Self.skipOptions(&payload)
            _ = payload.varint()
        case 12: Self.skipKey(&payload)
        case 13: try setDeletions(of: id, &payload)
        default: throw Malformed(what: "operation \(code)")
        }
    }

    private mutating func deleteRows(of id: UInt64, _ payload: inout FixtureBytes) {
        let number = payload.varint()
        var deleted: Set<Int> = []
        for _ in 0..<payload.count() { deleted.insert(payload.integer(2)) }
        guard let index = tables[id]?.groups.firstIndex(where: { $0.number == number }) else { return }
        tables[id]?.groups[index].deleted.formUnion(deleted)
    }

    /// Deletions that stand in a block of a data file.
    private mutating func setDeletions(of id: UInt64, _ payload: inout FixtureBytes) throws {
        let number = payload.varint()
        let file = payload.varint()
        let offset = payload.count()
        let byteCount = payload.count()
        let count = payload.count()
        var block = FixtureBytes(try readFile(file), at: offset)
        let whole = block.take(byteCount)
        block = FixtureBytes(whole)
        guard block.take(4) == Array("ADV1".utf8), block.number(4) == number else {
            throw Malformed(what: "deletion block")
        }
        let rows = block.integer(4)
        guard block.integer(4) == count else { throw Malformed(what: "deleted rows") }
        var deleted: Set<Int> = []
        if block.number(4) == 0 {
            for _ in 0..<count { deleted.insert(block.integer(2)) }
        } else {
            let bitmap = block.take((rows + 63) / 64 * 8)
            for row in 0..<rows where bitmap[row / 8] >> UInt8(row % 8) & 1 == 1 { deleted.insert(row) }
        }
        guard block.number(4) == FixtureBytes.checksum(whole.dropLast(4)), block.isAtEnd else {
            throw Malformed(what: "checksum of a deletion block")
        }
        guard let index = tables[id]?.groups.firstIndex(where: { $0.number == number }) else { return }
        tables[id]?.groups[index].deleted = deleted
    }

    private static func definition(_ payload: inout FixtureBytes) -> Table {
        _ = payload.text()
        let name = payload.text()
        var columns: [Column] = []
        for _ in 0..<payload.count() {
            let columnName = payload.text()
            let type = payload.integer(1)
            if type == 6 { _ = payload.number(2) }
            _ = payload.number(1)
            columns.append(Column(name: columnName, type: type))
        }
        skipKey(&payload)
        skipKey(&payload)
        skipOptions(&payload)
        _ = payload.varint()
        return Table(
            name: name, columns: columns,
            dictionaries: [[[UInt8]]](repeating: [], count: columns.count))
    }

    private static func skipKey(_ payload: inout FixtureBytes) {
        for _ in 0..<payload.count() { _ = payload.varint() }
    }

    private static func skipOptions(_ payload: inout FixtureBytes) {
        _ = payload.number(1)
        _ = payload.varint()
        let columns = payload.count()
        for _ in 1..<max(1, columns) { _ = payload.varint() }
    }
}
