import Columns

/// Numbers the groups of rows by their keys: through arrays while keys come from small domains (dictionary
/// codes, small ranges of whole numbers, booleans), through a hash table otherwise. Belongs to one worker.
final class Grouping {
    let encoder: KeyEncoder
    let table: GroupTable
    private var direct: DirectIndex?
    private var codeGroups = CodeGroups()
    let stringGroups: StringGroups?

    /// - Parameter neverNull: By column, whether it is known to have no NULLs; empty where nothing is known.
    init(types: [DataType], stateBytes: Int, neverNull: [Bool] = []) {
        let layout = KeyLayout(types: types, neverNull: neverNull)
        encoder = KeyEncoder(layout: layout)
        table = GroupTable(wordCount: layout.wordCount, stateBytes: stateBytes)
        direct = DirectIndex(layout: layout)
        stringGroups =
            types.count == 1 && types[0].physical == .string ? StringGroups(encoder, table) : nil
    }

    /// Whether groups are found by position.
    var isDirect: Bool { direct != nil }
    var layout: KeyLayout { encoder.layout }
    var count: Int { table.count }
    var bytes: Int {
        table.bytes + encoder.bytes + (direct?.bytes ?? 0) + (stringGroups?.bytes ?? 0)
    }

    /// Bytes when `extra` more groups have come.
    func bytes(adding extra: Int) -> Int {
        table.bytes(adding: extra) + encoder.bytes(adding: extra) + (direct?.bytesNext ?? 0)
    }

    /// Writes the group of each row, adding new groups. At most a chunk of rows; vectors in any form.
    func assign(_ vectors: [Vector], count: Int, into groups: UnsafeMutablePointer<UInt32>) {
        if vectors.count == 1, let dictionary = vectors[0].dictionary, vectors[0].validity == nil {
            return assign(codes: vectors[0], dictionary, count, groups)
        }
        assignAny(vectors, count: count, into: groups)
    }

    private func assignAny(_ vectors: [Vector], count: Int, into groups: UnsafeMutablePointer<UInt32>) {
        if let index = direct {
            if index.assign(vectors, count: count, encoder: encoder, table: table, into: groups) { return }
            direct = nil
        }
        if let stringGroups { return stringGroups.assign(vectors[0], count: count, into: groups) }
        encoder.encode(vectors, count: count)
        guard layout.isSingleWide, vectors[0].validity != nil else {
            return table.findOrAdd(encoder.words, count: count, valid: nil, into: groups)
        }
        let flat = vectors[0].flat(count: count)
        table.findOrAdd(encoder.words, count: count, valid: flat.validity, into: groups)
        if table.excludedGroup < 0 { table.excludedGroup = table.append(encoder.words, row: 0) }
        let nullGroup = UInt32(truncatingIfNeeded: table.excludedGroup)
        for row in 0..<count where flat.isNull(row) { groups[row] = nullGroup }
    }

    /// One dictionary column without NULLs: the group by code, found once for each code that occurs.
    private func assign(
        codes vector: Vector, _ dictionary: VectorDictionary, _ count: Int,
        _ groups: UnsafeMutablePointer<UInt32>
    ) {
        codeGroups.use(dictionary)
        let codes = vector.pointer(as: UInt32.self)
        codeGroups.table.withUnsafeMutableBufferPointer { table in
            for row in 0..<count {
                let code = Int(codes[row])
                var group = table[code]
                if group == 0 {
                    let one = dictionary.entries.slice(code..<(code + 1))
                    var found: UInt32 = 0
                    assignAny([one], count: 1, into: &found)
                    group = found &+ 1
                    table[code] = group
                }
                groups[row] = group &- 1
            }
        }
    }

    /// Groups by dictionary code.
    private struct CodeGroups {
        var dictionary: VectorDictionary?
        /// Group + 1, 0 for a code not met yet.
        var table: [UInt32] = []

        mutating func use(_ other: VectorDictionary) {
            if dictionary === other { return }
            if other.identity != 0, other.identity == dictionary?.identity {
                table.append(contentsOf: repeatElement(0, count: max(0, other.count - table.count)))
            } else {
                table = [UInt32](repeating: 0, count: other.count)
            }
            dictionary = other
        }
    }

    /// The key columns of `count` groups whose rows have been copied to `rows`; `nullKey` of them is the NULL
    /// of a layout with one wide column, -1 for none.
    func keys(in rows: UnsafeRawPointer, count: Int, nullKey: Int) -> [Vector] {
        layout.columns.indices.map { index in
            layout.decode(
                index, rows, stride: table.stride, count: count, nullKey: nullKey,
                strings: encoder.interners[index])
        }
    }

    /// The key columns of groups `range`.
    func keys(_ range: Range<Int>) -> [Vector] {
        layout.columns.indices.map { index in
            layout.decode(
                index, table.rows + range.lowerBound * table.stride, stride: table.stride, count: range.count,
                nullKey: range.contains(table.excludedGroup) ? table.excludedGroup - range.lowerBound : -1,
                strings: encoder.interners[index])
        }
    }
}
