import Columns
import DurableIO
import Encodings
import TableCatalog

/// Puts what a table consists of together from footers and segment headers, and from the strings themselves,
/// whose length nothing else tells.
struct TableInspector {
    private let table: TableState
    private let scratch = RawBytes(capacity: 1 << 16)

    init(_ table: TableState) { self.table = table }

    func inspect() throws(StorageError) -> TableInspection {
        var columns = table.definition.columns.fields.map { ColumnParts(field: $0) }
        var storedBytes = 0
        for live in table.rowGroups {
            let group = live.group
            storedBytes += group.footerBytes
            for (index, summary) in try group.footer().columns.enumerated()
            where summary.isStored {
                storedBytes += summary.byteCount + summary.bloomBytes
                columns[index].add(summary, try group.outline(summary))
                columns[index].rawBytes += try rawBytes(group, index, summary)
            }
        }
        let stored = table.rowGroups.reduce(0) { $0 + $1.group.rowCount }
        let finished = columns.map { $0.finished() }
        return TableInspection(
            id: table.id, definition: table.definition, rows: table.rowCount,
            deletedRows: stored - table.rowCount, rowGroupRows: table.rowGroups.map(\.group.rowCount),
            storedBytes: storedBytes, rawBytes: finished.reduce(0) { $0 + $1.rawBytes }, columns: finished)
    }

    private func rawBytes(
        _ group: RowGroup, _ column: Int, _ summary: SegmentSummary
    ) throws(StorageError) -> Int {
        let type = table.definition.columns[column].type
        guard type.physical == .string else { return type.physical.byteCount * group.rowCount }
        let segment = try group.readSegment(summary, type: type, buffer: scratch)
        let memory = DecodeScratch(physical: type.physical)
        var total = 0
        for vector in 0..<segment.vectorCount {
            let rows = segment.decode(
                vector: vector, tableDictionary: table.dictionaries[column]?.vector, scratch: memory
            ).flattened()
            let views = rows.pointer(as: StringView.self)
            for row in 0..<rows.count where !rows.isNull(row) { total += views[row].count }
        }
        return total
    }
}

/// A column's inspection while it is added up.
private struct ColumnParts {
    let field: Field
    var rawBytes = 0
    private var storedBytes = 0
    private var encodings: [String: ColumnInspection.Share] = [:]
    private var codecs: [String: ColumnInspection.Share] = [:]
    private var zone = Zone.empty
    private var sketch = DistinctSketch()

    init(field: Field) { self.field = field }

    mutating func add(_ summary: SegmentSummary, _ outline: SegmentOutline) {
        storedBytes += summary.byteCount + summary.bloomBytes
        Self.add("\(outline.encoding)", summary.byteCount, to: &encodings)
        for block in outline.blocks { Self.add("\(block.codec)", block.storedBytes, to: &codecs) }
        zone.merge(summary.zone)
        sketch.merge(summary.sketch)
    }

    private static func add(_ name: String, _ bytes: Int, to shares: inout [String: ColumnInspection.Share]) {
        var share = shares[name] ?? ColumnInspection.Share(name: name, count: 0, storedBytes: 0)
        share.count += 1
        share.storedBytes += bytes
        shares[name] = share
    }

    private static func sorted(_ shares: [String: ColumnInspection.Share]) -> [ColumnInspection.Share] {
        shares.values.sorted { ($0.storedBytes, $1.name) > ($1.storedBytes, $0.name) }
    }

    func finished() -> ColumnInspection {
        ColumnInspection(
            name: field.name, type: field.type, encodings: Self.sorted(encodings),
            codecs: Self.sorted(codecs), storedBytes: storedBytes, rawBytes: rawBytes,
            nullCount: zone.nullCount, distinctEstimate: sketch.estimate,
            minimum: zone.hasValues ? ZoneKey.value(of: zone.minimum, type: field.type) : nil,
            maximum: zone.hasValues ? ZoneKey.value(of: zone.maximum, type: field.type) : nil)
    }
}

extension RowGroup {
    /// The header of a segment, from the file.
    fileprivate func outline(_ summary: SegmentSummary) throws(StorageError) -> SegmentOutline {
        let opened = try file.opened()
        let bytes = try StorageError.files { () throws(DurableIOError) in
            try opened.readBytes(
                atByteOffset: summary.byteOffset,
                byteCount: min(summary.byteCount, SegmentOutline.headerBytesMax))
        }
        do throws(EncodingError) {
            return try bytes.withUnsafeBufferPointer { (bytes) throws(EncodingError) in
                try SegmentOutline(
                    reading: UnsafeRawBufferPointer(bytes), segmentBytes: summary.byteCount)
            }
        } catch {
            throw .damagedFile(path: file.path, byteOffset: summary.byteOffset, reason: error.description)
        }
    }
}

extension StoreSnapshot {
    /// What the version consists of.
    ///
    /// - Throws: `.files`, `.damagedFile`.
    ///
    /// Reads footers, headers of segments, and string columns whole.
    public func inspect() throws(StorageError) -> StoreInspection {
        let history = store.lock.withLock { store.history }
        var tables: [TableInspection] = []
        for table in state.tables.values.sorted(by: { $0.definition.name < $1.definition.name }) {
            tables.append(try TableInspector(table).inspect())
        }
        let current = state.files
        let all = history.files.merging(current) { old, _ in old }
        return StoreInspection(
            directory: store.directory, version: state.point, versions: versions,
            manifestBytes: history.points.last?.endOffset ?? 0, dataFiles: all.count,
            dataFileBytes: try Self.bytes(of: all), currentFiles: current.count,
            currentFileBytes: try Self.bytes(of: current), tables: tables)
    }

    private static func bytes(of files: [DataFileID: DataFile]) throws(StorageError) -> Int {
        var bytes = 0
        for file in files.values {
            bytes += try StorageError.files { () throws(DurableIOError) in try file.byteCount() }
        }
        return bytes
    }
}
