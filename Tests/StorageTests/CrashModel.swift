import Columns
import Storage
import TableCatalog

/// What a store is to hold: plain rows, by table and id.
struct CrashModel: Sendable {
    var tables: [String: [Int64: [Value]]] = [:]
    var property: String?
    var position: UInt64?

    var digest: CrashDigest {
        var digest = CrashDigest(property: property, position: position)
        for (name, rows) in tables {
            var part = CrashDigest.Part()
            for row in rows.values { part.add(row) }
            digest.tables[name] = part
        }
        return digest
    }
}

/// Stands for the contents of a store whatever the order of its rows: cheap to compare.
struct CrashDigest: Hashable, Sendable {
    struct Part: Hashable, Sendable {
        var count = 0
        var sum: UInt64 = 0

        mutating func add(_ row: [Value]) {
            var hasher = Hasher()
            for value in row { hasher.combine(value) }
            sum &+= UInt64(bitPattern: Int64(hasher.finalize()))
            count += 1
        }
    }

    var tables: [String: Part] = [:]
    var property: String?
    var position: UInt64?

    init(property: String?, position: UInt64?) {
        self.property = property
        self.position = position
    }

    /// What a version of a store holds.
    init(reading snapshot: StoreSnapshot) throws {
        self.init(
            property: snapshot.property("note"), position: snapshot.replicationPosition(of: "slot"))
        for table in snapshot.catalog.tables {
            var part = Part()
            for row in try Samples.rows(of: table.id, in: snapshot) { part.add(row) }
            tables[table.definition.name.name] = part
        }
    }
}

/// What a store must hold at a moment of a workload.
struct CrashExpectation: Sendable {
    var acknowledged: CrashModel
    /// What it may hold as well, when a commit is under way.
    var underWay: CrashModel?
    /// Contents of the versions so far.
    var versions: [UInt64: CrashDigest] = [:]
}
