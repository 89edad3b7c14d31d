import Columns

/// A column as a file names and types it.
public struct FileColumn: Hashable, Sendable {
    public var name: String
    public var type: DataType
    /// false makes a NULL a bad row; the formats of text look.
    public var isNullable: Bool

    public init(name: String, type: DataType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

/// A part of a file that can be decoded without the others: a block of lines, a row group, a record batch.
public protocol FilePiece: Sendable {
    /// Counts the pieces of a file from 0, in the order of its rows.
    var sequence: Int { get }
}

/// A row that was left out, for a file of rejects.
public struct RejectedRow: Hashable, Sendable {
    /// Counts from 1 in the file.
    public var line: Int
    public var column: String?
    public var reason: String
    /// The row as it stands in the file, without its line end; empty for binary formats.
    public var text: [UInt8]

    public init(line: Int, column: String?, reason: String, text: [UInt8]) {
        self.line = line
        self.column = column
        self.reason = reason
        self.text = text
    }
}

/// The rows of one piece.
public struct DecodedPiece {
    /// Chunks without selections, with the source's columns.
    public var chunks: [DataChunk]
    public var rejected: [RejectedRow]

    public init(chunks: [DataChunk], rejected: [RejectedRow] = []) {
        self.chunks = chunks
        self.rejected = rejected
    }
}

/// How much of a file has been handed out.
public struct FileProgress: Hashable, Sendable {
    public var bytesRead: Int
    /// nil for a stream whose end is not known.
    public var bytesTotal: Int?

    public init(bytesRead: Int, bytesTotal: Int?) {
        self.bytesRead = bytesRead
        self.bytesTotal = bytesTotal
    }
}

/// Reads the rows of one file in pieces. Any number of threads take pieces and decode them; each piece is
/// bounded in memory, so a load needs memory for as many pieces as threads, whatever the size of the file.
public protocol RowSource: AnyObject, Sendable {
    /// What `decode` returns, in this order.
    var columns: [FileColumn] { get }
    /// Hands out the next piece, nil at the end. Safe from several threads; cheap beside `decode`.
    func nextPiece() throws(FileFormatError) -> (any FilePiece)?
    /// Decodes a piece. Runs on several threads at once, each with a piece of its own.
    func decode(_ piece: any FilePiece) throws(FileFormatError) -> DecodedPiece
    var progress: FileProgress { get }
}

/// Takes rows and writes them as one file. Owned by one thread.
public protocol RowSink: AnyObject {
    /// Writes the chunk's selected rows.
    func write(_ chunk: DataChunk) throws(FileFormatError)
    /// Completes the file; nothing may be written afterwards. Without it the file is not valid.
    func finish() throws(FileFormatError)
}
