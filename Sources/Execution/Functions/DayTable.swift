import Columns

/// Values that depend on the day alone, computed once a day instead of once a row: rows become codes of a
/// dictionary of the distinct values, which also makes them cheap to group by.
final class DayTable {
    private let type: DataType
    /// The 8 bytes of the value of a day.
    private let compute: (Int64) -> UInt64
    private var base: Int64 = 0
    private var codes: [UInt32] = []
    private var dictionary: VectorDictionary?

    /// More days than this are not worth a table; it is 179 years.
    private static let daysMax: Int64 = 1 << 16
    private static let marginDays: Int64 = 400

    /// - Parameter type: Of eight bytes.
    init(type: DataType, _ compute: @escaping (Int64) -> UInt64) {
        precondition(type.physical.byteCount == 8, "day values have eight bytes")
        self.type = type
        self.compute = compute
    }

    /// The values of timestamps; nil when their days span too much.
    func values(ofTimestamps source: UnsafePointer<Int64>, count: Int, validity: ValidityMask?) -> Vector? {
        var low = Int64.max
        var high = Int64.min
        for row in 0..<count where validity?.isValid(row) ?? true {
            low = min(low, source[row])
            high = max(high, source[row])
        }
        guard low <= high, low != .min, high != .max,
            cover(CivilCalendar.split(timestamp: low).days, CivilCalendar.split(timestamp: high).days)
        else { return nil }
        // Offsets from the table's first midnight are not negative, so that a plain division finds the day.
        let origin = base &* CivilCalendar.microsecondsPerDay
        return lookUp(count, validity) { row in
            Int64(UInt64(bitPattern: source[row] &- origin) / UInt64(CivilCalendar.microsecondsPerDay))
        }
    }

    /// The values of dates; nil when they span too much.
    func values(ofDates source: UnsafePointer<Int32>, count: Int, validity: ValidityMask?) -> Vector? {
        var low = Int32.max
        var high = Int32.min
        for row in 0..<count where validity?.isValid(row) ?? true {
            low = min(low, source[row])
            high = max(high, source[row])
        }
        guard low <= high, low != .min, high != .max, cover(Int64(low), Int64(high)) else { return nil }
        let base = base
        return lookUp(count, validity) { row in Int64(source[row]) &- base }
    }

    @inline(__always) private func lookUp(
        _ count: Int, _ validity: ValidityMask?, _ day: (Int) -> Int64
    ) -> Vector? {
        guard let dictionary else { return nil }
        let buffer = VectorBuffer(byteCount: count * 4)
        let target = buffer.pointer(as: UInt32.self)
        codes.withUnsafeBufferPointer { codes in
            if let validity {
                for row in 0..<count { target[row] = validity.isValid(row) ? codes[Int(day(row))] : 0 }
            } else {
                for row in 0..<count { target[row] = codes[Int(day(row))] }
            }
        }
        return Vector(codes: buffer, dictionary: dictionary, count: count, validity: validity)
    }

    /// Makes the table hold days `low...high`.
    private func cover(_ low: Int64, _ high: Int64) -> Bool {
        if !codes.isEmpty, low >= base, high < base + Int64(codes.count) { return true }
        var first = low - Self.marginDays
        var last = high + Self.marginDays
        if !codes.isEmpty, high - base < Self.daysMax, base + Int64(codes.count) - low < Self.daysMax {
            first = min(first, base)
            last = max(last, base + Int64(codes.count) - 1)
        }
        guard last - first < Self.daysMax + 2 * Self.marginDays else { return false }
        base = first
        codes = []
        var known: [UInt64: UInt32] = [:]
        var values: [UInt64] = []
        for day in first...last {
            let value = compute(day)
            if let code = known[value] {
                codes.append(code)
                continue
            }
            known[value] = UInt32(values.count)
            codes.append(UInt32(values.count))
            values.append(value)
        }
        let buffer = VectorBuffer(byteCount: values.count * 8)
        for (index, value) in values.enumerated() { buffer.pointer(as: UInt64.self)[index] = value }
        dictionary = VectorDictionary(entries: Vector(flat: buffer, type: type, count: values.count))
        return true
    }
}
