import Columns
import DurableIO
import Synchronization

/// Reads the rows of a file of delimited text into columns of given types.
///
/// Lines of errors count from 1 in the file, the header's too; a row over several lines has the first of
/// them.
public final class CSVSource: RowSource {
    public let columns: [FileColumn]
    private let file: String
    private let options: CSVOptions
    private let cutter: SerialCutter
    /// Decoders that no thread is using.
    private let idle = Mutex<[UnsafeTransfer]>([])

    /// - Parameters:
    ///   - columns: The columns of the file in its order, with the types to read them as; a NULL in one that
    ///     is not nullable is a bad row.
    /// - Throws: `.invalidRequest` for options that contradict each other.
    public init(
        _ reader: any SequentialReader, columns: [FileColumn], options: CSVOptions = CSVOptions()
    ) throws(FileFormatError) {
        if let reason = options.contradiction { throw .invalidRequest(reason) }
        guard !columns.isEmpty else { throw .invalidRequest("a file of rows has at least one column") }
        file = reader.path
        self.columns = columns
        self.options = options
        cutter = SerialCutter(
            PieceCutter(reader, rule: options.recordRule, pieceBytes: max(1, options.pieceBytes)))
    }

    public var progress: FileProgress { cutter.progress }

    public func nextPiece() throws(FileFormatError) -> (any FilePiece)? { try cutter.next() }

    public func decode(_ piece: any FilePiece) throws(FileFormatError) -> DecodedPiece {
        guard let piece = piece as? TextPiece else { throw .invalidRequest("a piece of another file") }
        let decoder =
            idle.withLock { $0.popLast()?.decoder }
            ?? CSVDecoder(file: file, fields: columns, options: options)
        defer { idle.withLock { $0.append(UnsafeTransfer(decoder: decoder)) } }
        return try decoder.decode(piece)
    }

    /// A decoder on its way between threads: whoever took it from the list owns it.
    private struct UnsafeTransfer: @unchecked Sendable {
        let decoder: CSVDecoder
    }
}
