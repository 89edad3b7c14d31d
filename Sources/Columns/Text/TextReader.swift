/// Why a text is no value of a type.
public enum TextReadingError: Error, Hashable, Sendable {
    /// PostgreSQL's 22P02 and 22007.
    case malformed
    /// PostgreSQL's 22003 and 22008.
    case outOfRange
}

/// Reads values from PostgreSQL's text form. Every reader takes the whole text, allowing spaces around it.
public enum TextReader {
    /// - Throws: `.malformed` or `.outOfRange`.
    public static func value(
        _ bytes: UnsafeBufferPointer<UInt8>, as type: DataType
    ) throws(TextReadingError) -> Value {
        switch type {
        case .boolean: .boolean(try boolean(bytes))
        case .smallint: .smallint(try narrow(try integer(bytes)))
        case .integer: .integer(try narrow(try integer(bytes)))
        case .bigint: .bigint(try integer(bytes))
        case .real: .real(Float(try double(bytes)))
        case .doublePrecision: .doublePrecision(try double(bytes))
        case .decimal(let precision, let scale):
            .decimal(unscaled: try decimal(bytes, precision: precision, scale: scale), scale: scale)
        case .date: .date(try date(bytes))
        case .timestamp: .timestamp(try timestamp(bytes))
        case .timestampTZ: .timestampTZ(try timestampTZ(bytes))
        case .time: .time(try time(bytes))
        case .interval: .interval(try interval(bytes))
        case .text: .text(String(decoding: bytes, as: UTF8.self))
        case .json: .json(String(decoding: bytes, as: UTF8.self))
        case .array(let element): .array(try ArrayText.canonical(bytes, of: element), of: element)
        case .uuid: .uuid(try uuid(bytes))
        }
    }

    public static func value(_ text: String, as type: DataType) throws(TextReadingError) -> Value {
        var copy = text
        var result: Result<Value, TextReadingError> = .failure(.malformed)
        copy.withUTF8 { bytes in
            do throws(TextReadingError) {
                result = .success(try value(bytes, as: type))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    private static func narrow<Narrow: FixedWidthInteger>(_ value: Int64) throws(TextReadingError) -> Narrow {
        guard let narrow = Narrow(exactly: value) else { throw .outOfRange }
        return narrow
    }

    static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        var slice = bytes[...]
        while let first = slice.first, first == 32 || (first >= 9 && first <= 13) {
            slice = slice.dropFirst()
        }
        while let last = slice.last, last == 32 || (last >= 9 && last <= 13) { slice = slice.dropLast() }
        return slice
    }

    public static func boolean(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Bool {
        let word = String(decoding: trimmed(bytes).map { $0 | 0x20 }, as: UTF8.self)
        guard !word.isEmpty else { throw .malformed }
        if "true".hasPrefix(word) || "yes".hasPrefix(word) || word == "on"
            || trimmed(bytes).elementsEqual([49])
        {
            return true
        }
        if "false".hasPrefix(word) || "no".hasPrefix(word) || word == "of" || word == "off"
            || trimmed(bytes).elementsEqual([48])
        {
            return false
        }
        throw .malformed
    }

    public static func integer(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Int64 {
        var slice = trimmed(bytes)
        var negative = false
        if let sign = slice.first, sign == 45 || sign == 43 {
            negative = sign == 45
            slice = slice.dropFirst()
        }
        guard !slice.isEmpty else { throw .malformed }
        var value: Int64 = 0
        var overflowed = false
        for byte in slice {
            guard byte >= 48, byte <= 57 else { throw .malformed }
            let (scaled, first) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - 48)
            let (next, second) =
                negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
            overflowed = overflowed || first || second
            value = next
        }
        guard !overflowed else { throw .outOfRange }
        return value
    }

    public static func double(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Double {
        let text = String(decoding: trimmed(bytes), as: UTF8.self)
        switch text.lowercased() {
        case "nan": return .nan
        case "infinity", "inf", "+infinity", "+inf": return .infinity
        case "-infinity", "-inf": return -.infinity
        default: break
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || "+-.eE".utf8.contains($0) }),
            let value = Double(text)
        else { throw .malformed }
        guard value.isFinite else { throw .outOfRange }
        // What is no zero must not become one.
        let isZero = text.utf8.prefix { $0 | 0x20 != 101 }.allSatisfy { $0 < 49 || $0 > 57 }
        guard value != 0 || isZero else { throw .outOfRange }
        return value
    }

    /// The 32 hexadecimal digits, with or without hyphens and braces.
    public static func uuid(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> UInt128 {
        var value: UInt128 = 0
        var digits = 0
        for byte in trimmed(bytes) where byte != 45 && byte != 123 && byte != 125 {
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 97...102: digit = byte - 87
            case 65...70: digit = byte - 55
            default: throw .malformed
            }
            guard digits < 32 else { throw .malformed }
            value = value << 4 | UInt128(digit)
            digits += 1
        }
        guard digits == 32 else { throw .malformed }
        return value
    }
}
