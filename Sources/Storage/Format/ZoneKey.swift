import Columns

/// Maps values of every type to numbers in the same order, so that zone maps compare one kind of thing.
///
/// Whole numbers, dates and times are themselves; decimals their unscaled value; floating-point numbers their
/// bits made monotonic, NaN above all; uuids their number; intervals their comparison key; strings their
/// first 16 bytes. Only the last loses order: equal keys of strings may stand for different strings.
enum ZoneKey {
    static let prefixBytes = 16

    static func key(_ number: Double) -> Int128 {
        if number.isNaN { return Int128(Int64.max) }
        // Minus zero equals zero in SQL.
        let bits = Int64(bitPattern: (number == 0 ? 0 : number).bitPattern)
        return Int128(bits >= 0 ? bits : Int64.min &- bits)
    }

    static func key(_ uuid: UInt128) -> Int128 { Int128(bitPattern: uuid ^ (1 << 127)) }

    /// The first bytes as a big-endian number, zero-padded.
    static func key(_ bytes: UnsafeBufferPointer<UInt8>) -> Int128 { key(prefix(bytes)) }

    static func prefix(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt128 {
        var word: UInt128 = 0
        guard let base = bytes.baseAddress else { return 0 }
        if bytes.count >= prefixBytes {
            word = UnsafeRawPointer(base).loadUnaligned(as: UInt128.self)
        } else {
            withUnsafeMutableBytes(of: &word) { $0.copyMemory(from: UnsafeRawBufferPointer(bytes)) }
        }
        return word.byteSwapped
    }

    static func key(_ view: StringView) -> Int128 { view.withBytes { key($0) } }

    /// The key of a constant compared with a column; nil when the types do not match, which skips nothing.
    static func key(of value: Value, type: DataType) -> Int128? {
        switch (value, type) {
        case (.boolean(let bool), .boolean): return bool ? 1 : 0
        case (.smallint, _) where type.isInteger, (.integer, _) where type.isInteger,
            (.bigint, _) where type.isInteger, (.date, .date), (.timestamp, .timestamp),
            (.timestampTZ, .timestampTZ), (.time, .time):
            return value.integerValue.map { Int128($0) }
        case (.real(let number), .real): return key(Double(number))
        case (.real(let number), .doublePrecision): return key(Double(number))
        case (.doublePrecision(let number), .doublePrecision): return key(number)
        case (.decimal(let unscaled, let scale), .decimal(_, let columnScale)) where scale == columnScale:
            return unscaled
        case (.interval(let interval), .interval): return interval.comparisonKey
        case (.uuid(let uuid), .uuid): return key(uuid)
        case (.text(let text), .text), (.json(let text), .json):
            var copy = text
            return copy.withUTF8 { key($0) }
        default: return nil
        }
    }

    /// The value that a key of a column stands for; of strings the prefix, with what is no UTF-8 replaced.
    static func value(of key: Int128, type: DataType) -> Value? {
        switch type {
        case .boolean: return .boolean(key != 0)
        case .smallint: return Int16(exactly: key).map { .smallint($0) }
        case .integer: return Int32(exactly: key).map { .integer($0) }
        case .bigint: return Int64(exactly: key).map { .bigint($0) }
        case .date: return Int32(exactly: key).map { .date($0) }
        case .timestamp: return Int64(exactly: key).map { .timestamp($0) }
        case .timestampTZ: return Int64(exactly: key).map { .timestampTZ($0) }
        case .time: return Int64(exactly: key).map { .time($0) }
        case .decimal(_, let scale): return .decimal(unscaled: key, scale: scale)
        case .real: return number(key).map { .real(Float($0)) }
        case .doublePrecision: return number(key).map { .doublePrecision($0) }
        case .uuid: return .uuid(UInt128(bitPattern: key) ^ (1 << 127))
        case .interval, .array: return nil
        case .text: return .text(prefix(key))
        case .json: return .json(prefix(key))
        }
    }

    private static func number(_ key: Int128) -> Double? {
        guard let bits = Int64(exactly: key) else { return nil }
        if bits == Int64.max { return .nan }
        return Double(bitPattern: UInt64(bitPattern: bits >= 0 ? bits : Int64.min &- bits))
    }

    private static func prefix(_ key: Int128) -> String {
        let number = UInt128(bitPattern: key) ^ (1 << 127)
        let bytes = (0..<prefixBytes).map { UInt8(truncatingIfNeeded: number >> UInt128((15 - $0) * 8)) }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
