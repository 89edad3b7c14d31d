import Columns

extension TextFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch function.name {
        case "lower", "upper", "initcap": changeCase(function.name)
        case "length", "char_length", "character_length", "octet_length", "bit_length", "ascii":
            measure(function.name)
        case "btrim", "trim": trim(fromStart: true, fromEnd: true)
        case "ltrim": trim(fromStart: true, fromEnd: false)
        case "rtrim": trim(fromStart: false, fromEnd: true)
        case "||": join
        case "concat": concatenate(withSeparator: false)
        case "concat_ws": concatenate(withSeparator: true)
        case "position", "strpos": TextParts.position
        case "starts_with", "^@": TextParts.startsWith
        case "substring", "substr": TextParts.substring
        case "left", "right": TextParts.side(isLeft: function.name == "left")
        case "lpad", "rpad": TextParts.pad(isLeft: function.name == "lpad")
        case "replace": TextParts.replace
        case "translate": TextParts.translate
        case "overlay": TextParts.overlay
        case "split_part": TextParts.splitPart
        case "repeat": TextParts.repeated
        case "reverse": TextParts.reversed
        case "chr": character
        case "unistr": TextParts.unicode
        default: hexadecimal(isWide: function.parameterTypes == [.bigint])
        }
    }

    /// A result may not be longer than this: a repetition cannot eat the machine's memory.
    static let resultBytesMax = 64 * 1024 * 1024

    private static func changeCase(_ name: String) -> ScalarKernel {
        let change = CaseChange(rawValue: name) ?? .initcap
        return { (call) throws(ExecutionError) in
            let views = call.reader(0, as: StringView.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                views[row].withBytes { bytes in
                    TextCase.withChanged(bytes, change) { text.append($0) }
                }
                return true
            }
        }
    }

    private static func measure(_ name: String) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let views = call.reader(0, as: StringView.self)
            return try RowLoop.each(call, Int32.self) { row in
                switch name {
                case "octet_length": Int32(truncatingIfNeeded: views[row].count)
                case "bit_length": Int32(truncatingIfNeeded: views[row].count &* 8)
                case "ascii": Int32(truncatingIfNeeded: views[row].string.unicodeScalars.first?.value ?? 0)
                default: Int32(truncatingIfNeeded: views[row].withBytes { UTF8Text.count($0) })
                }
            }
        }
    }

    private static func trim(fromStart: Bool, fromEnd: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let views = call.reader(0, as: StringView.self)
            let sets = call.arguments.count > 1 ? call.reader(1, as: StringView.self) : nil
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let set = sets.map { Array($0[row].string.unicodeScalars) } ?? [" "]
                var scalars = views[row].string.unicodeScalars[...]
                if fromStart {
                    while let first = scalars.first, set.contains(first) { scalars.removeFirst() }
                }
                if fromEnd { while let last = scalars.last, set.contains(last) { scalars.removeLast() } }
                text.append(String(scalars))
                return true
            }
        }
    }

    private static let join: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let left = call.reader(0, as: StringView.self)
        let right = call.reader(1, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            left[row].withBytes { text.append($0) }
            right[row].withBytes { text.append($0) }
            return true
        }
    }

    /// CONCAT and CONCAT_WS: NULLs are left out, so the kernel sees them.
    private static func concatenate(withSeparator: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            func append(_ index: Int, _ row: Int, to text: TextBuffer) {
                text.append(call.arguments[index], row: call.row(row, index))
            }
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                if withSeparator, call.isNull(row, 0) { return false }
                var isFirst = true
                for index in call.arguments.indices.dropFirst(withSeparator ? 1 : 0)
                where !call.isNull(row, index) {
                    if withSeparator, !isFirst { append(0, row, to: text) }
                    isFirst = false
                    append(index, row, to: text)
                }
                return true
            }
        }
    }

    private static let character: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let codes = call.reader(0, as: Int32.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if codes[row] == 0 { throw .refused(code: "54000", reason: "null character not permitted") }
            if codes[row] > 0x10FFFF {
                throw .refused(
                    code: "54000", reason: "requested character too large for encoding: \(codes[row])")
            }
            guard codes[row] > 0, let scalar = Unicode.Scalar(UInt32(codes[row])) else {
                throw .invalidArgument(function: "chr", reason: "no such character: \(codes[row])")
            }
            text.append(String(Character(scalar)))
            return true
        }
    }

    private static func hexadecimal(isWide: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let wide = isWide ? call.reader(0, as: UInt64.self) : nil
            let narrow = isWide ? nil : call.reader(0, as: UInt32.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                text.append(String(wide?[row] ?? UInt64(narrow?[row] ?? 0), radix: 16))
                return true
            }
        }
    }
}
