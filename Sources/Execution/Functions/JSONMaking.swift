import Columns

/// Values of SQL as JSON.
enum JSONMaking {
    static let value: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            try append(call.arguments[0], call.row(row, 0), to: text)
            return true
        }
    }

    /// `json_build_object(key, value, …)`
    static let object: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        guard call.arguments.count % 2 == 0 else {
            throw .refused(code: "22023", reason: "argument list must have even number of elements")
        }
        let scratch = TextBuffer(capacity: 64)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            text.append(123)
            for index in stride(from: 0, to: call.arguments.count, by: 2) {
                if index > 0 { text.append(", ") }
                guard let key = call.element(row, index, scratch) else {
                    throw .refused(code: "22023", reason: "argument \(index + 1) cannot be null")
                }
                key.withUnsafeBufferPointer { append(string: $0, to: text) }
                text.append(" : ")
                try append(call.arguments[index + 1], call.row(row, index + 1), to: text)
            }
            text.append(125)
            return true
        }
    }

    /// `json_build_array(value, …)`
    static let array: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            text.append(91)
            for index in call.arguments.indices {
                if index > 0 { text.append(", ") }
                try append(call.arguments[index], call.row(row, index), to: text)
            }
            text.append(93)
            return true
        }
    }

    /// The document without the members of objects that are null.
    static let stripped: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let documents = call.reader(0, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            documents[row].withBytes { strip($0, to: text, depth: 0) }
            return true
        }
    }

    private static func strip(_ bytes: UnsafeBufferPointer<UInt8>, to text: TextBuffer, depth: Int) {
        var list = JSONText(bytes)
        if let elements = list.elements(), depth < JSONText.depthMax {
            text.append(91)
            for (index, element) in elements.enumerated() {
                if index > 0 { text.append(44) }
                strip(element, to: text, depth: depth + 1)
            }
            return text.append(93)
        }
        var object = JSONText(bytes)
        guard let members = object.members(), depth < JSONText.depthMax else {
            return text.append(JSONText.trimmed(bytes))
        }
        text.append(123)
        var isFirst = true
        for member in members where !member.value.elementsEqual("null".utf8) {
            if !isFirst { text.append(44) }
            isFirst = false
            text.append(34)
            text.append(member.key)
            text.append("\":")
            strip(member.value, to: text, depth: depth + 1)
        }
        text.append(125)
    }

    /// One value; the row is one of a flat or constant vector.
    static func append(_ vector: Vector, _ row: Int, to text: TextBuffer) throws(ExecutionError) {
        if vector.isNull(row) { return text.append("null") }
        switch vector.type {
        case .boolean: text.append(vector.pointer(as: UInt8.self)[row] != 0 ? "true" : "false")
        case .smallint, .integer, .bigint, .decimal: text.append(vector, row: row)
        case .real, .doublePrecision:
            let number =
                vector.type == .real
                ? Double(vector.pointer(as: Float.self)[row]) : vector.pointer(as: Double.self)[row]
            if !number.isFinite { text.append(34) }
            text.append(vector, row: row)
            if !number.isFinite { text.append(34) }
        case .json: text.append(vector, row: row)
        case .array: try append(array: vector, row, to: text)
        default:
            let scratch = TextBuffer(capacity: 64)
            scratch.append(vector, row: row)
            var bytes = Array(scratch.bytes)
            if vector.type == .timestamp || vector.type == .timestampTZ {
                if let space = bytes.firstIndex(of: 32), bytes.first != 105 { bytes[space] = 84 }
                if bytes.suffix(3).elementsEqual("+00".utf8) { bytes += Array(":00".utf8) }
            }
            bytes.withUnsafeBufferPointer { append(string: $0, to: text) }
        }
    }

    private static func append(
        array vector: Vector, _ row: Int, to text: TextBuffer
    ) throws(ExecutionError) {
        let array = try ArrayRow.read(vector, row)
        let builder = VectorBuilder(
            type: vector.type.elementType ?? .text, capacity: max(1, array.elements.count))
        for element in array.elements { try ArrayRow.append(element, to: builder) }
        let values = builder.finish()
        if array.elements.isEmpty { return text.append("[]") }
        var strides: [Int] = []
        for count in array.dimensions.reversed() { strides.append((strides.last ?? 1) * count) }
        for index in array.elements.indices {
            if index > 0 { text.append(44) }
            for stride in strides where index % stride == 0 { text.append(91) }
            try append(values, index, to: text)
            for stride in strides where (index + 1) % stride == 0 { text.append(93) }
        }
    }

    /// A string in quotes, with PostgreSQL's escapes.
    static func append(string bytes: UnsafeBufferPointer<UInt8>, to text: TextBuffer) {
        text.append(34)
        for byte in bytes {
            switch byte {
            case 34: text.append("\\\"")
            case 92: text.append("\\\\")
            case 8: text.append("\\b")
            case 12: text.append("\\f")
            case 10: text.append("\\n")
            case 13: text.append("\\r")
            case 9: text.append("\\t")
            case 0..<32:
                text.append("\\u00")
                for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 48 + digit : 87 + digit) }
            default: text.append(byte)
            }
        }
        text.append(34)
    }
}

/// Whether texts are JSON.
public enum JSONValidity {
    public static func isValid(_ text: String) -> Bool { JSONText.isValid(text) }
}
