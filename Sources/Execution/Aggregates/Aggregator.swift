import Columns

/// The groups of a batch of rows, and where the groups' states lie.
///
/// Invariants: every group is below `groupCount`; the states of a group are at `rows + group × stride`.
struct GroupBatch {
    let groups: UnsafePointer<UInt32>
    let count: Int
    let groupCount: Int
    let rows: UnsafeMutableRawPointer
    let stride: Int
    /// Rows of the batch by group, counted once for all aggregates while the groups are few; nil otherwise.
    var rowCounts: UnsafePointer<UInt32>?

    /// Up to this many groups are counted and summed in lanes: several accumulators a group, so that adding
    /// to one does not wait for the addition before it.
    static let laneGroupsMax = 64

    @inline(__always) func state(_ row: Int, _ offset: Int) -> UnsafeMutableRawPointer {
        rows + (Int(groups[row]) &* stride &+ offset)
    }

    /// Whether lanes pay for the work of emptying and adding them up.
    static func usesLanes(groupCount: Int, count: Int) -> Bool {
        groupCount <= laneGroupsMax && count >= 8 * groupCount
    }

    /// Counts rows by group into `counts`, room for four lanes of groups; the sums are in the first.
    static func countRows(
        _ groups: UnsafePointer<UInt32>, count: Int, groupCount: Int,
        into counts: UnsafeMutablePointer<UInt32>
    ) {
        for lane in 0..<4 { (counts + lane * laneGroupsMax).update(repeating: 0, count: groupCount) }
        let whole = count & ~3
        var row = 0
        while row < whole {
            for lane in 0..<4 { counts[Int(groups[row &+ lane]) &+ lane &* laneGroupsMax] &+= 1 }
            row &+= 4
        }
        while row < count {
            counts[Int(groups[row])] &+= 1
            row &+= 1
        }
        for group in 0..<groupCount {
            counts[group] &+=
                counts[group &+ laneGroupsMax] &+ counts[group &+ 2 &* laneGroupsMax]
                &+ counts[group &+ 3 &* laneGroupsMax]
        }
    }
}

/// Where the states of a table's groups lie.
struct StateRows {
    let rows: UnsafeMutableRawPointer
    let stride: Int

    @inline(__always) func state(_ group: Int, _ offset: Int) -> UnsafeMutableRawPointer {
        rows + (group &* stride &+ offset)
    }
}

/// One aggregate of one worker: updates, merges and reads states that lie in the rows of a group table.
///
/// Invariants: `stateBytes` is a multiple of 8, states are aligned to 8 bytes, and zero bytes are the state
/// of no rows. Updates get flat arguments, without NULLs but where `takesNull` says so. States may refer to
/// memory that the aggregator owns.
class Aggregator {
    let stateBytes: Int
    let type: DataType
    /// Bytes from a group's row to its state; set once when the aggregates of a query are laid out.
    final var offset = 0

    init(stateBytes: Int, type: DataType) {
        precondition(stateBytes % 8 == 0, "states are made of words")
        self.stateBytes = stateBytes
        self.type = type
    }

    /// Whether rows whose argument of that index is NULL are handed on with their NULL.
    func takesNull(_ argument: Int) -> Bool { false }

    /// Whether it wants rows at all; another aggregate's may be enough.
    var takesRows: Bool { true }

    func update(_ batch: GroupBatch, _ arguments: [Vector]) throws(ExecutionError) {
        preconditionFailure("an aggregate takes rows")
    }

    /// Updates group 0 with all rows; the fast way of a query without groups.
    func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) throws(ExecutionError) {
        let zeros = VectorBuffer(byteCount: max(count, 1) * 4)
        zeros.fillWithZeros()
        try update(
            GroupBatch(
                groups: UnsafePointer(zeros.pointer(as: UInt32.self)), count: count, groupCount: 1,
                rows: rows.rows,
                stride: rows.stride), arguments)
    }

    /// Adds the state of each group `g` of `other` to the group `mapping[g]` of this one.
    func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) throws(ExecutionError) {
        preconditionFailure("an aggregate merges")
    }

    /// The same for some groups only, whose rows were copied to `otherRows`: row `i` is that of the other's
    /// group `groups[i]`. An aggregator that knows groups by number, not by their states, has its own.
    func combine(
        _ other: Aggregator, _ otherRows: StateRows, groups: [UInt32], mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) throws(ExecutionError) {
        try combine(other, otherRows, count: groups.count, mapping: mapping, into: rows)
    }

    /// By group of another worker, the group here: `mapping[i]` for the group `chosen[i]`,
    /// `GroupTable.notFound` for those not chosen. Reaches to the greatest that is chosen.
    static func places(of chosen: [UInt32], _ mapping: UnsafePointer<UInt32>) -> [UInt32] {
        let count = chosen.reduce(0) { max($0, Int($1) + 1) }
        var places = [UInt32](repeating: GroupTable.notFound, count: count)
        for (index, group) in chosen.enumerated() { places[Int(group)] = mapping[index] }
        return places
    }

    /// Called once after the last update and merge, before results are read.
    func prepareResults(_ rows: StateRows) throws(ExecutionError) {}

    /// The results of groups `range`; several threads may read at once.
    func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        preconditionFailure("an aggregate gives results")
    }

    /// Whether merging some groups looks through what is kept of all: then many are merged at a time.
    var mergesByScan: Bool { false }

    /// Bytes that the states refer to.
    var ownedBytes: Int { 0 }

    /// The same when `extra` more rows have come, as far as it is known before.
    func ownedBytes(adding extra: Int) -> Int { ownedBytes }
}

/// Makes a result vector by group.
enum AggregateResult {
    /// One value a group; nil is NULL.
    @inline(__always) static func make<Element: BitwiseCopyable>(
        _ type: DataType, _ range: Range<Int>, heap: StringHeap? = nil,
        _ value: (Int) throws(ExecutionError) -> Element?
    ) throws(ExecutionError) -> Vector {
        let buffer = VectorBuffer(byteCount: range.count * MemoryLayout<Element>.stride)
        buffer.fillWithZeros()
        let target = buffer.pointer(as: Element.self)
        var validity: ValidityMask?
        for group in range {
            if let result = try value(group) {
                target[group &- range.lowerBound] = result
            } else {
                let mask = validity ?? ValidityMask(count: range.count, allValid: true)
                validity = mask
                mask.setNull(group - range.lowerBound)
            }
        }
        return Vector(flat: buffer, type: type, count: range.count, validity: validity, heap: heap)
    }

    /// Values that lie in the states, `valueOffset` bytes after the group's row; NULL where `isSet` is false.
    static func stored(
        _ type: DataType, _ range: Range<Int>, heap: StringHeap, valueOffset: Int, isSet: (Int) -> Bool,
        _ rows: StateRows
    ) throws(ExecutionError) -> Vector {
        func read<Element: BitwiseCopyable>(
            _: Element.Type, _ keeping: StringHeap? = nil
        ) throws(ExecutionError) -> Vector {
            try make(type, range, heap: keeping) { group in
                isSet(group) ? rows.state(group, valueOffset).loadUnaligned(as: Element.self) : nil
            }
        }
        return switch type.physical.byteCount {
        case 1: try read(UInt8.self)
        case 2: try read(UInt16.self)
        case 4: try read(UInt32.self)
        case 8: try read(UInt64.self)
        default: try read(StringView.self, type.physical == .string ? StringHeap(keeping: [heap]) : nil)
        }
    }
}
