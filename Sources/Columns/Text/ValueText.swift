extension TextBuffer {
    /// Appends the row's value in PostgreSQL's text form; a NULL appends nothing. Costs a switch: writers of
    /// whole columns switch once and loop.
    public func append(_ vector: Vector, row: Int) {
        if vector.isNull(row) { return }
        let index = vector.valueIndex(row)
        let buffer = vector.dictionary?.entries.values ?? vector.values
        switch vector.type {
        case .boolean: append(buffer.pointer(as: UInt8.self)[index] != 0 ? 116 : 102)
        case .smallint: append(integer: Int64(buffer.pointer(as: Int16.self)[index]))
        case .integer: append(integer: Int64(buffer.pointer(as: Int32.self)[index]))
        case .bigint: append(integer: buffer.pointer(as: Int64.self)[index])
        case .real: append(float: buffer.pointer(as: Float.self)[index])
        case .doublePrecision: append(double: buffer.pointer(as: Double.self)[index])
        case .decimal(_, let scale):
            let unscaled =
                vector.physical == .int64
                ? Int128(buffer.pointer(as: Int64.self)[index]) : buffer.pointer(as: Int128.self)[index]
            append(decimal: unscaled, scale: scale)
        case .date: append(date: buffer.pointer(as: Int32.self)[index])
        case .timestamp: append(timestamp: buffer.pointer(as: Int64.self)[index])
        case .timestampTZ: append(timestampTZ: buffer.pointer(as: Int64.self)[index])
        case .time: appendTimeOfDay(buffer.pointer(as: Int64.self)[index])
        case .interval: append(interval: buffer.pointer(as: Interval.self)[index])
        case .text, .json, .array: buffer.pointer(as: StringView.self)[index].withBytes { append($0) }
        case .uuid: append(uuid: buffer.pointer(as: UInt128.self)[index])
        }
    }
}

extension Value {
    /// PostgreSQL's text form; nil for NULL.
    public var text: String? {
        let buffer = TextBuffer(capacity: 64)
        switch self {
        case .null: return nil
        case .boolean(let value): return value ? "t" : "f"
        case .smallint(let value): return String(value)
        case .integer(let value): return String(value)
        case .bigint(let value): return String(value)
        case .real(let value): buffer.append(float: value)
        case .doublePrecision(let value): buffer.append(double: value)
        case .decimal(let unscaled, let scale): buffer.append(decimal: unscaled, scale: scale)
        case .date(let value): buffer.append(date: value)
        case .timestamp(let value): buffer.append(timestamp: value)
        case .timestampTZ(let value): buffer.append(timestampTZ: value)
        case .time(let value): buffer.appendTimeOfDay(value)
        case .interval(let value): buffer.append(interval: value)
        case .text(let value), .json(let value), .array(let value, _): return value
        case .uuid(let value): buffer.append(uuid: value)
        }
        return buffer.string
    }
}
