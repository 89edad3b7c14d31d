import CIntrinsics
import Columns

/// Distinct keys, numbered from 0, each with a row of memory: the key's words, then the states of aggregates.
///
/// Invariants: a new row's states are zero bytes; `slots` has a power of two of places, at most half of them
/// taken, each the upper half of a hash and a group + 1 (0 for a free place); see `HashSlots`.
/// A lookup costs two cache misses for a table beyond the cache, both asked for ahead.
final class GroupTable {
    let wordCount: Int
    /// Bytes from one group's row to the next.
    let stride: Int
    /// Where the states begin in a row.
    let stateOffset: Int
    private(set) var count = 0
    private(set) var rows: UnsafeMutableRawPointer
    private var rowMemory: TableMemory
    private var rowCapacity = 64
    private var slotMemory: TableMemory
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotCount = 256
    /// 64 less the binary logarithm of `slotCount`.
    private var shift: UInt64 = 64 - 8
    /// Whether `slots` knows every group; a direct index does without until it is given up.
    private(set) var isIndexed = false
    private let hashes = VectorBuffer(byteCount: DataChunk.capacity * 8)

    init(wordCount: Int, stateBytes: Int) {
        self.wordCount = wordCount
        stateOffset = wordCount * 8
        stride = (wordCount * 8 + stateBytes + 7) & ~7
        rowMemory = TableMemory(byteCount: rowCapacity * stride)
        rows = rowMemory.base
        slotMemory = TableMemory(byteCount: slotCount * 8)
        slots = slotMemory.base.assumingMemoryBound(to: UInt64.self)
    }

    var bytes: Int { rowCapacity * stride + slotCount * 8 }

    /// Bytes when `extra` more groups have come.
    func bytes(adding extra: Int) -> Int {
        var capacity = rowCapacity
        while capacity < count + extra { capacity *= 2 }
        var places = slotCount
        while places < (count + extra) * 2 { places *= 2 }
        return capacity * stride + (isIndexed ? places : slotCount) * 8
    }

    func key(_ group: Int) -> UnsafePointer<UInt64> {
        UnsafePointer((rows + group &* stride).assumingMemoryBound(to: UInt64.self))
    }

    /// Adds a group with a key that is not there, from row `row` of `words`.
    func append(_ words: [UnsafeMutablePointer<UInt64>], row: Int) -> Int {
        if count == rowCapacity { growRows() }
        let target = (rows + count &* stride).assumingMemoryBound(to: UInt64.self)
        for word in 0..<wordCount { target[word] = words[word][row] }
        count &+= 1
        precondition(count < Int(UInt32.max), "groups are numbered by 32 bits")
        return count &- 1
    }

    private func growRows() {
        rowCapacity *= 2
        rowMemory.grow(to: rowCapacity * stride)
        rows = rowMemory.base
    }

    /// The groups of `rowCount` keys, new ones added. Rows whose bit in `valid` is 0 are left alone.
    ///
    /// Rows whose key is that of the row before, as in clustered input, cost a comparison.
    func findOrAdd(
        _ words: [UnsafeMutablePointer<UInt64>], count rowCount: Int, valid: ValidityMask?,
        into groups: UnsafeMutablePointer<UInt32>
    ) {
        indexAll()
        if valid == nil, rowCount >= KeyRuns.rowsMin {
            let isDone = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: rowCount + 1) { starts in
                let runCount = KeyRuns.find(words, count: rowCount, into: starts)
                guard KeyRuns.areWorthwhile(runCount, count: rowCount) else { return false }
                findOrAddRuns(words, UnsafeBufferPointer(rebasing: starts[0...runCount]), groups)
                return true
            }
            if isDone { return }
        }
        let hashes = hashes.pointer(as: UInt64.self)
        hash(words, rowCount, hashes)
        if slotCount > 1 << 14 {
            for row in 0..<rowCount { ambar_prefetch(slots + Int(truncatingIfNeeded: hashes[row] &>> shift)) }
        }
        if wordCount == 1 {
            let word = words[0]
            for row in 0..<rowCount where valid?.isValid(row) ?? true {
                let value = word[row]
                groups[row] = place(hashes[row], words, row) { $0[0] == value }
            }
        } else if wordCount == 2 {
            let first = words[0]
            let second = words[1]
            for row in 0..<rowCount where valid?.isValid(row) ?? true {
                let (low, high) = (first[row], second[row])
                groups[row] = place(hashes[row], words, row) { $0[0] == low && $0[1] == high }
            }
        } else {
            for row in 0..<rowCount where valid?.isValid(row) ?? true {
                groups[row] = placeAny(hashes[row], words, row)
            }
        }
    }

    private func placeAny(_ hash: UInt64, _ words: [UnsafeMutablePointer<UInt64>], _ row: Int) -> UInt32 {
        place(hash, words, row) { key in
            for word in 0..<wordCount where key[word] != words[word][row] { return false }
            return true
        }
    }

    /// Looks up the first row of each run of equal keys.
    private func findOrAddRuns(
        _ words: [UnsafeMutablePointer<UInt64>], _ starts: UnsafeBufferPointer<UInt32>,
        _ groups: UnsafeMutablePointer<UInt32>
    ) {
        let hashes = hashes.pointer(as: UInt64.self)
        let runCount = starts.count - 1
        let first = words[0]
        for run in 0..<runCount { hashes[run] = Hashing.hash(first[Int(starts[run])]) }
        for word in words.dropFirst() {
            for run in 0..<runCount { hashes[run] = Hashing.combine(hashes[run], word[Int(starts[run])]) }
        }
        if slotCount > 1 << 14 {
            for run in 0..<runCount { ambar_prefetch(slots + Int(truncatingIfNeeded: hashes[run] &>> shift)) }
        }
        if wordCount == 1 {
            for run in 0..<runCount {
                let start = Int(starts[run])
                let value = first[start]
                let group = place(hashes[run], words, start) { $0[0] == value }
                for row in start..<Int(starts[run &+ 1]) { groups[row] = group }
            }
        } else if wordCount == 2 {
            let second = words[1]
            for run in 0..<runCount {
                let start = Int(starts[run])
                let (low, high) = (first[start], second[start])
                let group = place(hashes[run], words, start) { $0[0] == low && $0[1] == high }
                for row in start..<Int(starts[run &+ 1]) { groups[row] = group }
            }
        } else {
            for run in 0..<runCount {
                let start = Int(starts[run])
                let group = placeAny(hashes[run], words, start)
                for row in start..<Int(starts[run &+ 1]) { groups[row] = group }
            }
        }
    }

    /// Makes the index, so that `find` may be called by several threads.
    func prepareForFinding() { indexAll() }

    /// The group of a row's key; nil when there is none. `hashes` is room for `rowCount` words.
    func find(
        _ words: [UnsafeMutablePointer<UInt64>], count rowCount: Int, hashes: UnsafeMutablePointer<UInt64>,
        into groups: UnsafeMutablePointer<UInt32>
    ) {
        precondition(isIndexed, "a table is prepared before it is searched")
        hash(words, rowCount, hashes)
        let mask = slotCount &- 1
        if slotCount > 1 << 14 {
            for row in 0..<rowCount { ambar_prefetch(slots + Int(truncatingIfNeeded: hashes[row] &>> shift)) }
        }
        let first = words[0]
        for row in 0..<rowCount {
            var place = Int(truncatingIfNeeded: hashes[row] &>> shift)
            let tag = hashes[row] &>> 32
            var found = UInt32.max
            while true {
                let slot = slots[place]
                if slot == 0 { break }
                if slot &>> 32 == tag {
                    let group = Int(slot & 0xFFFF_FFFF) &- 1
                    let key = key(group)
                    if key[0] == first[row], wordCount == 1 || restMatches(key, words, row) {
                        found = UInt32(truncatingIfNeeded: group)
                        break
                    }
                }
                place = (place &+ 1) & mask
            }
            groups[row] = found
        }
    }

    private func restMatches(
        _ key: UnsafePointer<UInt64>, _ words: [UnsafeMutablePointer<UInt64>], _ row: Int
    ) -> Bool {
        for word in 1..<wordCount where key[word] != words[word][row] { return false }
        return true
    }

    /// Whether a key's group never occurs, in `find`.
    static let notFound = UInt32.max

    private func hash(
        _ words: [UnsafeMutablePointer<UInt64>], _ rowCount: Int, _ hashes: UnsafeMutablePointer<UInt64>
    ) {
        let first = words[0]
        for row in 0..<rowCount { hashes[row] = Hashing.hash(first[row]) }
        for word in words.dropFirst() {
            for row in 0..<rowCount { hashes[row] = Hashing.combine(hashes[row], word[row]) }
        }
    }

    @inline(__always) private func place(
        _ hash: UInt64, _ words: [UnsafeMutablePointer<UInt64>], _ row: Int,
        _ matches: (UnsafePointer<UInt64>) -> Bool
    ) -> UInt32 {
        let mask = slotCount &- 1
        var place = Int(truncatingIfNeeded: hash &>> shift)
        let tag = hash &>> 32
        while true {
            let slot = slots[place]
            if slot == 0 { break }
            if slot &>> 32 == tag {
                let group = Int(slot & 0xFFFF_FFFF) &- 1
                if matches(key(group)) { return UInt32(truncatingIfNeeded: group) }
            }
            place = (place &+ 1) & mask
        }
        let group = append(words, row: row)
        slots[place] = tag &<< 32 | UInt64(group + 1)
        if count &* 2 > slotCount { growSlots() }
        return UInt32(truncatingIfNeeded: group)
    }

    private func hash(of group: Int) -> UInt64 {
        let key = key(group)
        var hash = Hashing.hash(key[0])
        for word in 1..<max(wordCount, 1) where word < wordCount { hash = Hashing.combine(hash, key[word]) }
        return hash
    }

    /// Makes the index over groups that were appended without it.
    private func indexAll() {
        if isIndexed { return }
        isIndexed = true
        var places = slotCount
        while places < count * 4 { places *= 2 }
        rebuild(places)
    }

    private func growSlots() {
        slotMemory = HashSlots.grown(slots, count: slotCount)
        slots = slotMemory.base.assumingMemoryBound(to: UInt64.self)
        slotCount *= 2
        shift -= 1
    }

    private func rebuild(_ places: Int) {
        slotCount = places
        shift = UInt64(64 - places.trailingZeroBitCount)
        slotMemory = TableMemory(byteCount: slotCount * 8)
        slots = slotMemory.base.assumingMemoryBound(to: UInt64.self)
        let mask = slotCount - 1
        for group in 0..<count where group != excludedGroup {
            let hash = hash(of: group)
            var place = Int(truncatingIfNeeded: hash &>> shift)
            while slots[place] != 0 { place = (place &+ 1) & mask }
            slots[place] = (hash &>> 32) &<< 32 | UInt64(group + 1)
        }
    }

    /// A group that no key may find: the NULL of a layout with one wide column; -1 for none.
    var excludedGroup = -1

    /// Groups of another table that have the key of one of these; nil when there are more than `limit`. Both
    /// tables are searched by hash.
    func matches(_ other: GroupTable, limit: Int) -> GroupMatches? {
        indexAll()
        other.indexAll()
        let (mine, theirs, words) = (rows, other.rows, wordCount)
        let (myStride, theirStride) = (stride, other.stride)
        return HashSlots.matches(
            slots, count: slotCount, other.slots, theirCount: other.slotCount, limit: limit
        ) { first, second in
            let key = (mine + first &* myStride).assumingMemoryBound(to: UInt64.self)
            let otherKey = (theirs + second &* theirStride).assumingMemoryBound(to: UInt64.self)
            for word in 0..<words where key[word] != otherKey[word] { return false }
            return true
        }
    }

    /// Asks the cache for the rows of the groups.
    func prefetchRows(_ groups: UnsafePointer<UInt32>, count: Int) {
        if rowCapacity &* stride < 1 << 18 { return }
        for row in 0..<count { ambar_prefetch(rows + (Int(groups[row]) &* stride &+ stateOffset)) }
    }
}
