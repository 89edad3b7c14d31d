import Glibc

/// Words for errno values.
enum ErrorNumber {
    /// The system's text of an error number, for example `Permission denied`.
    static func text(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // The POSIX form fills the buffer; its result only says whether the number is known.
        guard __xpg_strerror_r(number, &buffer, buffer.count) == 0 else { return "unknown error" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
