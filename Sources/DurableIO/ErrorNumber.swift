import Glibc

/// Words for errno values.
enum ErrorNumber {
    /// The system's text of an error number, for example `Permission denied`.
    static func text(_ number: Int32) -> String {
        // glibc keeps the buffer behind strerror per thread.
        guard let text = strerror(number) else { return "unknown error" }
        return String(cString: text)
    }
}
