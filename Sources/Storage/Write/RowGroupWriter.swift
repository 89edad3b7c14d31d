import Columns
import DurableIO
import Encodings
import TableCatalog

/// Encodes row groups of one table and appends them to the transaction's data files. Any number of threads
/// write row groups at the same time: each encodes on its own and holds a file only for its append.
///
/// Invariants: a file takes no more row groups once it has reached `fileBytesMax`, nor after a failed append;
/// nothing is durable before `sync`.
final class RowGroupWriter: @unchecked Sendable {
    static let fileBytesMax = 64 << 20

    private struct OpenFile {
        var file: DataFile
        var appender: AppendOnlyFile
    }

    private let table: TableName
    private let fields: [Field]
    private let bloom: BloomPolicy
    private let settings: RowGroupEncoder.Settings
    private let optionsNumber: UInt32
    private let encoders: EncoderPool
    private let makeFile: () throws(StorageError) -> (DataFile, AppendOnlyFile)
    private let lock = Lock()
    /// Files with room that no thread is writing. Guarded by `lock`.
    private var idle: [OpenFile] = []
    /// Guarded by `lock`.
    private var files: [OpenFile] = []

    init(
        definition: TableDefinition, optionsNumber: UInt32, encoders: EncoderPool,
        makeFile: @escaping () throws(StorageError) -> (DataFile, AppendOnlyFile)
    ) {
        table = definition.name
        fields = definition.columns.fields
        bloom = BloomPolicy(definition)
        settings = RowGroupEncoder.Settings(
            codec: definition.options.codec, level: definition.options.effectiveLevel)
        self.optionsNumber = optionsNumber
        self.encoders = encoders
        self.makeFile = makeFile
    }

    /// Writes the builder's rows. The data is handed to the system, so that it can be read back.
    ///
    /// - Parameter dictionaries: The builder of each string column's dictionary.
    func write(
        _ builder: RowGroupBuilder, dictionaries: [DictionaryBuilder?]
    ) throws(StorageError) -> (entry: RowGroupEntry, group: RowGroup) {
        try encoders.withEncoder(settings) { (encoder) throws(StorageError) in
            let summaries = try encoder.encode(
                builder, of: table, fields: fields, bloom: bloom, dictionaries: dictionaries)
            return try append(encoder.bytes, summaries, of: builder)
        }
    }

    /// Whether there is a file of this transaction already.
    var hasFiles: Bool { lock.withLock { !files.isEmpty } }

    /// Appends bytes that are no row group to a file.
    func append(_ bytes: [UInt8]) throws(StorageError) -> (file: DataFile, byteOffset: Int) {
        let open = try takeFile()
        let byteOffset = try StorageError.files { () throws(DurableIOError) in
            let byteOffset = try open.appender.append(bytes)
            // Others read the file without the buffer in between.
            try open.appender.flush()
            return byteOffset
        }
        lock.withLock { idle.append(open) }
        return (open.file, byteOffset)
    }

    /// Makes every file durable. No thread may be writing.
    func sync() throws(DurableIOError) {
        for open in lock.withLock({ files }) { try open.appender.sync() }
    }

    private func append(
        _ segments: RawBytes, _ summaries: [SegmentSummary], of builder: RowGroupBuilder
    ) throws(StorageError) -> (entry: RowGroupEntry, group: RowGroup) {
        let open = try takeFile()
        let start = open.appender.byteCount
        var columns = summaries
        for index in columns.indices { columns[index].byteOffset += start }
        let footer = RowGroupFooter(rowCount: builder.rowCount, columns: columns)
        let footerBytes = footer.encoded()
        let footerOffset = start + segments.count
        try StorageError.files { () throws(DurableIOError) in
            try open.appender.append(segments.bytes)
            try open.appender.append(footerBytes)
            try open.appender.flush()
        }
        if open.appender.byteCount < Self.fileBytesMax { lock.withLock { idle.append(open) } }
        let entry = RowGroupEntry(
            id: builder.id, file: open.file.id, footerOffset: footerOffset, footerBytes: footerBytes.count,
            rowCount: builder.rowCount, form: RowGroupForm(optionsNumber: optionsNumber))
        let group = RowGroup(
            id: builder.id, file: open.file, footerOffset: footerOffset, footerBytes: footerBytes.count,
            rowCount: builder.rowCount, columnCount: fields.count, footer: footer)
        return (entry, group)
    }

    private func takeFile() throws(StorageError) -> OpenFile {
        if let open = lock.withLock({ idle.popLast() }) { return open }
        let (file, appender) = try makeFile()
        let made = OpenFile(file: file, appender: appender)
        lock.withLock { files.append(made) }
        return made
    }
}
