import Columns
import Encodings
import TableCatalog

/// Turns full row groups into bytes. Holds buffers of a few megabytes that it reuses; one thread at a time.
final class RowGroupEncoder {
    /// What the segments are compressed with.
    struct Settings: Hashable {
        var codec: BlockCodec
        var level: Int
    }

    let settings: Settings
    /// The segments of the row group that was encoded last.
    let bytes = RawBytes(capacity: 1 << 20)
    private let encoder: SegmentEncoder
    private let distinct = DistinctStrings()
    private var sampler = DistributionSampler()
    private let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: RowGroup.rowCountMax)
    private let tableCodes = UnsafeMutablePointer<UInt32>.allocate(capacity: RowGroup.rowCountMax)
    private let rowCodes = UnsafeMutablePointer<UInt32>.allocate(capacity: RowGroup.rowCountMax)

    init(_ settings: Settings) {
        self.settings = settings
        let codec = BlockCompression(rawValue: settings.codec.rawValue) ?? .zstd
        encoder = SegmentEncoder(codec: codec, level: settings.level)
    }

    deinit {
        hashes.deallocate()
        tableCodes.deallocate()
        rowCodes.deallocate()
    }

    /// Encodes the builder's rows into `bytes`.
    ///
    /// - Parameters:
    ///   - bloom: Which segments get a Bloom filter.
    ///   - dictionaries: The builder of each string column's dictionary.
    /// - Returns: A summary a column, with offsets from the start of `bytes`.
    /// - Throws: `.valueTooLarge` for a column that exceeds the limits of a segment.
    func encode(
        _ builder: RowGroupBuilder, of table: TableName, fields: [Field], bloom: BloomPolicy,
        dictionaries: [DictionaryBuilder?]
    ) throws(StorageError) -> [SegmentSummary] {
        bytes.removeAll()
        var summaries: [SegmentSummary] = []
        summaries.reserveCapacity(fields.count)
        for (index, column) in builder.columns.enumerated() {
            do {
                summaries.append(
                    try column.withValues { (values) throws(EncodingError) in
                        try encode(values, column: index, bloom: bloom, dictionary: dictionaries[index])
                    })
            } catch {
                throw .valueTooLarge(table: table, column: fields[index].name, bytes: column.stringByteCount)
            }
        }
        return summaries
    }

    private func encode(
        _ values: ColumnValues, column: Int, bloom: BloomPolicy, dictionary: DictionaryBuilder?
    ) throws(EncodingError) -> SegmentSummary {
        let start = bytes.count
        let isCoded = try encodeCodes(values, dictionary)
        let encoding: SegmentEncoding =
            isCoded ? .tableDictionary : try encoder.encode(values, to: bytes)
        let byteCount = bytes.count - start
        let known = isCoded ? distinct : nil
        let summary = ColumnSummary(values, scratch: hashes, distinct: known)
        let distinctCount = known.map { Double($0.count) } ?? summary.sketch.estimate
        var bloomBytes = 0
        if bloom.wants(column, values, summary, distinctCount: distinctCount) {
            bloomBytes = BloomFilter.append(summary.hashes, distinctCount: distinctCount, to: bytes)
        }
        return SegmentSummary(
            byteOffset: start, byteCount: byteCount, encoding: encoding, bloomBytes: bloomBytes,
            zone: summary.zone, vectorZones: summary.vectorZones, sketch: summary.sketch,
            distribution: sampler.measure(values, zone: summary.zone, distinct: known))
    }

    /// Encodes strings as codes of the table's dictionary; false when they do not fit it.
    private func encodeCodes(
        _ values: ColumnValues, _ dictionary: DictionaryBuilder?
    ) throws(EncodingError) -> Bool {
        guard let dictionary, values.nullCount < values.rowCount,
            let limit = dictionary.entriesMax(forRows: values.rowCount), dictionary.mayCover(values)
        else { return false }
        guard distinct.find(in: values, limit: limit) else {
            dictionary.close()
            return false
        }
        guard let entryCount = dictionary.encode(distinct, of: values, into: tableCodes) else { return false }
        for row in 0..<values.rowCount { rowCodes[row] = tableCodes[Int(distinct.codes[row])] }
        try encoder.encode(tableCodes: rowCodes, of: values, entryCount: entryCount, to: bytes)
        return true
    }
}

/// Encoders at rest, shared by the transactions of a store: a commit of ten rows then does not pay for
/// megabytes of buffers.
final class EncoderPool: @unchecked Sendable {
    /// Encoders that are kept; threads beyond them make their own for the moment.
    private static let keptMax = 8
    private let lock = Lock()
    /// Guarded by `lock`.
    private var idle: [RowGroupEncoder] = []

    /// Runs `body` with an encoder that nobody else has.
    func withEncoder<Result>(
        _ settings: RowGroupEncoder.Settings, _ body: (RowGroupEncoder) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        let known = lock.withLock {
            idle.lastIndex { $0.settings == settings }.map { idle.remove(at: $0) }
        }
        let encoder = known ?? RowGroupEncoder(settings)
        defer {
            lock.withLock {
                if idle.count >= Self.keptMax { idle.removeFirst() }
                idle.append(encoder)
            }
        }
        return try body(encoder)
    }
}
