import Columns

/// Rows of several chunks, in any order.
struct RowPicks {
    private(set) var chunks: [UInt32] = []
    private(set) var rows: [UInt32] = []

    var count: Int { rows.count }

    mutating func append(chunk: Int, row: Int) {
        chunks.append(UInt32(truncatingIfNeeded: chunk))
        rows.append(UInt32(truncatingIfNeeded: row))
    }

    mutating func removeAll() {
        chunks.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
    }
}

/// Copies picked rows of several chunks into one, column by column.
enum RowPicker {
    /// - Parameters:
    ///   - picks: At most `DataChunk.capacity` rows, which exist in the chunks.
    ///   - columns: For each column a flat vector of each chunk, all of one type.
    static func pick(_ picks: RowPicks, from columns: [[Vector]]) -> DataChunk {
        DataChunk(columns: columns.map { pick(picks, from: $0) }, rowCount: picks.count)
    }

    private static func pick(_ picks: RowPicks, from vectors: [Vector]) -> Vector {
        precondition(!vectors.isEmpty, "rows come from somewhere")
        let type = vectors[0].type
        let buffer = VectorBuffer(byteCount: picks.count * type.physical.byteCount)
        switch type.physical.byteCount {
        case 1: copy(picks, vectors, buffer, UInt8.self)
        case 2: copy(picks, vectors, buffer, UInt16.self)
        case 4: copy(picks, vectors, buffer, UInt32.self)
        case 8: copy(picks, vectors, buffer, UInt64.self)
        default: copy(picks, vectors, buffer, StringView.self)
        }
        var heap: StringHeap?
        if type.physical == .string {
            var isUsed = [Bool](repeating: false, count: vectors.count)
            for chunk in picks.chunks { isUsed[Int(chunk)] = true }
            let owners = vectors.indices.compactMap { isUsed[$0] ? vectors[$0].heap : nil }
            heap = StringHeap(keeping: owners)
        }
        return Vector(
            flat: buffer, type: type, count: picks.count, validity: validity(picks, vectors), heap: heap)
    }

    private static func validity(_ picks: RowPicks, _ vectors: [Vector]) -> ValidityMask? {
        guard vectors.contains(where: { $0.validity != nil }) else { return nil }
        let mask = ValidityMask(count: picks.count, allValid: false)
        var hasNull = false
        for index in 0..<picks.count {
            let isValid = vectors[Int(picks.chunks[index])].validity?.isValid(Int(picks.rows[index])) ?? true
            if isValid { mask.setValid(index) } else { hasNull = true }
        }
        return hasNull ? mask : nil
    }

    private static func copy<Element: BitwiseCopyable>(
        _ picks: RowPicks, _ vectors: [Vector], _ buffer: VectorBuffer, _ type: Element.Type
    ) {
        let target = buffer.pointer(as: Element.self)
        let bases = vectors.map { UnsafePointer($0.pointer(as: Element.self)) }
        bases.withUnsafeBufferPointer { bases in
            picks.chunks.withUnsafeBufferPointer { chunks in
                picks.rows.withUnsafeBufferPointer { rows in
                    for index in rows.indices { target[index] = bases[Int(chunks[index])][Int(rows[index])] }
                }
            }
        }
        withExtendedLifetime(vectors) {}
    }
}
