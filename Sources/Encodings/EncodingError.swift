/// What is wrong with the bytes of a segment. The reader adds the file and the offset.
public enum EncodingError: Error, Hashable, Sendable {
    /// The bytes end before what the header announces.
    case truncated(what: String)
    /// The stored checksum of a block or a header is not that of its bytes.
    case checksumMismatch(what: String, stored: UInt32, computed: UInt32)
    /// A field holds a value that the format does not have.
    case malformed(what: String, value: Int)
    /// A block does not decompress to its stated size.
    case decompressionFailed(codec: String)
    /// A column's bytes do not fit one segment.
    case tooLarge(what: String, bytes: Int)
}

extension EncodingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let what): "segment ends early: \(what)"
        case .checksumMismatch(let what, let stored, let computed):
            "checksum does not match: \(what) (stored \(stored), computed \(computed))"
        case .malformed(let what, let value): "malformed segment: \(what) (\(value))"
        case .decompressionFailed(let codec): "block does not decompress: \(codec)"
        case .tooLarge(let what, let bytes): "too large for one segment: \(what) (\(bytes) bytes)"
        }
    }
}
