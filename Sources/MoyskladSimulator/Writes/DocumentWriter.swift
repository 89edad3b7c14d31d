/// Changes of documents and their lines.
struct DocumentWriter {
    let reader: BodyReader
    let kind: DocumentKind

    /// Lines that one document may have; keeps its sum within 64 bits together with the ranges below.
    static let lineCountMax = 5000
    static let quantityRange: ClosedRange<Int64> = 0...1_000_000_000
    static let priceRange: ClosedRange<Int64> = 0...100_000_000_000
    static let discountRange: ClosedRange<Int64> = -30_000...10_000

    /// A line read from a body, not yet in the shop.
    struct Draft {
        var item: Int32
        var amounts: LineAmounts
    }

    func create(in shop: inout Shop) throws(APIFault) -> Int32 {
        guard reader.has("organization") else { throw .missing("organization") }
        guard reader.has("agent") else { throw .missing("agent") }
        let now = shop.clock.now
        var row = DocumentTable.Row(
            moment: now.toTheMinute, created: now, updated: now, agent: 0, organization: 0)
        row.flags = [.applicable, .vatEnabled, .vatIncluded]
        try change(&row)
        let drafts = try drafts(row) ?? []
        let (moment, number) = (shop.tick(), try reader.text("name"))
        row.created = moment
        row.updated = moment
        let ordinal = shop[kind].append(row)
        if let number, !number.isEmpty { shop[kind].names[ordinal] = number }
        try finish(ordinal, drafts, in: &shop)
        return ordinal
    }

    func update(_ ordinal: Int32, in shop: inout Shop) throws(APIFault) {
        var row = shop[kind][ordinal]
        try change(&row)
        let drafts = try drafts(row)
        let number = try reader.text("name")
        row.updated = shop.tick()
        shop[kind][ordinal] = row
        if let number { shop[kind].names[ordinal] = number.isEmpty ? nil : number }
        try finish(ordinal, drafts, in: &shop)
    }

    /// Puts lines and rare fields in place and counts the sums again.
    private func finish(_ ordinal: Int32, _ drafts: [Draft]?, in shop: inout Shop) throws(APIFault) {
        if let text = try reader.text("description") {
            shop[kind].descriptions[ordinal] = text.isEmpty ? nil : text
        }
        if let code = try reader.text("externalCode") {
            shop[kind].externalCodes[ordinal] = code.isEmpty ? nil : code
        }
        if let text = try reader.text("shipmentAddress") { shop[kind].addresses[ordinal] = text }
        if let drafts {
            let lines = drafts.map { shop.lines.append(item: $0.item, amounts: $0.amounts) }
            shop[kind].setLines(lines, of: ordinal)
        }
        shop.recount(kind, ordinal)
        shop.refreshBase(of: kind, ordinal)
    }

    private func change(_ row: inout DocumentTable.Row) throws(APIFault) {
        if let moment = try reader.moment("moment") { row.moment = moment.toTheMinute }
        for (field, flag) in [
            ("applicable", DocumentTable.Flags.applicable), ("vatEnabled", .vatEnabled),
            ("vatIncluded", .vatIncluded),
        ] {
            guard let isOn = try reader.flag(field) else { continue }
            if isOn { row.flags.insert(flag) } else { row.flags.remove(flag) }
        }
        switch try reader.reference("agent", [.counterparty]) {
        case .object(let agent): row.agent = agent.ordinal
        case .cleared: throw .missing("agent")
        case .absent: break
        }
        let organization = try small("organization", .organization, old: row.organization)
        guard organization != DocumentTable.none else { throw .missing("organization") }
        row.organization = organization
        row.store = try small("store", .store, old: row.store)
        row.project = try small("project", .project, old: row.project)
        row.channel = try small("salesChannel", .salesChannel, old: row.channel)
        row.owner = try small("owner", .employee, old: row.owner)
        if row.owner == DocumentTable.none { row.owner = 0 }
        if let state = try reader.state(kind.type) { row.state = state ?? DocumentTable.none }
        if kind != .customerOrder, row.flags.contains(.applicable), row.store == DocumentTable.none {
            throw .missing("store")
        }
        try changeRate(&row)
        try changeBase(&row)
    }

    private func changeRate(_ row: inout DocumentTable.Row) throws(APIFault) {
        guard let rate = reader.body["rate"] else { return }
        // Null returns the document to the accounting currency.
        if case .null = rate { (row.currency, row.rate) = (0, 10_000) }
        let inner = reader.nested(rate)
        row.currency = try inner.small("currency", .currency, old: row.currency)
        if row.currency == DocumentTable.none { row.currency = 0 }
        let value = try inner.number("value", scale: 10_000, in: 1...Int64(Int32.max))
        row.rate = Int32(
            value ?? (row.currency == 0 ? 10_000 : reader.shop.currencies[Int(row.currency)].rate))
    }

    private func changeBase(_ row: inout DocumentTable.Row) throws(APIFault) {
        guard let baseKind = kind.baseKind else { return }
        let field = baseKind == .customerOrder ? "customerOrder" : "demand"
        switch try reader.reference(field, [baseKind.type]) {
        case .object(let base): row.base = base.ordinal
        case .cleared: row.base = -1
        case .absent: break
        }
    }

    private func small(_ field: String, _ type: ObjectType, old: UInt8) throws(APIFault) -> UInt8 {
        try reader.small(field, type, old: old)
    }

    // MARK: Lines

    private func drafts(_ row: DocumentTable.Row) throws(APIFault) -> [Draft]? {
        guard let positions = reader.body["positions"] else { return nil }
        // A body that repeats an answer has the lines' meta where the lines would be: they stay as they are.
        if positions["meta"] != nil, positions["rows"] == nil { return nil }
        guard let elements = (positions["rows"] ?? positions).elements else { throw .wrongValue("positions") }
        return try drafts(elements, row)
    }

    func drafts(_ elements: [RequestJSON], _ row: DocumentTable.Row) throws(APIFault) -> [Draft] {
        var drafts: [Draft] = []
        for element in elements { drafts.append(try draft(element, row, old: nil)) }
        return drafts
    }

    /// - Parameter old: The line that is changed; nil for a new one.
    func draft(_ element: RequestJSON, _ row: DocumentTable.Row, old: Draft?) throws(APIFault) -> Draft {
        let line = reader.nested(element)
        var item = old?.item
        if case .object(let target) = try line.reference("assortment", Set(ObjectType.items)) {
            item = target.ordinal
        }
        guard let item else { throw .missing("assortment") }
        let vat = row.flags.contains(.vatEnabled) ? reader.shop.items[Int(item)].vat ?? 0 : 0
        var amounts = old?.amounts ?? LineAmounts(quantity: 1000, price: 0, discount: 0, vat: vat)
        amounts.quantity =
            try line.number("quantity", scale: 1000, in: Self.quantityRange) ?? amounts.quantity
        amounts.price = try line.number("price", scale: 100, in: Self.priceRange) ?? amounts.price
        amounts.discount = try line.number("discount", scale: 100, in: Self.discountRange) ?? amounts.discount
        amounts.vat = try line.number("vat", scale: 1, in: 0...100) ?? amounts.vat
        return Draft(item: item, amounts: amounts)
    }
}

extension BodyReader {
    /// A reference into one of the small tables.
    func small(_ field: String, _ type: ObjectType, old: UInt8) throws(APIFault) -> UInt8 {
        switch try reference(field, [type]) {
        case .absent: return old
        case .cleared: return DocumentTable.none
        case .object(let target):
            guard target.ordinal < Int32(DocumentTable.none) else { throw .wrongValue(field) }
            return UInt8(target.ordinal)
        }
    }
}

extension Shop {
    /// An order is shipped as long as a posted demand stands on it.
    mutating func refreshBase(of kind: DocumentKind, _ ordinal: Int32) {
        let order = self[kind].bases[Int(ordinal)]
        guard kind == .demand, order >= 0 else { return }
        let demands = self[.demand]
        let isShipped = demands.bases.indices.contains { index in
            demands.bases[index] == order && demands.flags[index].contains(.applicable)
                && !demands.flags[index].contains(.deleted)
        }
        if isShipped {
            self[.customerOrder].flags[Int(order)].insert(.shipped)
        } else {
            self[.customerOrder].flags[Int(order)].remove(.shipped)
        }
    }
}
