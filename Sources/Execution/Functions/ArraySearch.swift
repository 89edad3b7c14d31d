import Columns

/// Looking for elements in arrays, and the order of arrays.
enum ArraySearch {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        switch function.name {
        case "array_position": position
        case "array_positions": positions
        case "&&": overlap
        default: containment(leftContains: function.name == "@>")
        }
    }

    /// The first place of an element at or behind a start, which may be NULL itself.
    private static let position: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let scratch = TextBuffer(capacity: 64)
        let starts = call.arguments.count > 2 ? call.reader(2, as: Int32.self) : nil
        return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
            if call.isNull(row, 0) { return nil }
            let array = try oneDimensional(call, row, "array_position")
            if starts != nil, call.isNull(row, 2) {
                throw .nullNotAllowed(function: "array_position", argument: "initial position")
            }
            let wanted = call.element(row, 1, scratch)
            let start = max(0, starts.map { Int($0[row]) - 1 } ?? 0)
            guard start < array.count, let found = array[start...].firstIndex(of: wanted) else { return nil }
            return Int32(truncatingIfNeeded: found + 1)
        }
    }

    private static let positions: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let scratch = TextBuffer(capacity: 64)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if call.isNull(row, 0) { return false }
            let array = try oneDimensional(call, row, "array_positions")
            let wanted = call.element(row, 1, scratch)
            let places = array.indices.filter { array[$0] == wanted }
            text.append(array: ArrayText(places.map { Array(String($0 + 1).utf8) }))
            return true
        }
    }

    private static func oneDimensional(
        _ call: KernelCall, _ row: Int, _ function: String
    ) throws(ExecutionError) -> [[UInt8]?] {
        let array = try call.array(row, 0)
        guard array.dimensions.count <= 1 else {
            throw .unsupported(feature: "\(function): searching for elements in multidimensional arrays")
        }
        return array.elements
    }

    /// `a @> b`: every element of b is in a; NULLs equal nothing.
    private static func containment(leftContains: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
                let whole = Set(try call.array(row, leftContains ? 0 : 1).elements)
                let parts = try call.array(row, leftContains ? 1 : 0).elements
                return parts.allSatisfy { $0 != nil && whole.contains($0) } ? 1 : 0
            }
        }
    }

    private static let overlap: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
            let first = Set(try call.array(row, 0).elements)
            return try call.array(row, 1).elements.contains { $0 != nil && first.contains($0) } ? 1 : 0
        }
    }

    /// A text whose byte order is the order of the arrays: element by element, a NULL after every value, the
    /// shorter first where one begins the other.
    static let sortKey: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        guard let type = call.arguments[0].type.elementType else {
            throw .unsupported(feature: "the order of what is no array")
        }
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let array = try call.array(row, 0)
            for element in array.elements {
                guard let element else {
                    text.append(2)
                    continue
                }
                text.append(1)
                append(element, type, to: text)
            }
            text.append(0)
            text.append(UInt8(array.dimensions.count))
            return true
        }
    }

    private static func append(_ element: [UInt8], _ type: DataType, to text: TextBuffer) {
        let read: Value
        do throws(TextReadingError) {
            read = try TextReader.value(String(decoding: element, as: UTF8.self), as: type)
        } catch {
            read = .text(String(decoding: element, as: UTF8.self))
        }
        let key: Int128
        switch read {
        case .boolean(let bool): key = bool ? 1 : 0
        case .real(let number): key = ordered(Double(number))
        case .doublePrecision(let number): key = ordered(number)
        case .decimal(let unscaled, _): key = unscaled
        case .interval(let interval): key = interval.comparisonKey
        case .uuid(let uuid): key = Int128(bitPattern: uuid ^ (1 << 127))
        default:
            guard let whole = read.integerValue else {
                element.withUnsafeBufferPointer { text.append($0) }
                text.append(0)
                return
            }
            key = Int128(whole)
        }
        let word = UInt128(bitPattern: key) ^ (1 << 127)
        for shift in stride(from: UInt128(120), through: 0, by: -8) {
            text.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    /// NaN is the greatest number, both zeros are equal.
    private static func ordered(_ number: Double) -> Int128 {
        if number.isNaN { return Int128.max }
        let bits = Int64(bitPattern: (number == 0 ? 0 : number).bitPattern)
        return Int128(bits >= 0 ? bits : Int64.min &- bits)
    }
}
