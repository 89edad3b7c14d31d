import Columns

/// One JSON object a statement, on one line:
/// `{"columns":[{"name":"a","type":"BIGINT"}],"rows":[[1]],"rowCount":1,"elapsedMilliseconds":0.4}`.
public struct JSONResultWriter: ResultWriter {
    private var isFirstRow = true

    public init() {}

    public mutating func begin(_ columns: [ResultColumn], into output: TextBuffer) {
        output.append("{\"columns\":[")
        for (index, column) in columns.enumerated() {
            if index > 0 { output.append(44) }
            output.append("{\"name\":")
            output.append(jsonString: column.name)
            output.append(",\"type\":")
            output.append(jsonString: column.type.sqlName)
            output.append(125)
        }
        output.append("],\"rows\":[")
        isFirstRow = true
    }

    public mutating func append(_ chunk: DataChunk, into output: TextBuffer) {
        var isFirst = isFirstRow
        output.forEachRow(of: chunk) { row in
            if !isFirst { output.append(44) }
            isFirst = false
            output.append(91)
            for (index, column) in chunk.columns.enumerated() {
                if index > 0 { output.append(44) }
                output.append(json: column, row: row)
            }
            output.append(93)
        }
        isFirstRow = isFirst
    }

    public mutating func end(_ summary: ResultSummary, into output: TextBuffer) {
        output.append("],\"rowCount\":")
        output.append(integer: Int64(summary.rowCount))
        output.append(",\"elapsedMilliseconds\":")
        output.append(double: summary.elapsedMilliseconds)
        output.append("}\n")
    }
}

/// One JSON object a row, with the columns' names as keys.
public struct NDJSONResultWriter: ResultWriter {
    /// Each key as it is written, with its quotes and colon.
    private var keys: [[UInt8]] = []

    public init() {}

    public mutating func begin(_ columns: [ResultColumn], into output: TextBuffer) {
        keys = columns.map { column in
            let key = TextBuffer(capacity: 64)
            key.append(jsonString: column.name)
            key.append(58)
            return Array(key.bytes)
        }
    }

    public mutating func append(_ chunk: DataChunk, into output: TextBuffer) {
        output.forEachRow(of: chunk) { row in
            output.append(123)
            for (index, column) in chunk.columns.enumerated() {
                if index > 0 { output.append(44) }
                keys[index].withUnsafeBufferPointer { output.append($0) }
                output.append(json: column, row: row)
            }
            output.append("}\n")
        }
    }

    public mutating func end(_ summary: ResultSummary, into output: TextBuffer) {}
}
