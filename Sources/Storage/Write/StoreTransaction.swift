import Columns
import DurableIO
import TableCatalog

/// Changes of a store that become visible and durable together at `commit`, or not at all.
///
/// A store has one transaction at a time. Calls may come from any number of threads. Appends to one table
/// take their places one after another, but the row groups that they fill are encoded and written at the
/// same time; all other calls for one table are serialised. Rows go to disk a row group at a time, so memory
/// stays bounded by 65,536 rows a table, and as many for each thread that is writing some. `commit` and
/// `rollback` wait for calls under way. A transaction that is released without `commit` rolls back.
public final class StoreTransaction: @unchecked Sendable {
    let store: ColumnStore
    /// The version that the transaction began from; empty once it has ended, so that it keeps no files.
    private(set) var base: StoreState
    /// Guards the fields below; the writers of tables have their own.
    let lock = Monitor()
    var isOpen = true
    /// Calls that threads are in.
    private var activeCalls = 0
    var writers: [TableID: TableWriter] = [:]
    var created: [TableID: (definition: TableDefinition, firstDictionary: UInt64)] = [:]
    /// Committed tables with the definitions that the transaction gives them.
    var redefined: [TableID: TableDefinition] = [:]
    var dropped: Set<TableID> = []
    /// First dictionaries of truncated tables.
    var truncated: [TableID: UInt64] = [:]
    /// Committed tables with other columns.
    var reshaped: [TableID: TableReshape] = [:]
    /// nil for a view that is dropped.
    var views: [TableName: ViewDefinition?] = [:]
    var schemas: [String: Bool] = [:]
    var positions: [String: UInt64] = [:]
    var properties: [(table: TableID?, key: String, value: String?)] = []
    var nextTable: UInt32
    var nextRowGroup: UInt32
    var nextDictionary: UInt64
    var madeFiles: [DataFile] = []

    init(store: ColumnStore, base: StoreState) {
        self.store = store
        self.base = base
        nextTable = base.nextTable
        nextRowGroup = base.nextRowGroup
        nextDictionary = base.nextDictionary
    }

    deinit { rollback() }

    /// Makes a table. Errors: `.invalidDefinition`, `.tableExists`, `.keyTypeUnsupported`.
    public func createTable(_ definition: TableDefinition) throws(StorageError) -> TableID {
        if let reason = definition.validate() { throw .invalidDefinition(reason) }
        for index in definition.primaryKey where !KeyHasher.supports(definition.columns[index].type) {
            throw .keyTypeUnsupported(table: definition.name, column: definition.columns[index].name)
        }
        return try lock.withLock { () throws(StorageError) in
            try checkOpen()
            if table(named: definition.name) != nil { throw .tableExists(definition.name) }
            let id = TableID(rawValue: nextTable)
            nextTable += 1
            created[id] = (definition, takeDictionaries(definition))
            return id
        }
    }

    /// The table of that name as the transaction sees it.
    public func tableID(named name: TableName) -> TableID? { lock.withLock { table(named: name) } }

    /// Drops a table. Readers of earlier versions keep it. Error: `.tableMissing`.
    public func dropTable(_ id: TableID) throws(StorageError) {
        try lock.withLock { () throws(StorageError) in
            waitForCalls()
            try checkOpen()
            guard isVisible(id) else { throw .tableMissing(id: id) }
            forget(id)
            truncated[id] = nil
            redefined[id] = nil
            reshaped[id] = nil
            if created.removeValue(forKey: id) == nil { dropped.insert(id) }
            properties.removeAll { $0.table == id }
        }
    }

    /// Removes all rows of a table. Error: `.tableMissing`.
    public func truncate(_ id: TableID) throws(StorageError) {
        try lock.withLock { () throws(StorageError) in
            waitForCalls()
            try checkOpen()
            guard isVisible(id) else { throw .tableMissing(id: id) }
            forget(id)
            guard created[id] == nil, let definition = base.tables[id]?.definition else { return }
            if reshaped[id] != nil { throw .tableBusy(definition.name) }
            truncated[id] = takeDictionaries(definition)
        }
    }

    /// Appends the chunk's rows (those of its selection). The chunk may be reused afterwards.
    ///
    /// The thread whose rows fill a row group encodes and writes it before the call returns, while other
    /// threads append. Threads that keep an order among them pass it on in `placed`, not after the call.
    ///
    /// - Parameter placed: Called once when the rows have their place in the order, unless an error came
    ///   first.
    /// - Throws: `.wrongColumns` unless the columns have exactly the table's types, `.nullInColumn`,
    ///   `.valueTooLarge`, `.tableMissing`, `.files`. After a failed write every later call throws the same.
    public func append(
        _ id: TableID, _ chunk: DataChunk, placed: () -> Void = {}
    ) throws(StorageError) {
        try append(id, [chunk], placed: placed)
    }

    /// Appends the rows of several chunks, which stay together.
    public func append(
        _ id: TableID, _ chunks: [DataChunk], placed: () -> Void = {}
    ) throws(StorageError) {
        try withWriter(of: id) { (writer) throws(StorageError) in
            try writer.append(chunks, placed: placed)
        }
    }

    /// Deletes the rows that have the given primary keys; also rows that this transaction appended. Keys that
    /// no row has are fine.
    ///
    /// - Parameter keys: The key's columns in the order of the table's primary key.
    /// - Returns: Rows deleted.
    /// - Throws: `.noPrimaryKey`, `.wrongColumns`, `.tableMissing`, `.files`, `.damagedFile`.
    ///
    /// The first call on a table reads all its keys, about 50 ns a row, and keeps 10 to 14 bytes a row in
    /// memory.
    @discardableResult
    public func delete(_ id: TableID, keys: DataChunk) throws(StorageError) -> Int {
        try withWriter(of: id) { (writer) throws(StorageError) in
            try writer.exclusively { () throws(StorageError) in try writer.delete(keys: keys) }
        }
    }

    /// Deletes rows by their places, as a scan with locators gave them: committed rows, and the transaction's
    /// own as its `snapshot()` shows them. Rows deleted already count nothing.
    ///
    /// - Throws: `.rowMissing` when the transaction does not see such a place.
    @discardableResult
    public func delete(_ id: TableID, rows: [RowLocator]) throws(StorageError) -> Int {
        try withWriter(of: id) { (writer) throws(StorageError) in
            try writer.exclusively { () throws(StorageError) in try writer.delete(rows: rows) }
        }
    }

    /// Replaces the rows that have the chunk's primary keys by the chunk's rows, or adds them. Of several
    /// rows of the chunk with one key the last stays. Errors as of `delete` and `append`.
    public func upsert(_ id: TableID, _ chunk: DataChunk) throws(StorageError) {
        try withWriter(of: id) { (writer) throws(StorageError) in
            try writer.exclusively { () throws(StorageError) in try writer.upsert(chunk) }
        }
    }

    /// Records up to where a source has been replicated, in the same commit as its rows.
    public func setReplicationPosition(_ identity: String, lsn: UInt64) throws(StorageError) {
        try lock.withLock { () throws(StorageError) in
            try checkOpen()
            positions[identity] = lsn
        }
    }

    /// Sets a property of a table, or of the store when `table` is nil; a nil value removes it.
    public func setProperty(_ key: String, to value: String?, of table: TableID? = nil) throws(StorageError) {
        try lock.withLock { () throws(StorageError) in
            try checkOpen()
            if let table, !isVisible(table) { throw .tableMissing(id: table) }
            properties.append((table, key, value))
        }
    }

    /// Lets go of everything that keeps files.
    func release() {
        writers = [:]
        madeFiles = []
        base = StoreState()
    }

    func checkOpen() throws(StorageError) {
        if !isOpen { throw .transactionEnded }
    }

    /// Waits until no thread is in a call. Inside the lock, which others enter meanwhile.
    func waitForCalls() { while activeCalls > 0 { lock.wait() } }

    private func withWriter<Result>(
        of id: TableID, _ body: (TableWriter) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        let writer = try lock.withLock { () throws(StorageError) in
            let writer = try knownWriter(of: id)
            activeCalls += 1
            return writer
        }
        defer {
            lock.withLock {
                activeCalls -= 1
                if activeCalls == 0 { lock.signalAll() }
            }
        }
        return try body(writer)
    }

    /// Gives up what the transaction did to a table's rows.
    private func forget(_ id: TableID) {
        guard let writer = writers.removeValue(forKey: id) else { return }
        for builder in writer.dictionaries { builder?.rollback() }
    }

    func isVisible(_ id: TableID) -> Bool {
        created[id] != nil || (base.tables[id] != nil && !dropped.contains(id))
    }

    func table(named name: TableName) -> TableID? {
        if let id = created.first(where: { $0.value.definition.name == name })?.key { return id }
        if let id = reshaped.first(where: { $0.value.definition.name == name })?.key { return id }
        return base.catalog.table(named: name).flatMap { id in
            dropped.contains(id) || reshaped[id].map { $0.definition.name != name } ?? false ? nil : id
        }
    }

    func takeDictionaries(_ definition: TableDefinition) -> UInt64 {
        defer { nextDictionary += UInt64(definition.columns.count) }
        return nextDictionary
    }

    func writer(of id: TableID) throws(StorageError) -> TableWriter {
        try lock.withLock { () throws(StorageError) in try knownWriter(of: id) }
    }

    private func knownWriter(of id: TableID) throws(StorageError) -> TableWriter {
        try checkOpen()
        if let known = writers[id] { return known }
        guard isVisible(id) else { throw .tableMissing(id: id) }
        let made = makeWriter(try visibleState(of: id))
        writers[id] = made
        return made
    }

    /// The committed rows of a table that the transaction still sees.
    func visibleState(of id: TableID) throws(StorageError) -> TableState {
        if let new = created[id] {
            return TableState(id: id, definition: new.definition, firstDictionary: new.firstDictionary)
        }
        guard var table = base.tables[id] else { throw .tableMissing(id: id) }
        table.optionsNumber = optionsNumber(of: table)
        if let reshape = reshaped[id], let reason = reshape.apply(to: &table) {
            preconditionFailure("a reshape fits its table: \(reason)")
        }
        table.definition = redefined[id] ?? table.definition
        guard let firstDictionary = truncated[id] else { return table }
        var empty = TableState(id: id, definition: table.definition, firstDictionary: firstDictionary)
        empty.optionsNumber = table.optionsNumber
        return empty
    }

    private func makeWriter(_ table: TableState) -> TableWriter {
        // The writer is released before the transaction, which owns it.
        TableWriter(
            base: table, dictionaries: store.dictionaryBuilders(of: table),
            committedKeys: store.keyIndex(of: table.id),
            cache: store.cache, encoders: store.encoders,
            nextRowGroup: { [unowned self] in
                lock.withLock {
                    defer { nextRowGroup += 1 }
                    return RowGroupID(rawValue: nextRowGroup)
                }
            },
            makeFile: { [unowned self] () throws(StorageError) in
                let made = try store.makeDataFile()
                lock.withLock { madeFiles.append(made.0) }
                return made
            })
    }
}
