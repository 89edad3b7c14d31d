import Columns

/// How a column is written.
struct ParquetOutputColumn {
    /// How values become raw values.
    enum Packing { case same, int16, decimal32, bigEndian128, string, textOfInterval }

    let name: String
    let type: DataType
    let physical: ParquetPhysicalType
    let packing: Packing
    /// Bytes of a raw value in memory; `StringView` for BYTE_ARRAY.
    let rawBytes: Int

    init(_ column: FileColumn) {
        name = column.name
        type = column.type
        switch column.type {
        case .boolean: (physical, packing, rawBytes) = (.boolean, .same, 1)
        case .smallint: (physical, packing, rawBytes) = (.int32, .int16, 4)
        case .integer, .date: (physical, packing, rawBytes) = (.int32, .same, 4)
        case .bigint, .timestamp, .timestampTZ, .time: (physical, packing, rawBytes) = (.int64, .same, 8)
        case .real: (physical, packing, rawBytes) = (.float, .same, 4)
        case .doublePrecision: (physical, packing, rawBytes) = (.double, .same, 8)
        case .decimal(let precision, _):
            if precision <= 9 {
                (physical, packing, rawBytes) = (.int32, .decimal32, 4)
            } else if precision <= DataType.decimalPrecisionInt64Max {
                (physical, packing, rawBytes) = (.int64, .same, 8)
            } else {
                (physical, packing, rawBytes) = (.fixedBytes, .bigEndian128, 16)
            }
        case .uuid: (physical, packing, rawBytes) = (.fixedBytes, .bigEndian128, 16)
        case .text, .json, .array: (physical, packing, rawBytes) = (.byteArray, .string, 16)
        // The format's INTERVAL knows neither microseconds nor the past.
        case .interval: (physical, packing, rawBytes) = (.byteArray, .textOfInterval, 16)
        }
    }

    /// Writes the column's `SchemaElement`, with the converted type for older readers where there is one.
    func writeSchema(_ writer: inout ThriftWriter) {
        writer.structureElement { element in
            element.int32(1, physical.rawValue)
            if physical == .fixedBytes { element.int32(2, rawBytes) }
            element.int32(3, ParquetSchemaElement.Repetition.optional.rawValue)
            element.text(4, name)
            if let convertedType { element.int32(6, convertedType) }
            if case .decimal(let precision, let scale) = type {
                element.int32(7, scale)
                element.int32(8, precision)
            }
            writeLogicalType(&element)
        }
    }

    private var convertedType: Int? {
        switch type {
        case .text, .interval, .array: 0
        case .decimal: 5
        case .date: 6
        case .smallint: 16
        case .json: 19
        default: nil
        }
    }

    private func writeLogicalType(_ element: inout ThriftWriter) {
        func simple(_ id: Int, _ element: inout ThriftWriter) {
            element.structure(10) { $0.structure(id) { _ in } }
        }
        switch type {
        case .text, .interval, .array: simple(1, &element)
        case .date: simple(6, &element)
        case .json: simple(12, &element)
        case .uuid: simple(14, &element)
        case .decimal(let precision, let scale):
            element.structure(10) { union in
                union.structure(5) {
                    $0.int32(1, scale)
                    $0.int32(2, precision)
                }
            }
        case .timestamp, .timestampTZ, .time:
            element.structure(10) { union in
                union.structure(type == .time ? 7 : 8) {
                    $0.boolean(1, type == .timestampTZ)
                    $0.structure(2) { $0.structure(ParquetTimeUnit.microseconds.rawValue) { _ in } }
                }
            }
        case .smallint:
            element.structure(10) { union in
                union.structure(10) {
                    $0.int8(1, 16)
                    $0.boolean(2, true)
                }
            }
        default: break
        }
    }
}
