import Columns
import Glibc

/// Turns the places that the tokenizer found into the fields of one column.
struct CSVFieldCutter {
    let options: CSVOptions
    let bytes: UnsafePointer<UInt8>
    let tokens: CSVTokenizer
    let columns: [FileColumn]

    /// Fills `list` with field `column` of every row.
    ///
    /// - Parameter heap: Takes the bytes of fields whose escapes had to be resolved.
    func cut(_ column: Int, into list: FieldList, heap: StringHeap) {
        list.begin(count: tokens.rowCount)
        let isPlain =
            !tokens.hasSpecials && options.null.isEmpty
            && !options.forceNotNull.contains(columns[column].name)
        if isPlain { cutPlain(column, into: list) } else { cutAny(column, into: list, heap: heap) }
    }

    private func cutPlain(_ column: Int, into list: FieldList) {
        let ends = tokens.fieldEnds
        let firstField = tokens.firstField
        let rowBegin = tokens.rowBegin
        for row in 0..<list.count {
            let field = Int(firstField[row]) &+ column
            let start = column == 0 ? Int(rowBegin[row]) : Int(ends[field &- 1]) &+ 1
            let length = Int(ends[field]) &- start
            if length == 0 { list.setNull(row, bytes + start) } else { list.set(row, bytes + start, length) }
        }
    }

    private func cutAny(_ column: Int, into list: FieldList, heap: StringHeap) {
        let ends = tokens.fieldEnds
        let firstField = tokens.firstField
        let rowBegin = tokens.rowBegin
        let quote = options.quote
        let isCSV = options.style == .csv
        let forceNotNull = options.forceNotNull.contains(columns[column].name)
        let forceNull = options.forceNull.contains(columns[column].name)
        let hasSpecials = tokens.hasSpecials
        for row in 0..<list.count {
            let field = Int(firstField[row]) &+ column
            let start = column == 0 ? Int(rowBegin[row]) : Int(ends[field &- 1]) &+ 1
            let length = Int(ends[field]) &- start
            let text = bytes + start
            let specials = hasSpecials ? tokens.specialCount(start, length) : 0
            if specials == 0 {
                if !forceNotNull && isNull(text, length) {
                    list.setNull(row, text)
                } else {
                    list.set(row, text, length)
                }
                continue
            }
            if isCSV && specials == 2 && text[0] == quote && text[length &- 1] == quote && length >= 2 {
                list.set(row, text + 1, length &- 2)
            } else if !isCSV && isNull(text, length) {
                list.setNull(row, text)
                continue
            } else {
                unescape(text, length, row, into: list, heap: heap)
            }
            if isCSV && forceNull && isNull(list.starts[row], Int(list.lengths[row])) {
                list.setNull(row, text)
            }
        }
    }

    @inline(__always) private func isNull(_ text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        guard length == options.null.count else { return false }
        if length == 0 { return true }
        return options.null.withUnsafeBufferPointer { null in
            guard let base = null.baseAddress else { return false }
            return memcmp(base, text, length) == 0
        }
    }

    /// Copies the field without its quotes and escapes.
    private func unescape(
        _ text: UnsafePointer<UInt8>, _ length: Int, _ row: Int, into list: FieldList, heap: StringHeap
    ) {
        let target = heap.reserve(length + 16).assumingMemoryBound(to: UInt8.self)
        let count =
            options.style == .csv
            ? unquote(text, length, into: target) : TextEscapes.resolve(text, length, into: target)
        (target + count).update(repeating: 0, count: min(8, length + 16 - count))
        list.set(row, target, count)
    }

    /// Quotes may begin anywhere in a field, as in PostgreSQL: `ab"c,d"` is `abc,d`.
    private func unquote(
        _ text: UnsafePointer<UInt8>, _ length: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var written = 0
        var isInQuotes = false
        var index = 0
        while index < length {
            let byte = text[index]
            index += 1
            if isInQuotes && byte == options.escape && index < length
                && (text[index] == options.quote || text[index] == options.escape)
            {
                target[written] = text[index]
                written += 1
                index += 1
            } else if byte == options.quote {
                isInQuotes.toggle()
            } else {
                target[written] = byte
                written += 1
            }
        }
        return written
    }
}

/// The backslash escapes of PostgreSQL's text format.
enum TextEscapes {
    /// Writes at most `length` bytes and returns how many.
    static func resolve(
        _ text: UnsafePointer<UInt8>, _ length: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var written = 0
        var index = 0
        while index < length {
            var byte = text[index]
            index += 1
            if byte == 92 && index < length {
                byte = text[index]
                index += 1
                switch byte {
                case 98: byte = 8
                case 102: byte = 12
                case 110: byte = 10
                case 114: byte = 13
                case 116: byte = 9
                case 118: byte = 11
                case 48...55: byte = number(text, length, &index, digitsMax: 3, base: 8, first: byte - 48)
                case 120 where index < length && hexadecimal(text[index]) != nil:
                    byte = number(text, length, &index, digitsMax: 3, base: 16, first: 0)
                default: break
                }
            }
            target[written] = byte
            written += 1
        }
        return written
    }

    /// Digits from `index` on while they last; together with the one before at most `digitsMax`.
    private static func number(
        _ text: UnsafePointer<UInt8>, _ length: Int, _ index: inout Int, digitsMax: Int, base: UInt8,
        first: UInt8
    ) -> UInt8 {
        var value = first
        var digits = 1
        while digits < digitsMax, index < length, let digit = hexadecimal(text[index]), digit < base {
            value = value &* base &+ digit
            index += 1
            digits += 1
        }
        return value
    }

    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        case 65...70: byte - 55
        default: nil
        }
    }
}
