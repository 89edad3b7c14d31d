import Columns

extension AggregateSink.Worker {
    /// Groups that are merged at a time where each time looks through everything.
    private static let scannedGroupsMax = 1 << 14

    /// Bytes of groups and states.
    var heldBytes: Int {
        aggregates.reduce(grouping?.bytes ?? 0) { $0 + $1.aggregator.ownedBytes }
    }

    /// Whether some rows were dealt out to files.
    var isSpilled: Bool { partitioner != nil }

    /// Deals rows out to files once there is no room for more groups; false while there is.
    func setAside(_ columns: [Vector], _ count: Int) throws(ExecutionError) -> Bool {
        if let partitioner {
            try partitioner.append(columns, keys: Array(columns[0..<groupColumnCount]), count: count)
            return true
        }
        guard let grouping, let space = reservation.memory.space else { return false }
        var bytes = grouping.bytes(adding: count)
        for aggregate in aggregates { bytes += aggregate.aggregator.ownedBytes(adding: count) }
        if bytes <= reservation.bytes { return false }
        if level == 0 {
            if reservation.resizeIfPlentiful(to: bytes) { return false }
        } else if bytes <= RowCollection.partBytesMin || level == RowPartitioner.levelMax {
            try reservation.resize(to: bytes)
            return false
        } else if reservation.resizeToHalf(bytes) {
            return false
        }
        let partitioner = try RowPartitioner(types: inputTypes, level: level, space, reservation.memory)
        self.partitioner = partitioner
        try partitioner.append(columns, keys: Array(columns[0..<groupColumnCount]), count: count)
        return true
    }

    /// Makes room for all of another worker's groups; false when there is none.
    func hasRoom(for other: AggregateSink.Worker) -> Bool {
        guard let grouping, reservation.memory.space != nil else { return true }
        let (mine, theirs) = groupCount >= other.groupCount ? (self, other) : (other, self)
        let owned = theirs.aggregates.reduce(0) { $0 + $1.aggregator.ownedBytes }
        let bytes = grouping.bytes(adding: theirs.groupCount) + owned
        return mine.reservation.resizeIfPossible(to: max(bytes, mine.reservation.bytes))
    }

    /// Adds those of another worker's groups that `groups` names.
    func absorb(_ other: AggregateSink.Worker, groups chosen: ArraySlice<UInt32>) throws(ExecutionError) {
        guard let grouping, let otherGrouping = other.grouping else { return }
        let stride = other.table.stride
        let batchCount =
            aggregates.contains { $0.aggregator.mergesByScan }
            ? Self.scannedGroupsMax : DataChunk.capacity
        let capacity = min(batchCount, max(chosen.count, 1))
        let mapping = VectorBuffer(byteCount: capacity * 4)
        let target = mapping.pointer(as: UInt32.self)
        let copy = VectorBuffer(byteCount: capacity * stride)
        var start = chosen.startIndex
        while start < chosen.endIndex {
            let part = Array(chosen[start..<min(start + capacity, chosen.endIndex)])
            var first = 0
            while first < part.count {
                let end = min(first + DataChunk.capacity, part.count)
                var nullKey = -1
                for index in first..<end {
                    let group = Int(part[index])
                    let source = other.table.rows + group * stride
                    (copy.base + index * stride).copyMemory(from: source, byteCount: stride)
                    if group == other.table.excludedGroup { nullKey = index - first }
                }
                let keys = otherGrouping.keys(
                    in: UnsafeRawPointer(copy.base + first * stride), count: end - first, nullKey: nullKey)
                grouping.assign(keys, count: end - first, into: target + first)
                first = end
            }
            try combineStates(
                other, StateRows(rows: copy.base, stride: stride), groups: part,
                mapping: UnsafePointer(target))
            start += part.count
            let bytes = heldBytes
            if bytes > reservation.bytes { try reservation.resize(to: bytes) }
            try context.checkpoint()
        }
        withExtendedLifetime((mapping, copy)) {}
    }
}

/// The groups of an aggregation that had not room enough: tables of groups made so far, and the rows dealt
/// out to files since. Each part of the keys is put together alone, and dealt out again if it is too large.
///
/// Source: Graefe, "Query Evaluation Techniques for Large Databases", ACM Computing Surveys 25, 1993 (hybrid
/// hashing).
final class SpilledGroups: ChunkSource, @unchecked Sendable {
    typealias WorkerMaker = @Sendable (Int) throws(ExecutionError) -> AggregateSink.Worker

    // Read-only once made.
    private let tables: [Table]
    private let level: Int
    private let makeWorker: WorkerMaker

    /// A worker's groups by the part of their keys, and its rows in files.
    private struct Table {
        let worker: AggregateSink.Worker
        let groups: [UInt32]
        /// Where each part's groups begin in `groups`, and the end of the last.
        let starts: [Int]
    }

    /// - Parameters:
    ///   - workers: Whose groups may have keys in common.
    ///   - level: How many times their rows had been dealt out before.
    init(
        _ workers: [AggregateSink.Worker], level: Int, _ makeWorker: @escaping WorkerMaker
    ) throws(ExecutionError) {
        self.level = level
        self.makeWorker = makeWorker
        var tables: [Table] = []
        for worker in workers {
            try worker.partitioner?.flush()
            tables.append(Self.table(worker, level))
        }
        self.tables = tables
    }

    private static func table(_ worker: AggregateSink.Worker, _ level: Int) -> Table {
        guard let grouping = worker.grouping else {
            preconditionFailure("rows without groups are not dealt out")
        }
        let hashes = VectorBuffer(byteCount: DataChunk.capacity * 8)
        let words = hashes.pointer(as: UInt64.self)
        var parts = [UInt8](repeating: 0, count: worker.groupCount)
        var starts = [Int](repeating: 0, count: RowPartitioner.partCount + 1)
        var first = 0
        while first < worker.groupCount {
            let range = first..<min(first + DataChunk.capacity, worker.groupCount)
            KeyHash.hash(grouping.keys(range), count: range.count, into: words)
            for index in 0..<range.count where worker.isKept(first + index) {
                let part = RowPartitioner.part(words[index], level: level)
                parts[first + index] = UInt8(truncatingIfNeeded: part)
                starts[part + 1] += 1
            }
            first = range.upperBound
        }
        for part in 0..<RowPartitioner.partCount { starts[part + 1] += starts[part] }
        var next = starts
        var groups = [UInt32](repeating: 0, count: starts[RowPartitioner.partCount])
        for group in parts.indices where worker.isKept(group) {
            let part = Int(parts[group])
            groups[next[part]] = UInt32(truncatingIfNeeded: group)
            next[part] += 1
        }
        withExtendedLifetime(hashes) {}
        return Table(worker: worker, groups: groups, starts: starts)
    }

    /// The groups of one part of the keys, in a worker of their own.
    private func regrouped(_ part: Int) throws(ExecutionError) -> AggregateSink.Worker {
        let worker = try makeWorker(level + 1)
        for table in tables {
            try worker.absorb(
                table.worker, groups: table.groups[table.starts[part]..<table.starts[part + 1]])
            guard let rows = table.worker.partitioner?.parts[part] else { continue }
            for block in rows.blocks.indices {
                try worker.context.checkpoint()
                let chunk = try rows.chunk(block)
                if try worker.setAside(chunk.columns, chunk.rowCount) { continue }
                try worker.add(chunk.columns, chunk.rowCount)
            }
        }
        if level == 0 {
            worker.addConstantGroups { keys in
                var hash: UInt64 = 0
                KeyHash.hash(keys, count: 1, into: &hash)
                return RowPartitioner.part(hash, level: 0) == part
            }
        }
        return worker
    }

    var morselCount: Int { RowPartitioner.partCount }
    var isOrdered: Bool { false }

    func makeReader() -> any ChunkReader { Reader(self) }

    private final class Reader: ChunkReader {
        private let groups: SpilledGroups
        /// Parts still to be put together.
        private var waiting: [(groups: SpilledGroups, part: Int)] = []
        private var worker: AggregateSink.Worker?
        private var nextGroup = 0

        init(_ groups: SpilledGroups) { self.groups = groups }

        func open(morsel: Int) -> Bool {
            waiting = [(groups, morsel)]
            worker = nil
            return true
        }

        func next() throws(ExecutionError) -> DataChunk? {
            while true {
                if let worker, nextGroup < worker.groupCount {
                    let end = min(nextGroup + DataChunk.capacity, worker.groupCount)
                    defer { nextGroup = end }
                    return try worker.chunk(nextGroup..<end)
                }
                worker = nil
                guard let task = waiting.popLast() else { return nil }
                let made = try task.groups.regrouped(task.part)
                if made.isSpilled {
                    let deeper = try SpilledGroups(
                        [made], level: task.groups.level + 1, task.groups.makeWorker)
                    waiting += (0..<RowPartitioner.partCount).map { (deeper, $0) }
                } else {
                    try made.prepareResults()
                    worker = made
                    nextGroup = 0
                }
            }
        }
    }
}
