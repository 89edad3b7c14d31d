import DurableIO

/// Announces to the disk what a reader is going to read: the columns of the next row groups that every row
/// needs at once, the others of a row group when its first row is left.
///
/// What fails here fails again, with its error, when it is read: an announcement is never an error.
final class ReadAhead {
    private let scan: TableScan
    private let firstColumns: [Int]
    private let lateColumns: [Int]
    private let testedSlots: Set<Int>
    private var announced = -1
    private var hasAnnouncedLate = false

    /// Row groups ahead of the one that was opened; with several readers each announces the same ones, which
    /// costs little.
    private static let rowGroups = 4

    init(_ scan: TableScan) {
        self.scan = scan
        let tested = Set(scan.tests.map(\.slot))
        let late = scan.slots.indices.filter { !tested.contains($0) }
        testedSlots = tested
        firstColumns = tested.isEmpty ? scan.slots : tested.sorted().map { scan.slots[$0] }
        lateColumns = tested.isEmpty ? [] : late.map { scan.slots[$0] }
    }

    func opened(_ morsel: Int) {
        hasAnnouncedLate = false
        let last = min(morsel + Self.rowGroups, scan.rowGroups.count - 1)
        let first = max(morsel, announced + 1)
        guard first <= last, !firstColumns.isEmpty else { return }
        announced = last
        for next in first...last {
            let group = scan.rowGroups[next].group
            guard let footer = try? group.footer() else { continue }
            let isExcluded = scan.predicates.contains { $0.excludes(footer.columns[$0.column].zone) }
            if !isExcluded { group.announce(firstColumns, footer, cache: scan.cache) }
        }
    }

    /// Called before a segment of the open row group is read.
    func needsColumn(_ slot: Int, of group: RowGroup) {
        guard !hasAnnouncedLate, lateColumns.count > 1, !testedSlots.contains(slot),
            let footer = try? group.footer()
        else { return }
        hasAnnouncedLate = true
        group.announce(lateColumns, footer, cache: scan.cache)
    }
}

extension RowGroup {
    /// Segments with no more than this between them are announced in one.
    private static let gapBytesMax = 64 * 1024

    /// Tells the disk that some columns will be read, unless they are in memory.
    fileprivate func announce(_ columns: [Int], _ footer: RowGroupFooter, cache: BlockCache) {
        var ranges: [Range<Int>] = []
        for column in columns {
            let summary = footer.columns[column]
            let key = BlockCache.Key(file: file.cacheNumber, byteOffset: summary.byteOffset)
            if !summary.isStored || cache.holds(key) { continue }
            ranges.append(summary.byteOffset..<(summary.byteOffset + summary.byteCount))
        }
        guard !ranges.isEmpty, let opened = try? file.opened() else { return }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var joined = ranges[0]
        for range in ranges.dropFirst() {
            if range.lowerBound <= joined.upperBound + Self.gapBytesMax {
                joined = joined.lowerBound..<max(joined.upperBound, range.upperBound)
            } else {
                opened.willRead(joined)
                joined = range
            }
        }
        opened.willRead(joined)
    }
}
