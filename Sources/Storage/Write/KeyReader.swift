import Columns
import Encodings
import TableCatalog

/// Reads and compares key columns of written row groups. Keeps the segments of the row groups it has touched
/// until `forget`. Owned by one writer.
final class KeyReader {
    private let keyColumns: [Int]
    private let types: [DataType]
    private let cache: BlockCache
    private let buffer = RawBytes(capacity: 1 << 16)
    private var segments: [RowGroupID: [EncodedSegment]] = [:]
    private static let keptGroupsMax = 256

    init(definition: TableDefinition, cache: BlockCache) {
        keyColumns = definition.primaryKey
        types = definition.columns.types
        self.cache = cache
    }

    func forget() { segments.removeAll() }

    /// Hashes of all rows of a group, a vector at a time.
    func forEachVector(
        of group: RowGroup, dictionaries: [TableDictionary?],
        _ visit: (_ firstRow: Int, _ hashes: [UInt32]) -> Void
    ) throws(StorageError) {
        try forEachKeyVector(of: group, dictionaries: dictionaries) { (firstRow, columns) in
            visit(firstRow, KeyHasher.hashes(columns, rowCount: columns.first?.count ?? 0))
        }
    }

    /// The key columns of all rows of a group, a vector at a time.
    func forEachKeyVector(
        of group: RowGroup, dictionaries: [TableDictionary?],
        _ visit: (_ firstRow: Int, _ columns: [Vector]) throws(StorageError) -> Void
    ) throws(StorageError) {
        let segments = try load(group)
        let scratch = segments.map { DecodeScratch(physical: $0.type.physical) }
        for vector in 0..<group.vectorCount {
            var columns: [Vector] = []
            for (index, segment) in segments.enumerated() {
                let dictionary = try dictionary(of: segment, dictionaries[keyColumns[index]], group)
                columns.append(
                    segment.decode(vector: vector, tableDictionary: dictionary, scratch: scratch[index]))
            }
            try visit(vector * DataChunk.capacity, columns)
        }
    }

    /// Whether row `row` of the group has that key.
    func matches(
        _ key: [KeyValue], row: Int, of group: RowGroup, dictionaries: [TableDictionary?]
    ) throws(StorageError) -> Bool {
        let segments = try load(group)
        for (index, segment) in segments.enumerated() {
            switch key[index] {
            case .fixed(let bytes):
                if !segment.equals(bytes, at: row) { return false }
            case .string(let view):
                let dictionary = try dictionary(of: segment, dictionaries[keyColumns[index]], group)
                if !segment.equals(string: view, at: row, tableDictionary: dictionary) { return false }
            }
        }
        return true
    }

    private func load(_ group: RowGroup) throws(StorageError) -> [EncodedSegment] {
        if let known = segments[group.id] { return known }
        if segments.count >= Self.keptGroupsMax { segments.removeAll() }
        var loaded: [EncodedSegment] = []
        for column in keyColumns {
            loaded.append(
                try group.segment(column: column, type: types[column], cache: cache, buffer: buffer))
        }
        segments[group.id] = loaded
        return loaded
    }

    private func dictionary(
        of segment: EncodedSegment, _ dictionary: TableDictionary?, _ group: RowGroup
    ) throws(StorageError) -> VectorDictionary? {
        guard segment.tableEntryCount <= dictionary?.count ?? 0 else {
            throw .damagedFile(
                path: group.file.path, byteOffset: group.footerOffset,
                reason: "codes beyond the table's dictionary")
        }
        return dictionary?.vector
    }
}
