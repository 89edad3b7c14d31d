import Columns
import Encodings
import TableCatalog

/// Which segments get a Bloom filter.
///
/// Those of the columns that the table's options name; without such an option those of a primary key of one
/// column and of uuids, also as text, unless zone maps find their values as well. Never those of few rows or
/// few distinct values, where reading the segment is as quick.
struct BloomPolicy {
    private static let rowsMin = DataChunk.capacity + 1
    private static let rowsPerValueMax = 16.0
    private static let uuidTextBytes = 36

    private enum Choice { case never, asked, unlessAscending, uuidText }

    private let choices: [Choice]

    init(_ definition: TableDefinition) {
        let asked = definition.options.bloomColumns
        choices = definition.columns.types.enumerated().map { index, type in
            if type == .boolean { return .never }
            if let asked { return asked.contains(index) ? .asked : .never }
            if definition.primaryKey == [index] || type == .uuid { return .unlessAscending }
            return type == .text ? .uuidText : .never
        }
    }

    func wants(_ column: Int, _ values: ColumnValues, _ summary: ColumnSummary, distinctCount: Double) -> Bool
    {
        guard values.rowCount >= Self.rowsMin,
            distinctCount * Self.rowsPerValueMax > Double(values.rowCount)
        else { return false }
        switch choices[column] {
        case .never: return false
        case .asked: return true
        case .unlessAscending: return !summary.isAscending
        case .uuidText: return Self.isUUIDText(values) && !summary.isAscending
        }
    }

    /// Whether every string is as long as a uuid and the first ones look like one.
    private static func isUUIDText(_ values: ColumnValues) -> Bool {
        var start = 0
        var looked = 0
        for row in 0..<values.rowCount {
            let end = Int(values.stringEnds[row])
            defer { start = end }
            guard values.isValid(row) else { continue }
            if end - start != uuidTextBytes { return false }
            guard looked < 4 else { continue }
            looked += 1
            for hyphen in [8, 13, 18, 23] where values.stringBytes[start + hyphen] != 0x2D { return false }
        }
        return looked > 0
    }
}
