import Columns

/// ARG_MIN and ARG_MAX: the first argument where the second is the least or the greatest; of several such
/// rows one. Rows with NULL in either are passed over.
///
/// State: 16 bytes of the key, 16 of the value, then a word that says whether there are any.
final class ArgumentExtremeAggregator: Aggregator {
    private let isGreatest: Bool
    private let keyType: DataType
    private let heap = StringHeap()
    private var heapBytes = 0

    private static let valueOffset = 16
    private static let flagOffset = 32

    init(_ function: AggregateFunction) {
        isGreatest = function.name == "arg_max"
        keyType = function.parameterTypes[1]
        super.init(stateBytes: 40, type: function.returnType)
    }

    override var ownedBytes: Int { heapBytes }

    /// Where values of one row come from.
    private struct Source {
        let base: UnsafeRawPointer
        let stride: Int
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let values = Source(base: UnsafeRawPointer(arguments[0].values.base), stride: type.physical.byteCount)
        let keys = UnsafeRawPointer(arguments[1].values.base)
        let stride = keyType.physical.byteCount
        switch keyType.physical {
        case .bool: update(batch, UInt8.self, keys, stride, values)
        case .int16: update(batch, Int16.self, keys, stride, values)
        case .int32: update(batch, Int32.self, keys, stride, values)
        case .int64: update(batch, Int64.self, keys, stride, values)
        case .int128: update(batch, Int128.self, keys, stride, values)
        case .uint128: update(batch, UInt128.self, keys, stride, values)
        case .float32: update(batch, Float.self, keys, stride, values)
        case .float64: update(batch, Double.self, keys, stride, values)
        case .interval: update(batch, Interval.self, keys, stride, values)
        case .string: update(batch, StringView.self, keys, stride, values)
        }
    }

    @inline(__always) private func update<Key: SQLComparable>(
        _ batch: GroupBatch, _: Key.Type, _ keys: UnsafeRawPointer, _ stride: Int, _ values: Source
    ) {
        let typed = keys.assumingMemoryBound(to: Key.self)
        for row in 0..<batch.count {
            offer(typed[row], values.base + row &* values.stride, to: batch.state(row, offset))
        }
    }

    @inline(__always) private func offer<Key: SQLComparable>(
        _ key: Key, _ value: UnsafeRawPointer, to state: UnsafeMutableRawPointer
    ) {
        let flag = (state + Self.flagOffset).assumingMemoryBound(to: UInt64.self)
        if flag.pointee != 0 {
            let current = state.loadUnaligned(as: Key.self)
            let isBetter = isGreatest ? Key.before(current, key) : Key.before(key, current)
            if !isBetter { return }
        }
        flag.pointee = 1
        if Key.self == StringView.self {
            let view = unsafeBitCast(key, to: StringView.self)
            state.storeBytes(of: keep(view), as: StringView.self)
        } else {
            state.storeBytes(of: key, as: Key.self)
        }
        let target = state + Self.valueOffset
        if type.physical == .string {
            target.storeBytes(of: keep(value.loadUnaligned(as: StringView.self)), as: StringView.self)
        } else {
            target.copyMemory(from: value, byteCount: type.physical.byteCount)
        }
    }

    private func keep(_ view: StringView) -> StringView {
        if !view.isInline { heapBytes += view.count }
        return heap.add(view)
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        for group in 0..<count {
            let added = UnsafeRawPointer(otherRows.state(group, other.offset))
            if added.load(fromByteOffset: Self.flagOffset, as: UInt64.self) == 0 { continue }
            let state = rows.state(Int(mapping[group]), offset)
            let value = added + Self.valueOffset
            switch keyType.physical {
            case .bool: offer(added.loadUnaligned(as: UInt8.self), value, to: state)
            case .int16: offer(added.loadUnaligned(as: Int16.self), value, to: state)
            case .int32: offer(added.loadUnaligned(as: Int32.self), value, to: state)
            case .int64: offer(added.loadUnaligned(as: Int64.self), value, to: state)
            case .int128: offer(added.loadUnaligned(as: Int128.self), value, to: state)
            case .uint128: offer(added.loadUnaligned(as: UInt128.self), value, to: state)
            case .float32: offer(added.loadUnaligned(as: Float.self), value, to: state)
            case .float64: offer(added.loadUnaligned(as: Double.self), value, to: state)
            case .interval: offer(added.loadUnaligned(as: Interval.self), value, to: state)
            case .string: offer(added.loadUnaligned(as: StringView.self), value, to: state)
            }
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try AggregateResult.stored(
            type, range, heap: heap, valueOffset: offset + Self.valueOffset,
            isSet: { rows.state($0, offset).load(fromByteOffset: Self.flagOffset, as: UInt64.self) != 0 },
            rows)
    }
}
