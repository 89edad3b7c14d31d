import Columns

/// MIN, MAX and ANY_VALUE of any ordered type. State: 16 bytes of value, then a word that says whether there
/// is one. Strings are copied when they become the extreme.
final class ExtremeAggregator: Aggregator {
    enum Wanted { case least, greatest, any }

    private let wanted: Wanted
    private let heap = StringHeap()
    private var heapBytes = 0

    init(_ function: AggregateFunction) {
        wanted = function.name == "min" ? .least : function.name == "max" ? .greatest : .any
        super.init(stateBytes: 24, type: function.returnType)
    }

    override var ownedBytes: Int { heapBytes }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let vector = arguments[0]
        switch type.physical {
        case .bool: update(batch, vector.pointer(as: UInt8.self))
        case .int16: update(batch, vector.pointer(as: Int16.self))
        case .int32: update(batch, vector.pointer(as: Int32.self))
        case .int64: update(batch, vector.pointer(as: Int64.self))
        case .int128: update(batch, vector.pointer(as: Int128.self))
        case .uint128: update(batch, vector.pointer(as: UInt128.self))
        case .float32: update(batch, vector.pointer(as: Float.self))
        case .float64: update(batch, vector.pointer(as: Double.self))
        case .interval: update(batch, vector.pointer(as: Interval.self))
        case .string: update(batch, vector.pointer(as: StringView.self)) { self.keep($0) }
        }
    }

    private func keep(_ view: StringView) -> StringView {
        if !view.isInline { heapBytes += view.count }
        return heap.add(view)
    }

    @inline(__always) private func update<Element: SQLComparable>(
        _ batch: GroupBatch, _ values: UnsafeMutablePointer<Element>, keep: (Element) -> Element = { $0 }
    ) {
        for row in 0..<batch.count { offer(values[row], to: batch.state(row, offset), keep) }
    }

    @inline(__always) private func offer<Element: SQLComparable>(
        _ value: Element, to state: UnsafeMutableRawPointer, _ keep: (Element) -> Element
    ) {
        let flag = (state + 16).assumingMemoryBound(to: UInt64.self)
        if flag.pointee != 0 {
            if wanted == .any { return }
            let current = state.loadUnaligned(as: Element.self)
            let isBetter = wanted == .least ? Element.before(value, current) : Element.before(current, value)
            if !isBetter { return }
        }
        flag.pointee = 1
        state.storeBytes(of: keep(value), as: Element.self)
    }

    override func updateAll(_ rows: StateRows, _ arguments: [Vector], count: Int) throws(ExecutionError) {
        guard count > 0 else { return }
        let vector = arguments[0]
        let state = rows.state(0, offset)
        switch type.physical {
        case .int32: offer(best(vector.pointer(as: Int32.self), count), to: state) { $0 }
        case .int64: offer(best(vector.pointer(as: Int64.self), count), to: state) { $0 }
        case .float64: offer(best(vector.pointer(as: Double.self), count), to: state) { $0 }
        default: try super.updateAll(rows, arguments, count: count)
        }
    }

    @inline(__always) private func best<Element: SQLComparable>(
        _ values: UnsafeMutablePointer<Element>, _ count: Int
    ) -> Element {
        var best = values[0]
        switch wanted {
        case .least:
            for row in 1..<max(count, 1) { best = Element.before(values[row], best) ? values[row] : best }
        case .greatest:
            for row in 1..<max(count, 1) { best = Element.before(best, values[row]) ? values[row] : best }
        case .any: break
        }
        return best
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        for group in 0..<count {
            let added = otherRows.state(group, other.offset)
            if added.load(fromByteOffset: 16, as: UInt64.self) == 0 { continue }
            let state = rows.state(Int(mapping[group]), offset)
            switch type.physical {
            case .bool: offer(added.loadUnaligned(as: UInt8.self), to: state) { $0 }
            case .int16: offer(added.loadUnaligned(as: Int16.self), to: state) { $0 }
            case .int32: offer(added.loadUnaligned(as: Int32.self), to: state) { $0 }
            case .int64: offer(added.loadUnaligned(as: Int64.self), to: state) { $0 }
            case .int128: offer(added.loadUnaligned(as: Int128.self), to: state) { $0 }
            case .uint128: offer(added.loadUnaligned(as: UInt128.self), to: state) { $0 }
            case .float32: offer(added.loadUnaligned(as: Float.self), to: state) { $0 }
            case .float64: offer(added.loadUnaligned(as: Double.self), to: state) { $0 }
            case .interval: offer(added.loadUnaligned(as: Interval.self), to: state) { $0 }
            case .string: offer(added.loadUnaligned(as: StringView.self), to: state) { self.keep($0) }
            }
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        switch type.physical.byteCount {
        case 1: try results(rows, range, UInt8.self)
        case 2: try results(rows, range, UInt16.self)
        case 4: try results(rows, range, UInt32.self)
        case 8: try results(rows, range, UInt64.self)
        default: try results(rows, range, StringView.self)
        }
    }

    private func results<Element: BitwiseCopyable>(
        _ rows: StateRows, _ range: Range<Int>, _: Element.Type
    ) throws(ExecutionError) -> Vector {
        let keeping = type.physical == .string ? StringHeap(keeping: [heap]) : nil
        return try AggregateResult.make(type, range, heap: keeping) { group in
            let state = rows.state(group, offset)
            return state.load(fromByteOffset: 16, as: UInt64.self) == 0
                ? nil : state.loadUnaligned(as: Element.self)
        }
    }
}
