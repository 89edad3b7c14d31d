import Columns
import Glibc

/// Turns one piece of CSV into chunks: rows first, then column by column, so that a loop reads one type.
final class CSVPieceDecoder {
    let bytes: UnsafePointer<UInt8>
    let columns: [FileColumn]
    let options: CSVOptions
    let path: String
    private let piece: CSVSource.Piece
    private let heap: StringHeap
    /// The entry of the first field of each good row.
    private var rows: [UInt32] = []
    private var rejected: [RejectedRow] = []

    init(_ piece: CSVSource.Piece, columns: [FileColumn], options: CSVOptions, path: String) {
        self.piece = piece
        self.columns = columns
        self.options = options
        self.path = path
        bytes = UnsafePointer((piece.buffer.base + CSVCutter.padBytes).assumingMemoryBound(to: UInt8.self))
        heap = StringHeap(keeping: [piece.buffer])
    }

    func decode() throws(FileFormatError) -> DecodedPiece {
        let fields = CSVFieldIndex(bytes, byteCount: piece.byteCount, options: options)
        if fields.endsInsideQuotes {
            let start = fields.count == 0 ? 0 : Self.offset(fields.entries[fields.count - 1]) + 1
            throw .badRow(
                file: path, line: line(at: start), column: nil, code: "22P04",
                reason: "unterminated CSV quoted field")
        }
        try checkBytes()
        try findRows(fields)
        var chunks: [DataChunk] = []
        chunks.reserveCapacity(rows.count / DataChunk.capacity + 1)
        var first = 0
        while first < rows.count {
            let count = min(DataChunk.capacity, rows.count - first)
            let chunk = try chunk(fields, first..<(first + count))
            if chunk.rowCount > 0 { chunks.append(chunk) }
            first += count
        }
        rejected.sort { $0.line < $1.line }
        return DecodedPiece(chunks: chunks, rejected: rejected)
    }

    static func offset(_ entry: UInt32) -> Int { Int(entry & CSVFieldIndex.offsetMask) }

    // MARK: Rows

    private func checkBytes() throws(FileFormatError) {
        if let fault = UTF8Check.firstFault(bytes, piece.byteCount) {
            throw .badRow(
                file: path, line: line(at: fault), column: nil, code: "22021",
                reason: "invalid byte sequence for encoding \"UTF8\": \(Self.hexadecimal(bytes[fault]))")
        }
        if let zero = memchr(bytes, 0, piece.byteCount) {
            throw .badRow(
                file: path, line: line(at: UnsafeRawPointer(zero) - UnsafeRawPointer(bytes)), column: nil,
                code: "22021", reason: "invalid byte sequence for encoding \"UTF8\": 0x00")
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0x0" + digits : "0x" + digits
    }

    /// Finds the rows that have as many fields as there are columns.
    private func findRows(_ fields: borrowing CSVFieldIndex) throws(FileFormatError) {
        let width = columns.count + (options.hasTrailingDelimiter ? 1 : 0)
        rows.reserveCapacity(fields.count / max(1, width) + 1)
        var first = 0
        if piece.hasHeader { first = try skipHeader(fields) }
        while first < fields.count {
            let last = first &+ width &- 1
            if last < fields.count, fields.entries[last] & CSVFieldIndex.lastFlag != 0 {
                var early: UInt32 = 0
                for entry in first..<last { early |= fields.entries[entry] }
                if early & CSVFieldIndex.lastFlag == 0 {
                    rows.append(UInt32(truncatingIfNeeded: first))
                    first = last &+ 1
                    continue
                }
            }
            first = try reject(fields, first, width)
        }
    }

    /// A row with too few or too many fields; returns where the next one begins.
    private func reject(
        _ fields: borrowing CSVFieldIndex, _ first: Int, _ width: Int
    ) throws(FileFormatError) -> Int {
        var last = first
        while fields.entries[last] & CSVFieldIndex.lastFlag == 0 { last += 1 }
        let count = last - first + 1
        let fault: RowFault
        if count < width {
            let name = count < columns.count ? columns[count].name : "delimiter at the end"
            fault = RowFault(column: nil, code: "22P04", reason: "missing data for column \"\(name)\"")
        } else {
            let start = Self.offset(fields.entries[last - 1]) + 1
            let isTrailing =
                count == width + 1 && start == end(fields.entries[last], isLast: true, start: start)
            fault = RowFault(
                column: nil, code: "22P04",
                reason: "extra data after last expected column"
                    + (isTrailing ? "; TRAILING_DELIMITER reads rows that end with a delimiter" : ""))
        }
        try report(fault, fields, first)
        return last + 1
    }

    /// - Throws: When the first row must name the columns and does not.
    private func skipHeader(_ fields: borrowing CSVFieldIndex) throws(FileFormatError) -> Int {
        var last = 0
        while last < fields.count, fields.entries[last] & CSVFieldIndex.lastFlag == 0 { last += 1 }
        guard options.header == .match else { return last + 1 }
        let count = last + 1 - (options.hasTrailingDelimiter ? 1 : 0)
        guard count == columns.count else {
            throw .badRow(
                file: path, line: 1, column: nil, code: "22P04",
                reason: "wrong number of fields in header line: got \(count), expected \(columns.count)")
        }
        for (index, column) in columns.enumerated() {
            let name = String(decoding: text(fields, entry: index, column: index).bytes, as: UTF8.self)
            guard name == column.name else {
                throw .badRow(
                    file: path, line: 1, column: nil, code: "22P04",
                    reason: "column name mismatch in header line field \(index + 1): got \"\(name)\", "
                        + "expected \"\(column.name)\"")
            }
        }
        return last + 1
    }

    // MARK: Faults

    struct RowFault {
        var column: String?
        var code: String
        var reason: String
    }

    /// Notes a bad row, or throws if one ends the reading.
    private func report(
        _ fault: RowFault, _ fields: borrowing CSVFieldIndex, _ first: Int
    ) throws(FileFormatError) {
        let start = first == 0 ? 0 : Self.offset(fields.entries[first - 1]) + 1
        let line = line(at: start)
        guard options.skipsBadRows else {
            throw .badRow(
                file: path, line: line, column: fault.column, code: fault.code, reason: fault.reason)
        }
        var last = first
        while fields.entries[last] & CSVFieldIndex.lastFlag == 0 { last += 1 }
        let end = Self.offset(fields.entries[last])
        let text = Array(UnsafeBufferPointer(start: bytes + start, count: end - start))
        rejected.append(RejectedRow(line: line, column: fault.column, reason: fault.reason, text: text))
    }

    /// The line in the file of a byte of the piece.
    private func line(at offset: Int) -> Int { piece.firstLine + CSVCutter.lineFeeds(bytes, offset) }

    // MARK: Columns

    private func chunk(
        _ fields: borrowing CSVFieldIndex, _ range: Range<Int>
    ) throws(FileFormatError) -> DataChunk {
        var vectors: [Vector] = []
        vectors.reserveCapacity(columns.count)
        var faults: [Int: RowFault] = [:]
        for index in columns.indices {
            var reader = CSVColumnReader(self, column: index, heap: heap)
            rows.withUnsafeBufferPointer { rows in
                vectors.append(reader.read(fields, UnsafeBufferPointer(rebasing: rows[range])))
            }
            for (row, fault) in reader.faults where faults[row] == nil { faults[row] = fault }
        }
        let whole = DataChunk(columns: vectors, rowCount: range.count)
        guard !faults.isEmpty else { return whole }
        for (row, fault) in faults.sorted(by: { $0.key < $1.key }) {
            try report(fault, fields, Int(rows[range.lowerBound + row]))
        }
        let good = (0..<range.count).filter { faults[$0] == nil }
        return DataChunk(columns: vectors, rowCount: range.count, selection: SelectionVector(good))
            .compacted()
    }

    /// Where a field ends: in front of its delimiter, or of the carriage return of its row's end.
    @inline(__always) func end(_ entry: UInt32, isLast: Bool, start: Int) -> Int {
        let end = Self.offset(entry)
        return isLast && end > start && bytes[end &- 1] == 13 ? end &- 1 : end
    }

    /// A field's bytes without its quotes: in place where possible, else in a copy.
    func text(_ fields: borrowing CSVFieldIndex, entry: Int, column: Int) -> CSVText {
        let raw = fields.entries[entry]
        let start = entry == 0 ? 0 : Self.offset(fields.entries[entry &- 1]) &+ 1
        let end = end(raw, isLast: raw & CSVFieldIndex.lastFlag != 0, start: start)
        let field = UnsafeBufferPointer(start: bytes + start, count: end &- start)
        guard raw & CSVFieldIndex.quotedFlag != 0 else { return CSVText(bytes: field, copy: nil) }
        if field.count >= 2, field[0] == options.quote, field[field.count - 1] == options.quote {
            let inner = UnsafeBufferPointer(start: bytes + start + 1, count: field.count - 2)
            let escape = options.escape
            let quote = options.quote
            if !inner.contains(where: { $0 == quote || $0 == escape }) {
                return CSVText(bytes: inner, copy: nil, isQuoted: true)
            }
        }
        return CSVText(unquoting: field, options)
    }
}

/// The bytes of a field.
struct CSVText {
    var bytes: UnsafeBufferPointer<UInt8>
    /// Owns the bytes when they do not lie in the piece.
    var copy: VectorBuffer?
    var isQuoted = false

    init(bytes: UnsafeBufferPointer<UInt8>, copy: VectorBuffer?, isQuoted: Bool = false) {
        self.bytes = bytes
        self.copy = copy
        self.isQuoted = isQuoted
    }

    /// Takes quotes out wherever they stand, as PostgreSQL does: they only turn the quoting on and off.
    init(unquoting field: UnsafeBufferPointer<UInt8>, _ options: CSVOptions) {
        let buffer = VectorBuffer(byteCount: field.count)
        let target = buffer.pointer(as: UInt8.self)
        var count = 0
        var at = 0
        var inside = false
        while at < field.count {
            let byte = field[at]
            if inside, byte == options.escape, at + 1 < field.count,
                field[at + 1] == options.quote || field[at + 1] == options.escape
            {
                target[count] = field[at + 1]
                count += 1
                at += 2
                continue
            }
            if byte == options.quote {
                inside.toggle()
            } else {
                target[count] = byte
                count += 1
            }
            at += 1
        }
        bytes = UnsafeBufferPointer(start: target, count: count)
        copy = buffer
        isQuoted = true
    }
}
