/// Turns the bytes of a terminal in raw mode into keys: UTF-8, control codes, escape sequences (ECMA-48,
/// xterm) and bracketed pastes. Takes a byte at a time and waits for nothing.
public struct KeyDecoder: Sendable {
    /// Bytes of one paste that are kept; the rest of a longer one is dropped.
    public static let pasteBytesMax = 1 << 20
    private static let escapeBytesMax = 16
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    private enum State { case plain, character(missing: Int), escape, control, paste }

    private var state = State.plain
    private var pending: [UInt8] = []

    public init() {}

    /// The key that `byte` ends, or nil while one is under way.
    public mutating func feed(_ byte: UInt8) -> Key? {
        switch state {
        case .plain: return plain(byte)
        case .character(let missing):
            guard byte & 0xC0 == 0x80 else {
                reset()
                return plain(byte)
            }
            pending.append(byte)
            guard missing == 1 else {
                state = .character(missing: missing - 1)
                return nil
            }
            return finish(.text(String(decoding: pending, as: UTF8.self)))
        case .escape: return escape(byte)
        case .control: return control(byte)
        case .paste: return paste(byte)
        }
    }

    private mutating func reset() {
        state = .plain
        pending.removeAll()
    }

    private mutating func finish(_ key: Key) -> Key {
        reset()
        return key
    }

    private mutating func plain(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x1B:
            state = .escape
            return nil
        case 0xC2...0xF4:
            state = .character(missing: byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3)
            pending = [byte]
            return nil
        case 0x20..<0x7F: return .text(String(UnicodeScalar(byte)))
        default: return Self.controlKeys[byte] ?? .ignored
        }
    }

    private static let controlKeys: [UInt8: Key] = [
        0x01: .home, 0x02: .left, 0x03: .interrupt, 0x04: .endOfInput, 0x05: .end, 0x06: .right,
        0x08: .backspace, 0x0A: .enter, 0x0B: .killToEnd, 0x0C: .clearScreen, 0x0D: .enter, 0x0E: .down,
        0x10: .up, 0x12: .searchBack, 0x15: .killToStart, 0x17: .killWord, 0x19: .yank, 0x7F: .backspace,
    ]

    private mutating func escape(_ byte: UInt8) -> Key? {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "O"):
            state = .control
            return nil
        case UInt8(ascii: "b"): return finish(.wordLeft)
        case UInt8(ascii: "f"): return finish(.wordRight)
        case 0x7F, 0x08: return finish(.killWord)
        default: return finish(.ignored)
        }
    }

    private mutating func control(_ byte: UInt8) -> Key? {
        guard (0x40...0x7E).contains(byte) else {
            pending.append(byte)
            return pending.count > Self.escapeBytesMax ? finish(.ignored) : nil
        }
        let parameters = String(decoding: pending, as: UTF8.self)
        if byte == UInt8(ascii: "~"), parameters == "200" {
            reset()
            state = .paste
            return nil
        }
        let hasModifier = parameters.hasSuffix(";5") || parameters.hasSuffix(";3")
        switch byte {
        case UInt8(ascii: "A"): return finish(.up)
        case UInt8(ascii: "B"): return finish(.down)
        case UInt8(ascii: "C"): return finish(hasModifier ? .wordRight : .right)
        case UInt8(ascii: "D"): return finish(hasModifier ? .wordLeft : .left)
        case UInt8(ascii: "H"): return finish(.home)
        case UInt8(ascii: "F"): return finish(.end)
        case UInt8(ascii: "~"):
            let keys: [String: Key] = ["1": .home, "3": .delete, "4": .end, "7": .home, "8": .end]
            return finish(keys[parameters] ?? .ignored)
        default: return finish(.ignored)
        }
    }

    private mutating func paste(_ byte: UInt8) -> Key? {
        // Room for the end mark stays free, so that a paste beyond the limit still ends.
        if pending.count >= Self.pasteBytesMax + Self.pasteEnd.count {
            pending.remove(at: Self.pasteBytesMax)
        }
        pending.append(byte)
        guard pending.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) else { return nil }
        let text = String(
            decoding: pending.dropLast(Self.pasteEnd.count).prefix(Self.pasteBytesMax), as: UTF8.self)
        return finish(.pasted(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")))
    }
}
