import Columns
import DurableIO
import TableCatalog

/// Writes the rows of some row groups of a pinned version anew, without the writer's gate: nobody waits for
/// it, and nothing names its files until `install` commits them.
///
/// A table without a clustering key keeps the order of arrival. Otherwise groups that are sorted are merged
/// as they are read, and the others are sorted in memory first.
final class RowGroupRewrite {
    struct Written {
        var entry: RowGroupEntry
        var footer: RowGroupFooter
    }

    private struct Part {
        var source: any RowSource
        /// Places in `inputs`.
        var inputs: [Int]
    }

    /// The pinned version of the table with nothing but the groups to rewrite.
    let table: TableState
    private(set) var written: [Written] = []
    /// Files of `written`: durable once `run` has returned true.
    private(set) var files: [DataFile] = []
    /// Rows and raw bytes written.
    private(set) var rowCount = 0
    private(set) var byteCount = 0
    /// The run that all inputs belong to, which their rows keep; 0 for a new one, nil when unsorted.
    let sortedRun: UInt32?

    private let store: ColumnStore
    private var parts: [Part] = []
    private var merge: RowMerge?
    private var builder: RowGroupBuilder?
    private let dictionaries: [DictionaryBuilder?]

    /// Sorted stretches beyond these many, and small ones, are sorted with the unsorted groups.
    private static let stretchesMax = 200

    init(of groups: [LiveRowGroup], in pinned: TableState, store: ColumnStore) {
        var part = pinned
        part.rowGroups = groups
        table = part
        self.store = store
        dictionaries = pinned.dictionaries.enumerated().map { index, dictionary in
            // Strings that have no code keep dictionaries of their own: only the gate may give new codes.
            dictionary?.closed().map {
                DictionaryBuilder($0, type: pinned.definition.columns[index].type)
            }
        }
        let runs = Set(groups.map(\.form.sortedRun))
        if pinned.definition.clusteringKey.isEmpty {
            sortedRun = nil
        } else {
            sortedRun = runs.count == 1 ? runs.first ?? 0 : 0
        }
    }

    /// Reads, sorts and writes.
    ///
    /// - Parameter pace: Told of raw bytes as they are written; may wait. Ends the rewriting when false.
    /// - Returns: Whether it came to its end. What was written is removed otherwise, as after an error.
    func run(_ pace: (_ bytes: Int) -> Bool) throws(StorageError) -> Bool {
        let writer = RowGroupWriter(
            definition: table.definition, optionsNumber: table.optionsNumber, encoders: store.encoders,
            makeFile: { [unowned self] () throws(StorageError) in
                let made = try store.makeDataFile()
                files.append(made.0)
                return made
            })
        do {
            let isWhole = try write(to: writer, pace)
            if isWhole {
                try StorageError.files { () throws(DurableIOError) in
                    try writer.sync()
                    try store.syncDataDirectory()
                }
                return true
            }
        } catch {
            discard()
            throw error
        }
        discard()
        return false
    }

    /// Marks what was written for removal.
    func discard() {
        for file in files { file.markObsolete() }
        files = []
        written = []
    }

    private func write(
        to writer: RowGroupWriter, _ pace: (_ bytes: Int) -> Bool
    ) throws(StorageError) -> Bool {
        try makeParts()
        let merge = RowMerge(parts.map(\.source), keyColumns: table.definition.clusteringKey)
        self.merge = merge
        while let chunk = try merge.next() {
            let (bytes, longestColumn) = Self.bytes(of: chunk)
            let limit = longestColumn <= RowGroupBuilder.stringBytesMax ? chunk.rowCount : 1
            var first = 0
            while first < chunk.rowCount {
                let target =
                    builder
                    ?? RowGroupBuilder(id: RowGroupID(rawValue: 0), types: table.definition.columns.types)
                builder = target
                first += target.append(chunk, from: first, limit: limit)
                if target.isFull { try seal(to: writer) }
            }
            rowCount += chunk.rowCount
            byteCount += bytes
            if !pace(bytes) { return false }
        }
        try seal(to: writer)
        return true
    }

    private func seal(to writer: RowGroupWriter) throws(StorageError) {
        guard let full = builder, full.rowCount > 0 else { return }
        let (entry, group) = try writer.write(full, dictionaries: dictionaries)
        if full.isWorthKeeping { full.reuse(as: full.id) } else { builder = nil }
        written.append(Written(entry: entry, footer: try group.footer()))
    }

    /// One source for each sorted stretch and one for all other groups.
    private func makeParts() throws(StorageError) {
        let groups = table.rowGroups
        if sortedRun == nil || sortedRun != 0 {
            parts = [Part(source: sequence(groups), inputs: Array(groups.indices))]
            return
        }
        var unsorted: [Int] = []
        var first = 0
        while first < groups.count {
            var end = first + 1
            let run = groups[first].form.sortedRun
            while end < groups.count, run != 0, groups[end].form.sortedRun == run { end += 1 }
            let isSmall = end - first == 1 && groups[first].liveCount < CompactionPolicy.smallRows
            if run == 0 || isSmall || parts.count >= Self.stretchesMax {
                unsorted += first..<end
            } else {
                parts.append(Part(source: sequence(Array(groups[first..<end])), inputs: Array(first..<end)))
            }
            first = end
        }
        guard !unsorted.isEmpty else { return }
        var part = table
        part.rowGroups = unsorted.map { groups[$0] }
        parts.append(Part(source: try SortedBatch(part, cache: store.cache), inputs: unsorted))
    }

    private func sequence(_ groups: [LiveRowGroup]) -> GroupSequence {
        var part = table
        part.rowGroups = groups
        return GroupSequence(part, cache: store.cache)
    }

    /// Raw bytes of a chunk, and those of its column with the longest strings.
    private static func bytes(of chunk: DataChunk) -> (all: Int, longestColumn: Int) {
        var all = 0
        var longest = 0
        for vector in chunk.columns {
            guard vector.physical == .string else {
                all += chunk.rowCount * vector.physical.byteCount
                continue
            }
            var total = 0
            let views = vector.pointer(as: StringView.self)
            for row in 0..<chunk.rowCount where !vector.isNull(row) { total += views[row].count }
            withExtendedLifetime(vector) {}
            all += total
            longest = max(longest, total)
        }
        return (all, longest)
    }

    // MARK: Rows deleted meanwhile

    /// Where rows of the inputs, which existed in the pinned version, have been written.
    ///
    /// - Parameter rows: By place of the input group, ascending.
    /// - Returns: By place of the written group.
    ///
    /// O(rows of the merge) where rows were sorted, with a byte of memory for each of them.
    func placesWritten(of rows: [Int: [Int]]) throws(StorageError) -> [Int: [Int]] {
        var ordinals: [Int] = []
        for (index, part) in parts.enumerated() {
            let ranks = try ranks(of: rows, in: part)
            if !ranks.isEmpty { ordinals += self.ordinals(part.source.places(ofRanks: ranks), of: index) }
        }
        var places: [Int: [Int]] = [:]
        for ordinal in ordinals {
            var rest = ordinal
            var group = 0
            while rest >= written[group].entry.rowCount {
                rest -= written[group].entry.rowCount
                group += 1
            }
            places[group, default: []].append(rest)
        }
        return places
    }

    /// Ranks of the rows among those that the part has read.
    private func ranks(of rows: [Int: [Int]], in part: Part) throws(StorageError) -> [Int] {
        var ranks: [Int] = []
        var before = 0
        for input in part.inputs {
            let live = table.rowGroups[input]
            let deleted = try live.deletes?.vector()
            for row in rows[input] ?? [] {
                ranks.append(before + row - (deleted?.count(in: 0..<row) ?? 0))
            }
            before += live.liveCount
        }
        return ranks
    }

    /// The places in the output of a source's rows of the given places.
    private func ordinals(_ places: [Int], of source: Int) -> [Int] {
        guard let trace = merge?.trace, !trace.isEmpty else { return places }
        let wanted = places.sorted()
        var ordinals: [Int] = []
        var seen = 0
        var next = 0
        for (ordinal, origin) in trace.enumerated() where Int(origin) == source {
            if next < wanted.count && wanted[next] == seen {
                ordinals.append(ordinal)
                next += 1
            }
            seen += 1
        }
        return ordinals
    }
}

extension TableDictionary {
    /// The same entries in a dictionary that takes no more; nil when there are none.
    fileprivate func closed() -> TableDictionary? {
        guard let vector else { return nil }
        return TableDictionary(
            identity: identity, views: vector.entries.values, heap: vector.entries.heap ?? StringHeap(),
            type: vector.entries.type, count: count, byteCount: byteCount, rowsOffered: rowsOffered,
            isClosed: true)
    }
}
