import Columns

/// An aggregate over distinct values: collects pairs of group and value, and runs the aggregate over them at
/// the end. Without groups it collects the values alone.
final class DistinctAggregator: Aggregator {
    private let inner: Aggregator
    private let pairs: Grouping
    private let isGrouped: Bool
    private let scratch = VectorBuffer(byteCount: DataChunk.capacity * 4)
    private var groupCount = 0

    /// - Parameter types: Of the arguments.
    init(_ inner: Aggregator, types: [DataType], isGrouped: Bool) {
        self.inner = inner
        self.isGrouped = isGrouped
        pairs = Grouping(types: isGrouped ? [.integer] + types : types, stateBytes: 0)
        super.init(stateBytes: inner.stateBytes, type: inner.type)
    }

    override var isDivisible: Bool { inner.isDivisible }

    override func takesNull(_ argument: Int) -> Bool { inner.takesNull(argument) }

    override var ownedBytes: Int { pairs.bytes + inner.ownedBytes }

    override func ownedBytes(adding extra: Int) -> Int { pairs.bytes(adding: extra) + inner.ownedBytes }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        groupCount = max(groupCount, batch.groupCount)
        guard isGrouped else { return add(arguments, count: batch.count) }
        let groups = VectorBuffer(
            borrowing: UnsafeRawPointer(batch.groups), byteCount: batch.count * 4, owner: self)
        add([Vector(flat: groups, type: .integer, count: batch.count)] + arguments, count: batch.count)
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        groupCount = 1
        add(arguments, count: count)
    }

    private func add(_ columns: [Vector], count: Int) {
        pairs.assign(columns, count: count, into: scratch.pointer(as: UInt32.self))
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? DistinctAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        for group in 0..<count { groupCount = max(groupCount, Int(mapping[group]) + 1) }
        other.forEachChunk { groups, arguments, chunkCount in
            guard isGrouped else { return add(arguments, count: chunkCount) }
            let mapped = VectorBuffer(byteCount: chunkCount * 4)
            let target = mapped.pointer(as: UInt32.self)
            for row in 0..<chunkCount { target[row] = mapping[Int(groups[row])] }
            add([Vector(flat: mapped, type: .integer, count: chunkCount)] + arguments, count: chunkCount)
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, groups chosen: [UInt32],
        mapping: UnsafePointer<UInt32>, into rows: StateRows
    ) {
        guard let other = other as? DistinctAggregator, isGrouped else {
            preconditionFailure("groups are dealt out only where there are groups")
        }
        var places = [UInt32](repeating: GroupTable.notFound, count: other.groupCount)
        for (index, group) in chosen.enumerated() {
            groupCount = max(groupCount, Int(mapping[index]) + 1)
            // A group whose arguments were all NULL has no pairs.
            if Int(group) < places.count { places[Int(group)] = mapping[index] }
        }
        other.forEachChunk { groups, arguments, chunkCount in
            let kept = VectorBuffer(byteCount: chunkCount * 4)
            let mapped = VectorBuffer(byteCount: chunkCount * 4)
            var count = 0
            for row in 0..<chunkCount where places[Int(groups[row])] != GroupTable.notFound {
                kept.pointer(as: UInt32.self)[count] = UInt32(truncatingIfNeeded: row)
                mapped.pointer(as: UInt32.self)[count] = places[Int(groups[row])]
                count += 1
            }
            if count == 0 { return }
            let selection = SelectionVector(buffer: kept, count: count)
            let numbers = Vector(flat: mapped, type: .integer, count: count)
            add([numbers] + arguments.map { $0.gathered(selection) }, count: count)
        }
    }

    private func forEachChunk<Failure: Error>(
        _ body: (UnsafePointer<UInt32>, [Vector], Int) throws(Failure) -> Void
    ) throws(Failure) {
        let zeros = VectorBuffer(byteCount: DataChunk.capacity * 4)
        zeros.fillWithZeros()
        var start = 0
        while start < pairs.count {
            let range = start..<min(start + DataChunk.capacity, pairs.count)
            let keys = pairs.keys(range)
            let groups = isGrouped ? keys[0].values : zeros
            let arguments = isGrouped ? Array(keys.dropFirst()) : keys
            try body(UnsafePointer(groups.pointer(as: UInt32.self)), arguments, range.count)
            // The pointer above is all that keeps the buffer in use.
            withExtendedLifetime(groups) {}
            start = range.upperBound
        }
    }

    override func prepareResults(_ rows: StateRows) throws(ExecutionError) {
        inner.offset = offset
        try forEachChunk { (groups, arguments, count) throws(ExecutionError) in
            try inner.update(
                GroupBatch(
                    groups: groups, count: count, groupCount: groupCount, rows: rows.rows, stride: rows.stride
                ),
                arguments)
        }
        try inner.prepareResults(rows)
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try inner.results(rows, range)
    }
}
