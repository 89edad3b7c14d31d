import Columns

/// An aggregate that takes the rows of each group in an order: keeps all rows, sorts them at the end and runs
/// the aggregate over them.
final class OrderedAggregator: Aggregator {
    private let inner: Aggregator
    private let argumentCount: Int
    private let keys: [SortKey]
    private let rows: CollectedRows

    /// Updates take the arguments of `inner`, then the keys.
    init(_ inner: Aggregator, argumentTypes: [DataType], keys: [SortKey]) {
        self.inner = inner
        self.keys = keys
        argumentCount = argumentTypes.count
        rows = CollectedRows(types: argumentTypes + keys.map(\.expression.type))
        super.init(stateBytes: inner.stateBytes, type: inner.type)
    }

    override func takesNull(_ argument: Int) -> Bool {
        argument >= argumentCount || inner.takesNull(argument)
    }

    override var ownedBytes: Int { rows.bytes + inner.ownedBytes }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        rows.append(arguments, groups: batch.groups, count: batch.count, groupCount: batch.groupCount)
    }

    override var isDivisible: Bool { false }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        self.rows.append(arguments, groups: nil, count: count, groupCount: 1)
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? OrderedAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        self.rows.absorb(other.rows, mapping: mapping, count: count)
    }

    override func prepareResults(_ rows: StateRows) throws(ExecutionError) {
        inner.offset = offset
        let sorted = self.rows.sorted(by: keys)
        let groups = VectorBuffer(byteCount: DataChunk.capacity * 4)
        let numbers = groups.pointer(as: UInt32.self)
        let rowCount = sorted.starts.last ?? 0
        var start = 0
        var group = 0
        while start < rowCount {
            let range = start..<min(start + DataChunk.capacity, rowCount)
            for place in range {
                while sorted.starts[group + 1] <= place { group += 1 }
                numbers[place - range.lowerBound] = UInt32(truncatingIfNeeded: group)
            }
            let batch = GroupBatch(
                groups: UnsafePointer(numbers), count: range.count, groupCount: sorted.groupCount,
                rows: rows.rows, stride: rows.stride)
            try inner.update(batch, Array(sorted.gather(range).prefix(argumentCount)))
            start = range.upperBound
        }
        withExtendedLifetime(groups) {}
        self.rows.removeAll()
        try inner.prepareResults(rows)
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try inner.results(rows, range)
    }
}
