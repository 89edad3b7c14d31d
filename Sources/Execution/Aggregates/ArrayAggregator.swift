import Columns

/// ARRAY_AGG over `array_item` of the values: their texts with commas between, in the order in which rows
/// come. State: index + 1 of a text.
final class ArrayAggregator: Aggregator {
    private var texts: [TextBuffer] = []
    private var textBytes = 0

    init(type: DataType) { super.init(stateBytes: 8, type: type) }

    override var ownedBytes: Int { textBytes + texts.count * 128 }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let values = arguments[0].pointer(as: StringView.self)
        for row in 0..<batch.count {
            let state = batch.state(row, offset).assumingMemoryBound(to: Int64.self)
            values[row].withBytes { add($0, to: state) }
        }
    }

    private func add(_ bytes: UnsafeBufferPointer<UInt8>, to state: UnsafeMutablePointer<Int64>) {
        if state.pointee == 0 {
            texts.append(TextBuffer(capacity: 64))
            state.pointee = Int64(texts.count)
        } else {
            texts[Int(state.pointee) - 1].append(44)
        }
        texts[Int(state.pointee) - 1].append(bytes)
        textBytes += bytes.count + 1
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? ArrayAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        for group in 0..<count {
            let index = otherRows.state(group, other.offset).load(as: Int64.self)
            if index == 0 { continue }
            let state = rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: Int64.self)
            add(other.texts[Int(index) - 1].bytes, to: state)
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        let heap = StringHeap()
        let scratch = TextBuffer(capacity: 256)
        return try AggregateResult.make(type, range, heap: heap) { (group) -> StringView? in
            let index = rows.state(group, offset).load(as: Int64.self)
            if index == 0 { return nil }
            scratch.removeAll()
            scratch.append(123)
            scratch.append(texts[Int(index) - 1].bytes)
            scratch.append(125)
            return heap.add(scratch.bytes)
        }
    }
}
