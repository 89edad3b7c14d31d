import Columns

extension ArrayFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        let name = function.name
        switch name {
        case "array": return construct(function)
        case "array_item": return item(function.parameterTypes[0])
        case "array_sort_key": return ArraySearch.sortKey
        case "array_element", "array_slice", "cardinality", "array_ndims", "array_dims", "array_length",
            "array_upper", "array_lower":
            return ArrayParts.kernel(function)
        case "array_position", "array_positions", "@>", "<@", "&&": return ArraySearch.kernel(function)
        case "array_to_string": return ArrayParts.joined
        case "string_to_array": return ArrayParts.split
        case "array_append", "array_prepend", "array_cat", "||", "array_remove", "array_replace",
            "trim_array", "array_fill":
            return ArrayChanges.kernel(function)
        default: return try QuantifiedArray.kernel(function, context)
        }
    }

    /// ARRAY[…]: values become elements, arrays become rows of an array of one more dimension.
    private static func construct(_ function: ScalarFunction) -> ScalarKernel {
        let isNested = function.parameterTypes[0].isArray
        return { (call) throws(ExecutionError) in
            let scratch = TextBuffer(capacity: 64)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                if isNested { return try appendRows(call, row, to: text) }
                text.append(123)
                for (index, argument) in call.arguments.enumerated() {
                    if index > 0 { text.append(44) }
                    ArrayRow.append(argument, call.row(row, index), to: text, scratch)
                }
                text.append(125)
                return true
            }
        }
    }

    private static func appendRows(
        _ call: KernelCall, _ row: Int, to text: TextBuffer
    ) throws(ExecutionError) -> Bool {
        var dimensions: [Int]?
        var elements: [[UInt8]?] = []
        for (index, argument) in call.arguments.enumerated() {
            let part =
                argument.isNull(call.row(row, index))
                ? ArrayText([]) : try ArrayRow.read(argument, call.row(row, index))
            guard dimensions == nil || dimensions == part.dimensions,
                part.dimensions.count < ArrayText.dimensionsMax
            else { throw ArrayRow.unlikeDimensions("ARRAY") }
            dimensions = part.dimensions
            elements += part.elements
        }
        let outer = elements.isEmpty ? [] : [call.arguments.count] + (dimensions ?? [])
        text.append(array: ArrayText(dimensions: outer, elements: elements))
        return true
    }

    /// One value as it stands in an array, `NULL` for NULL: what ARRAY_AGG puts together.
    private static func item(_ type: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let scratch = TextBuffer(capacity: 64)
            let views = type.isArray ? call.reader(0, as: StringView.self) : nil
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                if let views {
                    if call.arguments[0].isNull(call.row(row, 0)) {
                        throw .invalidArgument(function: "array_agg", reason: "cannot accumulate null arrays")
                    }
                    views[row].withBytes { text.append($0) }
                } else {
                    ArrayRow.append(call.arguments[0], call.row(row, 0), to: text, scratch)
                }
                return true
            }
        }
    }
}

extension KernelCall {
    /// The row of an argument's vector that stands for a row of the call.
    @inline(__always) func row(_ row: Int, _ argument: Int) -> Int {
        arguments[argument].form == .constant ? 0 : row
    }

    func isNull(_ row: Int, _ argument: Int) -> Bool { arguments[argument].isNull(self.row(row, argument)) }

    /// The array in a row of an argument.
    func array(_ row: Int, _ argument: Int) throws(ExecutionError) -> ArrayText {
        try ArrayRow.read(arguments[argument], self.row(row, argument))
    }

    /// The text of an element in a row of an argument; nil for NULL.
    func element(_ row: Int, _ argument: Int, _ scratch: TextBuffer) -> [UInt8]? {
        if isNull(row, argument) { return nil }
        scratch.removeAll()
        scratch.append(arguments[argument], row: self.row(row, argument))
        return Array(scratch.bytes)
    }
}

/// Arrays and elements in the rows of vectors.
enum ArrayRow {
    static func read(_ vector: Vector, _ row: Int) throws(ExecutionError) -> ArrayText {
        let view = vector.pointer(as: StringView.self)[vector.valueIndex(row)]
        let read = view.withBytes { bytes -> ArrayText? in
            do throws(TextReadingError) {
                return try ArrayText(reading: bytes)
            } catch {
                return nil
            }
        }
        guard let read else { throw .invalidText(type: vector.type, text: view.string) }
        return read
    }

    /// Appends the value as an element; the row is one of a flat or constant vector.
    static func append(_ vector: Vector, _ row: Int, to text: TextBuffer, _ scratch: TextBuffer) {
        if vector.isNull(row) { return text.append("NULL") }
        switch vector.type {
        case .boolean, .smallint, .integer, .bigint, .real, .doublePrecision, .decimal, .date, .uuid, .time:
            text.append(vector, row: row)
        default:
            scratch.removeAll()
            scratch.append(vector, row: row)
            text.append(arrayElement: scratch.bytes)
        }
    }

    /// Appends an element's text as a value of its type to a vector being built.
    static func append(_ element: [UInt8]?, to builder: VectorBuilder) throws(ExecutionError) {
        guard let element else { return builder.appendNull() }
        if builder.type == .text { return element.withUnsafeBufferPointer { builder.append(bytes: $0) } }
        let text = String(decoding: element, as: UTF8.self)
        do throws(TextReadingError) {
            builder.append(try TextReader.value(text, as: builder.type))
        } catch {
            throw .invalidText(type: builder.type, text: text)
        }
    }

    /// The elements of all rows in one vector, and how many each row has. A NULL array has none.
    static func unnested(_ vector: Vector, rowCount: Int) throws(ExecutionError) -> (Vector, counts: [Int]) {
        guard let type = vector.type.elementType else { throw .unsupported(feature: "unnest of no array") }
        var arrays: [[[UInt8]?]] = []
        var total = 0
        for row in 0..<rowCount {
            let place = vector.form == .constant ? 0 : row
            arrays.append(vector.isNull(place) ? [] : try read(vector, place).elements)
            total += arrays[row].count
        }
        let builder = VectorBuilder(type: type, capacity: max(total, 1))
        for array in arrays { for element in array { try append(element, to: builder) } }
        return (builder.finish(), arrays.map(\.count))
    }

    static func unlikeDimensions(_ function: String) -> ExecutionError {
        .arraySubscript(
            function: function,
            reason: "multidimensional arrays must have sub-arrays with matching dimensions")
    }
}
