import DurableIO

/// Why a file of rows cannot be read or written.
public enum FileFormatError: Error, Hashable, Sendable {
    case files(DurableIOError)
    /// One row or value is wrong: the caller's data. Lines count from 1; `column` is the name of the
    /// column, nil when the row as a whole is wrong; `code` is the SQLSTATE that PostgreSQL gives it.
    case badRow(file: String, line: Int, column: String?, code: String, reason: String)
    /// The file breaks its format at that byte.
    case malformed(file: String, byteOffset: Int, reason: String)
    /// The file is legal, and uses something that is not read here.
    case unsupported(file: String, what: String)
    /// The caller asks for something that cannot be: an option, a column.
    case invalidRequest(String)
}

extension FileFormatError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .files(let cause): "\(cause)"
        case .badRow(let file, let line, let column?, _, let reason):
            "\(reason) (\(file), line \(line), column \(column))"
        case .badRow(let file, let line, nil, _, let reason): "\(reason) (\(file), line \(line))"
        case .malformed(let file, let byteOffset, let reason):
            "file is damaged: \(reason) (\(file), byte \(byteOffset))"
        case .unsupported(let file, let what): "not supported: \(what) (\(file))"
        case .invalidRequest(let reason): reason
        }
    }
}
