/// Ids that look like Moysklad's and can be turned back into ordinals without a table.
///
/// Layout, `hhhhhhhh-tttt-11ef-0a80-ssssssssssss`: `h` is a keyed permutation of the ordinal, `t` the type,
/// `s` comes from the seed. Ids of one type therefore sort by `h` alone.
struct ObjectIdentity: Sendable {
    /// Type codes above the object types'.
    enum Space: UInt16, Sendable {
        case position = 0x40, state, attribute, priceType, characteristic, account, component, retailStore
        case retailShift

        var code: UInt16 { rawValue }
    }

    /// Added to a type's code in the ids of the web interface, which are not ids of the API (API §4.1).
    static let webCodeOffset: UInt16 = 0x80

    private let key: UInt32
    private let suffix: UInt64

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed ^ 0x6964_656e_7469_7479)
        key = UInt32(truncatingIfNeeded: random.next())
        suffix = random.next() & 0xffff_ffff_ffff
    }

    /// What an id says about its object.
    struct Decoded: Equatable {
        var code: UInt16
        var ordinal: Int32
    }

    /// The first eight hexadecimal digits: the order of ids within a type.
    func sortKey(code: UInt16, ordinal: Int32) -> UInt32 {
        Self.mix(UInt32(bitPattern: ordinal) ^ key ^ UInt32(code) &* 0x9e37_79b1)
    }

    /// The 36 characters of an id.
    func append(code: UInt16, ordinal: Int32, to bytes: inout [UInt8]) {
        Self.appendHex(UInt64(sortKey(code: code, ordinal: ordinal)), digits: 8, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.appendHex(UInt64(code) | 0x3a00, digits: 4, to: &bytes)
        bytes.append(contentsOf: "-11ef-0a80-".utf8)
        Self.appendHex(suffix, digits: 12, to: &bytes)
    }

    func text(code: UInt16, ordinal: Int32) -> String {
        var bytes: [UInt8] = []
        append(code: code, ordinal: ordinal, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func text(_ reference: ObjectReference) -> String {
        text(code: reference.type.code, ordinal: reference.ordinal)
    }

    /// Reads an id of this shop; nil when it is no id that this shop could have given.
    func decode(_ text: some StringProtocol) -> Decoded? {
        let bytes = Array(text.lowercased().utf8)
        guard Self.isWellFormed(bytes) else { return nil }
        guard let head = Self.hex(bytes[0..<8]), let middle = Self.hex(bytes[9..<13]) else { return nil }
        guard bytes[13..<24].elementsEqual("-11ef-0a80-".utf8), Self.hex(bytes[24..<36]) == suffix else {
            return nil
        }
        guard middle & 0xff00 == 0x3a00 else { return nil }
        let code = UInt16(middle & 0xff)
        let ordinal = Self.unmix(UInt32(head)) ^ key ^ UInt32(code) &* 0x9e37_79b1
        guard ordinal <= UInt32(Int32.max) else { return nil }
        return Decoded(code: code, ordinal: Int32(ordinal))
    }

    /// 8-4-4-4-12 hexadecimal digits.
    static func isWellFormed(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 36 else { return false }
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                guard digit(byte) != nil else { return false }
            }
        }
        return true
    }

    // A bijection of 32 bits (multiplication by an odd number and a shifted exclusive or), and its inverse.
    private static func mix(_ value: UInt32) -> UInt32 {
        var mixed = value &* 0x7feb_352d
        mixed ^= mixed >> 16
        return mixed &* 0x846c_a68b
    }

    private static func unmix(_ value: UInt32) -> UInt32 {
        var mixed = value &* 0x4302_1123
        mixed ^= mixed >> 16
        return mixed &* 0x1d69_e2a5
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for byte in bytes {
            guard let digit = digit(byte) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    private static func appendHex(_ value: UInt64, digits: Int, to bytes: inout [UInt8]) {
        for position in (0..<digits).reversed() {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(position * 4)) & 15
            bytes.append(nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a"))
        }
    }
}
