import Columns
import Encodings

/// The tests of a scan as one reader applies them to one row group after the other.
final class MorselTests {
    private let tests: [ScanTest]
    /// Indices of the tests, in the order in which they are applied to the open row group.
    private(set) var order: [Int]
    /// Made when a test is first needed in the open row group.
    private(set) var filters: [SegmentFilter?]
    let tableAnswers: [TableCodeAnswers]
    var records: [TestRecord]
    /// Of each test a bit for each vector whose zone shows that all rows pass.
    private var proved: [UInt64]
    /// Vectors that need no test at all.
    private var provedByAll: UInt64 = ~0

    init(_ tests: [ScanTest]) {
        self.tests = tests
        order = Array(tests.indices)
        filters = Array(repeating: nil, count: tests.count)
        tableAnswers = tests.map { _ in TableCodeAnswers() }
        records = Array(repeating: TestRecord(), count: tests.count)
        proved = Array(repeating: 0, count: tests.count)
    }

    /// - Parameter columns: The table's columns by slot.
    func begin(_ footer: RowGroupFooter, columns: [Int]) {
        provedByAll = ~0
        for index in tests.indices {
            filters[index] = nil
            let summary = footer.columns[columns[tests[index].slot]]
            if tests[index].includes(summary.zone) {
                proved[index] = ~0
            } else {
                var bits: UInt64 = 0
                for (vector, zone) in summary.vectorZones.enumerated() where tests[index].includes(zone) {
                    bits |= 1 << UInt64(vector)
                }
                proved[index] = bits
            }
            provedByAll &= proved[index]
        }
        if tests.count > 1 { order.sort { records[$0].rank < records[$1].rank } }
    }

    func areProved(vector: Int) -> Bool { provedByAll >> UInt64(vector) & 1 != 0 }

    func isProved(_ index: Int, vector: Int) -> Bool { proved[index] >> UInt64(vector) & 1 != 0 }

    func use(_ filter: SegmentFilter, for index: Int) {
        filters[index] = filter
        records[index].rowCost = filter.rowCost
    }

    /// The vector of a column that a test had to decode.
    func decoded(slot: Int, vector: Int) -> Vector? {
        for index in tests.indices where tests[index].slot == slot {
            if let vector = filters[index]?.decoded(vector: vector) { return vector }
        }
        return nil
    }
}
