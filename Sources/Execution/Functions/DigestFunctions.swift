import Columns

/// Digests and encodings. There is no type for bytes: where PostgreSQL has BYTEA, a TEXT in BYTEA's
/// hexadecimal form (`\x…`) goes in and comes out; other texts stand for their UTF-8.
enum DigestFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] =
        ["md5", "sha224", "sha256", "sha384", "sha512"].map { ScalarOverload($0, [.text], returns: .text) }
        + ["encode", "decode", "convert_from", "convert_to"].map {
            ScalarOverload($0, [.text, .text], returns: .text)
        }

    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch function.name {
        case "encode": encoding
        case "decode": decoding
        case "convert_from", "convert_to": conversion(toBytes: function.name == "convert_to")
        default: digest(function.name)
        }
    }

    private static func digest(_ name: String) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let views = call.reader(0, as: StringView.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                if name == "md5" {
                    ByteText.append(hex: MD5.digest(views[row].withBytes { Array($0) }), to: text)
                    return true
                }
                let bytes = try ByteText.bytes(of: views[row])
                text.append("\\x")
                switch name {
                case "sha224": ByteText.append(hex: SHA2.digest256(bytes, isShort: true), to: text)
                case "sha256": ByteText.append(hex: SHA2.digest256(bytes, isShort: false), to: text)
                case "sha384": ByteText.append(hex: SHA2.digest512(bytes, isShort: true), to: text)
                default: ByteText.append(hex: SHA2.digest512(bytes, isShort: false), to: text)
                }
                return true
            }
        }
    }

    private static let encoding: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let views = call.reader(0, as: StringView.self)
        let forms = call.reader(1, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let bytes = try ByteText.bytes(of: views[row])
            switch try ByteText.form(forms[row]) {
            case .hex: ByteText.append(hex: bytes, to: text)
            case .base64: ByteText.append(base64: bytes, to: text)
            case .escape: ByteText.append(escaped: bytes, to: text)
            }
            return true
        }
    }

    private static let decoding: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let views = call.reader(0, as: StringView.self)
        let forms = call.reader(1, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let bytes: [UInt8]
            switch try ByteText.form(forms[row]) {
            case .hex: bytes = try ByteText.fromHex(views[row].withBytes { Array($0) })
            case .base64: bytes = try ByteText.fromBase64(views[row].withBytes { Array($0) })
            case .escape: bytes = try ByteText.unescaped(views[row].withBytes { Array($0) })
            }
            text.append("\\x")
            ByteText.append(hex: bytes, to: text)
            return true
        }
    }

    private static func conversion(toBytes: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let views = call.reader(0, as: StringView.self)
            let names = call.reader(1, as: StringView.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let encoding = names[row].string.uppercased()
                guard encoding == "UTF8" || encoding == "UTF-8" else {
                    throw .unsupported(feature: "encoding \"\(names[row].string)\"")
                }
                if toBytes {
                    text.append("\\x")
                    ByteText.append(hex: views[row].withBytes { Array($0) }, to: text)
                } else {
                    let bytes = try ByteText.bytes(of: views[row])
                    guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
                        throw .refused(code: "22021", reason: "invalid byte sequence for encoding \"UTF8\"")
                    }
                    bytes.withUnsafeBufferPointer { text.append($0) }
                }
                return true
            }
        }
    }
}

/// Bytes as text.
enum ByteText {
    enum Form { case hex, base64, escape }

    static func form(_ view: StringView) throws(ExecutionError) -> Form {
        switch view.string.lowercased() {
        case "hex": return .hex
        case "base64": return .base64
        case "escape": return .escape
        default: throw .refused(code: "22023", reason: "unrecognized encoding: \"\(view.string)\"")
        }
    }

    /// The bytes that BYTEA's text form stands for.
    static func bytes(of view: StringView) throws(ExecutionError) -> [UInt8] {
        let text = view.withBytes { Array($0) }
        if text.starts(with: [92, 120]) { return try fromHex(Array(text.dropFirst(2))) }
        return try unescaped(text)
    }

    static func fromHex(_ text: [UInt8]) throws(ExecutionError) -> [UInt8] {
        var result: [UInt8] = []
        var high: UInt8?
        for byte in text where !(byte == 32 || (byte >= 9 && byte <= 13)) {
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 97...102: digit = byte - 87
            case 65...70: digit = byte - 55
            default:
                let shown = String(decoding: [byte], as: UTF8.self)
                throw .refused(code: "22023", reason: "invalid hexadecimal digit: \"\(shown)\"")
            }
            if let first = high {
                result.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        if high != nil {
            throw .refused(code: "22023", reason: "invalid hexadecimal data: odd number of digits")
        }
        return result
    }

    static func unescaped(_ text: [UInt8]) throws(ExecutionError) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            guard byte == 92 else {
                result.append(byte)
                continue
            }
            if index < text.count, text[index] == 92 {
                result.append(92)
                index += 1
                continue
            }
            let digits = text[index...].prefix(3)
            guard digits.count == 3, digits.allSatisfy({ $0 >= 48 && $0 <= 55 }), text[index] <= 51 else {
                throw .refused(code: "22P02", reason: "invalid input syntax for type bytea")
            }
            result.append(digits.reduce(0) { $0 << 3 | ($1 - 48) })
            index += 3
        }
        return result
    }

    static func append(hex bytes: [UInt8], to text: TextBuffer) {
        for byte in bytes {
            for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 48 + digit : 87 + digit) }
        }
    }

    static func append(escaped bytes: [UInt8], to text: TextBuffer) {
        for byte in bytes {
            if byte == 92 {
                text.append("\\\\")
            } else if byte == 0 || byte >= 128 {
                text.append(92)
                for shift in [UInt8(6), 3, 0] { text.append(48 + (byte >> shift & 7)) }
            } else {
                text.append(byte)
            }
        }
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// With a line break after 76 characters, as RFC 2045 asks.
    static func append(base64 bytes: [UInt8], to text: TextBuffer) {
        var width = 0
        var index = 0
        while index < bytes.count {
            if width == 76 {
                text.append(10)
                width = 0
            }
            let taken = min(3, bytes.count - index)
            var word: UInt32 = 0
            for offset in 0..<3 { word = word << 8 | (offset < taken ? UInt32(bytes[index + offset]) : 0) }
            for place in 0..<4 {
                text.append(place <= taken ? alphabet[Int(word >> UInt32(18 - place * 6) & 63)] : 61)
            }
            width += 4
            index += taken
        }
    }

    static func fromBase64(_ text: [UInt8]) throws(ExecutionError) -> [UInt8] {
        var result: [UInt8] = []
        var word: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text where !(byte == 32 || (byte >= 9 && byte <= 13)) {
            if byte == 61 {
                padding += 1
                continue
            }
            guard padding == 0, let digit = alphabet.firstIndex(of: byte) else {
                let shown = String(decoding: [byte], as: UTF8.self)
                throw .refused(
                    code: "22023", reason: "invalid symbol \"\(shown)\" found while decoding base64 sequence")
            }
            word = word << 6 | UInt32(digit)
            count += 1
            if count == 4 {
                result += [UInt8(word >> 16 & 255), UInt8(word >> 8 & 255), UInt8(word & 255)]
                (word, count) = (0, 0)
            }
        }
        guard (count == 0 && padding == 0) || (count + padding == 4 && count > 1) else {
            throw .refused(code: "22023", reason: "invalid base64 end sequence")
        }
        if count == 2 { result.append(UInt8(word >> 4 & 255)) }
        if count == 3 { result += [UInt8(word >> 10 & 255), UInt8(word >> 2 & 255)] }
        return result
    }
}
