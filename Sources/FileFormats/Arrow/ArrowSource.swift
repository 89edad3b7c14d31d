import Columns
import DurableIO
import Synchronization

/// One record batch of an Arrow file or stream.
struct ArrowPiece: FilePiece {
    let sequence: Int
    let batch: ArrowBatch
    /// For each column read, the index of its dictionary in the source.
    let dictionaries: [Int?]
}

/// Reads Arrow IPC, as a file with a footer or as a stream: flat columns, several threads.
///
/// A piece is a record batch; decoding it takes memory for its columns. Dictionaries are read on opening and
/// kept. Source of the format: Apache Arrow, "Arrow Columnar Format", and format/Schema.fbs, Message.fbs.
public final class ArrowSource: RowSource {
    public let columns: [FileColumn]

    private static let magic = Array("ARROW1".utf8)

    private let file: any OpenFile
    private let read: [(index: Int, field: ArrowField)]
    private let fields: [ArrowField]
    private let pieces: [ArrowPiece]
    private let dictionaries: [ArrowDictionary]
    private let cursor = Mutex(0)

    /// Opens a file and reads its schema, the heads of its batches and its dictionaries.
    /// - Parameter columns: Names of the columns to read, in this order; nil for all.
    /// - Throws: `.unsupported` for a nested column that is to be read, `.invalidRequest` for a column that
    ///   there is not, `.malformed` for a damaged file.
    public convenience init(
        path: String, fileSystem: any FileSystem, columns: [String]? = nil
    ) throws(FileFormatError) {
        let file: any OpenFile
        do { file = try fileSystem.open(path, .read) } catch { throw .files(error) }
        try self.init(file: file, columns: columns)
    }

    /// The same for an open file.
    public init(file: any OpenFile, columns names: [String]? = nil) throws(FileFormatError) {
        let fileBytes: Int
        do { fileBytes = try file.byteCount() } catch { throw .files(error) }
        let reader = ArrowMessageReader(file: file, fileBytes: fileBytes)
        let head = fileBytes >= 8 ? try reader.bytes(0, 6) : []
        let isFile = head == Self.magic
        // Behind the magic number a file holds what a stream holds, so the footer is not needed.
        let (schema, next) = try reader.read(at: isFile ? 8 : 0)
        guard case .schema(let fields) = schema else {
            throw .malformed(file: file.path, byteOffset: 0, reason: "no Arrow schema at the beginning")
        }
        let chosen = try Self.choose(names, among: fields, path: file.path)
        let contents = try ArrowContents.read(reader, from: next, fields: fields, chosen: chosen)
        self.file = file
        self.fields = fields
        read = chosen
        columns = chosen.map { FileColumn(name: $0.field.name, type: $0.field.type ?? .text) }
        pieces = contents.pieces
        dictionaries = contents.dictionaries
    }

    private static func choose(
        _ names: [String]?, among fields: [ArrowField], path: String
    ) throws(FileFormatError) -> [(index: Int, field: ArrowField)] {
        guard names != nil || Set(fields.map(\.name)).count == fields.count else {
            throw .unsupported(file: path, what: "two columns of one name")
        }
        var chosen: [(index: Int, field: ArrowField)] = []
        for name in names ?? fields.map(\.name) {
            guard let index = fields.firstIndex(where: { $0.name == name }) else {
                throw .invalidRequest("file \(path) has no column: \(name)")
            }
            guard fields[index].type != nil else {
                throw .unsupported(file: path, what: fields[index].why)
            }
            chosen.append((index, fields[index]))
        }
        return chosen
    }

    public func nextPiece() throws(FileFormatError) -> (any FilePiece)? {
        cursor.withLock { next -> ArrowPiece? in
            guard next < pieces.count else { return nil }
            next += 1
            return pieces[next - 1]
        }
    }

    public var progress: FileProgress {
        let taken = cursor.withLock { $0 }
        return FileProgress(
            bytesRead: pieces[..<taken].reduce(0) { $0 + $1.batch.bodyBytes },
            bytesTotal: pieces.reduce(0) { $0 + $1.batch.bodyBytes })
    }

    public func decode(_ piece: any FilePiece) throws(FileFormatError) -> DecodedPiece {
        guard let piece = piece as? ArrowPiece else { throw .invalidRequest("a piece of another source") }
        let decompressor = Decompressor()
        var vectors: [[Vector]] = []
        for (position, column) in read.enumerated() {
            let decoder = try ArrowContents.decoder(
                of: column, in: piece.batch, fields: fields, file: file, decompressor)
            let dictionary = piece.dictionaries[position].map { dictionaries[$0] }
            vectors.append(try decoder.vectors(dictionary: dictionary))
        }
        var chunks: [DataChunk] = []
        for first in stride(from: 0, to: piece.batch.rowCount, by: DataChunk.capacity) {
            let rows = min(DataChunk.capacity, piece.batch.rowCount - first)
            let index = first / DataChunk.capacity
            chunks.append(DataChunk(columns: vectors.map { $0[index] }, rowCount: rows))
        }
        return DecodedPiece(chunks: chunks)
    }
}
