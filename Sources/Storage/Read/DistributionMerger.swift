import Columns
import TableCatalog

/// Puts the distributions of a column's segments together.
struct DistributionMerger {
    /// Parts of a table's histogram.
    private static let partCount = 64
    private static let commonMax = 16
    /// A value is common in a table from this share of its values on.
    private static let commonShare = 0.005
    /// Points that stand for a segment's values: enough of them in all, whatever the number of segments.
    private static let pointsWanted = 1024

    private struct Point {
        var key: Int128
        var rows: Double
    }

    private let type: DataType
    private let pointsPerPart: Int
    private var points: [Point] = []
    private var common: [Int128: Int] = [:]
    private var validRows = 0
    private var stringBytes = 0
    private var minimum = Int128.max
    private var maximum = Int128.min

    init(type: DataType, segmentCount: Int) {
        self.type = type
        let parts = max(1, segmentCount) * ValueDistribution.partCount
        pointsPerPart = min(8, max(1, Self.pointsWanted / parts))
    }

    /// Adds a segment.
    mutating func add(_ distribution: ValueDistribution, _ zone: Zone) {
        stringBytes += distribution.stringBytes
        guard zone.hasValues else { return }
        let valid = zone.rowCount - zone.nullCount
        validRows += valid
        minimum = min(minimum, zone.minimum)
        maximum = max(maximum, zone.maximum)
        for value in distribution.common { common[value.key, default: 0] += value.rowCount }
        let edges = [zone.minimum] + distribution.bounds + [zone.maximum]
        let parts = Array(zip(edges, edges.dropFirst()))
        var rows = [Double](repeating: Double(valid) / Double(parts.count), count: parts.count)
        for value in distribution.common { Self.takeOut(value, from: parts, &rows) }
        for ((lower, upper), rows) in zip(parts, rows) where rows > 0 {
            let (width, overflow) = upper.subtractingReportingOverflow(lower)
            let step = (overflow ? Int128.max : width) / Int128(2 * pointsPerPart)
            for index in 0..<pointsPerPart {
                // Each point stands for the values around it.
                let key = lower &+ step &* Int128(2 * index + 1)
                points.append(Point(key: key, rows: rows / Double(pointsPerPart)))
            }
        }
    }

    /// Common values are counted by themselves: takes their rows out of the parts that hold them, first of
    /// those that hold nothing else.
    private static func takeOut(
        _ value: ValueDistribution.CommonKey, from parts: [(Int128, Int128)], _ rows: inout [Double]
    ) {
        var left = Double(value.rowCount)
        for isWhole in [true, false] {
            for (index, part) in parts.enumerated() where left > 0 {
                guard (part.0 == part.1) == isWhole, part.0 <= value.key, value.key <= part.1 else {
                    continue
                }
                let taken = min(left, rows[index])
                rows[index] -= taken
                left -= taken
            }
        }
    }

    var mostCommon: [CommonValue] {
        guard validRows > 0 else { return [] }
        let sorted = common.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
        return sorted.prefix(Self.commonMax).compactMap { key, rows in
            let share = min(1, Double(rows) / Double(validRows))
            guard share >= Self.commonShare, let value = ZoneKey.value(of: key, type: type) else {
                return nil
            }
            return CommonValue(value: value, share: share)
        }
    }

    var averageBytes: Double? {
        guard type.physical == .string else { return Double(type.physical.byteCount) }
        return validRows == 0 ? nil : Double(stringBytes) / Double(validRows)
    }

    /// The histogram of the values that are not common; nil when there are none or their type has no order
    /// that a value shows.
    func histogram() -> ValueHistogram? {
        let total = points.reduce(0) { $0 + $1.rows }
        guard total > 0, minimum <= maximum, let first = ZoneKey.value(of: minimum, type: type),
            let last = ZoneKey.value(of: maximum, type: type)
        else { return nil }
        var bounds = [first]
        var shares = [0.0]
        var sum = 0.0
        var next = total / Double(Self.partCount)
        for point in points.sorted(by: { $0.key < $1.key }) {
            sum += point.rows
            guard sum - point.rows / 2 >= next, point.key > minimum, point.key < maximum,
                let value = ZoneKey.value(of: point.key, type: type)
            else { continue }
            let share = min(1, (sum - point.rows / 2) / total)
            if value == bounds[bounds.count - 1] {
                shares[shares.count - 1] = share
            } else {
                bounds.append(value)
                shares.append(share)
            }
            while next <= sum - point.rows / 2 { next += total / Double(Self.partCount) }
        }
        bounds.append(last)
        shares.append(1)
        return ValueHistogram(bounds: bounds, shares: shares)
    }
}
