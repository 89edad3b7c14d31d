import Columns

/// The least and greatest value of a column chunk, as the footer holds them.
struct ParquetStatistics {
    var least: [UInt8]?
    var greatest: [UInt8]?
    var nullCount: Int

    /// Longer strings are left out.
    static let boundBytesMax = 64

    init(_ packed: ParquetPackedColumn) {
        nullCount = packed.rowCount - packed.valueCount
        let count = packed.valueCount
        let values = packed.values
        guard count > 0 else { return }
        switch packed.column.physical {
        case .boolean: bounds(values.pointer(as: UInt8.self), count)
        case .int32: bounds(values.pointer(as: Int32.self), count)
        case .int64: bounds(values.pointer(as: Int64.self), count)
        case .float: floats(values.pointer(as: Float.self), count)
        case .double: floats(values.pointer(as: Double.self), count)
        case .fixedBytes: fixed(values, count, isSigned: packed.column.type.isDecimal)
        case .byteArray: strings(values.pointer(as: StringView.self), count)
        case .int96: break
        }
    }

    private mutating func bounds<Number: FixedWidthInteger>(_ values: UnsafePointer<Number>, _ count: Int) {
        var (low, high) = (values[0], values[0])
        for index in 0..<count {
            low = min(low, values[index])
            high = max(high, values[index])
        }
        least = withUnsafeBytes(of: low.littleEndian) { Array($0) }
        greatest = withUnsafeBytes(of: high.littleEndian) { Array($0) }
    }

    /// NaN has no place in an order and is left out; zeros get the sign that includes both.
    private mutating func floats<Number: BinaryFloatingPoint>(
        _ values: UnsafePointer<Number>, _ count: Int
    ) {
        var low = Number.infinity
        var high = -Number.infinity
        for index in 0..<count where !values[index].isNaN {
            low = min(low, values[index])
            high = max(high, values[index])
        }
        guard low <= high else { return }
        if low == 0 { low = -0.0 }
        if high == 0 { high = 0 }
        least = withUnsafeBytes(of: low) { Array($0) }
        greatest = withUnsafeBytes(of: high) { Array($0) }
    }

    private mutating func fixed(_ values: VectorBuffer, _ count: Int, isSigned: Bool) {
        let raw = values.pointer(as: UInt128.self)
        // Adding half of the range makes the order of signed numbers that of unsigned ones.
        let bias: UInt128 = isSigned ? 1 << 127 : 0
        var low = UInt128(bigEndian: raw[0]) ^ bias
        var high = low
        for index in 0..<count {
            let number = UInt128(bigEndian: raw[index]) ^ bias
            low = min(low, number)
            high = max(high, number)
        }
        least = withUnsafeBytes(of: (low ^ bias).bigEndian) { Array($0) }
        greatest = withUnsafeBytes(of: (high ^ bias).bigEndian) { Array($0) }
    }

    private mutating func strings(_ values: UnsafePointer<StringView>, _ count: Int) {
        var (low, high) = (values[0], values[0])
        for index in 0..<count {
            if StringView.compare(values[index], low) < 0 { low = values[index] }
            if StringView.compare(values[index], high) > 0 { high = values[index] }
        }
        guard low.count <= Self.boundBytesMax, high.count <= Self.boundBytesMax else { return }
        least = low.withBytes { Array($0) }
        greatest = high.withBytes { Array($0) }
    }

    func write(_ writer: inout ThriftWriter) {
        writer.int64(3, nullCount)
        guard let least, let greatest else { return }
        writer.binary(5, greatest)
        writer.binary(6, least)
    }
}
