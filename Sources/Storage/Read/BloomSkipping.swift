import Columns
import DurableIO
import Encodings

/// An equality or a list of a scan as hashes of its constants.
struct BloomPredicate: Sendable {
    let column: Int
    private let hashes: [UInt64]

    /// More constants than this rarely leave a row group out.
    private static let constantsMax = 256

    /// nil when Bloom filters cannot answer the predicate.
    init?(_ predicate: ScanPredicate, type: DataType) {
        guard predicate.comparison == .equal || predicate.comparison == .isIn,
            predicate.values.count <= Self.constantsMax
        else { return nil }
        var hashes: [UInt64] = []
        // A comparison with NULL is never true, so NULL in a list adds nothing.
        for value in predicate.values where !value.isNull {
            guard let hash = Self.hash(of: value, type: type) else { return nil }
            hashes.append(hash)
        }
        column = predicate.column
        self.hashes = hashes
    }

    /// Whether no row of the segment can satisfy the predicate.
    func isExcluded(by filter: BloomFilter) -> Bool { !hashes.contains { filter.mayContain($0) } }

    /// The hash that a column of that type gives the value; nil when the types do not match.
    static func hash(of value: Value, type: DataType) -> UInt64? {
        guard let key = ZoneKey.key(of: value, type: type) else { return nil }
        switch type.physical {
        case .bool, .int16, .int32, .int64: return Hashing.hash(UInt64(truncatingIfNeeded: key))
        case .int128, .float32, .float64, .interval, .uint128: return Hashing.hash(UInt128(bitPattern: key))
        case .string:
            guard var text = value.stringValue else { return nil }
            return text.withUTF8 { Hashing.hash($0) }
        }
    }
}

extension RowGroup {
    /// Whether the Bloom filters of the group's columns rule out every row for one of the predicates. Filters
    /// are read on first use and kept by the cache.
    ///
    /// - Throws: `.files`, `.damagedFile`.
    func isExcluded(byBloomFiltersFor predicates: [BloomPredicate], cache: BlockCache) throws(StorageError)
        -> Bool
    {
        for predicate in predicates {
            guard let filter = try bloomFilter(column: predicate.column, cache: cache) else { continue }
            if predicate.isExcluded(by: filter) { return true }
        }
        return false
    }

    /// The Bloom filter of a column, from the cache or the file; nil when it has none.
    func bloomFilter(column: Int, cache: BlockCache) throws(StorageError) -> BloomFilter? {
        let summary = try footer().columns[column]
        guard summary.bloomBytes > 0 else { return nil }
        let key = BlockCache.Key(file: file.cacheNumber, byteOffset: summary.bloomOffset)
        if let cached = cache.bloomFilter(key) { return cached }
        let filter = try readBloomFilter(summary)
        if let filter { cache.insert(filter, key) }
        return filter
    }

    /// The same from the file, past the cache.
    func readBloomFilter(_ summary: SegmentSummary) throws(StorageError) -> BloomFilter? {
        guard summary.bloomBytes > 0 else { return nil }
        let opened = try file.opened()
        let bytes = try StorageError.files { () throws(DurableIOError) in
            try opened.readBytes(atByteOffset: summary.bloomOffset, byteCount: summary.bloomBytes)
        }
        guard let filter = BloomFilter(bytes) else {
            throw .damagedFile(path: file.path, byteOffset: summary.bloomOffset, reason: "Bloom filter")
        }
        return filter
    }
}
