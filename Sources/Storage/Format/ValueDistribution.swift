import DurableIO

/// How the values of a segment are spread, as zone keys: good for estimates, never for an answer.
///
/// Invariants: `bounds` ascend between the segment's minimum and maximum; `common` has distinct keys, the
/// most frequent first.
struct ValueDistribution: Hashable, Sendable {
    /// Keys that cut the values that are not NULL into `bounds.count + 1` parts of about as many rows.
    var bounds: [Int128] = []
    var common: [CommonKey] = []
    /// Bytes of all strings; 0 for other types.
    var stringBytes = 0

    struct CommonKey: Hashable, Sendable {
        var key: Int128
        /// Rows that have it, about.
        var rowCount: Int
    }

    static let partCount = 32
    static let boundsMax = 63
    static let commonMax = 8

    /// The fields of the footer (`storage/FORMAT.md`, "Row group footer").
    func bytes(from minimum: Int128) -> [UInt8] {
        var writer = BinaryWriter()
        writer.writeVariable(stringBytes)
        writer.writeVariable(bounds.count)
        var last = minimum
        for bound in bounds {
            Self.write(UInt128(bitPattern: bound &- last), to: &writer)
            last = bound
        }
        writer.writeVariable(common.count)
        for value in common {
            Self.write(UInt128(bitPattern: value.key &- minimum), to: &writer)
            writer.writeVariable(value.rowCount)
        }
        return writer.bytes
    }

    init() {}

    /// Reads `bytes`; nil when they are something else.
    init?(_ bytes: ArraySlice<UInt8>, zone: Zone) {
        var reader = BinaryReader(bytes)
        do throws(BinaryReaderError) {
            stringBytes = try reader.readCount(limit: 1 << 32)
            var last = zone.minimum
            for _ in 0..<(try reader.readCount(limit: Self.boundsMax)) {
                let next = last &+ Int128(bitPattern: try Self.read(&reader))
                guard next >= last, next <= zone.maximum else { return nil }
                bounds.append(next)
                last = next
            }
            for _ in 0..<(try reader.readCount(limit: Self.commonMax)) {
                let key = zone.minimum &+ Int128(bitPattern: try Self.read(&reader))
                let rowCount = try reader.readCount(limit: zone.rowCount)
                guard key >= zone.minimum, key <= zone.maximum else { return nil }
                common.append(CommonKey(key: key, rowCount: rowCount))
            }
        } catch { return nil }
        guard reader.isAtEnd, zone.hasValues || (bounds.isEmpty && common.isEmpty) else { return nil }
    }

    /// An unsigned number of up to 128 bits, seven bits a byte, lowest first.
    private static func write(_ number: UInt128, to writer: inout BinaryWriter) {
        var rest = number
        while rest >= 0x80 {
            writer.write(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writer.write(UInt8(truncatingIfNeeded: rest))
    }

    private static func read(_ reader: inout BinaryReader) throws(BinaryReaderError) -> UInt128 {
        var number: UInt128 = 0
        for shift in stride(from: UInt128(0), through: 126, by: 7) {
            let byte = try reader.read(UInt8.self)
            number |= UInt128(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw .numberTooLarge(byteOffset: reader.byteOffset)
    }
}
