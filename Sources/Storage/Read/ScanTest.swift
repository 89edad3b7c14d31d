import Encodings

/// A condition that a scan evaluates itself: one or several predicates of one column.
struct ScanTest: Sendable {
    /// Which of the scan's columns to read, `TableScan.slots`.
    var slot: Int
    var test: ValueTest
    /// The same predicates over zone maps; a predicate that zones cannot decide makes it empty.
    var zones: [ZonePredicate]

    /// Whether every row of the zone passes.
    func includes(_ zone: Zone) -> Bool { !zones.isEmpty && zones.allSatisfy { $0.includes(zone) } }
}

/// What one reader has learned about a test: cheap and selective ones go first.
struct TestRecord {
    var rowsTested = 0.0
    var rowsPassed = 0.0
    var rowCost = 1.0

    /// Older rows weigh less, so that the order follows data that changes along the table.
    private static let rowsRemembered = 1_000_000.0

    mutating func add(tested: Int, passed: Int) {
        if rowsTested > Self.rowsRemembered {
            rowsTested /= 2
            rowsPassed /= 2
        }
        rowsTested += Double(tested)
        rowsPassed += Double(passed)
    }

    /// Time spent for each row that is ruled out. A test that nothing is known about is taken to halve.
    ///
    /// Source: Hellerstein, Stonebraker, "Predicate Migration: Optimizing Queries with Expensive Predicates",
    /// SIGMOD 1993 (the rank of a predicate).
    var rank: Double {
        let passRate = (rowsPassed + 50) / (rowsTested + 100)
        return rowCost / max(1 - passRate, 0.001)
    }
}
