import Postgres

/// What can go wrong with the record.
public enum RecordError: Error, Sendable, Hashable {
    /// Postgres is away or refuses; nothing of the page was kept.
    case postgres(PostgresError)
    /// The migrations cannot be read.
    case migrations(directory: String, reason: String)
    /// A row of the record is not what its schema promises.
    case unexpected(what: String)
}

extension RecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .postgres(let error): "\(error)"
        case .migrations(let directory, let reason):
            "cannot read the record's migrations in \(directory): \(reason)"
        case .unexpected(let what): "the record holds something unexpected: \(what)"
        }
    }

    /// Any error of a transaction in the terms of this target.
    static func of(_ error: any Error) -> RecordError {
        switch error {
        case let known as RecordError: known
        case let known as PostgresError: .postgres(known)
        default: .unexpected(what: "\(error)")
        }
    }
}
