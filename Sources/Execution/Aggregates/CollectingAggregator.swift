import Columns

/// An aggregate that keeps the rows of all groups until the end.
class CollectingAggregator: Aggregator {
    final let collected: CollectedRows

    /// - Parameter rowTypes: Of what updates take.
    init(stateBytes: Int, type: DataType, rowTypes: [DataType]) {
        collected = CollectedRows(types: rowTypes)
        super.init(stateBytes: stateBytes, type: type)
    }

    override var mergesByScan: Bool { true }

    override func ownedBytes(adding extra: Int) -> Int {
        ownedBytes + collected.bytes(adding: extra) - collected.bytes
    }

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

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, groups chosen: [UInt32],
        mapping: UnsafePointer<UInt32>, into rows: StateRows
    ) {
        guard let other = other as? CollectingAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        collected.reach(mapping, count: chosen.count)
        collected.copy(other.collected, places: Self.places(of: chosen, mapping))
    }
}
