import Columns

/// Rows of one piece that cannot be taken, with their places in it.
struct RowProblems {
    struct Problem {
        /// Offsets of the row in the piece, without its line end.
        var begin: Int
        var end: Int
        var column: String?
        var fault: RowFault
    }

    private(set) var all: [Problem] = []

    var isEmpty: Bool { all.isEmpty }

    mutating func add(_ begin: Int, _ end: Int, column: String? = nil, _ fault: RowFault) {
        all.append(Problem(begin: begin, end: end, column: column, fault: fault))
    }

    /// The first one in the file as an error.
    func firstError(in piece: TextPiece, file: String) -> FileFormatError? {
        guard let first = all.min(by: { $0.begin < $1.begin }) else { return nil }
        return first.fault.error(file: file, line: piece.line(at: first.begin), column: first.column)
    }

    /// All of them in the order of the file. O(bytes of the piece).
    func rejectedRows(in piece: TextPiece) -> [RejectedRow] {
        var line = piece.firstLine
        var offset = 0
        return all.sorted { $0.begin < $1.begin }.map { problem in
            line += RecordScanner.count(10, piece.block.base + offset, problem.begin - offset)
            offset = problem.begin
            let text = UnsafeBufferPointer(
                start: piece.block.base + problem.begin, count: problem.end - problem.begin)
            return RejectedRow(
                line: line, column: problem.column, reason: problem.fault.description, text: Array(text))
        }
    }
}
