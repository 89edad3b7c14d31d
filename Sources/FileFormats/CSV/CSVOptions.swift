/// How lines of a file are to be read, as the options of PostgreSQL's COPY say it.
public struct CSVOptions: Hashable, Sendable {
    public enum Header: Hashable, Sendable {
        case none
        /// The first line is left out.
        case present
        /// The first line must name the columns in order.
        case match
    }

    public var delimiter: UInt8 = 44
    public var quote: UInt8 = 34
    /// In front of a quote inside quotes; the quote itself when doubled quotes stand for one.
    public var escape: UInt8 = 34
    /// What stands for NULL where it is not quoted.
    public var null: [UInt8] = []
    public var header = Header.none
    /// Columns of which the NULL text is a value like others.
    public var forceNotNull: Set<String> = []
    /// Columns of which the NULL text is NULL also when it is quoted.
    public var forceNull: Set<String> = []
    /// Rows end with a delimiter behind the last field.
    public var hasTrailingDelimiter = false
    /// Bad rows are handed over as rejects instead of ending the reading.
    public var skipsBadRows = false
    /// Bytes that are read and decoded at a time. Longer rows are read too.
    public var pieceBytes = 4 << 20

    /// A row that is longer is taken for a mistake in the quotes.
    public static let rowBytesMax = 256 << 20

    public init() {}
}
