import Columns

/// Decodes the rows of a binary COPY into chunks.
///
/// Source: PostgreSQL documentation, "COPY", "Binary Format"; numeric as in `numeric_send`.
final class BinaryRowDecoder {
    private let table: MirroredTable
    private var builders: [VectorBuilder]
    private var rowCount = 0
    private var isHeaderRead = false
    /// Values that the column store cannot hold and that became NULL: NaN and infinity in NUMERIC, too many
    /// digits.
    private(set) var valuesLost = 0

    private static let headerBytes = 19

    init(_ table: MirroredTable) {
        self.table = table
        builders = table.columns.map { VectorBuilder(type: $0.type) }
    }

    /// Takes one message of the copy.
    ///
    /// - Returns: A full chunk when the message's row completed one.
    /// - Throws: `.unexpectedMessage` for bytes that are no row of the table.
    func decode(_ message: UnsafeRawBufferPointer) throws(ReplicationError) -> DataChunk? {
        var reader = RowReader(message)
        if !isHeaderRead {
            try reader.skip(Self.headerBytes)
            isHeaderRead = true
        }
        guard !reader.isAtEnd else { return nil }
        let fieldCount = Int(try reader.int16())
        if fieldCount == -1 { return nil }
        guard fieldCount == builders.count else {
            throw .unexpectedMessage("a row of \(table.qualifiedName) with \(fieldCount) fields")
        }
        for builder in builders { try append(&reader, to: builder) }
        rowCount += 1
        return rowCount == DataChunk.capacity ? finish() : nil
    }

    /// The rows that do not fill a chunk; nil when there are none.
    func finish() -> DataChunk? {
        guard rowCount > 0 else { return nil }
        defer { rowCount = 0 }
        return DataChunk(columns: builders.map { $0.finish() }, rowCount: rowCount)
    }

    private func append(_ reader: inout RowReader, to builder: VectorBuilder) throws(ReplicationError) {
        let length = Int(try reader.int32())
        guard length >= 0 else { return builder.appendNull() }
        let field = try reader.field(length)
        switch builder.type {
        case .boolean: builder.append(raw: try field.number(UInt8.self) == 0 ? UInt8(0) : 1)
        case .smallint: builder.append(raw: Int16(bitPattern: try field.number(UInt16.self)))
        case .integer: builder.append(raw: Int32(bitPattern: try field.number(UInt32.self)))
        case .bigint: builder.append(raw: Int64(bitPattern: try field.number(UInt64.self)))
        case .real: builder.append(raw: Float(bitPattern: try field.number(UInt32.self)))
        case .doublePrecision: builder.append(raw: Double(bitPattern: try field.number(UInt64.self)))
        case .date: builder.append(raw: Self.date(Int32(bitPattern: try field.number(UInt32.self))))
        case .timestamp, .timestampTZ:
            builder.append(raw: Self.timestamp(Int64(bitPattern: try field.number(UInt64.self))))
        case .time: builder.append(raw: Int64(bitPattern: try field.number(UInt64.self)))
        case .interval:
            builder.append(raw: try field.interval())
        case .text, .json, .array: builder.append(bytes: field.bytes)
        case .uuid: builder.append(raw: try field.number(UInt128.self))
        case .decimal(let precision, let scale):
            guard let value = try field.numeric(scale: scale), DecimalMath.fits(value, precision: precision)
            else {
                valuesLost += 1
                return builder.appendNull()
            }
            if builder.physical == .int64 {
                builder.append(raw: Int64(truncatingIfNeeded: value))
            } else {
                builder.append(raw: value)
            }
        }
    }

    /// Postgres counts days from 2000-01-01; its infinities are the extremes of the type, as ours.
    private static func date(_ days: Int32) -> Int32 {
        days == .max || days == .min ? days : days &+ 10_957
    }

    private static func timestamp(_ microseconds: Int64) -> Int64 {
        microseconds == .max || microseconds == .min ? microseconds : microseconds &+ 946_684_800_000_000
    }
}

/// Reads the fields of one row; every step is checked against the message's end.
private struct RowReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset >= bytes.count }

    mutating func skip(_ count: Int) throws(ReplicationError) {
        guard bytes.count - offset >= count else { throw .unexpectedMessage("a copy without its header") }
        offset += count
    }

    mutating func int16() throws(ReplicationError) -> Int16 {
        guard bytes.count - offset >= 2 else { throw .unexpectedMessage("a row ends early") }
        defer { offset += 2 }
        return Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self))
    }

    mutating func int32() throws(ReplicationError) -> Int32 {
        guard bytes.count - offset >= 4 else { throw .unexpectedMessage("a row ends early") }
        defer { offset += 4 }
        return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }

    mutating func field(_ length: Int) throws(ReplicationError) -> RowField {
        guard bytes.count - offset >= length else { throw .unexpectedMessage("a row ends early") }
        defer { offset += length }
        return RowField(raw: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)]))
    }
}

/// The bytes of one field.
private struct RowField {
    var raw: UnsafeRawBufferPointer

    var bytes: UnsafeBufferPointer<UInt8> { raw.assumingMemoryBound(to: UInt8.self) }

    @inline(__always)
    func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) throws(ReplicationError)
        -> Number
    {
        guard raw.count == MemoryLayout<Number>.size else {
            throw .unexpectedMessage("a field of \(raw.count) bytes")
        }
        return Number(bigEndian: raw.loadUnaligned(as: Number.self))
    }

    func interval() throws(ReplicationError) -> Interval {
        guard raw.count == 16 else { throw .unexpectedMessage("an interval of \(raw.count) bytes") }
        return Interval(
            months: Int32(bigEndian: raw.loadUnaligned(fromByteOffset: 12, as: Int32.self)),
            days: Int32(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: Int32.self)),
            microseconds: Int64(bigEndian: raw.loadUnaligned(as: Int64.self)))
    }

    /// The unscaled value at `scale`, rounded half away from zero; nil for NaN, infinity and what 128 bits do
    /// not hold.
    func numeric(scale: Int) throws(ReplicationError) -> Int128? {
        guard raw.count >= 8, raw.count % 2 == 0 else {
            throw .unexpectedMessage("a numeric of \(raw.count) bytes")
        }
        let digitCount = Int(word(0))
        let weight = Int(Int16(bitPattern: word(1)))
        let sign = word(2)
        guard raw.count == 8 + digitCount * 2 else {
            throw .unexpectedMessage("a numeric of \(raw.count) bytes")
        }
        guard sign == 0 || sign == 0x4000 else { return nil }
        var value: Int128 = 0
        // Digits are groups of four; a group's unit is 10^exponent. Groups may reach below the wanted scale.
        var exponent = weight * 4
        for index in 0..<digitCount {
            let group = Int128(word(4 + index))
            if exponent >= -scale {
                guard let next = Self.shifted(value, by: 10_000, adding: group) else { return nil }
                value = next
            } else if exponent + 4 > -scale {
                let cut = DecimalMath.powerOfTen(-scale - exponent)
                let digits = DecimalMath.divideRounding(group, by: cut)
                guard let next = Self.shifted(value, by: 10_000 / cut, adding: digits) else { return nil }
                value = next
            } else {
                if exponent + 4 == -scale, group >= 5_000 { value &+= 1 }
                break
            }
            exponent -= 4
        }
        // What the last group left open: zeros down to the scale.
        let missing = exponent + 4 + scale
        if missing > 0 {
            guard missing <= 38 || value == 0 else { return nil }
            guard let scaled = DecimalMath.rescale(value, from: 0, to: min(missing, 38)) else { return nil }
            value = scaled
        }
        return sign == 0 ? value : -value
    }

    /// nil when 128 bits do not hold the result.
    private static func shifted(_ value: Int128, by factor: Int128, adding digits: Int128) -> Int128? {
        let (scaled, first) = value.multipliedReportingOverflow(by: factor)
        let (sum, second) = scaled.addingReportingOverflow(digits)
        return first || second ? nil : sum
    }

    private func word(_ index: Int) -> UInt16 {
        UInt16(bigEndian: raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
    }
}
