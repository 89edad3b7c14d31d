import Columns
import Glibc

/// Reads the fields of one column into a vector: the usual forms by fast paths over the whole column, the
/// rest by the general readers of `Columns`.
struct FieldReader {
    /// A field that is no value of its column's type.
    struct Failure {
        var row: Int
        var fault: RowFault
    }

    let type: DataType
    /// In order of rows; their slots hold zero.
    private(set) var failures: [Failure] = []

    init(type: DataType) { self.type = type }

    /// - Parameter heap: Keeps the fields' bytes alive; kept by vectors of strings.
    mutating func read(_ fields: FieldList, heap: StringHeap) -> Vector {
        let count = fields.count
        let buffer = VectorBuffer(byteCount: count * type.physical.byteCount)
        switch type {
        case .boolean: readBooleans(fields, buffer.pointer())
        case .smallint: readIntegers(fields, buffer.pointer(as: Int16.self))
        case .integer: readIntegers(fields, buffer.pointer(as: Int32.self))
        case .bigint: readBigints(fields, buffer.pointer())
        case .real: readReals(fields, buffer.pointer())
        case .doublePrecision: readDoubles(fields, buffer.pointer())
        case .decimal(let precision, let scale):
            if type.physical == .int64 {
                readDecimals(fields, buffer.pointer(), precision, scale)
            } else {
                readWideDecimals(fields, buffer.pointer(), precision, scale)
            }
        case .date: readDates(fields, buffer.pointer())
        case .timestamp: readTimestamps(fields, buffer.pointer())
        case .timestampTZ: readMoments(fields, buffer.pointer())
        case .time: readTimes(fields, buffer.pointer())
        case .interval: readIntervals(fields, buffer.pointer())
        case .text, .json, .array: readStrings(fields, buffer.pointer())
        case .uuid: readUUIDs(fields, buffer.pointer())
        }
        return Vector(
            flat: buffer, type: type, count: count, validity: fields.validity(),
            heap: type.physical == .string ? heap : nil)
    }

    /// Runs the general reader on a field that a fast path did not take; `zero` for NULL and failures.
    @inline(never)
    private mutating func general<Element>(
        _ fields: FieldList, _ row: Int, zero: Element,
        _ read: (UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Element
    ) -> Element {
        if fields.isNull(row) { return zero }
        let bytes = fields.bytes(row)
        do throws(TextReadingError) {
            return try read(bytes)
        } catch {
            let shown = String(decoding: bytes.prefix(Self.shownBytesMax), as: UTF8.self)
            let text = bytes.count > Self.shownBytesMax ? shown + "…" : shown
            let fault: RowFault =
                switch error {
                case .malformed: .invalidText(type, text)
                case .outOfRange: .outOfRange(type, text)
                }
            failures.append(Failure(row: row, fault: fault))
            return zero
        }
    }

    /// Bytes of a wrong value that a message shows.
    private static let shownBytesMax = 100

    private mutating func readIntegers<Element: FixedWidthInteger & BitwiseCopyable>(
        _ fields: FieldList, _ target: UnsafeMutablePointer<Element>
    ) {
        for row in 0..<fields.count {
            if let wide = DigitRun.integer(fields.starts[row], Int(fields.lengths[row])) {
                let value = Element(truncatingIfNeeded: wide)
                target[row] = value
                if Int64(value) == wide { continue }
            }
            target[row] = general(fields, row, zero: 0) { (bytes) throws(TextReadingError) in
                guard let value = Element(exactly: try TextReader.integer(bytes)) else { throw .outOfRange }
                return value
            }
        }
    }

    private mutating func readBigints(_ fields: FieldList, _ target: UnsafeMutablePointer<Int64>) {
        for row in 0..<fields.count {
            if let value = DigitRun.integer(fields.starts[row], Int(fields.lengths[row])) {
                target[row] = value
            } else {
                target[row] = general(fields, row, zero: 0, TextReader.integer)
            }
        }
    }

    private mutating func readDecimals(
        _ fields: FieldList, _ target: UnsafeMutablePointer<Int64>, _ precision: Int, _ scale: Int
    ) {
        let limit = UInt64(truncatingIfNeeded: DecimalMath.powerOfTen(precision))
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 19) { powers in
            for exponent in 0..<19 {
                powers[exponent] = UInt64(truncatingIfNeeded: DecimalMath.powerOfTen(exponent))
            }
            for row in 0..<fields.count {
                let text = fields.starts[row]
                let length = Int(fields.lengths[row])
                let isNegative = length > 0 && text[0] == 45
                let sign = isNegative ? 1 : 0
                if let (number, fraction) = DigitRun.unscaled(text + sign, length &- sign), fraction <= scale
                {
                    let (value, overflow) = number.multipliedReportingOverflow(by: powers[scale &- fraction])
                    if !overflow && value < limit {
                        let magnitude = Int64(bitPattern: value)
                        target[row] = isNegative ? 0 &- magnitude : magnitude
                        continue
                    }
                }
                target[row] = general(fields, row, zero: 0) { (bytes) throws(TextReadingError) in
                    Int64(truncatingIfNeeded: try Self.decimal(bytes, precision, scale))
                }
            }
        }
    }

    private mutating func readWideDecimals(
        _ fields: FieldList, _ target: UnsafeMutablePointer<Int128>, _ precision: Int, _ scale: Int
    ) {
        for row in 0..<fields.count {
            let text = fields.starts[row]
            let length = Int(fields.lengths[row])
            let isNegative = length > 0 && text[0] == 45
            let sign = isNegative ? 1 : 0
            // 16 digits times a power of 22 digits fit 128 bits.
            if let (number, fraction) = DigitRun.unscaled(text + sign, length &- sign), fraction <= scale,
                scale &- fraction <= 22
            {
                let value = Int128(number) &* DecimalMath.powerOfTen(scale &- fraction)
                if DecimalMath.fits(value, precision: precision) {
                    target[row] = isNegative ? 0 &- value : value
                    continue
                }
            }
            target[row] = general(fields, row, zero: 0) { (bytes) throws(TextReadingError) in
                try Self.decimal(bytes, precision, scale)
            }
        }
    }

    /// NaN and the infinities are numerics in PostgreSQL, but have no place in this engine's decimals.
    private static func decimal(
        _ bytes: UnsafeBufferPointer<UInt8>, _ precision: Int, _ scale: Int
    ) throws(TextReadingError) -> Int128 {
        try TextReader.decimal(bytes, precision: precision, scale: scale)
    }

    private mutating func readDates(_ fields: FieldList, _ target: UnsafeMutablePointer<Int32>) {
        for row in 0..<fields.count {
            if fields.lengths[row] == 10, let days = FieldTimes.date(fields.starts[row]) {
                target[row] = days
            } else {
                target[row] = general(fields, row, zero: 0, TextReader.date)
            }
        }
    }

    private mutating func readTimestamps(_ fields: FieldList, _ target: UnsafeMutablePointer<Int64>) {
        for row in 0..<fields.count {
            if let value = FieldTimes.timestamp(fields.starts[row], Int(fields.lengths[row])) {
                target[row] = value
            } else {
                target[row] = general(fields, row, zero: 0, TextReader.timestamp)
            }
        }
    }

    private mutating func readMoments(_ fields: FieldList, _ target: UnsafeMutablePointer<Int64>) {
        for row in 0..<fields.count {
            target[row] = general(fields, row, zero: 0, TextReader.timestampTZ)
        }
    }

    private mutating func readTimes(_ fields: FieldList, _ target: UnsafeMutablePointer<Int64>) {
        for row in 0..<fields.count { target[row] = general(fields, row, zero: 0, TextReader.time) }
    }

    private mutating func readIntervals(_ fields: FieldList, _ target: UnsafeMutablePointer<Interval>) {
        for row in 0..<fields.count {
            target[row] = general(fields, row, zero: Interval(), TextReader.interval)
        }
    }

    private mutating func readBooleans(_ fields: FieldList, _ target: UnsafeMutablePointer<UInt8>) {
        for row in 0..<fields.count {
            let length = fields.lengths[row]
            let word = DigitRun.load(fields.starts[row])
            if length == 5 && word & 0xFF_FFFF_FFFF == 0x65_736C_6166 || length == 1 && word & 0xFF == 102 {
                target[row] = 0
            } else if length == 4 && word & 0xFFFF_FFFF == 0x6575_7274 || length == 1 && word & 0xFF == 116 {
                target[row] = 1
            } else {
                target[row] = general(fields, row, zero: 0) { (bytes) throws(TextReadingError) in
                    try TextReader.boolean(bytes) ? 1 : 0
                }
            }
        }
    }

    private mutating func readStrings(_ fields: FieldList, _ target: UnsafeMutablePointer<StringView>) {
        for row in 0..<fields.count {
            let start = fields.starts[row]
            let length = Int(fields.lengths[row])
            let count = UInt64(truncatingIfNeeded: length)
            if length > StringView.inlineBytesMax {
                let prefix = DigitRun.load(start) &<< 32
                target[row] = StringView(low: count | prefix, high: UInt64(UInt(bitPattern: start)))
            } else {
                // Shifts by 64 and more give 0, as is wanted for the bytes that are not there.
                let first = DigitRun.load(start) & ~(~0 << (count * 8))
                let high = length > 8 ? DigitRun.load(start + 8) & ~(~0 << (count * 8 - 64)) : 0
                target[row] = StringView(low: count | first &<< 32, high: first &>> 32 | high &<< 32)
            }
        }
    }

    private mutating func readUUIDs(_ fields: FieldList, _ target: UnsafeMutablePointer<UInt128>) {
        for row in 0..<fields.count {
            if fields.lengths[row] == 36, let value = HexRun.uuid(fields.starts[row]) {
                target[row] = value
            } else {
                target[row] = general(fields, row, zero: 0, TextReader.uuid)
            }
        }
    }

    private mutating func readDoubles(_ fields: FieldList, _ target: UnsafeMutablePointer<Double>) {
        for row in 0..<fields.count {
            if let value = FieldFloats.double(fields.starts[row], Int(fields.lengths[row])) {
                target[row] = value
            } else {
                target[row] = general(fields, row, zero: 0, FieldFloats.generalDouble)
            }
        }
    }

    private mutating func readReals(_ fields: FieldList, _ target: UnsafeMutablePointer<Float>) {
        for row in 0..<fields.count {
            if let value = FieldFloats.float(fields.starts[row], Int(fields.lengths[row])) {
                target[row] = value
            } else {
                target[row] = general(fields, row, zero: 0, FieldFloats.generalFloat)
            }
        }
    }
}
