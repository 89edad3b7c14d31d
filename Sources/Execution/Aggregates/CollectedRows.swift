import Columns

/// Rows of all groups, kept for an aggregate that needs those of a group together and in order. Belongs to
/// one worker.
final class CollectedRows {
    private struct Part {
        let groups: VectorBuffer
        let columns: [Vector]
        let count: Int
    }

    private let types: [DataType]
    private var parts: [Part] = []
    private(set) var rowCount = 0
    private(set) var groupCount = 0
    private(set) var bytes = 0

    init(types: [DataType]) { self.types = types }

    /// - Parameter groups: nil where all rows belong to group 0.
    func append(_ columns: [Vector], groups: UnsafePointer<UInt32>?, count: Int, groupCount: Int) {
        self.groupCount = max(self.groupCount, groupCount)
        if count == 0 { return }
        let kept = VectorBuffer(byteCount: count * 4)
        if let groups {
            kept.pointer(as: UInt32.self).update(from: groups, count: count)
        } else {
            kept.fillWithZeros()
        }
        parts.append(Part(groups: kept, columns: columns, count: count))
        rowCount += count
        bytes += count * 4 + columns.reduce(0) { $0 + Self.bytes(of: $1) }
    }

    private static func bytes(of column: Vector) -> Int {
        var bytes = column.count * column.physical.byteCount
        if column.physical == .string, column.form == .flat {
            let views = column.pointer(as: StringView.self)
            for row in 0..<column.count where !views[row].isInline { bytes += views[row].count }
        }
        return bytes
    }

    /// Says that there are groups up to the greatest of `mapping`.
    func reach(_ mapping: UnsafePointer<UInt32>, count: Int) {
        for group in 0..<count { groupCount = max(groupCount, Int(mapping[group]) + 1) }
    }

    /// Takes over the rows of another collection, whose group `g` is `mapping[g]` here.
    func absorb(_ other: CollectedRows, mapping: UnsafePointer<UInt32>, count: Int) {
        reach(mapping, count: count)
        for part in other.parts {
            let groups = part.groups.pointer(as: UInt32.self)
            for row in 0..<part.count { groups[row] = mapping[Int(groups[row])] }
            parts.append(part)
        }
        rowCount += other.rowCount
        bytes += other.bytes
        other.removeAll()
    }

    /// Bytes when `extra` more rows have come, of short strings.
    func bytes(adding extra: Int) -> Int {
        bytes + extra * (4 + types.reduce(0) { $0 + $1.physical.byteCount })
    }

    /// Copies those rows of another collection whose group `g` has a place: their group here is `places[g]`.
    ///
    /// - Parameter places: By group, `GroupTable.notFound` for one that is not wanted; groups beyond it are
    ///   not.
    func copy(_ other: CollectedRows, places: [UInt32]) {
        for part in other.parts {
            let groups = part.groups.pointer(as: UInt32.self)
            let wanted = VectorBuffer(byteCount: part.count * 4)
            let mapped = VectorBuffer(byteCount: part.count * 4)
            let (rows, target) = (wanted.pointer(as: UInt32.self), mapped.pointer(as: UInt32.self))
            var found = 0
            for row in 0..<part.count {
                let group = Int(groups[row])
                if group >= places.count || places[group] == GroupTable.notFound { continue }
                rows[found] = UInt32(truncatingIfNeeded: row)
                target[found] = places[group]
                found += 1
            }
            if found == 0 { continue }
            let selection = SelectionVector(buffer: wanted, count: found)
            append(
                part.columns.map { $0.gathered(selection).flattened() }, groups: UnsafePointer(target),
                count: found, groupCount: groupCount)
            withExtendedLifetime(mapped) {}
        }
    }

    func removeAll() {
        parts = []
        rowCount = 0
        bytes = 0
    }

    /// All rows by group, those of a group in the order of `keys` over the last columns.
    func sorted(by keys: [SortKey]) -> SortedGroups {
        precondition(rowCount < Int(UInt32.max), "sorted rows are numbered by 32 bits")
        let columns = types.indices.map { index in
            VectorConcatenation.concatenate(parts.map { $0.columns[index] }, type: types[index]).flattened()
        }
        let keyColumns = Array(columns.suffix(keys.count))
        let order = SortKeys(keyColumns, keys, rowCount: rowCount).sortedRows()
        var groups = [UInt32]()
        groups.reserveCapacity(rowCount)
        for part in parts {
            groups += UnsafeBufferPointer(start: part.groups.pointer(as: UInt32.self), count: part.count)
        }
        // Rows in order are dealt out to their groups, and so keep it.
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for group in groups { starts[Int(group) + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        let rows = VectorBuffer(byteCount: max(rowCount, 1) * 4)
        let target = rows.pointer(as: UInt32.self)
        var next = starts
        for row in order {
            let group = Int(groups[Int(row)])
            target[next[group]] = row
            next[group] += 1
        }
        return SortedGroups(columns: columns, rows: rows, starts: starts)
    }
}

/// Rows in the order of their groups.
struct SortedGroups {
    let columns: [Vector]
    /// Row numbers, as UInt32.
    let rows: VectorBuffer
    /// Where each group's row numbers begin; one more entry at the end.
    let starts: [Int]

    var groupCount: Int { starts.count - 1 }

    /// The chosen rows of all columns.
    func gather(_ range: Range<Int>) -> [Vector] {
        let slice = VectorBuffer(
            borrowing: UnsafeRawPointer(rows.base + range.lowerBound * 4), byteCount: range.count * 4,
            owner: rows)
        let selection = SelectionVector(buffer: slice, count: range.count)
        return columns.map { $0.gathered(selection) }
    }
}
