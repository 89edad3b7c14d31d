import SQLSyntax
import TableCatalog

/// What `AS OF` asks for.
public enum VersionPoint: Hashable, Sendable {
    /// A version by its number.
    case version(UInt64)
    /// The newest version at or before a wall-clock time: a TIMESTAMP, microseconds since 1970-01-01.
    case time(Int64)
}

/// A version of the store before the newest.
public struct EarlierVersion: Sendable {
    public var version: UInt64
    /// Its tables, also those that have been dropped since.
    public var catalog: Catalog

    public init(version: UInt64, catalog: Catalog) {
        self.version = version
        self.catalog = catalog
    }
}

/// Finds earlier versions for a planner.
///
/// - Throws: When the version is not kept any more, with the nearest that is.
public typealias VersionLookup = @Sendable (VersionPoint) throws(SQLError) -> EarlierVersion
