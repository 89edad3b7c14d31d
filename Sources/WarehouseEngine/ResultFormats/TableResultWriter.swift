import Columns

/// A table for people, as `psql` draws it: a header, a rule, rows with numbers to the right, and the row
/// count. Keeps the first `rowsShownMax` rows in memory, because widths are known only at the end.
public struct TableResultWriter: ResultWriter {
    public static let rowsShownMax = 10_000

    private var columns: [ResultColumn] = []
    private var cells: [[String]] = []
    private var rowsLeftOut = 0

    public init() {}

    public mutating func begin(_ columns: [ResultColumn], into output: TextBuffer) {
        self.columns = columns
        cells = []
        rowsLeftOut = 0
    }

    public mutating func append(_ chunk: DataChunk, into output: TextBuffer) {
        let compact = chunk.compacted()
        for row in 0..<compact.rowCount {
            guard cells.count < Self.rowsShownMax else {
                rowsLeftOut += compact.rowCount - row
                return
            }
            cells.append(compact.columns.map { Self.printable($0.value(at: row).text ?? "") })
        }
    }

    public mutating func end(_ summary: ResultSummary, into output: TextBuffer) {
        if !columns.isEmpty {
            let widths = columns.indices.map { index in
                cells.reduce(DisplayWidth.of(columns[index].name)) { max($0, DisplayWidth.of($1[index])) }
            }
            line(columns.map(\.name), widths, alignRight: columns.map { _ in false }, into: output)
            for (index, width) in widths.enumerated() {
                output.append(index == 0 ? "-" : "+-")
                for _ in 0...width { output.append(45) }
            }
            output.append(10)
            let numeric = columns.map(\.type.isNumeric)
            for row in cells { line(row, widths, alignRight: numeric, into: output) }
        }
        if rowsLeftOut > 0 { output.append("… \(rowsLeftOut) more rows not shown\n") }
        output.append("(\(summary.rowCount) row\(summary.rowCount == 1 ? "" : "s"))\n")
    }

    private func line(_ cells: [String], _ widths: [Int], alignRight: [Bool], into output: TextBuffer) {
        for (index, cell) in cells.enumerated() {
            output.append(index == 0 ? " " : "| ")
            let padding = widths[index] - DisplayWidth.of(cell)
            if alignRight[index] { for _ in 0..<padding { output.append(32) } }
            output.append(cell)
            if !alignRight[index], index < cells.count - 1 { for _ in 0..<padding { output.append(32) } }
            if index < cells.count - 1 { output.append(32) }
        }
        output.append(10)
    }

    /// Control characters would break the table.
    private static func printable(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 32 }) else { return text }
        return String(
            text.unicodeScalars.map { scalar in
                scalar == "\n" ? "↵" : scalar.value < 32 ? " " : Character(scalar)
            })
    }
}

/// Columns that a string takes on a terminal.
public enum DisplayWidth {
    /// Cyrillic takes one column, East Asian wide characters and emoji two, combining marks none.
    public static func of(_ text: String) -> Int {
        var width = 0
        for character in text {
            guard let scalar = character.unicodeScalars.first else { continue }
            width += isWide(scalar.value) ? 2 : scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
        return width
    }

    private static func isWide(_ code: UInt32) -> Bool {
        switch code {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
