/// Where in a file the bytes at hand lie: what an error about them names.
final class PagePlace: Sendable {
    let file: String
    /// nil for bytes that belong to no column, such as a footer.
    let column: String?
    /// Where the bytes begin in the file.
    let byteOffset: Int

    init(file: String, column: String? = nil, byteOffset: Int = 0) {
        self.file = file
        self.column = column
        self.byteOffset = byteOffset
    }

    /// Damage `offset` bytes behind the beginning.
    func malformed(_ reason: String, at offset: Int = 0) -> FileFormatError {
        .malformed(file: file, byteOffset: byteOffset &+ offset, reason: named(reason))
    }

    func unsupported(_ what: String) -> FileFormatError {
        .unsupported(file: file, what: named(what))
    }

    private func named(_ text: String) -> String {
        guard let column else { return text }
        return "\(text), column \(column)"
    }
}
