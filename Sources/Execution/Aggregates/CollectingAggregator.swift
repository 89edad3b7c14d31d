import Columns

/// An aggregate that keeps the rows of all groups until the end. It knows groups by number, so some of them
/// cannot be merged without the others.
class CollectingAggregator: Aggregator {
    final let collected: CollectedRows

    /// - Parameter rowTypes: Of what updates take.
    init(stateBytes: Int, type: DataType, rowTypes: [DataType]) {
        collected = CollectedRows(types: rowTypes)
        super.init(stateBytes: stateBytes, type: type)
    }

    override var isDivisible: Bool { false }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        collected.append(arguments, groups: batch.groups, count: batch.count, groupCount: batch.groupCount)
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        collected.append(arguments, groups: nil, count: count, groupCount: 1)
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? CollectingAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        collected.absorb(other.collected, mapping: mapping, count: count)
    }
}
