import DurableIO
import Execution
import SQLSyntax
import Storage

/// Where errors of the targets below become what a client sees.
extension QueryError {
    init(_ error: SQLError) {
        self.init(
            code: error.code.rawValue, message: error.message, position: error.position, hint: error.hint)
    }

    init(_ error: ExecutionError) { self.init(code: error.sqlState, message: error.description) }

    /// The caller's mistakes get PostgreSQL's codes, damage and lack of space their own.
    public init(_ error: StorageError) {
        let code =
            switch error {
            case .tableExists: SQLState.duplicateTable.rawValue
            case .tableMissing: SQLState.undefinedTable.rawValue
            case .invalidDefinition, .keyTypeUnsupported, .noPrimaryKey:
                SQLState.invalidTableDefinition.rawValue
            case .wrongColumns: SQLState.datatypeMismatch.rawValue
            case .duplicateKey: SQLState.uniqueViolation.rawValue
            case .nullInColumn: SQLState.notNullViolation.rawValue
            case .valueTooLarge: SQLState.programLimitExceeded.rawValue
            case .versionNotRetained, .versionNotReached, .timeNotRetained:
                SQLState.invalidParameterValue.rawValue
            case .readOnly: "25006"
            case .tableBusy, .writerBusy: "55006"
            case .notAManifest, .unsupportedFormat, .damagedManifest, .damagedFile:
                SQLState.dataCorrupted.rawValue
            case .files(.diskFull): SQLState.diskFull.rawValue
            default: "58030"
            }
        let isDamaged = code == SQLState.dataCorrupted.rawValue
        self.init(
            code: code, message: error.description,
            hint: isDamaged ? "the store is a copy of the record: ambar rebuild makes it anew" : nil)
    }

    /// Runs `body` and turns its error into the client's.
    static func storage<Result>(
        _ body: () throws(StorageError) -> Result
    ) throws(QueryError) -> Result {
        do throws(StorageError) { return try body() } catch { throw QueryError(error) }
    }

    /// Runs `body` and turns its error into the client's.
    static func sql<Result>(_ body: () throws(SQLError) -> Result) throws(QueryError) -> Result {
        do throws(SQLError) { return try body() } catch { throw QueryError(error) }
    }
}
