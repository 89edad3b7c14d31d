import Columns
import DurableIO
import Synchronization

/// How lines of JSON are to be read.
public struct NDJSONOptions: Hashable, Sendable {
    /// Keys that no column has are left out instead of being a mistake.
    public var ignoresUnknownKeys = false
    /// Bad rows are handed over as rejects instead of ending the reading.
    public var skipsBadRows = false
    /// Bytes that are read and decoded at a time. Longer rows are read too.
    public var pieceBytes = 4 << 20

    public init() {}
}

/// Reads one JSON object a line into columns of given types, by the names of its keys. A key that is not
/// there is NULL; numbers keep all their digits; nested values are text for TEXT and JSON columns. Empty
/// lines are nothing.
///
/// Source: RFC 8259; ndjson.org.
public final class NDJSONSource: RowSource {
    public let columns: [FileColumn]
    private let file: String
    private let options: NDJSONOptions
    private let cutter: SerialCutter
    /// Decoders that no thread is using.
    private let idle = Mutex<[OwnedDecoder]>([])

    /// - Parameter columns: Names of keys and the types to read their values as; a NULL in one that is not
    ///   nullable is a bad row.
    public init(
        _ reader: any SequentialReader, columns: [FileColumn], options: NDJSONOptions = NDJSONOptions()
    ) {
        file = reader.path
        self.columns = columns
        self.options = options
        cutter = SerialCutter(PieceCutter(reader, rule: .lines, pieceBytes: max(1, options.pieceBytes)))
    }

    public var progress: FileProgress { cutter.progress }

    public func nextPiece() throws(FileFormatError) -> (any FilePiece)? { try cutter.next() }

    public func decode(_ piece: any FilePiece) throws(FileFormatError) -> DecodedPiece {
        guard let piece = piece as? TextPiece else { throw .invalidRequest("a piece of another file") }
        let decoder =
            idle.withLock { $0.popLast()?.decoder }
            ?? NDJSONDecoder(file: file, columns: columns, options: options)
        defer { idle.withLock { $0.append(OwnedDecoder(decoder: decoder)) } }
        return try decoder.decode(piece)
    }

    /// A decoder on its way between threads: whoever took it from the list owns it.
    private struct OwnedDecoder: @unchecked Sendable {
        let decoder: NDJSONDecoder
    }
}
