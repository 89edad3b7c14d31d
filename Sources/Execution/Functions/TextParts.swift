import Columns

/// Parts of texts, and texts put together of parts.
enum TextParts {
    static let position: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let needles = call.reader(1, as: StringView.self)
        return try RowLoop.each(call, Int32.self) { row in
            texts[row].withBytes { bytes in
                needles[row].withBytes { needle in
                    guard let offset = UTF8Text.find(needle, in: bytes) else { return 0 }
                    return Int32(
                        truncatingIfNeeded: UTF8Text.count(UnsafeBufferPointer(rebasing: bytes[0..<offset]))
                            + 1)
                }
            }
        }
    }

    static let startsWith: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let prefixes = call.reader(1, as: StringView.self)
        return try RowLoop.each(call, UInt8.self) { row in
            texts[row].withBytes { bytes in prefixes[row].withBytes { bytes.starts(with: $0) ? 1 : 0 } }
        }
    }

    /// `substring(text, from[, for])`: the window may lie partly before the text.
    static let substring: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let starts = call.reader(1, as: Int32.self)
        let lengths = call.arguments.count > 2 ? call.reader(2, as: Int32.self) : nil
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let start = Int(starts[row]) - 1
            var end = Int.max
            if let lengths {
                if lengths[row] < 0 {
                    throw .refused(code: "22011", reason: "negative substring length not allowed")
                }
                end = start + Int(lengths[row])
            }
            texts[row].withBytes { text.append(UTF8Text.slice($0, from: max(0, start), to: end)) }
            return true
        }
    }

    /// `left` and `right`; a negative count leaves out so many on the other side.
    static func side(isLeft: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let counts = call.reader(1, as: Int32.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                texts[row].withBytes { bytes in
                    let length = UTF8Text.count(bytes)
                    let wanted = Int(counts[row])
                    let kept = min(length, wanted < 0 ? max(0, length + wanted) : wanted)
                    text.append(
                        UTF8Text.slice(bytes, from: isLeft ? 0 : length - kept, to: isLeft ? kept : length))
                }
                return true
            }
        }
    }

    static func pad(isLeft: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let lengths = call.reader(1, as: Int32.self)
            let fills = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let wanted = max(0, Int(lengths[row]))
                if wanted > TextFunctions.resultBytesMax {
                    throw .refused(code: "54000", reason: "requested length too large")
                }
                let fill = fills.map { Array($0[row].string.unicodeScalars) } ?? [" "]
                let scalars = Array(texts[row].string.unicodeScalars)
                var result = String.UnicodeScalarView()
                let missing = fill.isEmpty ? 0 : max(0, wanted - scalars.count)
                let padding = (0..<missing).map { fill[$0 % fill.count] }
                if isLeft { result.append(contentsOf: padding) }
                result.append(contentsOf: scalars.prefix(wanted))
                if !isLeft { result.append(contentsOf: padding) }
                text.append(String(result))
                return true
            }
        }
    }

    static let replace: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let needles = call.reader(1, as: StringView.self)
        let replacements = call.reader(2, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            texts[row].withBytes { bytes in
                needles[row].withBytes { needle in
                    var position = 0
                    while !needle.isEmpty, let found = UTF8Text.find(needle, in: bytes, from: position) {
                        text.append(UnsafeBufferPointer(rebasing: bytes[position..<found]))
                        replacements[row].withBytes { text.append($0) }
                        position = found + needle.count
                    }
                    text.append(UnsafeBufferPointer(rebasing: bytes[position...]))
                }
            }
            return true
        }
    }

    static let translate: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let sources = call.reader(1, as: StringView.self)
        let targets = call.reader(2, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let from = Array(sources[row].string.unicodeScalars)
            let to = Array(targets[row].string.unicodeScalars)
            var result = String.UnicodeScalarView()
            for scalar in texts[row].string.unicodeScalars {
                guard let index = from.firstIndex(of: scalar) else {
                    result.append(scalar)
                    continue
                }
                if index < to.count { result.append(to[index]) }
            }
            text.append(String(result))
            return true
        }
    }

    static let overlay: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let replacements = call.reader(1, as: StringView.self)
        let starts = call.reader(2, as: Int32.self)
        let lengths = call.arguments.count > 3 ? call.reader(3, as: Int32.self) : nil
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let start = Int(starts[row]) - 1
            guard start >= 0 else {
                throw .refused(code: "22011", reason: "negative substring length not allowed")
            }
            let length = lengths.map { Int($0[row]) } ?? replacements[row].withBytes { UTF8Text.count($0) }
            texts[row].withBytes { bytes in
                text.append(UTF8Text.slice(bytes, from: 0, to: start))
                replacements[row].withBytes { text.append($0) }
                text.append(UTF8Text.slice(bytes, from: max(0, start + length), to: .max))
            }
            return true
        }
    }

    /// `split_part(text, delimiter, n)`: part n from 1, or from the end when negative.
    static let splitPart: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let delimiters = call.reader(1, as: StringView.self)
        let numbers = call.reader(2, as: Int32.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let number = Int(numbers[row])
            if number == 0 {
                throw .invalidArgument(function: "split_part", reason: "field position must not be zero")
            }
            texts[row].withBytes { bytes in
                delimiters[row].withBytes { delimiter in
                    var parts: [UnsafeBufferPointer<UInt8>] = []
                    var position = 0
                    while !delimiter.isEmpty, let found = UTF8Text.find(delimiter, in: bytes, from: position)
                    {
                        parts.append(UnsafeBufferPointer(rebasing: bytes[position..<found]))
                        position = found + delimiter.count
                    }
                    parts.append(UnsafeBufferPointer(rebasing: bytes[position...]))
                    let index = number > 0 ? number - 1 : parts.count + number
                    if parts.indices.contains(index) { text.append(parts[index]) }
                }
            }
            return true
        }
    }

    static let repeated: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        let counts = call.reader(1, as: Int32.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let count = max(0, Int(counts[row]))
            guard texts[row].count == 0 || count <= TextFunctions.resultBytesMax / texts[row].count else {
                throw .refused(code: "54000", reason: "requested length too large")
            }
            if texts[row].count > 0 { for _ in 0..<count { texts[row].withBytes { text.append($0) } } }
            return true
        }
    }

    /// `unistr(text)`: `\XXXX`, `\+XXXXXX`, `\uXXXX` and `\UXXXXXXXX` as the characters that they stand for.
    static let unicode: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            var rest = Array(texts[row].string.unicodeScalars)[...]
            while let scalar = rest.popFirst() {
                guard scalar == "\\" else {
                    text.append(String(Character(scalar)))
                    continue
                }
                var digits = 4
                switch rest.first {
                case "\\":
                    rest.removeFirst()
                    text.append(92)
                    continue
                case "+": (digits, rest) = (6, rest.dropFirst())
                case "u": rest = rest.dropFirst()
                case "U": (digits, rest) = (8, rest.dropFirst())
                default: break
                }
                var view = String.UnicodeScalarView()
                view.append(contentsOf: rest.prefix(digits))
                rest = rest.dropFirst(digits)
                guard String(view).utf8.count == digits, let code = UInt32(String(view), radix: 16),
                    let decoded = Unicode.Scalar(code), code > 0
                else { throw .refused(code: "42601", reason: "invalid Unicode escape") }
                text.append(String(Character(decoded)))
            }
            return true
        }
    }

    static let reversed: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            var result = String.UnicodeScalarView()
            result.append(contentsOf: texts[row].string.unicodeScalars.reversed())
            text.append(String(result))
            return true
        }
    }
}
