/// How lines of a file are to be read, as the options of PostgreSQL's COPY say it.
public struct CSVOptions: Hashable, Sendable {
    public enum Style: Hashable, Sendable {
        /// RFC 4180: fields in quotes may hold delimiters and line ends.
        case csv
        /// PostgreSQL's text format: no quotes, backslash escapes, `\N` for NULL, `\.` as the end.
        case text
    }

    public enum Header: Hashable, Sendable {
        case none
        /// The first line is left out.
        case present
        /// The first line must name the columns in order.
        case match
    }

    public var style = Style.csv
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

    /// What PostgreSQL takes for the style.
    public init(style: Style = .csv) {
        self.style = style
        guard style == .text else { return }
        delimiter = 9
        null = [92, 78]
    }

    var recordRule: RecordRule {
        switch style {
        case .text: .backslashed
        case .csv: quote == escape ? .quoted(quote: quote) : .escapedQuotes(quote: quote, escape: escape)
        }
    }

    /// Why these options contradict each other; nil when they do not. PostgreSQL's words.
    public var contradiction: String? {
        if delimiter == 10 || delimiter == 13 { return "COPY delimiter cannot be newline or carriage return" }
        if null.contains(10) || null.contains(13) {
            return "COPY null representation cannot use newline or carriage return"
        }
        if null.contains(delimiter) { return "COPY delimiter must not appear in the NULL specification" }
        switch style {
        case .csv:
            if delimiter == quote { return "COPY delimiter and quote must be different" }
            if null.contains(quote) { return "CSV quote character must not appear in the NULL specification" }
            if quote == 10 || quote == 13 || quote == 0 || escape == 10 || escape == 13 || escape == 0 {
                return "COPY quote and escape must be printable"
            }
        case .text:
            let reserved = Array("\\.abcdefghijklmnopqrstuvwxyz0123456789".utf8)
            if reserved.contains(delimiter) {
                return "COPY delimiter cannot be \"\(Character(Unicode.Scalar(delimiter)))\""
            }
        }
        return delimiter == 0 || delimiter >= 128 ? "COPY delimiter must be a single one-byte character" : nil
    }
}
