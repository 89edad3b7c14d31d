import Columns
import TableCatalog

extension TableWriter {
    /// Appends the chunks' rows; the last row group that they fill is written outside of the lock.
    ///
    /// - Parameter placed: Called once when the rows have their place in the order.
    func append(_ chunks: [DataChunk], placed: () -> Void) throws(StorageError) {
        var shapes: [ChunkShape] = []
        for chunk in chunks { shapes.append(try ChunkShape(of: chunk, for: definition)) }
        let full = try lock.withLock { () throws(StorageError) in
            while failure == nil && (exclusiveWaiting > 0 || groupsInFlight >= Self.groupsInFlightMax) {
                lock.wait()
            }
            if let failure { throw failure }
            var full: RowGroupBuilder?
            for (chunk, shape) in zip(chunks, shapes) { try place(chunk, shape, &full) }
            if full != nil { groupsInFlight += 1 }
            return full
        }
        placed()
        if let full { try writeAside(full) }
    }

    /// The same with everything written when it returns. Inside `exclusively`.
    func appendAndWrite(_ chunk: DataChunk, _ shape: ChunkShape) throws(StorageError) {
        var full: RowGroupBuilder?
        try place(chunk, shape, &full)
        if let full { try write(full) }
    }

    /// Runs `body` inside the lock while no row group is on its way.
    func exclusively<Result>(
        _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try lock.withLock { () throws(StorageError) in
            exclusiveWaiting += 1
            while groupsInFlight > 0 { lock.wait() }
            exclusiveWaiting -= 1
            lock.signalAll()
            if let failure { throw failure }
            do throws(StorageError) { return try body() } catch {
                if !error.isCallersMistake { failure = error }
                throw error
            }
        }
    }

    /// Writes what is left in memory. The last call before the commit's record.
    func finish() throws(StorageError) {
        try exclusively { () throws(StorageError) in try seal() }
    }

    /// Writes the rows in memory as a row group. Inside `exclusively`.
    func seal(before: RowGroupID? = nil) throws(StorageError) {
        guard let full = builder, full.rowCount > 0 else { return }
        builder = nil
        try write(full, before: before)
    }

    /// The builder for the next rows.
    func currentBuilder() -> RowGroupBuilder {
        if let builder { return builder }
        let id = nextRowGroup()
        let made: RowGroupBuilder
        if let spare = spareBuilders.popLast() {
            spare.reuse(as: id)
            made = spare
        } else {
            made = RowGroupBuilder(id: id, types: definition.columns.types)
        }
        builder = made
        return made
    }

    /// Copies the rows. Of several row groups that they fill only the last is left to be written.
    private func place(
        _ chunk: DataChunk, _ shape: ChunkShape, _ full: inout RowGroupBuilder?
    ) throws(StorageError) {
        // Chunks of huge strings go row by row, so that no row group outgrows its limit by more than one.
        let wholeRows = shape.stringBytes <= RowGroupBuilder.stringBytesMax
        var first = 0
        while first < chunk.selectedCount {
            let target = currentBuilder()
            let firstRow = target.rowCount
            let taken = target.append(chunk, from: first, limit: wholeRows ? chunk.selectedCount : 1)
            if overlay != nil {
                addToOverlay(chunk, rows: first..<(first + taken), firstRow: firstRow, of: target.id)
            }
            first += taken
            guard target.isFull else { continue }
            builder = nil
            if let earlier = full { try write(earlier) }
            full = target
        }
    }

    /// Writes a row group inside the lock.
    private func write(_ full: RowGroupBuilder, before: RowGroupID? = nil) throws(StorageError) {
        do {
            let (entry, group) = try writer.write(full, dictionaries: dictionaries)
            keep(entry, group, full, before: before)
        } catch {
            failure = failure ?? error
            throw error
        }
    }

    /// Writes a row group that counts as in flight, outside of the lock.
    private func writeAside(_ full: RowGroupBuilder) throws(StorageError) {
        do {
            let (entry, group) = try writer.write(full, dictionaries: dictionaries)
            lock.withLock {
                keep(entry, group, full, before: nil)
                groupsInFlight -= 1
                lock.signalAll()
            }
        } catch {
            // Of several threads that a full disk stops, all report what stopped the first.
            throw lock.withLock {
                let first = failure ?? error
                failure = first
                groupsInFlight -= 1
                lock.signalAll()
                return first
            }
        }
    }

    /// Puts a written row group into its place among the others.
    private func keep(_ entry: RowGroupEntry, _ group: RowGroup, _ full: RowGroupBuilder, before: RowGroupID?)
    {
        let made = SealedGroup(
            entry: entry, group: group, deleted: Self.resized(full.deleted, rowCount: full.rowCount),
            before: before)
        var place = sealed.count
        while place > 0 && sealed[place - 1].group.id > group.id { place -= 1 }
        sealed.insert(made, at: place)
        if full.isWorthKeeping && spareBuilders.count < Self.groupsInFlightMax { spareBuilders.append(full) }
    }
}

extension StorageError {
    /// Errors that are found before anything has changed.
    fileprivate var isCallersMistake: Bool {
        switch self {
        case .noPrimaryKey, .rowMissing, .wrongColumns, .nullInColumn, .valueTooLarge: true
        default: false
        }
    }
}
