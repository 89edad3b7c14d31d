import Columns

/// Hashes and compares primary keys, a chunk of key columns at a time.
enum KeyHasher {
    /// Whether columns of that type can be part of a primary key.
    static func supports(_ type: DataType) -> Bool {
        switch type {
        case .smallint, .integer, .bigint, .date, .timestamp, .timestampTZ, .time, .uuid, .text, .boolean:
            true
        case .decimal(let precision, _): precision <= DataType.decimalPrecisionInt64Max
        case .real, .doublePrecision, .interval, .json, .array: false
        }
    }

    /// A hash of 32 bits a row; rows with a NULL in a key column have one too, but equal nothing.
    static func hashes(_ columns: [Vector], rowCount: Int) -> [UInt32] {
        var hashes = [UInt64](repeating: 0, count: rowCount)
        hashes.withUnsafeMutableBufferPointer { hashes in
            for column in columns {
                let flat = column.flattened()
                switch flat.physical {
                case .bool: fold(flat.pointer(as: UInt8.self), hashes)
                case .int16: fold(flat.pointer(as: Int16.self), hashes)
                case .int32, .float32: fold(flat.pointer(as: Int32.self), hashes)
                case .int64, .float64: fold(flat.pointer(as: Int64.self), hashes)
                case .int128, .uint128, .interval:
                    let values = flat.pointer(as: UInt128.self)
                    for row in hashes.indices {
                        hashes[row] = Hashing.combine(hashes[row], Hashing.hash(values[row]))
                    }
                case .string:
                    let values = flat.pointer(as: StringView.self)
                    for row in hashes.indices where !flat.isNull(row) {
                        hashes[row] = Hashing.combine(hashes[row], Hashing.hash(values[row]))
                    }
                }
                // The pointers above do not keep the vector in use.
                withExtendedLifetime(flat) {}
            }
        }
        return hashes.map { UInt32(truncatingIfNeeded: $0 >> 32) }
    }

    private static func fold<Number: FixedWidthInteger>(
        _ values: UnsafePointer<Number>, _ hashes: UnsafeMutableBufferPointer<UInt64>
    ) {
        for row in hashes.indices {
            hashes[row] = Hashing.combine(hashes[row], UInt64(truncatingIfNeeded: values[row]))
        }
    }

    /// One row's key: a value a column.
    static func key(_ columns: [Vector], row: Int) -> [KeyValue] {
        columns.map { column in
            switch column.physical {
            case .string: .string(column.pointer(as: StringView.self)[row])
            default: .fixed(UnsafeRawPointer(column.values.base + row * column.physical.byteCount))
            }
        }
    }
}
