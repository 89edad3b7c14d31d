import Glibc

/// A whole shop as a value: a reader's copy never changes under it, and a writer's copy costs only what it
/// touches.
struct Shop: Sendable {
    let seed: UInt64
    let identity: ObjectIdentity
    /// Grows with every change; results computed from the shop are kept under it.
    private(set) var version = 0
    private(set) var clock: ShopClock

    var groups: [PlainRow] = []
    var uoms: [PlainRow] = []
    var countries: [PlainRow] = []
    var projects: [PlainRow] = []
    var channels: [PlainRow] = []
    var organizations: [OrganizationRow] = []
    var stores: [StoreRow] = []
    var employees: [EmployeeRow] = []
    var currencies: [CurrencyRow] = []
    var folders: [FolderRow] = []
    /// Products, variants, bundles and services together: a line names an item by its place here.
    var items: [ItemRow] = []
    var counterparties: [CounterpartyRow] = []
    var documents: [DocumentTable] = DocumentKind.allCases.map { DocumentTable(kind: $0) }
    var lines = LineTable()
    /// Thousandths that lay in a store before the first document, at `item * stores.count + store`.
    var openingStock: [Int64] = []

    init(seed: UInt64, clock: ShopClock) {
        self.seed = seed
        self.clock = clock
        identity = ObjectIdentity(seed: seed)
    }

    /// Takes the moment for a change and makes the shop another version.
    mutating func tick() -> ShopTime {
        version += 1
        return clock.tick()
    }

    subscript(_ kind: DocumentKind) -> DocumentTable {
        get { documents[kind.rawValue] }
        _modify { yield &documents[kind.rawValue] }
    }

    /// Rows of a type's table, deleted ones and, for items, those of the other kinds included.
    func rowCount(_ type: ObjectType) -> Int {
        switch type {
        case .group: groups.count
        case .uom: uoms.count
        case .country: countries.count
        case .project: projects.count
        case .salesChannel: channels.count
        case .organization: organizations.count
        case .store: stores.count
        case .employee: employees.count
        case .currency: currencies.count
        case .productFolder: folders.count
        case .product, .variant, .bundle, .service: items.count
        case .counterparty: counterparties.count
        case .customerOrder, .demand, .retailDemand, .salesReturn, .retailSalesReturn:
            type.documentKind.map { self[$0].count } ?? 0
        }
    }

    /// What the dictionaries share; nil for documents and for places that no table has.
    func common(_ reference: ObjectReference) -> CommonFields? {
        let index = Int(reference.ordinal)
        guard index >= 0, index < rowCount(reference.type) else { return nil }
        switch reference.type {
        case .group: return groups[index].common
        case .uom: return uoms[index].common
        case .country: return countries[index].common
        case .project: return projects[index].common
        case .salesChannel: return channels[index].common
        case .organization: return organizations[index].common
        case .store: return stores[index].common
        case .employee: return employees[index].common
        case .currency: return currencies[index].common
        case .productFolder: return folders[index].common
        case .product, .variant, .bundle, .service: return items[index].common
        case .counterparty: return counterparties[index].common
        case .customerOrder, .demand, .retailDemand, .salesReturn, .retailSalesReturn: return nil
        }
    }

    /// Whether the object can be read: it was made, is of its type and was not deleted.
    func exists(_ reference: ObjectReference) -> Bool {
        let index = Int(reference.ordinal)
        guard index >= 0, index < rowCount(reference.type) else { return false }
        if let kind = reference.type.documentKind { return self[kind].isLive(reference.ordinal) }
        if let kind = reference.type.itemKind, items[index].kind != kind { return false }
        return common(reference)?.deleted == false
    }

    /// The object that an id of a type means; nil when there is none.
    func object(type: ObjectType, id: some StringProtocol) -> ObjectReference? {
        guard let decoded = identity.decode(id), decoded.code == type.code else { return nil }
        let reference = ObjectReference(type: type, ordinal: decoded.ordinal)
        return exists(reference) ? reference : nil
    }

    func item(_ ordinal: Int32) -> ObjectReference {
        ObjectReference(type: items[Int(ordinal)].kind.type, ordinal: ordinal)
    }

    /// Counts a document's sums again from its lines.
    mutating func recount(_ kind: DocumentKind, _ ordinal: Int32) {
        var row = self[kind][ordinal]
        let arithmetic = row.arithmetic
        row.sum = 0
        row.vatSum = 0
        for line in self[kind].lines(ordinal) {
            let amounts = lines.amounts(line)
            row.sum += arithmetic.sum(amounts)
            row.vatSum += arithmetic.vatSum(amounts)
        }
        self[kind][ordinal] = row
    }
}

/// Where the shop's changes take their moments from.
enum ShopClock: Sendable {
    /// Starts at a given moment and moves a second with every change, so that tests repeat.
    case stepping(ShopTime)
    /// The machine's clock, in Moscow time; the value is the last moment given, which never comes twice.
    case running(last: ShopTime)

    static let moscowOffset: Int64 = 3 * ShopTime.hour

    mutating func tick() -> ShopTime {
        let next = ShopTime(milliseconds: max(now.milliseconds, last.milliseconds + step))
        switch self {
        case .stepping: self = .stepping(next)
        case .running: self = .running(last: next)
        }
        return next
    }

    var now: ShopTime {
        switch self {
        case .stepping(let moment): moment
        case .running(let last): max(last, Self.wall())
        }
    }

    private var last: ShopTime {
        switch self {
        case .stepping(let moment), .running(let moment): moment
        }
    }

    private var step: Int64 {
        switch self {
        case .stepping: 1000
        case .running: 1
        }
    }

    static func wall() -> ShopTime {
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        let milliseconds = Int64(moment.tv_sec) * 1000 + Int64(moment.tv_nsec) / 1_000_000
        return ShopTime(milliseconds: milliseconds + moscowOffset)
    }
}
