import Columns

/// COUNT: the rows that it is given. State: one word.
final class CountAggregator: Aggregator {
    init(type: DataType) { super.init(stateBytes: 8, type: type) }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        if let counts = batch.rowCounts {
            for group in 0..<batch.groupCount {
                (batch.rows + (group &* batch.stride &+ offset)).assumingMemoryBound(to: Int64.self)
                    .pointee &+=
                    Int64(counts[group])
            }
            return
        }
        for row in 0..<batch.count {
            let state = batch.state(row, offset).assumingMemoryBound(to: Int64.self)
            state.pointee &+= 1
        }
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        rows.state(0, offset).assumingMemoryBound(to: Int64.self).pointee &+= Int64(count)
    }

    /// Adds to the count of a group.
    func add(_ count: Int, to group: Int, _ rows: StateRows) {
        rows.state(group, offset).assumingMemoryBound(to: Int64.self).pointee &+= Int64(count)
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        for group in 0..<count {
            rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: Int64.self).pointee &+=
                otherRows.state(group, other.offset).load(as: Int64.self)
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try AggregateResult.make(type, range) { group in rows.state(group, offset).load(as: Int64.self) }
    }
}
