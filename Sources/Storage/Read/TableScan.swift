import Columns
import Encodings
import TableCatalog

/// A scan of some columns of one version of a table. Immutable: any number of readers on any threads share
/// it.
///
/// A morsel is a row group: up to 65,536 rows, 32 vectors of 2,048.
public final class TableScan: Sendable {
    public let table: TableID
    /// Indices of the table's columns, in output order.
    public let columns: [Int]
    /// Types of the output, with BIGINT for the row locator when it is included.
    public let types: [DataType]
    /// Whether the last output column is the row's `RowLocator.rawValue`.
    public let includesRowLocator: Bool
    let rowGroups: [LiveRowGroup]
    let columnTypes: [DataType]
    let dictionaries: [TableDictionary?]
    let predicates: [ZonePredicate]
    let cache: BlockCache

    init(
        table: TableState, columns: [Int], predicates: [ScanPredicate], includesRowLocator: Bool,
        cache: BlockCache
    ) {
        let tableTypes = table.definition.columns.types
        precondition(columns.allSatisfy { tableTypes.indices.contains($0) }, "columns of this table")
        precondition(
            predicates.allSatisfy { tableTypes.indices.contains($0.column) }, "columns of this table")
        self.table = table.id
        self.columns = columns
        self.includesRowLocator = includesRowLocator
        self.cache = cache
        rowGroups = table.rowGroups
        columnTypes = columns.map { tableTypes[$0] }
        types = columnTypes + (includesRowLocator ? [.bigint] : [])
        dictionaries = columns.map { table.dictionaries[$0] }
        self.predicates = predicates.compactMap { ZonePredicate($0, type: tableTypes[$0.column]) }
    }

    public var morselCount: Int { rowGroups.count }

    /// Rows of a morsel, with deleted ones.
    public func rowCount(ofMorsel morsel: Int) -> Int { rowGroups[morsel].group.rowCount }

    /// Rows of a morsel that exist, whatever the predicates say.
    public func liveRowCount(ofMorsel morsel: Int) -> Int { rowGroups[morsel].liveCount }

    /// Identity of the table-wide dictionary of output column `index`: vectors whose
    /// `VectorDictionary.identity` is this one share their codes. nil for columns that have none; some
    /// vectors of a column may still come otherwise.
    public func dictionaryIdentity(ofColumn index: Int) -> UInt64? { dictionaries[index].map(\.identity) }

    /// The table-wide dictionary of output column `index` as of this version; nil when there is none or it is
    /// empty.
    public func dictionary(ofColumn index: Int) -> VectorDictionary? { dictionaries[index]?.vector }

    /// A reader for one worker. Reuses its buffers; not to be shared between threads.
    public func makeReader() -> MorselReader { MorselReader(self) }
}
