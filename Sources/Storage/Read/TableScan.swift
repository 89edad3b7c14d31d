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
    /// Types and table dictionaries by slot.
    let slotTypes: [DataType]
    let dictionaries: [TableDictionary?]
    let predicates: [ZonePredicate]
    let bloomPredicates: [BloomPredicate]
    /// Conditions that readers evaluate row by row.
    let tests: [ScanTest]
    /// Table columns that readers may need: those of the output, then others that tests read.
    let slots: [Int]
    let cache: BlockCache
    private let exactness: [Bool]

    init(
        table: TableState, columns: [Int], predicates: [ScanPredicate], zonePredicates: [ScanPredicate] = [],
        includesRowLocator: Bool, cache: BlockCache
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
        types = columns.map { tableTypes[$0] } + (includesRowLocator ? [.bigint] : [])
        self.predicates = (predicates + zonePredicates).compactMap {
            ZonePredicate($0, type: tableTypes[$0.column])
        }
        bloomPredicates = predicates.compactMap { BloomPredicate($0, type: tableTypes[$0.column]) }
        var slots = columns
        var tests: [ScanTest] = []
        exactness = predicates.map { predicate in
            Self.add(predicate, type: tableTypes[predicate.column], to: &tests, &slots)
        }
        self.tests = tests
        self.slots = slots
        slotTypes = slots.map { tableTypes[$0] }
        dictionaries = slots.map { table.dictionaries[$0] }
    }

    /// Tests that a further one is tried to be merged with: a long AND would take the square of its length.
    private static let mergedTestsMax = 64

    /// Makes the predicate part of a test; false when readers cannot evaluate it.
    private static func add(
        _ predicate: ScanPredicate, type: DataType, to tests: inout [ScanTest], _ slots: inout [Int]
    ) -> Bool {
        guard let test = ValueTest(predicate.comparison, predicate.values, type: type) else { return false }
        let slot = slots.firstIndex(of: predicate.column) ?? slots.count
        if slot == slots.count { slots.append(predicate.column) }
        let zone = ZonePredicate(predicate, type: type)
        for index in tests.indices.prefix(mergedTestsMax) where tests[index].slot == slot {
            guard let both = tests[index].test.merged(with: test) else { continue }
            tests[index].test = both
            if let zone, !tests[index].zones.isEmpty { tests[index].zones.append(zone) }
            if zone == nil { tests[index].zones = [] }
            return true
        }
        tests.append(ScanTest(slot: slot, test: test, zones: zone.map { [$0] } ?? []))
        return true
    }

    /// Whether readers leave out all rows that fail the predicate of that index of those the scan was made
    /// with; a filter above need not check it again.
    public func isExact(_ predicate: Int) -> Bool { exactness[predicate] }

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
