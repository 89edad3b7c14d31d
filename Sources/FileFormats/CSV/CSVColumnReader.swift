import Columns

/// Reads one column of up to 2,048 rows. The loop of each type has a fast path for the usual form of its
/// values; everything else, and every mistake, goes the way of `TextReader`.
struct CSVColumnReader {
    let decoder: CSVPieceDecoder
    let column: Int
    let heap: StringHeap
    let type: DataType
    /// By row.
    private(set) var faults: [(row: Int, fault: CSVPieceDecoder.RowFault)] = []
    private var validity: ValidityMask?
    private let nullText: [UInt8]
    private let forcesNull: Bool
    private let forcesNotNull: Bool
    private let isLastColumn: Bool
    var days = CSVDayMemory()

    init(_ decoder: CSVPieceDecoder, column: Int, heap: StringHeap) {
        self.decoder = decoder
        self.column = column
        self.heap = heap
        type = decoder.columns[column].type
        nullText = decoder.options.null
        let name = decoder.columns[column].name
        forcesNull = decoder.options.forceNull.contains(name)
        forcesNotNull = decoder.options.forceNotNull.contains(name)
        isLastColumn = column == decoder.columns.count - 1
    }

    /// - Parameter rows: The entry of the first field of each row.
    mutating func read(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>
    ) -> Vector {
        let values = VectorBuffer(byteCount: rows.count * type.physical.byteCount)
        switch type.physical {
        case .bool: booleans(fields, rows, values.pointer(as: UInt8.self))
        case .int16: integers(fields, rows, values.pointer(as: Int16.self))
        case .int32 where type == .date: dates(fields, rows, values.pointer(as: Int32.self))
        case .int32: integers(fields, rows, values.pointer(as: Int32.self))
        case .int64:
            switch type {
            case .timestamp: timestamps(fields, rows, values.pointer(as: Int64.self))
            case .decimal(let precision, let scale):
                decimals(fields, rows, values.pointer(as: Int64.self), precision, scale)
            default: integers(fields, rows, values.pointer(as: Int64.self))
            }
        case .string: strings(fields, rows, values.pointer(as: StringView.self))
        case .float64: doubles(fields, rows, values.pointer(as: Double.self))
        case .int128, .float32, .interval, .uint128: others(fields, rows, values.base)
        }
        let mask = validity
        validity = nil
        mask?.clearTail()
        return Vector(
            flat: values, type: type, count: rows.count, validity: mask,
            heap: type.physical == .string ? heap : nil)
    }

    // MARK: Fields

    /// The bounds of a field that has no quotes; nil for one that has.
    @inline(__always)
    func bare(_ fields: borrowing CSVFieldIndex, _ first: UInt32) -> (start: Int, end: Int)? {
        let entry = Int(first) &+ column
        let raw = fields.entries[entry]
        if raw & CSVFieldIndex.quotedFlag != 0 { return nil }
        let start = entry == 0 ? 0 : CSVPieceDecoder.offset(fields.entries[entry &- 1]) &+ 1
        return (start, decoder.end(raw, isLast: isLastColumn, start: start))
    }

    @inline(__always) func isNull(_ start: Int, _ end: Int) -> Bool {
        guard end &- start == nullText.count else { return false }
        if nullText.isEmpty { return !forcesNotNull }
        return !forcesNotNull
            && nullText.elementsEqual(UnsafeBufferPointer(start: decoder.bytes + start, count: end &- start))
    }

    mutating func setNull(_ row: Int, _ count: Int) {
        let mask = validity ?? ValidityMask(count: count, allValid: true)
        validity = mask
        mask.setNull(row)
    }

    mutating func fault(_ row: Int, _ error: TextReadingError, _ text: UnsafeBufferPointer<UInt8>) {
        let shown = String(decoding: text.prefix(100), as: UTF8.self)
        let name = Self.postgresName(type)
        let isDecimal = type.isDecimal
        let fault: CSVPieceDecoder.RowFault
        switch error {
        case .malformed:
            let code = type == .date || type == .timestamp || type == .interval ? "22007" : "22P02"
            fault = CSVPieceDecoder.RowFault(
                column: decoder.columns[column].name, code: code,
                reason: "invalid input syntax for type \(name): \"\(shown)\"")
        case .outOfRange:
            let code = type == .date || type == .timestamp || type == .interval ? "22008" : "22003"
            fault = CSVPieceDecoder.RowFault(
                column: decoder.columns[column].name, code: code,
                reason: isDecimal
                    ? "numeric field overflow: \"\(shown)\" is beyond \(type.sqlName)"
                    : "value \"\(shown)\" is out of range for type \(name)")
        }
        faults.append((row, fault))
    }

    private static func postgresName(_ type: DataType) -> String {
        type.isDecimal ? "numeric" : type.sqlName.lowercased()
    }

    /// Any field, by the general reader. What is written for a NULL or a mistake is zero.
    @inline(never)
    mutating func slow<Element: BitwiseCopyable>(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>, _ row: Int, zero: Element,
        _ read: (UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Element
    ) -> Element {
        let text = decoder.text(fields, entry: Int(rows[row]) + column, column: column)
        if isNull(text) {
            setNull(row, rows.count)
            return zero
        }
        return withExtendedLifetime(text.copy) {
            do throws(TextReadingError) {
                return try read(text.bytes)
            } catch {
                fault(row, error, text.bytes)
                return zero
            }
        }
    }

    func isNull(_ text: CSVText) -> Bool {
        guard text.bytes.count == nullText.count, text.bytes.elementsEqual(nullText) else { return false }
        return text.isQuoted ? forcesNull : !forcesNotNull
    }
}

extension CSVColumnReader {
    /// Types that are rare in files.
    mutating func others(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutableRawPointer
    ) {
        for row in rows.indices {
            switch type {
            case .decimal(let precision, let scale):
                let target = values.assumingMemoryBound(to: Int128.self)
                target[row] = slow(fields, rows, row, zero: Int128(0)) { (text) throws(TextReadingError) in
                    try TextReader.decimal(text, precision: precision, scale: scale)
                }
            case .real:
                let target = values.assumingMemoryBound(to: Float.self)
                target[row] = slow(fields, rows, row, zero: Float(0)) { (text) throws(TextReadingError) in
                    Float(try TextReader.double(text))
                }
            case .interval:
                let target = values.assumingMemoryBound(to: Interval.self)
                let zero = Interval(months: 0, days: 0, microseconds: 0)
                target[row] = slow(fields, rows, row, zero: zero) { (text) throws(TextReadingError) in
                    try TextReader.interval(text)
                }
            default:
                let target = values.assumingMemoryBound(to: UInt128.self)
                target[row] = slow(fields, rows, row, zero: UInt128(0)) { (text) throws(TextReadingError) in
                    try TextReader.uuid(text)
                }
            }
        }
    }
}
