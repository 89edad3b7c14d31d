import Columns

/// Arrays made of other arrays.
enum ArrayChanges {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        let types = function.parameterTypes
        switch function.name {
        case "array_cat": return concatenation
        case "||" where types[0].isArray && types[1].isArray: return concatenation
        case "array_append", "array_prepend", "||": return addition(arrayFirst: types[0].isArray)
        case "array_remove": return replacement(removes: true)
        case "array_replace": return replacement(removes: false)
        case "trim_array": return trimming
        default: return filling
        }
    }

    /// A NULL side counts as empty; both NULL give NULL.
    private static let concatenation: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if call.isNull(row, 0), call.isNull(row, 1) { return false }
            let first = call.isNull(row, 0) ? ArrayText([]) : try call.array(row, 0)
            let second = call.isNull(row, 1) ? ArrayText([]) : try call.array(row, 1)
            text.append(array: try joined(first, second))
            return true
        }
    }

    private static func joined(_ first: ArrayText, _ second: ArrayText) throws(ExecutionError) -> ArrayText {
        if first.elements.isEmpty { return second }
        if second.elements.isEmpty { return first }
        let elements = first.elements + second.elements
        let (one, other) = (first.dimensions, second.dimensions)
        let outer: Int
        let inner: ArraySlice<Int>
        if one.count == other.count, one.dropFirst() == other.dropFirst() {
            (outer, inner) = (one[0] + other[0], one.dropFirst())
        } else if one.count == other.count + 1, one.dropFirst() == other[...] {
            (outer, inner) = (one[0] + 1, one.dropFirst())
        } else if other.count == one.count + 1, other.dropFirst() == one[...] {
            (outer, inner) = (other[0] + 1, other.dropFirst())
        } else {
            throw .arraySubscript(function: "||", reason: "cannot concatenate incompatible arrays")
        }
        return ArrayText(dimensions: [outer] + inner, elements: elements)
    }

    private static func addition(arrayFirst: Bool) -> ScalarKernel {
        let (arrayIndex, elementIndex) = arrayFirst ? (0, 1) : (1, 0)
        return { (call) throws(ExecutionError) in
            let scratch = TextBuffer(capacity: 64)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let array = call.isNull(row, arrayIndex) ? ArrayText([]) : try call.array(row, arrayIndex)
                guard array.dimensions.count <= 1 else {
                    throw .refused(
                        code: "22000", reason: "argument must be empty or one-dimensional array")
                }
                let added = [call.element(row, elementIndex, scratch)]
                text.append(array: ArrayText(arrayFirst ? array.elements + added : added + array.elements))
                return true
            }
        }
    }

    private static func replacement(removes: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let scratch = TextBuffer(capacity: 64)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                if call.isNull(row, 0) { return false }
                var array = try call.array(row, 0)
                let wanted = call.element(row, 1, scratch)
                if removes {
                    guard array.dimensions.count <= 1 else {
                        throw .unsupported(
                            feature: "array_remove: removing elements from multidimensional arrays")
                    }
                    array = ArrayText(array.elements.filter { $0 != wanted })
                } else {
                    let substitute = call.element(row, 2, scratch)
                    array.elements = array.elements.map { $0 == wanted ? substitute : $0 }
                }
                text.append(array: array)
                return true
            }
        }
    }

    private static let trimming: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let counts = call.reader(1, as: Int32.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let array = try call.array(row, 0)
            let length = array.dimensions.first ?? 0
            guard counts[row] >= 0, Int(counts[row]) <= length else {
                throw .arraySubscript(
                    function: "trim_array",
                    reason: "number of elements to trim must be between 0 and \(length)")
            }
            text.append(array: ArrayParts.part(array, from: 1, to: length - Int(counts[row])))
            return true
        }
    }

    /// `array_fill(value, lengths of the dimensions)`.
    private static let filling: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let scratch = TextBuffer(capacity: 64)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if call.isNull(row, 1) {
                throw .nullNotAllowed(function: "array_fill", argument: "dimension array or low bound array")
            }
            var dimensions: [Int] = []
            var total = 1
            for length in try call.array(row, 1).elements {
                guard let length, let count = Int(String(decoding: length, as: UTF8.self)) else {
                    throw .nullNotAllowed(function: "array_fill", argument: "dimension values")
                }
                guard count >= 0, count <= elementsMax / max(total, 1) else {
                    throw .arraySubscript(function: "array_fill", reason: "array size exceeds \(elementsMax)")
                }
                dimensions.append(count)
                total *= count
            }
            guard dimensions.count <= ArrayText.dimensionsMax else {
                throw .arraySubscript(function: "array_fill", reason: "too many dimensions")
            }
            if dimensions.isEmpty || total == 0 {
                text.append("{}")
                return true
            }
            let element = call.element(row, 0, scratch)
            let elements = [[UInt8]?](repeating: element, count: total)
            text.append(array: ArrayText(dimensions: dimensions, elements: elements))
            return true
        }
    }

    /// Elements that one call makes at most.
    private static let elementsMax = 1_000_000
}
