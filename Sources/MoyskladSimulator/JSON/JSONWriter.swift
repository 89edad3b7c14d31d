/// Writes JSON straight into bytes; commas are put where they belong by looking at what was written last.
struct JSONWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

    /// Starts an object or an array; `bracket` is `{` or `[`.
    mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
    }

    /// Ends what was opened last.
    mutating func close(_ bracket: UInt8) { bytes.append(bracket) }

    /// The key of the next value; keys need no escapes.
    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        raw(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func key(_ name: String) {
        separate()
        quoted(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Nothing is written when there is no value (API §4.2).
    mutating func field(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        key(name)
        quoted(text)
    }

    mutating func field(_ name: StaticString, _ text: StaticString) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        raw(text)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func field(_ name: StaticString, _ flag: Bool) {
        key(name)
        raw(flag ? "true" : "false")
    }

    mutating func field(_ name: StaticString, _ number: Int) {
        key(name)
        integer(Int64(number))
    }

    mutating func field(_ name: String, _ number: Int) {
        key(name)
        integer(Int64(number))
    }

    /// A number of `units` parts of one `scale`-th, with as many digits as it needs and at least one after
    /// the point.
    mutating func field(_ name: StaticString, units: Int64, scale: Int64) {
        key(name)
        decimal(units: units, scale: scale)
    }

    mutating func field(_ name: StaticString, _ moment: ShopTime) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        moment.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func null(_ name: StaticString) {
        key(name)
        raw("null")
    }

    mutating func value(_ text: String) {
        separate()
        quoted(text)
    }

    /// A number or a switch that is text already.
    mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Text between quotes that `body` appends itself; it must need no escapes.
    mutating func text(_ body: (inout [UInt8]) -> Void) {
        bytes.append(UInt8(ascii: "\""))
        body(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func integer(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(truncatingIfNeeded: 48 + rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    mutating func decimal(units: Int64, scale: Int64) {
        if units < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = units.magnitude
        integer(Int64(magnitude / UInt64(scale)))
        bytes.append(UInt8(ascii: "."))
        var fraction = magnitude % UInt64(scale)
        var divisor = UInt64(scale) / 10
        repeat {
            bytes.append(UInt8(truncatingIfNeeded: 48 + (divisor == 0 ? 0 : fraction / divisor)))
            fraction = divisor == 0 ? 0 : fraction % divisor
            divisor /= 10
        } while fraction > 0
    }

    private mutating func separate() {
        guard let last = bytes.last else { return }
        if last != UInt8(ascii: "{") && last != UInt8(ascii: "[") && last != UInt8(ascii: ":") {
            bytes.append(UInt8(ascii: ","))
        }
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0a: raw("\\n")
            case 0x0d: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20:
                raw("\\u00")
                bytes.append(byte < 16 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                bytes.append(byte & 15 < 10 ? 48 + byte & 15 : 87 + byte & 15)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
