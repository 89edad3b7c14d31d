import Columns

/// Dates and timestamps in their usual form; nil sends the text to the general reader.
enum FieldTimes {
    /// Days since 1970 of `YYYY-MM-DD`. Reads 10 bytes and up to 6 more.
    @inline(__always) static func date(_ bytes: UnsafePointer<UInt8>) -> Int32? {
        let text = DigitRun.load(bytes)
        guard text & 0xFF00_00FF_0000_0000 == 0x2D00_002D_0000_0000 else { return nil }
        // YYYY.MM. and DD as digits, the hyphens as zeros.
        let digits = (text ^ 0x2D30_302D_3030_3030)
        let tens = UInt32(bytes[8] ^ 48)
        let ones = UInt32(bytes[9] ^ 48)
        guard DigitRun.areDigits(digits), tens <= 9, ones <= 9 else { return nil }
        let year =
            Int32(truncatingIfNeeded: digits & 15) &* 1000 &+ Int32(truncatingIfNeeded: digits &>> 8 & 15)
            &* 100
            &+ Int32(truncatingIfNeeded: digits &>> 16 & 15) &* 10
            &+ Int32(truncatingIfNeeded: digits &>> 24 & 15)
        let month = Int32(truncatingIfNeeded: (digits &>> 40 & 15) &* 10 &+ digits &>> 48 & 15)
        return days(year, month: month, day: Int32(truncatingIfNeeded: tens &* 10 &+ ones))
    }

    @inline(__always) private static func days(_ year: Int32, month: Int32, day: Int32) -> Int32? {
        guard year >= 1, month >= 1, month <= 12, day >= 1 else { return nil }
        let isLeap = year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
        let shortage: Int32 = isLeap ? 1 : 2
        // Months have 31 and 30 days in turn, but for February, and July and August beside each other.
        let length = month == 2 ? 30 &- shortage : 30 &+ (month &+ month &>> 3) & 1
        guard day <= length else { return nil }
        let daysBeforeMonth = (367 &* month &- 362) / 12 &- (month > 2 ? shortage : 0)
        let before = year &- 1
        let daysBeforeYear = before &* 365 &+ before / 4 &- before / 100 &+ before / 400
        return daysBeforeYear &- 719_162 &+ daysBeforeMonth &+ day &- 1
    }

    /// Microseconds since 1970 of `YYYY-MM-DD HH:MM:SS[.ffffff]`, with `T` for the space if need be.
    @inline(__always) static func timestamp(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        guard count >= 19, count <= 26, bytes[10] == 32 || bytes[10] == 84, let days = date(bytes) else {
            return nil
        }
        let text = DigitRun.load(bytes + 11)
        guard text & 0x0000_FF00_00FF_0000 == 0x0000_3A00_003A_0000 else { return nil }
        let digits = text ^ 0x3030_3A30_303A_3030
        guard DigitRun.areDigits(digits) else { return nil }
        let hour = digits & 15 &* 10 &+ digits &>> 8 & 15
        let minute = (digits &>> 24 & 15) &* 10 &+ digits &>> 32 & 15
        let second = (digits &>> 48 & 15) &* 10 &+ digits &>> 56
        guard hour < 24, minute < 60, second < 60 else { return nil }
        let seconds = Int64(days) &* 86_400 &+ Int64(bitPattern: (hour &* 60 &+ minute) &* 60 &+ second)
        if count == 19 { return seconds &* 1_000_000 }
        guard bytes[19] == 46, count > 20, let fraction = DigitRun.number(bytes + 20, count &- 20) else {
            return nil
        }
        var micros = Int64(bitPattern: fraction)
        for _ in 0..<(26 &- count) { micros &*= 10 }
        return seconds &* 1_000_000 &+ micros
    }
}
