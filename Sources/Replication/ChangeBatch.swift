import Postgres

/// What a run of transactions does to one table in the end: for each key whether the old row must go and
/// which new row there is. Later changes of a key replace earlier ones, so that a row that is touched a
/// thousand times costs one append.
struct TableChanges {
    struct KeyChange {
        /// Whether the store holds a row of this key that must go.
        var replacesStored: Bool
        /// nil when the row is gone.
        var row: [PgOutputMessage.Field]?
        /// The fields of the key, in the order of the primary key.
        var key: [PgOutputMessage.Field]
    }

    let table: MirroredTable
    /// Whether everything that the store holds must go first.
    private(set) var isTruncated = false
    private(set) var changes: [[UInt8]: KeyChange] = [:]

    init(_ table: MirroredTable) { self.table = table }

    var isEmpty: Bool { changes.isEmpty && !isTruncated }

    mutating func insert(_ row: [PgOutputMessage.Field]) throws(ReplicationError) {
        let key = try keyFields(of: row)
        let name = Self.name(of: key)
        let replaces = changes[name]?.replacesStored ?? false
        changes[name] = KeyChange(replacesStored: replaces, row: row, key: key)
    }

    /// - Parameter oldKey: The whole old row with its key fields set, when the key changed.
    mutating func update(
        _ row: [PgOutputMessage.Field], oldKey: [PgOutputMessage.Field]?
    ) throws(ReplicationError) {
        let key = try keyFields(of: row)
        let name = Self.name(of: key)
        var completed = row
        if let oldKey {
            let old = try keyFields(of: oldKey)
            let oldName = Self.name(of: old)
            if oldName != name {
                completed = Self.completed(row, from: changes[oldName]?.row)
                try delete(oldKey)
                let replaces = changes[name]?.replacesStored ?? false
                changes[name] = KeyChange(replacesStored: replaces, row: completed, key: key)
                return
            }
        }
        let before = changes[name]
        completed = Self.completed(row, from: before?.row)
        changes[name] = KeyChange(
            replacesStored: before?.replacesStored ?? !isTruncated, row: completed, key: key)
    }

    /// - Parameter old: The whole old row with its key fields set.
    mutating func delete(_ old: [PgOutputMessage.Field]) throws(ReplicationError) {
        let key = try keyFields(of: old)
        let name = Self.name(of: key)
        if let before = changes[name], !before.replacesStored {
            changes[name] = nil
        } else {
            changes[name] = KeyChange(replacesStored: !isTruncated, row: nil, key: key)
        }
    }

    mutating func truncate() {
        changes.removeAll(keepingCapacity: true)
        isTruncated = true
    }

    /// Puts the values that an update did not send in place where an earlier change of the batch knows them.
    private static func completed(
        _ row: [PgOutputMessage.Field], from before: [PgOutputMessage.Field]?
    ) -> [PgOutputMessage.Field] {
        guard let before, row.contains(.unchanged), before.count == row.count else { return row }
        return zip(row, before).map { $0 == .unchanged ? $1 : $0 }
    }

    private func keyFields(of row: [PgOutputMessage.Field]) throws(ReplicationError) -> [PgOutputMessage
        .Field]
    {
        guard row.count == table.columns.count else { throw .schemaChanged(table: table.qualifiedName) }
        return table.primaryKey.map { row[$0] }
    }

    /// The key's fields with their lengths, which no two keys share.
    private static func name(of key: [PgOutputMessage.Field]) -> [UInt8] {
        var name: [UInt8] = []
        for field in key {
            guard case .text(let bytes) = field else {
                name.append(contentsOf: [255, 255, 255, 255])
                continue
            }
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count)) { name.append(contentsOf: $0) }
            name.append(contentsOf: bytes)
        }
        return name
    }
}
