import Columns

/// FIRST and LAST: the first or last row's argument, NULL or not.
///
/// State: 16 bytes of value, then a word: 0 without a row, 1 with a value, 2 with NULL.
final class FirstAggregator: Aggregator {
    private let isLast: Bool
    private let heap = StringHeap()
    private var heapBytes = 0

    private static let flagOffset = 16

    init(_ function: AggregateFunction) {
        isLast = function.name == "last"
        super.init(stateBytes: 24, type: function.returnType)
    }

    override func takesNull(_ argument: Int) -> Bool { true }
    override var ownedBytes: Int { heapBytes }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let vector = arguments[0]
        let base = UnsafeRawPointer(vector.values.base)
        let width = type.physical.byteCount
        for row in 0..<batch.count {
            set(batch.state(row, offset), base + row &* width, isNull: vector.isNull(row))
        }
    }

    private func set(_ state: UnsafeMutableRawPointer, _ value: UnsafeRawPointer, isNull: Bool) {
        let flag = (state + Self.flagOffset).assumingMemoryBound(to: UInt64.self)
        if flag.pointee != 0, !isLast { return }
        flag.pointee = isNull ? 2 : 1
        if isNull { return }
        if type.physical == .string {
            let view = value.loadUnaligned(as: StringView.self)
            if !view.isInline { heapBytes += view.count }
            state.storeBytes(of: heap.add(view), as: StringView.self)
        } else {
            state.copyMemory(from: value, byteCount: type.physical.byteCount)
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        for group in 0..<count {
            let added = UnsafeRawPointer(otherRows.state(group, other.offset))
            let flag = added.load(fromByteOffset: Self.flagOffset, as: UInt64.self)
            if flag != 0 { set(rows.state(Int(mapping[group]), offset), added, isNull: flag == 2) }
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try AggregateResult.stored(
            type, range, heap: heap, valueOffset: offset,
            isSet: { rows.state($0, offset).load(fromByteOffset: Self.flagOffset, as: UInt64.self) == 1 },
            rows)
    }
}
