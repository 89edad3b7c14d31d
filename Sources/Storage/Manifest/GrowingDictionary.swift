import Columns

/// Builds a table dictionary out of the extensions that a manifest holds. Its versions share one buffer,
/// whose entries never change: thousands of small extensions do not copy the dictionary each time.
final class GrowingDictionary {
    private let heap = StringHeap()
    private var views: VectorBuffer
    private var capacity: Int
    private(set) var count: Int

    /// Begins with the entries of `base`.
    init(_ base: TableDictionary) {
        count = base.count
        capacity = max(16, base.count)
        views = VectorBuffer(byteCount: capacity * MemoryLayout<StringView>.stride)
        if let vector = base.vector {
            if let owner = vector.entries.heap { heap.keep(owner) }
            views.pointer(as: StringView.self).update(
                from: vector.entries.pointer(as: StringView.self), count: base.count)
        }
    }

    /// The next version of the dictionary `old`, which is the last one made here.
    func extended(
        _ old: TableDictionary, by growth: DictionaryExtension, type: DataType
    ) -> TableDictionary {
        precondition(old.count == count, "dictionaries grow at their end")
        reserve(count + growth.entries.count)
        let pointer = views.pointer(as: StringView.self)
        var byteCount = old.byteCount
        for entry in growth.entries {
            pointer[count] = entry.withUnsafeBufferPointer { heap.add($0) }
            count += 1
            byteCount += entry.count
        }
        return TableDictionary(
            identity: old.identity, views: views, heap: heap, type: type, count: count, byteCount: byteCount,
            rowsOffered: growth.rowsOffered, isClosed: growth.isClosed)
    }

    private func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        capacity = max(wanted, capacity * 2)
        let larger = VectorBuffer(byteCount: capacity * MemoryLayout<StringView>.stride)
        larger.pointer(as: StringView.self).update(
            from: views.pointer(as: StringView.self), count: count)
        views = larger
    }
}
