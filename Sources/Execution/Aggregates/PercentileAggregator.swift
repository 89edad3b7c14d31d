import Columns

/// PERCENTILE_CONT, PERCENTILE_DISC, QUANTILE and MEDIAN of numbers: keeps the values, selects at the end.
/// Several fractions of one argument share what is kept. No state in the group's row.
final class PercentileAggregator: Aggregator {
    /// What the percentiles of one argument share.
    final class Collection {
        fileprivate struct Wanted {
            var fraction: Double
            var isContinuous: Bool
            var isDescending: Bool
        }

        fileprivate let log: ValueLog
        fileprivate var wanted: [Wanted] = []
        fileprivate var groupCount = 0
        /// By group, the number of values.
        fileprivate var counts: [Int] = []
        /// By group and wanted percentile, the values around it.
        fileprivate var found: [UInt64] = []

        fileprivate init(isGrouped: Bool) { log = ValueLog(isGrouped: isGrouped) }

        /// The places in ascending order around a percentile of `count` values, and how far it lies between.
        ///
        /// Source: PostgreSQL's manual, "Ordered-Set Aggregate Functions".
        fileprivate func place(_ wanted: Wanted, count: Int) -> (first: Int, second: Int, part: Double) {
            var first: Int
            var second: Int
            var part = 0.0
            if wanted.isContinuous {
                let exact = wanted.fraction * Double(count - 1)
                first = Int(exact.rounded(.down))
                second = Int(exact.rounded(.up))
                part = exact - Double(first)
            } else {
                first = max(Int((wanted.fraction * Double(count)).rounded(.up)), 1) - 1
                second = first
            }
            if wanted.isDescending {
                first = count - 1 - first
                second = count - 1 - second
            }
            return (first, second, part)
        }

        fileprivate func select() {
            counts = [Int](repeating: 0, count: groupCount)
            for block in log.blocks {
                guard let groups = block.groups?.pointer(as: UInt32.self) else {
                    counts[0] += block.count
                    continue
                }
                counts.withUnsafeMutableBufferPointer { counts in
                    for row in 0..<block.count { counts[Int(groups[row])] &+= 1 }
                }
            }
            found = OrderStatistics.select(
                log, groupCount: groupCount, ranksPerGroup: wanted.count * 2
            ) { count in
                wanted.flatMap { entry in
                    let place = self.place(entry, count: count)
                    return [place.first, place.second]
                }
            }
            log.removeAll()
        }
    }

    private let collection: Collection
    private let index: Int
    private let argumentType: DataType
    private var isOwner: Bool { index == 0 }

    /// - Parameters:
    ///   - fraction: In 0...1; nil gives NULL.
    ///   - sharing: Another percentile of the same argument and rows.
    init(
        _ function: AggregateFunction, fraction: Double?, isDescending: Bool, isGrouped: Bool,
        sharing: PercentileAggregator?
    ) {
        collection = sharing?.collection ?? Collection(isGrouped: isGrouped)
        index = collection.wanted.count
        argumentType = function.parameterTypes[0]
        precondition(ValueLog.takes(argumentType.physical), "percentiles are selected among words")
        isNull = fraction == nil
        collection.wanted.append(
            Collection.Wanted(
                fraction: fraction ?? 0, isContinuous: function.name == "percentile_cont",
                isDescending: isDescending))
        super.init(stateBytes: 0, type: function.returnType)
    }

    private let isNull: Bool

    override var takesRows: Bool { isOwner }
    override var ownedBytes: Int {
        isOwner ? collection.log.bytes + (collection.found.count + collection.counts.count) * 8 : 0
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        collection.groupCount = max(collection.groupCount, batch.groupCount)
        collection.log.append(arguments[0], groups: batch.groups, count: batch.count)
    }

    override var mergesByScan: Bool { isOwner }

    override func ownedBytes(adding extra: Int) -> Int {
        isOwner ? ownedBytes + collection.log.bytes(adding: extra) - collection.log.bytes : 0
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        collection.groupCount = 1
        collection.log.append(arguments[0], groups: nil, count: count)
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard isOwner else { return }
        guard let other = other as? PercentileAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        for group in 0..<count {
            collection.groupCount = max(collection.groupCount, Int(mapping[group]) + 1)
        }
        collection.log.absorb(other.collection.log, mapping: mapping)
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, groups chosen: [UInt32],
        mapping: UnsafePointer<UInt32>, into rows: StateRows
    ) {
        guard isOwner else { return }
        guard let other = other as? PercentileAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        for group in 0..<chosen.count {
            collection.groupCount = max(collection.groupCount, Int(mapping[group]) + 1)
        }
        collection.log.copy(other.collection.log, places: Self.places(of: chosen, mapping))
    }

    override func prepareResults(_ rows: StateRows) {
        if isOwner { collection.select() }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        let wanted = collection.wanted[index]
        let width = collection.wanted.count * 2
        func count(_ group: Int) -> Int {
            isNull || group >= collection.counts.count ? 0 : collection.counts[group]
        }
        func word(_ group: Int, _ side: Int) -> UInt64 { collection.found[group * width + index * 2 + side] }
        if wanted.isContinuous {
            return try AggregateResult.make(type, range) { group -> Double? in
                let count = count(group)
                if count == 0 { return nil }
                let first = number(word(group, 0))
                let second = number(word(group, 1))
                let part = collection.place(wanted, count: count).part
                return first == second ? first : first + part * (second - first)
            }
        }
        func discrete<Element: BitwiseCopyable>(
            _ value: (UInt64) -> Element
        ) throws(ExecutionError) -> Vector {
            try AggregateResult.make(type, range) { group in
                count(group) == 0 ? nil : value(word(group, 0))
            }
        }
        return switch type.physical {
        case .bool: try discrete { UInt8(truncatingIfNeeded: $0) }
        case .int16: try discrete { Int16(truncatingIfNeeded: ValueLog.wholeNumber($0)) }
        case .int32: try discrete { Int32(truncatingIfNeeded: ValueLog.wholeNumber($0)) }
        case .float32: try discrete { Float(ValueLog.number($0)) }
        case .float64: try discrete { ValueLog.number($0) }
        default: try discrete { ValueLog.wholeNumber($0) }
        }
    }

    /// A kept word as the number that it stands for.
    private func number(_ word: UInt64) -> Double {
        if argumentType.isFloatingPoint { return ValueLog.number(word) }
        return DecimalMath.double(Int128(ValueLog.wholeNumber(word)), scale: argumentType.scale)
    }
}
