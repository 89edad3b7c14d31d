import Columns

/// STRING_AGG: texts joined by delimiters, in the order in which rows come. State: index + 1 of a text.
final class StringJoinAggregator: Aggregator {
    private struct Joined {
        let text = TextBuffer(capacity: 64)
        /// The delimiter of the first row, which stands before it when another text comes to stand in front.
        let leading: [UInt8]
    }

    private var texts: [Joined] = []
    private var textBytes = 0

    init(type: DataType) { super.init(stateBytes: 8, type: type) }

    /// A delimiter that is NULL is an empty one.
    override func takesNull(_ argument: Int) -> Bool { argument == 1 }

    override var ownedBytes: Int { textBytes + texts.count * 128 }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let values = arguments[0].pointer(as: StringView.self)
        let delimiters = arguments[1].pointer(as: StringView.self)
        let isNull = { (row: Int) in arguments[1].isNull(row) }
        for row in 0..<batch.count {
            let state = batch.state(row, offset).assumingMemoryBound(to: Int64.self)
            if state.pointee == 0 {
                let leading = isNull(row) ? [] : delimiters[row].withBytes { Array($0) }
                texts.append(Joined(leading: leading))
                state.pointee = Int64(texts.count)
            } else if !isNull(row) {
                delimiters[row].withBytes { texts[Int(state.pointee) - 1].text.append($0) }
            }
            values[row].withBytes { texts[Int(state.pointee) - 1].text.append($0) }
            textBytes += values[row].count
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? StringJoinAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        for group in 0..<count {
            let index = otherRows.state(group, other.offset).load(as: Int64.self)
            if index == 0 { continue }
            let added = other.texts[Int(index) - 1]
            let state = rows.state(Int(mapping[group]), offset).assumingMemoryBound(to: Int64.self)
            textBytes += added.text.count
            if state.pointee == 0 {
                texts.append(added)
                state.pointee = Int64(texts.count)
            } else {
                let text = texts[Int(state.pointee) - 1].text
                for byte in added.leading { text.append(byte) }
                text.append(added.text.bytes)
            }
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        let heap = StringHeap()
        return try AggregateResult.make(type, range, heap: heap) { group in
            let index = rows.state(group, offset).load(as: Int64.self)
            return index == 0 ? nil : heap.add(texts[Int(index) - 1].text.bytes)
        }
    }
}
