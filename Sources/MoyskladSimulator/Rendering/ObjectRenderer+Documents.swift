/// Orders, shipments, receipts and returns with their lines.
extension ObjectRenderer {
    mutating func writeDocument(_ target: ObjectReference, expand: ExpandTree) {
        guard let kind = target.type.documentKind else { return }
        let table = shop[kind]
        let row = table[target.ordinal]
        meta(target)
        id(code: target.type.code, ordinal: target.ordinal)
        accountID()
        owner(Int32(row.owner), group: kind.isRetail ? 1 : 0, expand: expand)
        writer.field("updated", row.updated)
        writer.field("created", row.created)
        writer.field("name", table.name(target.ordinal))
        writer.field("description", table.descriptions[target.ordinal])
        externalCode(table.externalCodes[target.ordinal], target)
        writer.field("moment", row.moment)
        writer.field("applicable", row.flags.contains(.applicable))
        rate(row, expand: expand)
        writer.field("sum", units: row.sum, scale: 1)
        parties(target.type, row, expand: expand)
        if row.state != DocumentTable.none { state(target.type, row.state, expand: expand) }
        attributes(target)
        writer.field("vatEnabled", row.flags.contains(.vatEnabled))
        if row.flags.contains(.vatEnabled) { writer.field("vatIncluded", row.flags.contains(.vatIncluded)) }
        writer.field("vatSum", units: row.vatSum, scale: 1)
        writer.field("printed", false)
        writer.field("published", false)
        if kind != .retailSalesReturn {
            writer.field("payedSum", units: row.paidSum, scale: 1)
            collection("files", of: target, path: "files", type: "files", size: 0)
        }
        positions(target, kind, row, expand: expand)
        writeOwnFields(target, kind, row, expand: expand)
    }

    private mutating func rate(_ row: DocumentTable.Row, expand: ExpandTree) {
        object("rate") { renderer in
            let currency = ObjectReference(type: .currency, ordinal: Int32(row.currency))
            renderer.reference("currency", currency, expand: expand["rate"] ?? ExpandTree())
            // The rate itself is there only when it is not one (API §4.5).
            if row.rate != 10_000 { renderer.writer.field("value", units: Int64(row.rate), scale: 10_000) }
        }
    }

    private mutating func parties(_ type: ObjectType, _ row: DocumentTable.Row, expand: ExpandTree) {
        func small(_ type: ObjectType, _ ordinal: UInt8) -> ObjectReference? {
            ordinal == DocumentTable.none ? nil : ObjectReference(type: type, ordinal: Int32(ordinal))
        }
        reference("organization", small(.organization, row.organization), expand: expand)
        reference("agent", ObjectReference(type: .counterparty, ordinal: row.agent), expand: expand)
        reference("store", small(.store, row.store), expand: expand)
        guard type.documentKind?.isRetail == false else { return }
        reference("salesChannel", small(.salesChannel, row.channel), expand: expand)
        reference("project", small(.project, row.project), expand: expand)
    }

    private mutating func positions(
        _ target: ObjectReference, _ kind: DocumentKind, _ row: DocumentTable.Row, expand: ExpandTree
    ) {
        let embedded = expand["positions"].map { inner -> (inout Self) -> Void in
            { renderer in
                let lines = renderer.shop[kind].lines(target.ordinal).prefix(Self.embeddedPositionsMax)
                for line in lines { renderer.writePosition(line, of: target, kind, row, expand: inner) }
            }
        }
        collection(
            "positions", of: target, path: "positions", type: kind.positionType, size: Int(row.lineCount),
            rows: embedded, limit: embedded == nil ? 1000 : Self.embeddedPositionsMax)
    }

    private mutating func writeOwnFields(
        _ target: ObjectReference, _ kind: DocumentKind, _ row: DocumentTable.Row, expand: ExpandTree
    ) {
        let base = kind.baseKind.map { ObjectReference(type: $0.type, ordinal: row.base) }
        switch kind {
        case .customerOrder:
            writer.field("invoicedSum", units: 0, scale: 1)
            writer.field("shippedSum", units: row.flags.contains(.shipped) ? row.sum : 0, scale: 1)
            let isReserved = row.flags.contains(.reserved) && !row.flags.contains(.shipped)
            writer.field("reservedSum", units: isReserved ? row.sum : 0, scale: 1)
            if row.moment.milliseconds % 3 == 0 {
                let planned = row.moment.milliseconds + 3 * ShopTime.day
                writer.field("deliveryPlannedMoment", ShopTime(milliseconds: planned))
            }
            shipmentAddress(target)
        case .demand: reference("customerOrder", base, expand: expand)
        case .salesReturn: reference("demand", base, expand: expand)
        case .retailDemand:
            retailPayment(target, row)
            for key: StaticString in ["prepaymentCashSum", "prepaymentNoCashSum", "prepaymentQrSum"] {
                writer.field(key, units: 0, scale: 1)
            }
            writer.field("advancePaymentSum", units: 0, scale: 1)
            writer.field("taxSystem", "GENERAL_TAX_SYSTEM" as StaticString)
            retailStore(row)
        case .retailSalesReturn:
            retailPayment(target, row)
            reference("demand", base, expand: expand)
            retailStore(row)
        }
    }

    private mutating func shipmentAddress(_ target: ObjectReference) {
        if let given = shop[.customerOrder].addresses[target.ordinal] {
            writer.field("shipmentAddress", given)
            return
        }
        var random = SeededRandom(seed: shop.seed &+ UInt64(UInt32(bitPattern: target.ordinal)))
        guard random.chance(0.5) else { return }
        let city = Vocabulary.cities[random.below(1 + random.below(Vocabulary.cities.count))]
        writer.field(
            "shipmentAddress", "\(city), \(random.pick(Vocabulary.streets)), \(random.within(1...150))")
    }

    private mutating func retailPayment(_ target: ObjectReference, _ row: DocumentTable.Row) {
        let way = SeededRandom.mix(UInt64(UInt32(bitPattern: target.ordinal)) &+ shop.seed) % 10
        writer.field("cashSum", units: way < 3 ? row.sum : 0, scale: 1)
        writer.field("noCashSum", units: way >= 3 && way < 8 ? row.sum : 0, scale: 1)
        writer.field("qrSum", units: way >= 8 ? row.sum : 0, scale: 1)
    }

    private mutating func retailStore(_ row: DocumentTable.Row) {
        foreign("retailStore", "retailstore", .retailStore, ordinal: Int32(row.store))
        foreign(
            "retailShift", "retailshift", .retailShift,
            ordinal: Int32(row.moment.day) * 256 + Int32(row.store))
    }

    /// A reference to an object of a type that this server does not list.
    private mutating func foreign(
        _ key: StaticString, _ type: String, _ space: ObjectIdentity.Space, ordinal: Int32
    ) {
        let id = shop.identity.text(code: space.code, ordinal: ordinal)
        object(key) { renderer in
            renderer.object("meta") { renderer in
                renderer.writer.field("href", "\(renderer.base)/entity/\(type)/\(id)")
                renderer.writer.field("metadataHref", "\(renderer.base)/entity/\(type)/metadata")
                renderer.writer.field("type", type)
                renderer.writer.field("mediaType", "application/json" as StaticString)
            }
        }
    }

    /// One line.
    mutating func writePosition(
        _ line: Int, of document: ObjectReference, _ kind: DocumentKind, _ row: DocumentTable.Row,
        expand: ExpandTree
    ) {
        let amounts = shop.lines.amounts(line)
        let item = shop.item(shop.lines.items[line])
        let (base, identity) = (base, shop.identity)
        nested { renderer in
            renderer.object("meta") { renderer in
                renderer.writer.key("href")
                renderer.writer.text { bytes in
                    bytes.append(contentsOf: base.utf8)
                    bytes.append(contentsOf: "/entity/".utf8)
                    bytes.append(contentsOf: document.type.rawValue.utf8)
                    bytes.append(UInt8(ascii: "/"))
                    identity.append(code: document.type.code, ordinal: document.ordinal, to: &bytes)
                    bytes.append(contentsOf: "/positions/".utf8)
                    identity.append(
                        code: ObjectIdentity.Space.position.code, ordinal: Int32(line), to: &bytes)
                }
                renderer.writer.field("metadataHref", "\(base)/entity/\(document.type.rawValue)/metadata")
                renderer.writer.field("type", kind.positionType)
                renderer.writer.field("mediaType", "application/json" as StaticString)
            }
            renderer.id(code: ObjectIdentity.Space.position.code, ordinal: Int32(line))
            renderer.accountID()
            renderer.writer.field("quantity", units: amounts.quantity, scale: LineAmounts.quantityScale)
            renderer.writer.field("price", units: amounts.price, scale: LineAmounts.priceScale)
            renderer.writer.field("discount", units: amounts.discount, scale: LineAmounts.discountScale)
            renderer.writer.field("vat", Int(amounts.vat))
            renderer.writer.field("vatEnabled", row.flags.contains(.vatEnabled))
            renderer.reference("assortment", item, expand: expand)
            renderer.writePositionExtras(amounts, item: item, kind, row)
        }
    }

    private mutating func writePositionExtras(
        _ amounts: LineAmounts, item: ObjectReference, _ kind: DocumentKind, _ row: DocumentTable.Row
    ) {
        switch kind {
        case .customerOrder:
            let isShipped = row.flags.contains(.shipped)
            writer.field("shipped", units: isShipped ? amounts.quantity : 0, scale: LineAmounts.quantityScale)
            let isReserved = row.flags.contains(.reserved) && !isShipped
            writer.field(
                "reserve", units: isReserved ? amounts.quantity : 0, scale: LineAmounts.quantityScale)
        case .demand, .retailDemand:
            if item.type == .service { writer.field("cost", 0) }
        case .salesReturn, .retailSalesReturn:
            // Without a base document the cost is what was typed in.
            if row.base < 0 { writer.field("cost", units: amounts.price * 6 / 10 / 100, scale: 1) }
        }
    }
}
