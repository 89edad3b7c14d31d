import Columns

/// Strings that all are uuids in canonical form (36 bytes, lower-case hexadecimal digits in groups of 8, 4,
/// 4, 4 and 12): the 16 bytes that each stands for, in the order of the text.
struct UUIDTextEncoding {
    static let textBytes = 36
    static let uuidBytes = 16

    private let uuids: UnsafeRawPointer
    private let count: Int

    init(_ bytes: UnsafeRawBufferPointer, count: Int) throws(EncodingError) {
        guard let base = bytes.baseAddress, bytes.count == count * Self.uuidBytes else {
            throw .truncated(what: "uuids")
        }
        uuids = base
        self.count = count
    }

    /// Whether all strings are canonical uuids; then appends the bytes that they stand for. NULL rows of a
    /// column become zeros.
    ///
    /// 3 ns a string; stops at the first other string.
    static func encode(_ strings: StringSource, to target: RawBytes) -> Bool {
        let start = target.count
        let output = target.extend(byBytes: strings.count * uuidBytes)
        for index in 0..<strings.count {
            let string = strings[index]
            let uuid = output + index &* uuidBytes
            if let base = string.baseAddress, string.count == textBytes, parse(base, into: uuid) { continue }
            guard strings.isNull(index) else {
                target.shrink(to: start)
                return false
            }
            uuid.initializeMemory(as: UInt8.self, repeating: 0, count: uuidBytes)
        }
        return true
    }

    /// Writes views of the texts of a vector's rows.
    ///
    /// - Returns: The memory that the views point into.
    func decode(vector: Int, count: Int, into output: UnsafeMutablePointer<StringView>) -> VectorBuffer {
        let first = vector &* DataChunk.capacity
        precondition(first + count <= self.count, "rows of this segment")
        let text = VectorBuffer(byteCount: count * Self.textBytes)
        let start = text.base
        for row in 0..<count {
            let target = start + row &* Self.textBytes
            Self.format(uuids + (first &+ row) &* Self.uuidBytes, into: target)
            let prefix = UInt64(target.loadUnaligned(as: UInt32.self))
            output[row] = StringView(
                low: UInt64(Self.textBytes) | prefix &<< 32, high: UInt64(UInt(bitPattern: target)))
        }
        return text
    }

    /// Whether row `row` has that text.
    func equals(_ expected: UnsafeBufferPointer<UInt8>, at row: Int) -> Bool {
        precondition(row >= 0 && row < count, "a row of this segment")
        guard expected.count == Self.textBytes else { return false }
        return withUnsafeTemporaryAllocation(byteCount: Self.textBytes, alignment: 8) { text in
            guard let base = text.baseAddress else { return false }
            Self.format(uuids + row &* Self.uuidBytes, into: base)
            return text.elementsEqual(expected)
        }
    }

    /// Reads a text of 36 bytes; false when it is not the canonical form of any uuid.
    private static func parse(_ text: UnsafePointer<UInt8>, into uuid: UnsafeMutableRawPointer) -> Bool {
        let raw = UnsafeRawPointer(text)
        let second = UInt64(raw.loadUnaligned(fromByteOffset: 9, as: UInt32.self))
        let third = UInt64(raw.loadUnaligned(fromByteOffset: 14, as: UInt32.self))
        let fourth = UInt64(raw.loadUnaligned(fromByteOffset: 19, as: UInt32.self))
        let fifth = UInt64(raw.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
        uuid.storeBytes(of: bytes(raw.loadUnaligned(as: UInt64.self)), as: UInt32.self)
        uuid.storeBytes(of: bytes(second | third &<< 32), toByteOffset: 4, as: UInt32.self)
        uuid.storeBytes(of: bytes(fourth | fifth &<< 32), toByteOffset: 8, as: UInt32.self)
        uuid.storeBytes(
            of: bytes(raw.loadUnaligned(fromByteOffset: 28, as: UInt64.self)), toByteOffset: 12,
            as: UInt32.self)
        // Whatever the digits were taken for: only a canonical text comes back as it was.
        return withUnsafeTemporaryAllocation(byteCount: textBytes, alignment: 8) { copy in
            guard let base = copy.baseAddress else { return false }
            format(uuid, into: base)
            var difference: UInt64 = 0
            for offset in [0, 8, 16, 24, 28] {
                difference |=
                    base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            }
            return difference == 0
        }
    }

    /// Writes the text of a uuid.
    @inline(__always) private static func format(
        _ uuid: UnsafeRawPointer, into text: UnsafeMutableRawPointer
    ) {
        let dash = UInt8(ascii: "-")
        let middle = digits(uuid.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let later = digits(uuid.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        text.storeBytes(of: digits(uuid.loadUnaligned(as: UInt32.self)), as: UInt64.self)
        text.storeBytes(of: dash, toByteOffset: 8, as: UInt8.self)
        text.storeBytes(of: UInt32(truncatingIfNeeded: middle), toByteOffset: 9, as: UInt32.self)
        text.storeBytes(of: dash, toByteOffset: 13, as: UInt8.self)
        text.storeBytes(of: UInt32(truncatingIfNeeded: middle &>> 32), toByteOffset: 14, as: UInt32.self)
        text.storeBytes(of: dash, toByteOffset: 18, as: UInt8.self)
        text.storeBytes(of: UInt32(truncatingIfNeeded: later), toByteOffset: 19, as: UInt32.self)
        text.storeBytes(of: dash, toByteOffset: 23, as: UInt8.self)
        text.storeBytes(of: UInt32(truncatingIfNeeded: later &>> 32), toByteOffset: 24, as: UInt32.self)
        text.storeBytes(
            of: digits(uuid.loadUnaligned(fromByteOffset: 12, as: UInt32.self)), toByteOffset: 28,
            as: UInt64.self)
    }

    /// The eight hexadecimal digits of four bytes, all at once.
    @inline(__always) private static func digits(_ bytes: UInt32) -> UInt64 {
        var spread = UInt64(bytes)
        spread = (spread | spread &<< 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread &<< 8) & 0x00FF_00FF_00FF_00FF
        let nibbles = (spread &>> 4 & 0x000F_000F_000F_000F) | (spread & 0x000F_000F_000F_000F) &<< 8
        let letters = ((nibbles &+ 0x0606_0606_0606_0606) &>> 4) & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }

    /// The four bytes of eight hexadecimal digits; anything for other characters.
    @inline(__always) private static func bytes(_ digits: UInt64) -> UInt32 {
        let letters = (digits &>> 6) & 0x0101_0101_0101_0101
        let nibbles = ((digits & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9) & 0x0F0F_0F0F_0F0F_0F0F
        var joined = (nibbles & 0x000F_000F_000F_000F) &<< 4 | (nibbles &>> 8 & 0x000F_000F_000F_000F)
        joined = (joined | joined &>> 8) & 0x0000_FFFF_0000_FFFF
        joined = joined | joined &>> 16
        return UInt32(truncatingIfNeeded: joined)
    }
}

/// Strings to be encoded: all rows of a column, or some of them.
struct StringSource {
    let column: ColumnValues
    /// The rows taken, none of them NULL; nil for all.
    let rows: [UInt32]?
    let count: Int

    init(_ column: ColumnValues, rows: [UInt32]? = nil) {
        self.column = column
        self.rows = rows
        count = rows?.count ?? column.rowCount
    }

    @inline(__always) subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
        column.string(rows.map { Int($0[index]) } ?? index)
    }

    func isNull(_ index: Int) -> Bool { rows == nil && !column.isValid(index) }
}
