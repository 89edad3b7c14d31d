import Columns
import DurableIO
import Synchronization

/// Rows of one row group of a Parquet file.
struct ParquetPiece: FilePiece {
    let sequence: Int
    let rowGroupIndex: Int
    let firstRow: Int
    let rowCount: Int
}

/// Reads a Parquet file: flat columns, all encodings, several threads.
///
/// A piece is a row group, or an equal part of a large one. Decoding a piece takes memory for its decoded
/// columns (views point into the decompressed pages) and one page of compressed bytes a column.
/// Source of the format: apache/parquet-format, README.md, Encodings.md and parquet.thrift.
public final class ParquetSource: RowSource {
    public let columns: [FileColumn]
    /// Rows of the whole file.
    public let rowCount: Int

    /// A row group of more rows is decoded in parts.
    static let pieceRowsMax = 131_072
    private static let magic: [UInt8] = Array("PAR1".utf8)

    private let file: any OpenFile
    private let read: [ParquetColumn]
    private let rowGroups: [ParquetRowGroup]
    /// Where the pages end and the footer begins.
    private let footerStart: Int
    private let bytesTotal: Int
    private let cursor = Mutex(Cursor())

    private struct Cursor {
        var sequence = 0
        var rowGroupIndex = 0
        var firstRow = 0
        var bytesRead = 0
    }

    /// Opens a file and reads its footer.
    /// - Parameter columns: Names of the columns to read, in this order; nil for all.
    /// - Throws: `.unsupported` for a nested column that is to be read, `.invalidRequest` for a column that
    ///   there is not, `.malformed` for a damaged footer.
    public convenience init(
        path: String, fileSystem: any FileSystem, columns: [String]? = nil
    ) throws(FileFormatError) {
        let file: any OpenFile
        do { file = try fileSystem.open(path, .read) } catch { throw .files(error) }
        try self.init(file: file, columns: columns)
    }

    /// The same for an open file.
    public init(file: any OpenFile, columns names: [String]? = nil) throws(FileFormatError) {
        let footer = try ParquetFooter.read(file)
        let top: [ParquetTopColumn]
        do {
            top = try ParquetSchemaReader.columns(of: footer.metadata.schema)
        } catch {
            throw .malformed(file: file.path, byteOffset: footer.byteOffset, reason: error.reason)
        }
        read = try Self.choose(names, among: top, path: file.path)
        columns = read.map { FileColumn(name: $0.name, type: $0.type) }
        self.file = file
        footerStart = footer.byteOffset
        rowGroups = footer.metadata.rowGroups
        var rows = 0
        var bytes = 0
        for group in rowGroups {
            try footer.check(group, columns: read)
            rows += group.rowCount
            for column in read { bytes += group.columns[column.leafIndex].compressedBytes }
        }
        rowCount = rows
        bytesTotal = bytes
    }

    private static func choose(
        _ names: [String]?, among top: [ParquetTopColumn], path: String
    ) throws(FileFormatError) -> [ParquetColumn] {
        var chosen: [ParquetColumn] = []
        for name in names ?? top.map(\.name) {
            guard let column = top.first(where: { $0.name == name }) else {
                throw .invalidRequest("file \(path) has no column: \(name)")
            }
            switch column {
            case .readable(let column): chosen.append(column)
            case .unreadable(_, let why): throw .unsupported(file: path, what: why)
            }
        }
        guard names != nil || Set(chosen.map(\.name)).count == chosen.count else {
            throw .unsupported(file: path, what: "two columns of one name")
        }
        return chosen
    }

    public func nextPiece() throws(FileFormatError) -> (any FilePiece)? {
        cursor.withLock { cursor -> ParquetPiece? in
            while cursor.rowGroupIndex < rowGroups.count {
                let group = rowGroups[cursor.rowGroupIndex]
                guard cursor.firstRow < group.rowCount else {
                    cursor.rowGroupIndex += 1
                    cursor.firstRow = 0
                    continue
                }
                let parts = (group.rowCount + Self.pieceRowsMax - 1) / Self.pieceRowsMax
                let even = (group.rowCount + parts - 1) / parts
                let whole = (even + DataChunk.capacity - 1) / DataChunk.capacity * DataChunk.capacity
                let rows = min(whole, group.rowCount - cursor.firstRow)
                let piece = ParquetPiece(
                    sequence: cursor.sequence, rowGroupIndex: cursor.rowGroupIndex,
                    firstRow: cursor.firstRow, rowCount: rows)
                cursor.sequence += 1
                cursor.firstRow += rows
                if cursor.firstRow == group.rowCount {
                    for column in read { cursor.bytesRead += group.columns[column.leafIndex].compressedBytes }
                }
                return piece
            }
            return nil
        }
    }

    public var progress: FileProgress {
        FileProgress(bytesRead: cursor.withLock { $0.bytesRead }, bytesTotal: bytesTotal)
    }

    public func decode(_ piece: any FilePiece) throws(FileFormatError) -> DecodedPiece {
        guard let piece = piece as? ParquetPiece else {
            throw .invalidRequest("a piece of another source")
        }
        let decompressor = Decompressor()
        var vectors: [[Vector]] = []
        for column in read { vectors.append(try decode(column, of: piece, decompressor)) }
        var chunks: [DataChunk] = []
        var first = 0
        while first < piece.rowCount {
            let rows = min(DataChunk.capacity, piece.rowCount - first)
            let index = first / DataChunk.capacity
            chunks.append(DataChunk(columns: vectors.map { $0[index] }, rowCount: rows))
            first += rows
        }
        return DecodedPiece(chunks: chunks)
    }

    private func decode(
        _ column: ParquetColumn, of piece: ParquetPiece, _ decompressor: Decompressor
    ) throws(FileFormatError) -> [Vector] {
        let chunk = rowGroups[piece.rowGroupIndex].columns[column.leafIndex]
        let place = PagePlace(file: file.path, column: column.name, byteOffset: chunk.firstPageOffset)
        let codec: Codec
        switch chunk.codec {
        case 0: codec = .uncompressed
        case 1: codec = .snappy
        case 2: codec = .gzip
        case 4: throw place.unsupported("brotli compression")
        case 5: codec = .lz4Hadoop
        case 6: codec = .zstd
        case 7: codec = .lz4Block
        default: throw place.unsupported("compression codec \(chunk.codec)")
        }
        let stream = ParquetPageStream(
            file: file, range: chunk.firstPageOffset..<chunkEnd(chunk), column: column, codec: codec,
            decompressor: decompressor)
        let reader = ParquetColumnReader(column: column, stream: stream, place: place)
        try reader.skip(rowCount: piece.firstRow)
        return try reader.vectors(rowCount: piece.rowCount)
    }

    /// Some writers leave the header of the dictionary page out of the size of the chunk.
    private func chunkEnd(_ chunk: ParquetColumnChunk) -> Int {
        let slack = 128
        return chunk.firstPageOffset
            + min(chunk.compressedBytes + slack, footerStart - chunk.firstPageOffset)
    }
}
