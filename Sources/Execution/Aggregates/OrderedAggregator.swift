import Columns

/// An aggregate that takes the rows of each group in an order: keeps all rows, sorts them at the end and runs
/// the aggregate over them.
final class OrderedAggregator: CollectingAggregator {
    private let inner: Aggregator
    private let argumentCount: Int
    private let keys: [SortKey]

    /// Updates take the arguments of `inner`, then the keys.
    init(_ inner: Aggregator, argumentTypes: [DataType], keys: [SortKey]) {
        self.inner = inner
        self.keys = keys
        argumentCount = argumentTypes.count
        super.init(
            stateBytes: inner.stateBytes, type: inner.type,
            rowTypes: argumentTypes + keys.map(\.expression.type))
    }

    override func takesNull(_ argument: Int) -> Bool {
        argument >= argumentCount || inner.takesNull(argument)
    }

    override var ownedBytes: Int { collected.bytes + inner.ownedBytes }

    override func prepareResults(_ rows: StateRows) throws(ExecutionError) {
        inner.offset = offset
        let sorted = collected.sorted(by: keys)
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
        collected.removeAll()
        try inner.prepareResults(rows)
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try inner.results(rows, range)
    }
}
