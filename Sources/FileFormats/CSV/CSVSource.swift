import Columns
import DurableIO
import Synchronization

/// Reads comma-separated values (RFC 4180 and PostgreSQL's COPY): quoted fields, doubled or escaped quotes,
/// line breaks inside quotes, LF or CRLF. The bytes are UTF-8.
///
/// Source: RFC 4180; PostgreSQL documentation, "COPY", CSV format.
public final class CSVSource: RowSource {
    public let columns: [FileColumn]
    private let options: CSVOptions
    private let path: String
    private let byteCount: Int?
    private let state: Mutex<State>

    private struct State {
        var cutter: CSVCutter
        var sequence = 0
    }

    struct Piece: FilePiece {
        var sequence: Int
        var buffer: VectorBuffer
        /// From the buffer's `CSVCutter.padBytes` on.
        var byteCount: Int
        /// The line in the file of the first byte.
        var firstLine: Int
        /// Whether the first row is a header.
        var hasHeader: Bool
    }

    /// - Parameters:
    ///   - columns: The columns of the file in its order, with the types to read them as.
    /// - Throws: `.files`, `.invalidRequest` for options that contradict each other.
    public init(
        _ reader: any SequentialReader, columns: [FileColumn], options: CSVOptions = CSVOptions()
    ) throws(FileFormatError) {
        if options.delimiter == options.quote {
            throw .invalidRequest("COPY delimiter and quote must be different")
        }
        for special in [options.delimiter, options.quote, options.escape] where special == 10 || special == 13
        {
            throw .invalidRequest("COPY delimiter, quote and escape cannot be newline or carriage return")
        }
        if options.null.contains(options.delimiter) {
            throw .invalidRequest("COPY delimiter must not appear in the NULL specification")
        }
        self.columns = columns
        self.options = options
        path = reader.path
        byteCount = reader.byteCount
        state = Mutex(State(cutter: CSVCutter(reader, options)))
    }

    public var progress: FileProgress {
        FileProgress(bytesRead: state.withLock { $0.cutter.bytesRead }, bytesTotal: byteCount)
    }

    public func nextPiece() throws(FileFormatError) -> (any FilePiece)? {
        let result: Result<Piece?, FileFormatError> = state.withLock { state in
            do throws(FileFormatError) {
                guard let cut = try state.cutter.next() else { return .success(nil) }
                defer { state.sequence += 1 }
                return .success(
                    Piece(
                        sequence: state.sequence, buffer: cut.buffer, byteCount: cut.byteCount,
                        firstLine: cut.firstLine, hasHeader: state.sequence == 0 && options.header != .none))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    public func decode(_ piece: any FilePiece) throws(FileFormatError) -> DecodedPiece {
        guard let piece = piece as? Piece else { throw .invalidRequest("a piece of another file") }
        return try CSVPieceDecoder(piece, columns: columns, options: options, path: path).decode()
    }
}
