extension Vector {
    /// The value at `row`. For edges and tests: costs an enum, and a `String` for text.
    public func value(at row: Int) -> Value {
        precondition(row >= 0 && row < count, "a row of this vector")
        if isNull(row) { return .null }
        let index = valueIndex(row)
        let buffer = dictionary?.entries.values ?? values
        switch type {
        case .boolean: return .boolean(buffer.pointer(as: UInt8.self)[index] != 0)
        case .smallint: return .smallint(buffer.pointer(as: Int16.self)[index])
        case .integer: return .integer(buffer.pointer(as: Int32.self)[index])
        case .bigint: return .bigint(buffer.pointer(as: Int64.self)[index])
        case .real: return .real(buffer.pointer(as: Float.self)[index])
        case .doublePrecision: return .doublePrecision(buffer.pointer(as: Double.self)[index])
        case .decimal(_, let scale):
            let unscaled =
                physical == .int64
                ? Int128(buffer.pointer(as: Int64.self)[index]) : buffer.pointer(as: Int128.self)[index]
            return .decimal(unscaled: unscaled, scale: scale)
        case .date: return .date(buffer.pointer(as: Int32.self)[index])
        case .timestamp: return .timestamp(buffer.pointer(as: Int64.self)[index])
        case .timestampTZ: return .timestampTZ(buffer.pointer(as: Int64.self)[index])
        case .time: return .time(buffer.pointer(as: Int64.self)[index])
        case .interval: return .interval(buffer.pointer(as: Interval.self)[index])
        case .text: return .text(buffer.pointer(as: StringView.self)[index].string)
        case .json: return .json(buffer.pointer(as: StringView.self)[index].string)
        case .array(let element):
            return .array(buffer.pointer(as: StringView.self)[index].string, of: element)
        case .uuid: return .uuid(buffer.pointer(as: UInt128.self)[index])
        }
    }

    /// A constant vector of `count` rows. The value must be of `type`, or NULL.
    public static func constant(_ value: Value, type: DataType, count: Int) -> Vector {
        let builder = VectorBuilder(type: type, capacity: 1)
        builder.append(value)
        let one = builder.finish()
        return Vector(constant: one.values, type: type, count: count, isNull: value.isNull, heap: one.heap)
    }
}
