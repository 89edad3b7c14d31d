/// Writes structures of Thrift's compact protocol; the counterpart of `ThriftReader`.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var lastID = 0

    init() {}

    mutating func variable(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func zigzag(_ number: Int64) {
        variable(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    private mutating func head(_ id: Int, _ type: UInt8) {
        if id > lastID && id - lastID <= 15 {
            bytes.append(UInt8(id - lastID) << 4 | type)
        } else {
            bytes.append(type)
            zigzag(Int64(id))
        }
        lastID = id
    }

    mutating func int8(_ id: Int, _ number: Int8) {
        head(id, 3)
        bytes.append(UInt8(bitPattern: number))
    }

    mutating func int32(_ id: Int, _ number: Int) {
        head(id, 5)
        zigzag(Int64(number))
    }

    mutating func int64(_ id: Int, _ number: Int) {
        head(id, 6)
        zigzag(Int64(number))
    }

    mutating func boolean(_ id: Int, _ flag: Bool) { head(id, flag ? 1 : 2) }

    mutating func binary(_ id: Int, _ value: [UInt8]) {
        head(id, 8)
        binaryElement(value)
    }

    mutating func text(_ id: Int, _ value: String) { binary(id, Array(value.utf8)) }

    mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
        head(id, 12)
        structureElement(body)
    }

    /// A structure without the head of a field: at the top, or in a list.
    mutating func structureElement(_ body: (inout ThriftWriter) -> Void) {
        let outer = lastID
        lastID = 0
        body(&self)
        bytes.append(0)
        lastID = outer
    }

    /// The head of a list; `count` elements must follow.
    mutating func list(_ id: Int, count: Int, of type: UInt8) {
        head(id, 9)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type)
        } else {
            bytes.append(0xF0 | type)
            variable(UInt64(count))
        }
    }

    mutating func integerElement(_ number: Int) { zigzag(Int64(number)) }

    mutating func binaryElement(_ value: [UInt8]) {
        variable(UInt64(value.count))
        bytes += value
    }
}
