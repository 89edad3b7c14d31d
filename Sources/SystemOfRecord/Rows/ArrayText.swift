import Foundation

/// The elements of a Postgres array in text form.
enum ArrayText {
    static func append(quoted text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text where byte != 0 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    static func append(_ uid: UUID, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: uid.uuid) { raw in
            for (place, byte) in raw.enumerated() {
                if place == 4 || place == 6 || place == 8 || place == 10 { bytes.append(UInt8(ascii: "-")) }
                bytes.append(hexDigits[Int(byte >> 4)])
                bytes.append(hexDigits[Int(byte & 15)])
            }
        }
    }

    static func append(_ number: Int64, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(number).utf8)
    }

    static func append(_ number: FixedPoint, to bytes: inout [UInt8]) {
        if number.units < 0 { bytes.append(UInt8(ascii: "-")) }
        let digits = Array(String(number.units.magnitude).utf8)
        if digits.count > number.scale {
            bytes.append(contentsOf: digits.dropLast(number.scale))
        } else {
            bytes.append(UInt8(ascii: "0"))
        }
        guard number.scale > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        for _ in digits.count..<max(digits.count, number.scale) { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: digits.suffix(number.scale))
    }

    static func append(_ moment: RecordMoment, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        append(dayOf: moment, to: &bytes)
        let time = remainder(moment.microseconds, 86_400_000_000)
        let seconds = time / 1_000_000
        for (separator, value) in [(" ", seconds / 3600), (":", seconds / 60 % 60), (":", seconds % 60)] {
            bytes.append(contentsOf: separator.utf8)
            append(value, width: 2, to: &bytes)
        }
        bytes.append(UInt8(ascii: "."))
        append(time % 1_000_000, width: 6, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    static func append(dayOf moment: RecordMoment, to bytes: inout [UInt8]) {
        let time = remainder(moment.microseconds, 86_400_000_000)
        let shifted = (moment.microseconds - time) / 86_400_000_000 + 719_468
        let dayOfEra = remainder(shifted, 146_097)
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        append(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), width: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(month, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, width: 2, to: &bytes)
    }

    /// An array of uuids.
    static func of(_ uids: some Sequence<UUID>) -> String {
        var bytes = [UInt8(ascii: "{")]
        for uid in uids {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            append(uid, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One value by itself, not in an array.
    static func text(_ uid: UUID) -> String { string { append(uid, to: &$0) } }
    static func text(_ number: FixedPoint) -> String { string { append(number, to: &$0) } }
    static func text(_ moment: RecordMoment) -> String {
        string { append(moment, to: &$0) }.filter { $0 != "\"" }
    }

    private static func string(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func append(_ value: Int64, width: Int, to bytes: inout [UInt8]) {
        let digits = String(value).utf8
        for _ in digits.count..<max(digits.count, width) { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: digits)
    }
}
