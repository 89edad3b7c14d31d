import Columns

/// The last day that was read: rows next to each other often have the same.
struct CSVDayMemory {
    private var first: UInt64 = 0
    private var last: UInt16 = 0
    private var day: Int64 = 0

    /// The day number of the ten bytes `YYYY-MM-DD`; nil for anything else.
    @inline(__always) mutating func day(_ bytes: UnsafePointer<UInt8>) -> Int64? {
        let raw = UnsafeRawPointer(bytes)
        let head = raw.loadUnaligned(as: UInt64.self)
        let tail = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
        if head == first, tail == last { return day }
        guard let fresh = Self.read(bytes) else { return nil }
        (first, last, day) = (head, tail, fresh)
        return fresh
    }

    private static func read(_ bytes: UnsafePointer<UInt8>) -> Int64? {
        guard bytes[4] == 45, bytes[7] == 45, let century = pair(bytes), let years = pair(bytes + 2),
            let month = pair(bytes + 5), let day = pair(bytes + 8)
        else { return nil }
        let year = century * 100 + years
        guard year > 0, month >= 1, month <= 12, day >= 1,
            day <= CivilCalendar.daysInMonth(year: year, month: month)
        else { return nil }
        return Int64(CivilCalendar.days(year: year, month: month, day: day))
    }

    @inline(__always) static func pair(_ bytes: UnsafePointer<UInt8>) -> Int? {
        let tens = bytes[0] &- 48
        let ones = bytes[1] &- 48
        return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : nil
    }
}

extension CSVColumnReader {
    mutating func dates(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutablePointer<Int32>
    ) {
        let bytes = decoder.bytes
        for row in rows.indices {
            if let field = bare(fields, rows[row]), field.end &- field.start == 10,
                let day = days.day(bytes + field.start)
            {
                values[row] = Int32(truncatingIfNeeded: day)
                continue
            }
            values[row] = slow(fields, rows, row, zero: Int32(0)) { (text) throws(TextReadingError) in
                try TextReader.date(text)
            }
        }
    }

    /// `YYYY-MM-DD HH:MM:SS`, with or without a fraction of up to six digits.
    mutating func timestamps(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutablePointer<Int64>
    ) {
        let bytes = decoder.bytes
        for row in rows.indices {
            if let field = bare(fields, rows[row]), field.end &- field.start >= 19,
                let day = days.day(bytes + field.start),
                let clock = Self.clock(bytes + field.start + 10, count: field.end &- field.start &- 10)
            {
                values[row] = day &* CivilCalendar.microsecondsPerDay &+ clock
                continue
            }
            values[row] = slow(fields, rows, row, zero: Int64(0)) { (text) throws(TextReadingError) in
                try TextReader.timestamp(text)
            }
        }
    }

    /// Microseconds of ` HH:MM:SS[.ffffff]`; nil for other forms and for hours beyond 23.
    @inline(__always)
    private static func clock(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int64? {
        guard bytes[0] == 32 || bytes[0] == 84, bytes[3] == 58, bytes[6] == 58,
            let hour = CSVDayMemory.pair(bytes + 1), let minute = CSVDayMemory.pair(bytes + 4),
            let second = CSVDayMemory.pair(bytes + 7), hour < 24, minute < 60, second < 60
        else { return nil }
        let whole = Int64((hour &* 60 &+ minute) &* 60 &+ second) &* 1_000_000
        if count == 9 { return whole }
        let digits = count &- 10
        guard bytes[9] == 46, digits >= 1, digits <= 6 else { return nil }
        var bad: UInt64 = 0
        let fraction = DigitRuns.number(before: bytes + count, count: digits, bad: &bad)
        return bad == 0 ? whole &+ fraction &* DigitRuns.powersOfTen[6 &- digits] : nil
    }

    /// Views of the piece's own bytes, except of fields whose quotes must be taken out.
    mutating func strings(
        _ fields: borrowing CSVFieldIndex, _ rows: UnsafeBufferPointer<UInt32>,
        _ values: UnsafeMutablePointer<StringView>
    ) {
        let bytes = decoder.bytes
        for row in rows.indices {
            if let field = bare(fields, rows[row]) {
                if isNull(field.start, field.end) {
                    values[row] = .empty
                    setNull(row, rows.count)
                } else {
                    values[row] = Self.view(bytes + field.start, count: field.end &- field.start)
                }
                continue
            }
            let text = decoder.text(fields, entry: Int(rows[row]) + column, column: column)
            if isNull(text) {
                values[row] = .empty
                setNull(row, rows.count)
            } else if text.copy != nil {
                values[row] = heap.add(text.bytes)
            } else if let base = text.bytes.baseAddress {
                values[row] = Self.view(base, count: text.bytes.count)
            } else {
                values[row] = .empty
            }
        }
    }

    /// A view of bytes behind which 12 more may be read.
    @inline(__always) private static func view(_ bytes: UnsafePointer<UInt8>, count: Int) -> StringView {
        let raw = UnsafeRawPointer(bytes)
        let prefix = UInt64(raw.loadUnaligned(as: UInt32.self))
        let size = UInt64(truncatingIfNeeded: count)
        if count > StringView.inlineBytesMax {
            return StringView(low: size | prefix &<< 32, high: UInt64(UInt(bitPattern: bytes)))
        }
        let rest = raw.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
        let prefixMask: UInt64 = (1 &<< (min(size, 4) &* 8)) &- 1
        // A shift by 64 is zero here: a view of 12 bytes keeps all of the rest.
        let restMask: UInt64 = ~(~0 << ((max(size, 4) &- 4) &* 8))
        return StringView(low: size | (prefix & prefixMask) &<< 32, high: rest & restMask)
    }
}
