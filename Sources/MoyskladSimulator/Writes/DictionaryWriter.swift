/// Changes of counterparties, products, services and, by name and archive, of all dictionaries.
struct DictionaryWriter {
    let reader: BodyReader
    let type: ObjectType

    /// Prices up to a hundred million roubles, in hundredths of a kopeck.
    static let priceRange: ClosedRange<Int64> = 0...1_000_000_000_000

    /// - Returns: The new row's place.
    func create(in shop: inout Shop) throws(APIFault) -> Int32 {
        guard let name = try reader.text("name"), !name.isEmpty else { throw .missing("name") }
        switch type {
        case .counterparty:
            var row = CounterpartyRow(
                common: CommonFields(name, created: shop.clock.now), companyType: "legal")
            try change(&row)
            stamp(&row.common, shop.tick(), isNew: true)
            shop.counterparties.append(row)
            return Int32(shop.counterparties.count - 1)
        case .product, .service:
            let kind: ItemKind = type == .product ? .product : .service
            var row = ItemRow(common: CommonFields(name, created: shop.clock.now), kind: kind)
            try change(&row)
            stamp(&row.common, shop.tick(), isNew: true)
            shop.items.append(row)
            shop.openingStock.append(contentsOf: repeatElement(0, count: shop.stores.count))
            return Int32(shop.items.count - 1)
        default: throw .methodNotSupported
        }
    }

    func update(_ target: ObjectReference, in shop: inout Shop) throws(APIFault) {
        let place = Int(target.ordinal)
        if let name = try reader.text("name"), name.isEmpty { throw .missing("name") }
        switch type {
        case .counterparty:
            var row = shop.counterparties[place]
            try change(&row)
            stamp(&row.common, shop.tick(), isNew: false)
            shop.counterparties[place] = row
        case .product, .variant, .bundle, .service:
            var row = shop.items[place]
            try change(&row)
            stamp(&row.common, shop.tick(), isNew: false)
            shop.items[place] = row
        default:
            guard var common = shop.common(target) else { throw .unknownPath }
            try change(&common)
            stamp(&common, shop.tick(), isNew: false)
            shop.setCommon(common, of: target)
        }
    }

    private func stamp(_ common: inout CommonFields, _ moment: ShopTime, isNew: Bool) {
        common.updated = moment
        if isNew { common.created = moment }
    }

    private func change(_ common: inout CommonFields) throws(APIFault) {
        common.name = try reader.text("name") ?? common.name
        if let code = try reader.text("code") { common.code = code.isEmpty ? nil : code }
        if let text = try reader.text("description") { common.description = text.isEmpty ? nil : text }
        if let code = try reader.text("externalCode") { common.externalCode = code.isEmpty ? nil : code }
        if type.isArchivable { common.archived = try reader.flag("archived") ?? common.archived }
    }

    private func change(_ row: inout CounterpartyRow) throws(APIFault) {
        try change(&row.common)
        row.companyType = try reader.text("companyType") ?? row.companyType
        guard ["legal", "entrepreneur", "individual"].contains(row.companyType) else {
            throw .wrongValue("companyType")
        }
        row.phone = try changed(row.phone, "phone")
        row.email = try changed(row.email, "email")
        row.inn = try changed(row.inn, "inn")
        row.address = try changed(row.address, "actualAddress")
        if let full = reader.body["actualAddressFull"] {
            let inner = reader.nested(full)
            row.city = try inner.text("city").flatMap { $0.isEmpty ? nil : $0 } ?? row.city
        }
        if let tags = reader.body["tags"] {
            guard let elements = tags.elements else { throw .wrongValue("tags") }
            row.tags = elements.compactMap(\.string)
        }
        if let state = try reader.state(.counterparty) { row.state = state }
        if case .object(let group) = try reader.reference("group", [.group]) { row.group = group.ordinal }
    }

    private func changed(_ old: String?, _ field: String) throws(APIFault) -> String? {
        guard let text = try reader.text(field) else { return old }
        return text.isEmpty ? nil : text
    }

    private func change(_ row: inout ItemRow) throws(APIFault) {
        try change(&row.common)
        row.article = try changed(row.article, "article")
        row.vat = try reader.number("vat", scale: 1, in: 0...100) ?? row.vat
        row.weight = try reader.number("weight", scale: 1000, in: 0...1_000_000_000_000) ?? row.weight
        row.volume = try reader.number("volume", scale: 1000, in: 0...1_000_000_000_000) ?? row.volume
        let balance = try reader.number("minimumBalance", scale: 1000, in: 0...1_000_000_000_000)
        row.minimumBalance = balance ?? row.minimumBalance
        row.folder = try moved(row.folder, "productFolder", .productFolder)
        row.supplier = try moved(row.supplier, "supplier", .counterparty)
        row.uom = try moved(row.uom, "uom", .uom)
        row.buyPrice = try price("buyPrice") ?? row.buyPrice
        row.minimumPrice = try price("minPrice") ?? row.minimumPrice
        guard let prices = reader.body["salePrices"] else { return }
        guard let elements = prices.elements, elements.count <= Vocabulary.priceTypes.count else {
            throw .wrongValue("salePrices")
        }
        var values: [Int64] = []
        for element in elements {
            let value = try reader.nested(element).number("value", scale: 100, in: Self.priceRange)
            guard let value else { throw .missing("value") }
            values.append(value)
        }
        row.salePrices = values
    }

    private func moved(_ old: Int32?, _ field: String, _ type: ObjectType) throws(APIFault) -> Int32? {
        switch try reader.reference(field, [type]) {
        case .absent: old
        case .cleared: nil
        case .object(let target): target.ordinal
        }
    }

    private func price(_ field: String) throws(APIFault) -> Int64? {
        guard let value = reader.body[field] else { return nil }
        return try reader.nested(value).number("value", scale: 100, in: Self.priceRange)
    }
}

extension Shop {
    mutating func setCommon(_ common: CommonFields, of target: ObjectReference) {
        let place = Int(target.ordinal)
        switch target.type {
        case .group: groups[place].common = common
        case .uom: uoms[place].common = common
        case .country: countries[place].common = common
        case .project: projects[place].common = common
        case .salesChannel: channels[place].common = common
        case .organization: organizations[place].common = common
        case .store: stores[place].common = common
        case .employee: employees[place].common = common
        case .currency: currencies[place].common = common
        case .productFolder: folders[place].common = common
        case .product, .variant, .bundle, .service: items[place].common = common
        case .counterparty: counterparties[place].common = common
        case .customerOrder, .demand, .retailDemand, .salesReturn, .retailSalesReturn:
            preconditionFailure("documents share no such fields")
        }
    }
}
