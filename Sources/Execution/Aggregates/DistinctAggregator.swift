import Columns

/// An aggregate over distinct values: collects pairs of group and value, and runs the aggregate over them at
/// the end. Without groups it collects the values alone. Whole numbers that lie close together are bits.
final class DistinctAggregator: Aggregator {
    private let inner: Aggregator
    private let pairs: Grouping
    private let isGrouped: Bool
    private let scratch = VectorBuffer(byteCount: DataChunk.capacity * 4)
    private let types: [DataType]
    private var groupCount = 0
    private var bits = DistinctBits()
    /// Whether the pairs are in `bits`; in `pairs` otherwise.
    private var usesBits: Bool

    /// - Parameter types: Of the arguments.
    init(_ inner: Aggregator, types: [DataType], isGrouped: Bool) {
        self.inner = inner
        self.isGrouped = isGrouped
        self.types = types
        let neverNull = types.indices.map { !inner.takesNull($0) }
        pairs = Grouping(
            types: isGrouped ? [.integer] + types : types, stateBytes: 0,
            neverNull: isGrouped ? [true] + neverNull : neverNull)
        // Bits forget the order of rows: the aggregate must not depend on it.
        let isOrderless = inner is CountAggregator || inner is ExactSumAggregator
        usesBits = types.count == 1 && neverNull[0] && isOrderless && DistinctBits.takes(types[0])
        super.init(stateBytes: inner.stateBytes, type: inner.type)
    }

    override var mergesByScan: Bool { true }

    override func takesNull(_ argument: Int) -> Bool { inner.takesNull(argument) }

    override var ownedBytes: Int { pairs.bytes + bits.bytes + inner.ownedBytes }

    override func ownedBytes(adding extra: Int) -> Int {
        // The next rows may be those for which the bits are given up.
        pairs.bytes(adding: extra + bits.count) + bits.bytes * 2 + inner.ownedBytes
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        groupCount = max(groupCount, batch.groupCount)
        add(arguments, groups: isGrouped ? batch.groups : nil, count: batch.count)
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) {
        groupCount = max(groupCount, 1)
        add(arguments, groups: nil, count: count)
    }

    /// - Parameter groups: nil where all rows belong to group 0.
    private func add(_ arguments: [Vector], groups: UnsafePointer<UInt32>?, count: Int) {
        if usesBits {
            if bits.add(arguments[0], groups: groups, groupCount: groupCount, count: count) { return }
            giveUpBits()
        }
        addPairs(arguments, groups: groups, count: count)
    }

    private func addPairs(_ arguments: [Vector], groups: UnsafePointer<UInt32>?, count: Int) {
        let target = scratch.pointer(as: UInt32.self)
        guard isGrouped else { return pairs.assign(arguments, count: count, into: target) }
        let kept: VectorBuffer
        if let groups {
            kept = VectorBuffer(borrowing: UnsafeRawPointer(groups), byteCount: count * 4, owner: self)
        } else {
            kept = VectorBuffer(byteCount: count * 4)
            kept.fillWithZeros()
        }
        pairs.assign(
            [Vector(flat: kept, type: .integer, count: count)] + arguments, count: count, into: target)
    }

    /// Goes on with a hash table, because the numbers lie too far apart.
    private func giveUpBits() {
        usesBits = false
        bits.forEachChunk(type: types[0]) { groups, values, count in
            addPairs([values], groups: groups, count: count)
        }
        bits.removeAll()
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? DistinctAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        for group in 0..<count { groupCount = max(groupCount, Int(mapping[group]) + 1) }
        if usesBits, other.usesBits,
            bits.absorb(other.bits, mapping: mapping, groupsMapped: count, groupCount: groupCount)
        {
            return
        }
        let mapped = VectorBuffer(byteCount: DataChunk.capacity * 4)
        let target = mapped.pointer(as: UInt32.self)
        other.forEachChunk { groups, arguments, chunkCount in
            for row in 0..<chunkCount { target[row] = mapping[Int(groups[row])] }
            add(arguments, groups: UnsafePointer(target), count: chunkCount)
        }
        withExtendedLifetime(mapped) {}
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
            let target = mapped.pointer(as: UInt32.self)
            var count = 0
            for row in 0..<chunkCount where places[Int(groups[row])] != GroupTable.notFound {
                kept.pointer(as: UInt32.self)[count] = UInt32(truncatingIfNeeded: row)
                target[count] = places[Int(groups[row])]
                count += 1
            }
            if count == 0 { return }
            let selection = SelectionVector(buffer: kept, count: count)
            add(arguments.map { $0.gathered(selection) }, groups: UnsafePointer(target), count: count)
            withExtendedLifetime(mapped) {}
        }
    }

    private func forEachChunk<Failure: Error>(
        _ body: (UnsafePointer<UInt32>, [Vector], Int) throws(Failure) -> Void
    ) throws(Failure) {
        if usesBits {
            return try bits.forEachChunk(type: types[0]) { (groups, values, count) throws(Failure) in
                try body(groups, [values], count)
            }
        }
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
        if usesBits, let counter = inner as? CountAggregator {
            for group in 0..<groupCount { counter.add(bits.count(of: group), to: group, rows) }
            return
        }
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
