import Columns

/// Elements, slices and sizes of arrays, and arrays made of texts.
enum ArrayParts {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        switch function.name {
        case "array_element": element(function)
        case "array_slice": slice
        case "array_dims": dimensions
        default: size(function.name)
        }
    }

    /// `a[i]…`: NULL outside the array, or when the subscripts are not as many as the dimensions.
    private static func element(_ function: ScalarFunction) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let subscripts = call.arguments.indices.dropFirst().map { call.reader($0, as: Int32.self) }
            let builder = VectorBuilder(type: function.returnType, capacity: max(call.count, 1))
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                let array = try call.array(row, 0)
                var index = 0
                var isInside = array.dimensions.count == subscripts.count
                for (position, count) in zip(subscripts, array.dimensions) {
                    isInside = isInside && position[row] >= 1 && Int(position[row]) <= count
                    index = index * count + Int(position[row]) - 1
                }
                try ArrayRow.append(isInside ? array.elements[index] : nil, to: builder)
            }
            return builder.finish()
        }
    }

    /// `a[i:j]` of the first dimension.
    private static let slice: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let lows = call.reader(1, as: Int32.self)
        let highs = call.reader(2, as: Int32.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let array = try call.array(row, 0)
            text.append(array: part(array, from: Int(lows[row]), to: Int(highs[row])))
            return true
        }
    }

    /// Parts `low` to `high`, from 1, of the outermost dimension, as far as there are any.
    static func part(_ array: ArrayText, from low: Int, to high: Int) -> ArrayText {
        guard let count = array.dimensions.first else { return array }
        let first = max(low, 1)
        let last = min(high, count)
        guard first <= last else { return ArrayText([]) }
        let width = array.elements.count / count
        return ArrayText(
            dimensions: [last - first + 1] + array.dimensions.dropFirst(),
            elements: Array(array.elements[((first - 1) * width)..<(last * width)]))
    }

    private static func size(_ name: String) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let wanted = call.arguments.count > 1 ? call.reader(1, as: Int32.self) : nil
            return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
                let array = try call.array(row, 0)
                if name == "cardinality" { return Int32(truncatingIfNeeded: array.elements.count) }
                if array.dimensions.isEmpty { return nil }
                guard let wanted else { return Int32(truncatingIfNeeded: array.dimensions.count) }
                let dimension = Int(wanted[row]) - 1
                guard array.dimensions.indices.contains(dimension) else { return nil }
                return name == "array_lower" ? 1 : Int32(truncatingIfNeeded: array.dimensions[dimension])
            }
        }
    }

    private static let dimensions: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let array = try call.array(row, 0)
            for count in array.dimensions { text.append("[1:\(count)]") }
            return !array.dimensions.isEmpty
        }
    }

    /// `array_to_string(array, delimiter[, text of NULLs])`: NULLs are left out without a text of their own.
    static let joined: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let delimiters = call.reader(1, as: StringView.self)
        let nulls = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if call.isNull(row, 0) || call.isNull(row, 1) { return false }
            let nullText = nulls.flatMap { call.isNull(row, 2) ? nil : $0[row] }
            var isFirst = true
            for element in try call.array(row, 0).elements {
                if element == nil, nullText == nil { continue }
                if !isFirst { delimiters[row].withBytes { text.append($0) } }
                isFirst = false
                if let element {
                    element.withUnsafeBufferPointer { text.append($0) }
                } else {
                    nullText?.withBytes { text.append($0) }
                }
            }
            return true
        }
    }

    /// `string_to_array(text, delimiter[, text of NULLs])`: a NULL delimiter cuts between all characters, an
    /// empty one not at all.
    static let split: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let delimiters = call.reader(1, as: StringView.self)
        let nulls = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if call.isNull(row, 0) { return false }
            let nullText = nulls.flatMap { reader -> [UInt8]? in
                call.isNull(row, 2) ? nil : reader[row].withBytes { Array($0) }
            }
            let delimiter = call.isNull(row, 1) ? nil : delimiters[row].withBytes { Array($0) }
            let parts = texts[row].withBytes { cut($0, at: delimiter) }
            text.append(array: ArrayText(parts.map { $0 == nullText ? nil : $0 }))
            return true
        }
    }

    private static func cut(_ bytes: UnsafeBufferPointer<UInt8>, at delimiter: [UInt8]?) -> [[UInt8]] {
        if bytes.isEmpty { return [] }
        var parts: [[UInt8]] = []
        var start = 0
        guard let delimiter else {
            while start < bytes.count {
                let end = min(bytes.count, start + UTF8Text.length(bytes[start]))
                parts.append(Array(bytes[start..<end]))
                start = end
            }
            return parts
        }
        delimiter.withUnsafeBufferPointer { delimiter in
            while !delimiter.isEmpty, let found = UTF8Text.find(delimiter, in: bytes, from: start) {
                parts.append(Array(bytes[start..<found]))
                start = found + delimiter.count
            }
        }
        return parts + [Array(bytes[start...])]
    }
}
