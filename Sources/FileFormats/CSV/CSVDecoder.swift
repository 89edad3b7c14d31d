import Columns

/// Decodes pieces of delimited text into chunks; used by one thread at a time, its buffers are reused.
final class CSVDecoder {
    private let file: String
    private let fields: [FileColumn]
    private let options: CSVOptions
    private let tokens: CSVTokenizer
    private let list = FieldList()

    init(file: String, fields: [FileColumn], options: CSVOptions) {
        self.file = file
        self.fields = fields
        self.options = options
        tokens = CSVTokenizer(options)
    }

    func decode(_ piece: TextPiece) throws(FileFormatError) -> DecodedPiece {
        var result = DecodedPiece(chunks: [])
        var problems = RowProblems()
        var position = piece.sequence == 0 ? try readHeader(piece) : 0
        let end = piece.byteCount
        while position < end {
            let begin = position
            position = tokens.read(piece.block.base, from: begin, to: end)
            if tokens.rowCount == 0 { break }
            let known = problems.all.count
            checkShapes(piece, &problems)
            checkEncoding(piece, begin, position, &problems)
            if problems.all.count > known { leaveOut(problems.all[known...]) }
            let chunk = readColumns(piece, &problems)
            if !options.skipsBadRows, let error = problems.firstError(in: piece, file: file) { throw error }
            if chunk.rowCount > 0 { result.chunks.append(chunk) }
        }
        if piece.endsInsideRecord {
            throw RowFault.unterminatedQuote.error(
                file: file, line: piece.line(at: tokens.nextBegin), column: nil)
        }
        result.rejected = problems.isEmpty ? [] : problems.rejectedRows(in: piece)
        return result
    }

    /// Where the rows of the file's first piece begin: behind the byte order mark and the header.
    private func readHeader(_ piece: TextPiece) throws(FileFormatError) -> Int {
        let bytes = piece.block.base
        let hasMark = piece.byteCount >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
        let start = hasMark ? 3 : 0
        guard options.header != .none, start < piece.byteCount else { return start }
        let rest = tokens.read(bytes, from: start, to: piece.byteCount, rowLimit: 1)
        guard options.header == .match, tokens.rowCount == 1 else { return rest }
        let found = Int(tokens.fieldCount[0])
        func fail(_ fault: RowFault) -> FileFormatError {
            fault.error(file: file, line: 1, column: nil)
        }
        let isTrailing =
            options.hasTrailingDelimiter && found == fields.count + 1
            && tokens.fieldEnds[found - 1] == tokens.fieldEnds[found - 2] + 1
        guard found == fields.count || isTrailing else {
            throw fail(.headerTooLong(expected: fields.count, found: found))
        }
        let cutter = CSVFieldCutter(options: options, bytes: bytes, tokens: tokens, columns: fields)
        for (index, field) in fields.enumerated() {
            cutter.cut(index, into: list, heap: StringHeap())
            let name = list.isNull(0) ? nil : String(decoding: list.bytes(0), as: UTF8.self)
            guard name == field.name else {
                throw fail(.headerMismatch(field: index + 1, expected: field.name, found: name))
            }
        }
        return rest
    }

    /// Notes rows with too many or too few fields.
    private func checkShapes(_ piece: TextPiece, _ problems: inout RowProblems) {
        let wanted = UInt32(fields.count)
        let counts = tokens.fieldCount
        var differing: UInt32 = 0
        for row in 0..<tokens.rowCount { differing |= counts[row] ^ wanted }
        if differing == 0 { return }
        for row in 0..<tokens.rowCount where counts[row] != wanted {
            let last = Int(tokens.firstField[row] + counts[row]) - 1
            let isLastEmpty =
                counts[row] == wanted + 1 && tokens.fieldEnds[last] == tokens.fieldEnds[last - 1] + 1
            if isLastEmpty && options.hasTrailingDelimiter { continue }
            let fault: RowFault =
                counts[row] < wanted
                ? .missingColumn(fields[Int(counts[row])].name) : .extraColumns(onlyEmptyField: isLastEmpty)
            problems.add(Int(tokens.rowBegin[row]), Int(tokens.rowEnd[row]), fault)
        }
    }

    /// Notes rows that are not UTF-8.
    private func checkEncoding(_ piece: TextPiece, _ begin: Int, _ end: Int, _ problems: inout RowProblems) {
        let bytes = piece.block.base
        var position = begin
        var row = 0
        while let fault = TextCheck.firstFault(bytes, from: position, to: end) {
            while row < tokens.rowCount && Int(tokens.rowEnd[row]) <= fault { row += 1 }
            // A quoted field that never ends is the caller's to report.
            guard row < tokens.rowCount, Int(tokens.rowBegin[row]) <= fault else { return }
            var column = 0
            let first = Int(tokens.firstField[row])
            while column < Int(tokens.fieldCount[row]) - 1 && Int(tokens.fieldEnds[first + column]) <= fault {
                column += 1
            }
            let rest = min(4, Int(tokens.rowEnd[row]) - fault)
            let shown = (0..<Self.shownLength(lead: bytes[fault], rest: rest)).map { bytes[fault + $0] }
            problems.add(
                Int(tokens.rowBegin[row]), Int(tokens.rowEnd[row]),
                column: column < fields.count ? fields[column].name : nil,
                bytes[fault] == 0 ? .nulByte : .invalidUTF8(shown))
            position = Int(tokens.rowEnd[row])
        }
    }

    /// Bytes that the sequence would have by its first one, as PostgreSQL shows them.
    private static func shownLength(lead: UInt8, rest: Int) -> Int {
        let length = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
        return min(lead >= 0xF8 ? 1 : length, rest)
    }

    /// Removes rows with problems from the tokens.
    private func leaveOut(_ problems: ArraySlice<RowProblems.Problem>) {
        let begins = Set(problems.map { UInt32($0.begin) })
        var kept = 0
        for row in 0..<tokens.rowCount where !begins.contains(tokens.rowBegin[row]) {
            tokens.firstField[kept] = tokens.firstField[row]
            tokens.fieldCount[kept] = tokens.fieldCount[row]
            tokens.rowBegin[kept] = tokens.rowBegin[row]
            tokens.rowEnd[kept] = tokens.rowEnd[row]
            kept += 1
        }
        tokens.rowCount = kept
    }

    private func readColumns(_ piece: TextPiece, _ problems: inout RowProblems) -> DataChunk {
        let cutter = CSVFieldCutter(
            options: options, bytes: piece.block.base, tokens: tokens, columns: fields)
        var columns: [Vector] = []
        columns.reserveCapacity(fields.count)
        var bad: Set<Int> = []
        for (index, field) in fields.enumerated() {
            let heap = StringHeap(keeping: [piece.block])
            cutter.cut(index, into: list, heap: heap)
            var reader = FieldReader(type: field.type)
            columns.append(reader.read(list, heap: heap))
            var failures = reader.failures
            if !field.isNullable && list.hasNulls {
                for row in 0..<list.count where list.isNull(row) {
                    failures.append(.init(row: row, fault: .nullInColumn(field.name)))
                }
            }
            // Of several wrong fields of a row the first counts.
            for failure in failures where bad.insert(failure.row).inserted {
                problems.add(
                    Int(tokens.rowBegin[failure.row]), Int(tokens.rowEnd[failure.row]), column: field.name,
                    failure.fault)
            }
        }
        let chunk = DataChunk(columns: columns, rowCount: tokens.rowCount)
        if bad.isEmpty { return chunk }
        let good = SelectionVector((0..<chunk.rowCount).filter { !bad.contains($0) })
        return DataChunk(columns: columns, rowCount: chunk.rowCount, selection: good).compacted()
    }
}
