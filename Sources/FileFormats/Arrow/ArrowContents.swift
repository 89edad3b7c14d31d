import Columns
import DurableIO

/// What lies behind the schema of an Arrow file: batches, and the dictionaries that they use.
struct ArrowContents {
    private(set) var pieces: [ArrowPiece] = []
    private(set) var dictionaries: [ArrowDictionary] = []

    /// Entries of all dictionaries together.
    static let dictionaryEntriesMax = 1 << 26

    /// Reads the heads of all messages from `byteOffset` to the end mark or the end of the file.
    static func read(
        _ reader: ArrowMessageReader, from byteOffset: Int, fields: [ArrowField],
        chosen: [(index: Int, field: ArrowField)]
    ) throws(FileFormatError) -> ArrowContents {
        var contents = ArrowContents()
        // The newest dictionary of each id: batches use what came before them.
        var newest: [Int: Int] = [:]
        var entries = 0
        var offset = byteOffset
        let decompressor = Decompressor()
        while offset < reader.fileBytes {
            let (message, next) = try reader.read(at: offset)
            switch message {
            case .end: return contents
            case .schema: throw reader.place(offset).malformed("two schemas")
            case .batch(let batch):
                if let id = batch.dictionaryID {
                    guard let field = chosen.first(where: { $0.field.dictionaryID == id })?.field else {
                        break
                    }
                    guard !batch.isDelta else {
                        throw reader.place(offset).unsupported("dictionary that grows, column \(field.name)")
                    }
                    entries += batch.rowCount
                    guard entries <= dictionaryEntriesMax else {
                        throw reader.place(offset).unsupported("dictionaries of \(entries) entries")
                    }
                    newest[id] = contents.dictionaries.count
                    contents.dictionaries.append(
                        try dictionary(batch, field, reader.file, decompressor))
                } else {
                    contents.pieces.append(
                        ArrowPiece(
                            sequence: contents.pieces.count, batch: batch,
                            dictionaries: chosen.map { $0.field.dictionaryID.flatMap { newest[$0] } }))
                }
            }
            offset = next
        }
        return contents
    }

    private static func dictionary(
        _ batch: ArrowBatch, _ field: ArrowField, _ file: any OpenFile, _ decompressor: Decompressor
    ) throws(FileFormatError) -> ArrowDictionary {
        var plain = field
        plain.dictionaryID = nil
        plain.bufferCount =
            switch plain.layout {
            case .nothing: 0
            case .bits, .fixed, .textViews: 2
            case .text: 3
            }
        plain.viewColumnCount = plain.layout == .textViews ? 1 : 0
        let decoder = try decoder(of: (0, plain), in: batch, fields: [plain], file: file, decompressor)
        let vectors = try decoder.vectors(dictionary: nil).map { $0.flattened() }
        return ArrowDictionary(vectors, type: plain.type ?? .text)
    }

    /// The decoder of a column, which finds its node and buffers behind those of the columns before it.
    static func decoder(
        of column: (index: Int, field: ArrowField), in batch: ArrowBatch, fields: [ArrowField],
        file: any OpenFile, _ decompressor: Decompressor
    ) throws(FileFormatError) -> ArrowColumnDecoder {
        let place = PagePlace(file: file.path, column: column.field.name, byteOffset: batch.bodyOffset)
        var node = 0
        var part = 0
        var viewColumn = 0
        for field in fields[..<column.index] {
            node += field.nodeCount
            part += field.bufferCount
            for _ in 0..<field.viewColumnCount {
                guard viewColumn < batch.viewBufferCounts.count else {
                    throw place.malformed("batch without the number of its buffers")
                }
                let count = batch.viewBufferCounts[viewColumn]
                guard count >= 0, count <= batch.parts.count else {
                    throw place.malformed("number of buffers: \(count)")
                }
                part += count
                viewColumn += 1
            }
        }
        var viewBufferCount = 0
        if column.field.viewColumnCount > 0 {
            guard viewColumn < batch.viewBufferCounts.count else {
                throw place.malformed("batch without the number of its buffers")
            }
            viewBufferCount = batch.viewBufferCounts[viewColumn]
        }
        guard node < batch.nodes.count, viewBufferCount >= 0, viewBufferCount <= batch.parts.count,
            part + column.field.bufferCount + viewBufferCount <= batch.parts.count
        else { throw place.malformed("batch with too few buffers") }
        return ArrowColumnDecoder(
            file: file, field: column.field, batch: batch, firstPart: part,
            viewBufferCount: viewBufferCount, node: batch.nodes[node], decompressor: decompressor)
    }
}
