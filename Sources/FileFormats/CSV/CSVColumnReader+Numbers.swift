import Columns

extension CSVColumnReader {
    mutating func integers<Number: FixedWidthInteger & BitwiseCopyable>(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutablePointer<Number>
    ) {
        let bytes = decoder.bytes
        for row in rows.indices {
            if let field = bare(fields, rows[row]) {
                let isNegative = bytes[field.start] == 45
                let count = field.end &- field.start &- (isNegative ? 1 : 0)
                if count >= 1, count <= DigitRuns.countMax {
                    var bad: UInt64 = 0
                    let magnitude = DigitRuns.number(before: bytes + field.end, count: count, bad: &bad)
                    if bad == 0, let number = Number(exactly: isNegative ? 0 &- magnitude : magnitude) {
                        values[row] = number
                        continue
                    }
                } else if isNull(field.start, field.end) {
                    values[row] = 0
                    setNull(row, rows.count)
                    continue
                }
            }
            values[row] = slow(fields, rows, row, zero: Number(0)) { (text) throws(TextReadingError) in
                guard let number = Number(exactly: try TextReader.integer(text)) else { throw .outOfRange }
                return number
            }
        }
    }

    /// Decimals of at most 18 digits: usually with all digits of the scale behind the point, or none.
    mutating func decimals(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutablePointer<Int64>, _ precision: Int, _ scale: Int
    ) {
        let bytes = decoder.bytes
        let unit = DigitRuns.powersOfTen[scale]
        let bound = DigitRuns.powersOfTen[precision]
        for row in rows.indices {
            if let field = bare(fields, rows[row]) {
                let isNegative = bytes[field.start] == 45
                let start = field.start &+ (isNegative ? 1 : 0)
                let point = field.end &- 1 &- scale
                var bad: UInt64 = 0
                var number: Int64 = -1
                if scale > 0, scale <= DigitRuns.countMax, point > start, bytes[point] == 46,
                    point &- start &+ scale <= 17, point &- start <= DigitRuns.countMax
                {
                    let whole = DigitRuns.number(before: bytes + point, count: point &- start, bad: &bad)
                    let part = DigitRuns.number(before: bytes + field.end, count: scale, bad: &bad)
                    number = whole &* unit &+ part
                } else if field.end > start, field.end &- start &+ scale <= 17,
                    field.end &- start <= DigitRuns.countMax
                {
                    let whole = DigitRuns.number(
                        before: bytes + field.end, count: field.end &- start, bad: &bad)
                    number = whole &* unit
                } else if isNull(field.start, field.end) {
                    values[row] = 0
                    setNull(row, rows.count)
                    continue
                }
                if bad == 0, number >= 0, number < bound {
                    values[row] = isNegative ? 0 &- number : number
                    continue
                }
            }
            values[row] = slow(fields, rows, row, zero: Int64(0)) { (text) throws(TextReadingError) in
                Int64(truncatingIfNeeded: try TextReader.decimal(text, precision: precision, scale: scale))
            }
        }
    }

    /// Numbers of at most 15 digits are exact in a double, and so is a power of ten up to 22: their quotient
    /// is rounded once.
    ///
    /// Source: Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990.
    mutating func doubles(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutablePointer<Double>
    ) {
        let bytes = decoder.bytes
        for row in rows.indices {
            if let field = bare(fields, rows[row]), field.end > field.start {
                let isNegative = bytes[field.start] == 45
                var at = field.start &+ (isNegative ? 1 : 0)
                if field.end &- at <= 16, field.end > at {
                    var digits: Int64 = 0
                    var digitCount = 0
                    var point = -1
                    while at < field.end {
                        let digit = bytes[at] &- 48
                        if digit < 10 {
                            digits = digits &* 10 &+ Int64(digit)
                            digitCount &+= 1
                        } else if bytes[at] == 46, point < 0 {
                            point = at
                        } else {
                            break
                        }
                        at &+= 1
                    }
                    if at == field.end, digitCount >= 1, digitCount <= 15 {
                        let power = point < 0 ? 0 : field.end &- 1 &- point
                        let number = Double(digits) / Double(DigitRuns.powersOfTen[power])
                        values[row] = isNegative ? -number : number
                        continue
                    }
                }
            }
            values[row] = slow(fields, rows, row, zero: 0.0) { (text) throws(TextReadingError) in
                try TextReader.double(text)
            }
        }
    }

    mutating func booleans(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutablePointer<UInt8>
    ) {
        let bytes = decoder.bytes
        for row in rows.indices {
            if let field = bare(fields, rows[row]) {
                let raw = UnsafeRawPointer(bytes + field.start)
                let count = field.end &- field.start
                // "true", and "fals" of "false".
                let word = raw.loadUnaligned(as: UInt32.self)
                if count == 4, word == 0x6575_7274 || count == 1 && bytes[field.start] == 116 {
                    values[row] = 1
                    continue
                }
                if count == 5, word == 0x736C_6166, bytes[field.start &+ 4] == 101 {
                    values[row] = 0
                    continue
                }
            }
            values[row] = slow(fields, rows, row, zero: UInt8(0)) { (text) throws(TextReadingError) in
                try TextReader.boolean(text) ? 1 : 0
            }
        }
    }
}
