import Columns
import DurableIO
import Encodings
import TableCatalog

/// Encodes row groups of one table and appends them to the transaction's data files.
///
/// Invariant: a file takes no more row groups once it has reached `fileBytesMax`; nothing is durable before
/// `sync`.
final class RowGroupWriter {
    static let fileBytesMax = 64 << 20

    private let table: TableName
    private let fields: [Field]
    private let encoder: SegmentEncoder
    private let optionsNumber: UInt32
    private let makeFile: () throws(StorageError) -> (DataFile, AppendOnlyFile)
    private var current: (file: DataFile, appender: AppendOnlyFile)?
    private(set) var files: [(file: DataFile, appender: AppendOnlyFile)] = []
    private let segment = RawBytes(capacity: 1 << 20)
    private let codes = UnsafeMutablePointer<UInt32>.allocate(capacity: RowGroup.rowCountMax)

    init(
        definition: TableDefinition, optionsNumber: UInt32,
        makeFile: @escaping () throws(StorageError) -> (DataFile, AppendOnlyFile)
    ) {
        table = definition.name
        fields = definition.columns.fields
        let codec = BlockCompression(rawValue: definition.options.codec.rawValue) ?? .zstd
        encoder = SegmentEncoder(codec: codec, level: definition.options.effectiveLevel)
        self.optionsNumber = optionsNumber
        self.makeFile = makeFile
    }

    deinit { codes.deallocate() }

    /// Writes the builder's rows. The data is handed to the system, so that it can be read back.
    ///
    /// - Parameter dictionaries: The builder of each string column's dictionary.
    func write(
        _ builder: RowGroupBuilder, dictionaries: [DictionaryBuilder?]
    ) throws(StorageError) -> (entry: RowGroupEntry, group: RowGroup) {
        let (file, appender) = try openFile()
        segment.removeAll()
        let start = appender.byteCount
        var summaries: [SegmentSummary] = []
        for (index, column) in builder.columns.enumerated() {
            let before = segment.count
            do {
                let (encoding, summary) = try column.withValues { (values) throws(EncodingError) in
                    let encoding = try encode(values, dictionary: dictionaries[index])
                    return (encoding, ColumnSummary(values))
                }
                summaries.append(
                    SegmentSummary(
                        byteOffset: start + before, byteCount: segment.count - before, encoding: encoding,
                        zone: summary.zone, vectorZones: summary.vectorZones, sketch: summary.sketch))
            } catch {
                throw .valueTooLarge(table: table, column: fields[index].name, bytes: column.stringByteCount)
            }
        }
        let footer = RowGroupFooter(rowCount: builder.rowCount, columns: summaries)
        let footerBytes = footer.encoded()
        let footerOffset = start + segment.count
        try StorageError.files { () throws(DurableIOError) in
            try appender.append(segment.bytes)
            try appender.append(footerBytes)
            try appender.flush()
        }
        if appender.byteCount >= Self.fileBytesMax { current = nil }
        let entry = RowGroupEntry(
            id: builder.id, file: file.id, footerOffset: footerOffset, footerBytes: footerBytes.count,
            rowCount: builder.rowCount, form: RowGroupForm(optionsNumber: optionsNumber))
        let group = RowGroup(
            id: builder.id, file: file, footerOffset: footerOffset, footerBytes: footerBytes.count,
            rowCount: builder.rowCount, columnCount: fields.count, footer: footer)
        return (entry, group)
    }

    /// Makes every file durable.
    func sync() throws(DurableIOError) {
        for (_, appender) in files { try appender.sync() }
    }

    private func encode(
        _ values: ColumnValues, dictionary: DictionaryBuilder?
    ) throws(EncodingError) -> SegmentEncoding {
        if let dictionary, values.nullCount < values.rowCount, dictionary.encode(values, into: codes) {
            try encoder.encode(tableCodes: codes, of: values, entryCount: dictionary.count, to: segment)
            return .tableDictionary
        }
        return try encoder.encode(values, to: segment)
    }

    private func openFile() throws(StorageError) -> (DataFile, AppendOnlyFile) {
        if let current { return current }
        let made = try makeFile()
        current = made
        files.append(made)
        return made
    }
}
