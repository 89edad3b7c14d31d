/// Which bytes make which tokens. Bytes of 128 and above belong to letters of other scripts.
enum CharacterClass {
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    static func startsIdentifier(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F || byte >= 0x80
    }

    static func continuesIdentifier(_ byte: UInt8) -> Bool {
        startsIdentifier(byte) || isDigit(byte) || byte == 0x24
    }

    /// The characters of operators: `+ - * / < > = ~ ! @ # % ^ & | ? ` and the backquote.
    static func isOperator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2B, 0x2D, 0x2A, 0x2F, 0x3C, 0x3E, 0x3D, 0x7E, 0x21, 0x40, 0x23, 0x25, 0x5E, 0x26, 0x7C, 0x3F,
            0x60:
            true
        default: false
        }
    }

    /// An operator of several characters may end in + or - only if it contains one of these.
    static func allowsTrailingSign(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x7E, 0x21, 0x40, 0x23, 0x25, 0x5E, 0x26, 0x7C, 0x3F, 0x60: true
        default: false
        }
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }

    /// Upper-case ASCII in lower case; every other byte as it is.
    static func lowered(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
