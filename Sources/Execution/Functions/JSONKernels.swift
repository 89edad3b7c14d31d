import Columns

extension JSONFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch plainName(function.name) {
        case "json_typeof": typeName
        case "json_array_length": arrayLength
        case "#>", "#>>", "json_extract_path", "json_extract_path_text":
            path(asText: function.returnType == .text, isArray: function.name.hasPrefix("#"))
        case "?", "?|", "?&": keys(function.name)
        case "to_json", "array_to_json": JSONMaking.value
        case "json_build_object": JSONMaking.object
        case "json_build_array": JSONMaking.array
        case "json_strip_nulls": JSONMaking.stripped
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

    /// A member by the steps of a path: names, or places in arrays.
    private static func path(asText: Bool, isArray: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let documents = call.reader(0, as: StringView.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                var steps: [[UInt8]?] = []
                if isArray {
                    steps = try call.array(row, 1).elements
                } else {
                    for index in call.arguments.indices.dropFirst() {
                        let view = call.arguments[index].pointer(as: StringView.self)[call.row(row, index)]
                        steps.append(call.isNull(row, index) ? nil : view.withBytes { Array($0) })
                    }
                }
                if call.isNull(row, 0) { return false }
                return documents[row].withBytes { bytes in
                    var span: UnsafeBufferPointer<UInt8>? = bytes
                    for step in steps {
                        guard let step, let current = span else { return false }
                        span = child(of: current, step)
                    }
                    guard let span else { return false }
                    return append(JSONText.trimmed(span), asText: asText, to: text)
                }
            }
        }
    }

    private static func child(
        of span: UnsafeBufferPointer<UInt8>, _ step: [UInt8]
    ) -> UnsafeBufferPointer<UInt8>? {
        var json = JSONText(span)
        if let elements = json.elements() {
            guard let number = Int(String(decoding: step, as: UTF8.self)) else { return nil }
            let index = number < 0 ? elements.count + number : number
            return elements.indices.contains(index) ? elements[index] : nil
        }
        var object = JSONText(span)
        return step.withUnsafeBufferPointer { object.member(named: $0) }
    }

    /// Whether a key is there; of several, any or all.
    private static func keys(_ name: String) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let documents = call.reader(0, as: StringView.self)
            let scratch = TextBuffer(capacity: 64)
            return try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
                let wanted =
                    name == "?" ? [call.element(row, 1, scratch)] : try call.array(row, 1).elements
                return documents[row].withBytes { bytes in
                    func isThere(_ key: [UInt8]?) -> Bool {
                        guard let key else { return false }
                        var object = JSONText(bytes)
                        if key.withUnsafeBufferPointer({ object.member(named: $0) }) != nil { return true }
                        var list = JSONText(bytes)
                        return (list.elements() ?? []).contains { part in
                            part.count >= 2 && part[0] == 34
                                && JSONText.unescaped(
                                    UnsafeBufferPointer(rebasing: part[1..<(part.count - 1)])) == key
                        }
                    }
                    return (name == "?&" ? wanted.allSatisfy(isThere) : wanted.contains(where: isThere))
                        ? 1 : 0
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
