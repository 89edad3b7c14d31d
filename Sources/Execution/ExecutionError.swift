import Columns
import DurableIO
import Storage

/// Why a query stopped. Every case is the reader's to handle; none is a mistake of the engine.
public enum ExecutionError: Error, Hashable, Sendable {
    case divisionByZero
    /// A result does not fit its type.
    case numericOverflow(type: DataType)
    /// A date, timestamp or interval outside its range.
    case dateTimeOverflow(type: DataType)
    /// A text that is no value of the type.
    case invalidText(type: DataType, text: String)
    /// A text that is a value, but outside the type's range.
    case textOutOfRange(type: DataType, text: String)
    /// An argument that a function does not take.
    case invalidArgument(function: String, reason: String)
    /// An argument that a function refuses with an error code of its own.
    case refused(code: String, reason: String)
    /// A regular expression that cannot be understood, or is larger than its limit.
    case invalidPattern(pattern: String, reason: String)
    /// A LIKE pattern that ends in its escape character, or an escape that is no single character.
    case invalidEscape(pattern: String)
    /// A scalar subquery gave more than one row.
    case cardinalityViolation
    /// LIMIT or OFFSET computed a number below zero.
    case negativeRowCount(clause: String)
    case cancelled
    case timeLimitExceeded(limit: Duration)
    /// An operator that cannot do with less wants more memory than the query may have.
    case memoryLimitExceeded(operator: String, wantedBytes: Int, limitBytes: Int)
    /// Other queries held the memory of all for longer than a query waits.
    case noMemoryForQuery(waited: Duration, limitBytes: Int)
    /// Rows set aside on the disk take more room than all queries may have there.
    case spillLimitExceeded(limitBytes: Int)
    /// Setting rows aside on the disk, or reading them again, failed.
    case spill(DurableIOError)
    /// A file of rows set aside does not hold what was written.
    case spillDamaged(path: String, byteOffset: Int, what: String)
    /// A plan that this executor cannot run.
    case unsupported(feature: String)
    /// Reading the store failed; the cause names file and place.
    case storage(StorageError)

    /// PostgreSQL's five-character code.
    public var sqlState: String {
        switch self {
        case .divisionByZero: "22012"
        case .numericOverflow: "22003"
        case .dateTimeOverflow: "22008"
        case .invalidText(let type, _):
            type.isTemporal ? "22007" : "22P02"
        case .textOutOfRange(let type, _):
            type.isTemporal ? "22008" : "22003"
        case .invalidArgument: "22023"
        case .refused(let code, _): code
        case .invalidPattern: "2201B"
        case .invalidEscape: "22025"
        case .cardinalityViolation: "21000"
        case .negativeRowCount(let clause): clause == "OFFSET" ? "2201X" : "2201W"
        case .cancelled, .timeLimitExceeded: "57014"
        case .memoryLimitExceeded: "53200"
        case .noMemoryForQuery: "53000"
        case .spillLimitExceeded: "53400"
        case .spill(.diskFull): "53100"
        case .spill: "58030"
        case .spillDamaged: "XX001"
        case .unsupported: "0A000"
        case .storage: "58030"
        }
    }
}

extension ExecutionError {
    static func arraySubscript(function: String, reason: String) -> ExecutionError {
        .refused(code: "2202E", reason: "\(function): \(reason)")
    }

    static func nullNotAllowed(function: String, argument: String) -> ExecutionError {
        .refused(code: "22004", reason: "\(function): \(argument) must not be null")
    }
}

extension ExecutionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .divisionByZero: "division by zero"
        case .numericOverflow(let type): "value out of range for type: \(type.sqlName)"
        case .dateTimeOverflow(let type): "date or time out of range for type: \(type.sqlName)"
        case .invalidText(let type, let text): "invalid input for type \(type.sqlName): \"\(text)\""
        case .textOutOfRange(let type, let text): "value out of range for type \(type.sqlName): \"\(text)\""
        case .invalidArgument(let function, let reason): "invalid argument of \(function): \(reason)"
        case .refused(_, let reason): reason
        case .invalidPattern(let pattern, let reason): "invalid regular expression (\(reason)): \(pattern)"
        case .invalidEscape(let pattern): "invalid escape in LIKE pattern: \(pattern)"
        case .negativeRowCount(let clause): "\(clause) must not be negative"
        case .cardinalityViolation: "more than one row returned by a subquery used as an expression"
        case .cancelled: "query was cancelled"
        case .timeLimitExceeded(let limit): "query ran longer than its time limit: \(limit)"
        case .memoryLimitExceeded(let name, let wanted, let limit):
            "query needs more memory than its limit: \(name) wants \(ByteCount.text(wanted))"
                + " more, limit \(ByteCount.text(limit))"
        case .noMemoryForQuery(let waited, let limit):
            "no memory for the query after waiting \(waited): other queries hold all of"
                + " \(ByteCount.text(limit))"
        case .spillLimitExceeded(let limit):
            "queries need more temporary disk space than the limit: \(ByteCount.text(limit))"
        case .spill(let cause): "temporary file: \(cause.description)"
        case .spillDamaged(let path, let byteOffset, let what):
            "temporary file is damaged: \(path), byte \(byteOffset): \(what)"
        case .unsupported(let feature): "not supported: \(feature)"
        case .storage(let cause): cause.description
        }
    }
}

/// Sizes as people read them.
enum ByteCount {
    /// In bytes, KiB or MiB, whole and rounded up.
    static func text(_ bytes: Int) -> String {
        if bytes < 1024 { return "\(bytes) bytes" }
        if bytes < 10 << 20 { return "\((bytes + 1023) / 1024) KiB" }
        return "\((bytes + 1_048_575) / 1_048_576) MiB"
    }
}
