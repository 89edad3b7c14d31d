import Columns

/// A column of a result: its name as the query gives it, which may repeat, and its type.
public struct ResultColumn: Hashable, Sendable {
    public var name: String
    public var type: DataType

    public init(name: String, type: DataType) {
        self.name = name
        self.type = type
    }
}

/// What is known once the last row is out.
public struct ResultSummary: Sendable {
    public var rowCount: Int
    public var elapsed: Duration

    public init(rowCount: Int, elapsed: Duration) {
        self.rowCount = rowCount
        self.elapsed = elapsed
    }

    /// Elapsed time in milliseconds, to a microsecond.
    public var elapsedMilliseconds: Double {
        let (seconds, attoseconds) = elapsed.components
        return (Double(seconds) * 1e6 + (Double(attoseconds) / 1e12).rounded()) / 1e3
    }
}

/// Writes a result as bytes: `begin` once, `append` once a chunk, `end` once. Nothing is kept between chunks
/// except by formats that must see all rows first (`TableResultWriter`).
public protocol ResultWriter {
    mutating func begin(_ columns: [ResultColumn], into output: TextBuffer)
    /// The chunk's columns are those that `begin` was given. A selection is honoured.
    mutating func append(_ chunk: DataChunk, into output: TextBuffer)
    mutating func end(_ summary: ResultSummary, into output: TextBuffer)
}

/// The formats that results are written in, with their names on the command line and their media types.
public enum ResultFormat: String, Sendable, CaseIterable {
    case table, csv, tsv, json, ndjson

    public var mediaType: String {
        switch self {
        case .table: "text/plain; charset=utf-8"
        case .csv: "text/csv; charset=utf-8"
        case .tsv: "text/tab-separated-values; charset=utf-8"
        case .json: "application/json"
        case .ndjson: "application/x-ndjson"
        }
    }

    public func makeWriter() -> any ResultWriter {
        switch self {
        case .table: TableResultWriter()
        case .csv: DelimitedResultWriter(delimiter: 44)
        case .tsv: DelimitedResultWriter(delimiter: 9)
        case .json: JSONResultWriter()
        case .ndjson: NDJSONResultWriter()
        }
    }
}
