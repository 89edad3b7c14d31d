import Columns

/// A LIKE pattern made ready to match many texts.
struct LikePattern {
    private enum Token: Equatable {
        /// Bytes of whole characters.
        case bytes([UInt8])
        case anyCharacter
    }

    /// Runs of tokens between percent signs; a text matches when they follow each other.
    private var parts: [[Token]] = [[]]
    private let foldsCase: Bool

    init(_ pattern: String, escape: String, foldsCase: Bool) throws(ExecutionError) {
        self.foldsCase = foldsCase
        let escapes = Array(escape.unicodeScalars)
        guard escapes.count <= 1 else { throw .invalidEscape(pattern: pattern) }
        var literal: [UInt8] = []
        var isEscaped = false
        let text = foldsCase ? TextCase.change(pattern, .lower) : pattern
        for scalar in text.unicodeScalars {
            if !isEscaped, let escape = escapes.first, scalar == escape {
                isEscaped = true
                continue
            }
            if !isEscaped, scalar == "%" || scalar == "_" {
                close(&literal)
                if scalar == "%" { parts.append([]) } else { parts[parts.count - 1].append(.anyCharacter) }
                continue
            }
            isEscaped = false
            literal.append(contentsOf: String(Character(scalar)).utf8)
        }
        if isEscaped { throw .invalidEscape(pattern: pattern) }
        close(&literal)
    }

    private mutating func close(_ literal: inout [UInt8]) {
        if !literal.isEmpty { parts[parts.count - 1].append(.bytes(literal)) }
        literal = []
    }

    func matches(_ view: StringView) -> Bool {
        guard foldsCase else { return view.withBytes { matches($0) } }
        return view.withBytes { bytes in TextCase.withChanged(bytes, .lower) { matches($0) } }
    }

    private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let first = parts[0]
        guard let afterFirst = match(first, text, at: 0) else { return false }
        if parts.count == 1 { return afterFirst == text.count }
        var position = afterFirst
        for part in parts.dropFirst().dropLast() {
            guard let next = find(part, text, from: position) else { return false }
            position = next
        }
        return endsWith(parts[parts.count - 1], text, from: position)
    }

    /// Where the part ends when it stands at `start`.
    private func match(_ part: [Token], _ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
        var position = start
        for token in part {
            switch token {
            case .anyCharacter:
                guard position < text.count else { return nil }
                position += min(UTF8Text.length(text[position]), text.count - position)
            case .bytes(let bytes):
                guard position + bytes.count <= text.count else { return nil }
                for offset in 0..<bytes.count where text[position + offset] != bytes[offset] { return nil }
                position += bytes.count
            }
        }
        return position
    }

    /// The end of the first place at or behind `start` where the part stands.
    private func find(_ part: [Token], _ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        if part.isEmpty { return start }
        if part.count == 1, case .bytes(let bytes) = part[0] {
            return bytes.withUnsafeBufferPointer { needle in
                UTF8Text.find(needle, in: text, from: start).map { $0 + needle.count }
            }
        }
        var position = start
        while position <= text.count {
            if let end = match(part, text, at: position) { return end }
            guard position < text.count else { return nil }
            position += UTF8Text.length(text[position])
        }
        return nil
    }

    private func endsWith(_ part: [Token], _ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
        if part.isEmpty { return true }
        if part.count == 1, case .bytes(let bytes) = part[0] {
            return text.count - bytes.count >= start
                && match(part, text, at: text.count - bytes.count) == text.count
        }
        var position = start
        while position <= text.count {
            if match(part, text, at: position) == text.count { return true }
            guard position < text.count else { return false }
            position += UTF8Text.length(text[position])
        }
        return false
    }
}
