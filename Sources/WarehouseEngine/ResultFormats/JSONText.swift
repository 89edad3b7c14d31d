import Columns

extension TextBuffer {
    /// A JSON string: quotes, control characters and backslashes escaped, UTF-8 kept, other bytes as U+FFFD.
    func append(jsonString bytes: UnsafeBufferPointer<UInt8>) {
        append(34)
        var start = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte >= 32 && byte != 34 && byte != 92 { continue }
            append(UnsafeBufferPointer(rebasing: bytes[start..<index]))
            append(jsonEscape: byte)
            start = index + 1
        }
        append(UnsafeBufferPointer(rebasing: bytes[start...]))
        append(34)
    }

    public func append(jsonString text: String) {
        var copy = text
        copy.withUTF8 { append(jsonString: $0) }
    }

    private func append(jsonEscape byte: UInt8) {
        switch byte {
        case 34: append("\\\"")
        case 92: append("\\\\")
        case 10: append("\\n")
        case 13: append("\\r")
        case 9: append("\\t")
        default:
            append("\\u00")
            for digit in [byte >> 4, byte & 15] { append(digit < 10 ? 48 + digit : 87 + digit) }
        }
    }

    /// One value as JSON: numbers with all their digits, other types as strings in PostgreSQL's form, JSON as
    /// it is, NaN and the infinities as strings.
    func append(json vector: Vector, row: Int) {
        if vector.isNull(row) { return append("null") }
        switch vector.type {
        case .smallint, .integer, .bigint, .decimal: append(vector, row: row)
        case .boolean:
            let isTrue = vector.pointer(as: UInt8.self)[vector.valueIndex(row)] != 0
            append(isTrue ? "true" : "false")
        case .real, .doublePrecision: append(jsonFloat: vector, row: row)
        case .text:
            let buffer = vector.dictionary?.entries.values ?? vector.values
            buffer.pointer(as: StringView.self)[vector.valueIndex(row)].withBytes { append(jsonString: $0) }
        case .json: append(vector, row: row)
        case .array(let element):
            let buffer = vector.dictionary?.entries.values ?? vector.values
            buffer.pointer(as: StringView.self)[vector.valueIndex(row)].withBytes {
                append(jsonArray: $0, of: element)
            }
        case .date, .timestamp, .timestampTZ, .time, .interval, .uuid:
            append(34)
            append(vector, row: row)
            append(34)
        }
    }

    /// An array's text as a JSON array, its elements as `append(json:row:)` writes values of their type.
    func append(jsonArray bytes: UnsafeBufferPointer<UInt8>, of element: DataType) {
        let array: ArrayText
        do throws(TextReadingError) {
            array = try ArrayText(reading: bytes)
        } catch {
            return append(jsonString: bytes)
        }
        let builder = VectorBuilder(type: element, capacity: max(array.elements.count, 1))
        for part in array.elements {
            guard let part else {
                builder.appendNull()
                continue
            }
            do throws(TextReadingError) {
                builder.append(try TextReader.value(String(decoding: part, as: UTF8.self), as: element))
            } catch {
                builder.appendNull()
            }
        }
        let values = builder.finish()
        var strides: [Int] = []
        for count in array.dimensions.reversed() { strides.append((strides.last ?? 1) * count) }
        if array.elements.isEmpty { append("[]") }
        for index in array.elements.indices {
            if index > 0 { append(44) }
            for stride in strides where index % stride == 0 { append(91) }
            append(json: values, row: index)
            for stride in strides where (index + 1) % stride == 0 { append(93) }
        }
    }

    private func append(jsonFloat vector: Vector, row: Int) {
        let index = vector.valueIndex(row)
        let buffer = vector.dictionary?.entries.values ?? vector.values
        let isFinite =
            vector.type == .real
            ? buffer.pointer(as: Float.self)[index].isFinite : buffer.pointer(as: Double.self)[index].isFinite
        if !isFinite { append(34) }
        append(vector, row: row)
        if !isFinite { append(34) }
    }

    /// Calls `body` with every row of the chunk that exists.
    func forEachRow(of chunk: DataChunk, _ body: (Int) -> Void) {
        if let selection = chunk.selection {
            for index in 0..<selection.count { body(Int(selection.rows[index])) }
        } else {
            for row in 0..<chunk.rowCount { body(row) }
        }
    }
}
