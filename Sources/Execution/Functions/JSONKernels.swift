import Columns

extension JSONFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch function.name {
        case "json_typeof": typeName
        case "json_array_length": arrayLength
        default: member(asText: function.name == "->>", byIndex: function.parameterTypes[1] == .integer)
        }
    }

    private static func member(asText: Bool, byIndex: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let documents = call.reader(0, as: StringView.self)
            let names = byIndex ? nil : call.reader(1, as: StringView.self)
            let indices = byIndex ? call.reader(1, as: Int32.self) : nil
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                documents[row].withBytes { bytes in
                    var json = JSONText(bytes)
                    var span: UnsafeBufferPointer<UInt8>?
                    if let names {
                        span = names[row].withBytes { json.member(named: $0) }
                    } else if let indices, let elements = json.elements() {
                        let index =
                            Int(indices[row]) < 0 ? elements.count + Int(indices[row]) : Int(indices[row])
                        span = elements.indices.contains(index) ? elements[index] : nil
                    }
                    guard let span else { return false }
                    return append(span, asText: asText, to: text)
                }
            }
        }
    }

    private static func append(_ span: UnsafeBufferPointer<UInt8>, asText: Bool, to text: TextBuffer) -> Bool
    {
        guard asText else {
            text.append(span)
            return true
        }
        if span.elementsEqual("null".utf8) { return false }
        if span.first == 34 {
            for byte in JSONText.unescaped(UnsafeBufferPointer(rebasing: span[1..<(span.count - 1)])) {
                text.append(byte)
            }
        } else {
            text.append(span)
        }
        return true
    }

    private static let typeName: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let documents = call.reader(0, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            documents[row].withBytes { bytes in
                var json = JSONText(bytes)
                json.skipSpace()
                switch json.current {
                case 123: text.append("object")
                case 91: text.append("array")
                case 34: text.append("string")
                case 116, 102: text.append("boolean")
                case 110: text.append("null")
                default: text.append("number")
                }
                return true
            }
        }
    }

    private static let arrayLength: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let documents = call.reader(0, as: StringView.self)
        return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
            let count = documents[row].withBytes { bytes in
                var json = JSONText(bytes)
                return json.elements()?.count
            }
            guard let count else {
                throw .invalidArgument(function: "json_array_length", reason: "the value is not an array")
            }
            return Int32(truncatingIfNeeded: count)
        }
    }
}
