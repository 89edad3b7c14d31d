/// How to read one field of all rows of a type, for filters and sorting.
enum FieldReader {
    case id
    case text((Int32) -> String?)
    case texts((Int32) -> [String])
    case moment((Int32) -> Int64?)
    /// In hundredths.
    case number((Int32) -> Int64?)
    case flag((Int32) -> Bool)
    case reference(ObjectType, (Int32) -> Int32?)
    case state((Int32) -> UInt8?)
    /// Holds for rows that contain the object.
    case contains((Int32, ObjectReference) -> Bool)

    /// Nil for a field that cannot be filtered by.
    static func find(_ name: String, type: ObjectType, in shop: Shop) -> FieldReader? {
        if name == "id" { return .id }
        if name == "state.name" { return stateName(type, shop) }
        if let kind = type.documentKind { return document(name, shop[kind], shop) }
        if let own = own(name, type, shop) { return own }
        return dictionary(name, type, shop)
    }

    private static func dictionary(_ name: String, _ type: ObjectType, _ shop: Shop) -> FieldReader? {
        func common(_ ordinal: Int32) -> CommonFields? {
            shop.common(ObjectReference(type: type, ordinal: ordinal))
        }
        return switch name {
        case "name": .text { common($0)?.name }
        case "code": .text { common($0)?.code }
        case "description": .text { common($0)?.description }
        case "externalCode":
            .text { ordinal in
                common(ordinal)?.externalCode
                    ?? ObjectRenderer.externalCode(
                        of: ObjectReference(type: type, ordinal: ordinal), seed: shop.seed)
            }
        case "updated": .moment { common($0)?.updated.milliseconds }
        case "created": .moment { common($0)?.created.milliseconds }
        case "archived": .flag { common($0)?.archived ?? false }
        case "shared": .flag { _ in true }
        case "group": .reference(.group) { _ in 0 }
        case "owner": .reference(.employee) { _ in 0 }
        default: nil
        }
    }

    /// Fields of single types.
    private static func own(_ name: String, _ type: ObjectType, _ shop: Shop) -> FieldReader? {
        switch (type, name) {
        case (.counterparty, _): return counterparty(name, shop)
        case (.product, _), (.variant, _), (.bundle, _), (.service, _): return item(name, shop)
        case (.organization, "inn"): return .text { shop.organizations[Int($0)].inn }
        case (.organization, "companyType"): return .text { shop.organizations[Int($0)].companyType }
        case (.store, "parent"): return .reference(.store) { shop.stores[Int($0)].parent }
        case (.store, "address"): return .text { shop.stores[Int($0)].address?.line }
        case (.employee, "uid"): return .text { shop.employees[Int($0)].login }
        case (.employee, "firstName"): return .text { shop.employees[Int($0)].firstName }
        case (.employee, "lastName"): return .text { shop.employees[Int($0)].lastName }
        case (.currency, "isoCode"): return .text { shop.currencies[Int($0)].isoCode }
        case (.currency, "default"): return .flag { shop.currencies[Int($0)].isDefault }
        case (.productFolder, "productFolder"):
            return .reference(.productFolder) { shop.folders[Int($0)].parent }
        case (.productFolder, "pathName"): return .text { shop.folders[Int($0)].pathName }
        case (.salesChannel, "type"): return .text { shop.channels[Int($0)].kind }
        default: return nil
        }
    }

    private static func counterparty(_ name: String, _ shop: Shop) -> FieldReader? {
        switch name {
        case "phone": .text { shop.counterparties[Int($0)].phone }
        case "email": .text { shop.counterparties[Int($0)].email }
        case "inn": .text { shop.counterparties[Int($0)].inn }
        case "companyType": .text { shop.counterparties[Int($0)].companyType }
        case "actualAddress": .text { shop.counterparties[Int($0)].address }
        case "tags": .texts { shop.counterparties[Int($0)].tags }
        case "state": .state { shop.counterparties[Int($0)].state }
        case "group": .reference(.group) { shop.counterparties[Int($0)].group }
        default: nil
        }
    }

    private static func item(_ name: String, _ shop: Shop) -> FieldReader? {
        switch name {
        case "article": .text { shop.items[Int($0)].article }
        case "barcode": .text { shop.items[Int($0)].barcode }
        case "pathName", "pathname":
            .text { ordinal in
                guard let folder = shop.items[Int(ordinal)].folder else { return "" }
                let row = shop.folders[Int(folder)]
                return row.pathName.isEmpty ? row.common.name : "\(row.pathName)/\(row.common.name)"
            }
        case "productFolder": .reference(.productFolder) { shop.items[Int($0)].folder }
        case "supplier": .reference(.counterparty) { shop.items[Int($0)].supplier }
        case "productid": .reference(.product) { shop.items[Int($0)].parent }
        case "minimumBalance": .number { shop.items[Int($0)].minimumBalance.map { $0 / 10 } }
        case "weight": .number { shop.items[Int($0)].weight.map { $0 / 10 } }
        case "volume": .number { shop.items[Int($0)].volume.map { $0 / 10 } }
        case "weighed": .flag { shop.items[Int($0)].weighed }
        case "type": .text { shop.items[Int($0)].kind.type.rawValue }
        default: nil
        }
    }

    private static func document(_ name: String, _ table: DocumentTable, _ shop: Shop) -> FieldReader? {
        func small(_ type: ObjectType, _ column: [UInt8]) -> FieldReader {
            .reference(type) { column[Int($0)] == DocumentTable.none ? nil : Int32(column[Int($0)]) }
        }
        switch name {
        case "updated": return .moment { table.updated[Int($0)] }
        case "created": return .moment { table.created[Int($0)] }
        case "moment": return .moment { table.moments[Int($0)] }
        case "deleted": return .moment { _ in nil }
        case "isDeleted": return .flag { !table.isLive($0) }
        case "applicable": return .flag { table.flags[Int($0)].contains(.applicable) }
        case "vatEnabled": return .flag { table.flags[Int($0)].contains(.vatEnabled) }
        case "shared": return .flag { _ in true }
        case "printed", "published": return .flag { _ in false }
        case "name": return .text { table.name($0) }
        case "description": return .text { table.descriptions[$0] }
        case "externalCode":
            return .text { ordinal in
                table.externalCodes[ordinal]
                    ?? ObjectRenderer.externalCode(
                        of: ObjectReference(type: table.kind.type, ordinal: ordinal), seed: shop.seed)
            }
        case "sum": return .number { table.sums[Int($0)] * 100 }
        case "agent": return .reference(.counterparty) { table.agents[Int($0)] }
        case "organization": return small(.organization, table.organizations)
        case "store": return small(.store, table.stores)
        case "owner": return small(.employee, table.owners)
        case "group": return .reference(.group) { _ in table.kind.isRetail ? 1 : 0 }
        case "project": return small(.project, table.projects)
        case "salesChannel": return small(.salesChannel, table.channels)
        case "state":
            return .state { table.states[Int($0)] == DocumentTable.none ? nil : table.states[Int($0)] }
        case "customerOrder" where table.kind == .demand: return base(table, .customerOrder)
        case "demand" where table.kind == .salesReturn: return base(table, .demand)
        case "assortment": return .contains { holds($1, table.lines($0), shop) }
        default: return nil
        }
    }

    private static func base(_ table: DocumentTable, _ type: ObjectType) -> FieldReader {
        .reference(type) { table.bases[Int($0)] < 0 ? nil : table.bases[Int($0)] }
    }

    /// Whether a line has the item, or an item of the folder.
    private static func holds(_ target: ObjectReference, _ lines: DocumentLines, _ shop: Shop) -> Bool {
        lines.contains { line in
            let item = shop.lines.items[line]
            if target.type == .productFolder { return shop.items[Int(item)].folder == target.ordinal }
            return item == target.ordinal && shop.items[Int(item)].kind.type == target.type
        }
    }

    private static func stateName(_ type: ObjectType, _ shop: Shop) -> FieldReader? {
        guard type.hasStates, case .state(let read)? = find("state", type: type, in: shop) else { return nil }
        let states = Shop.states(of: type)
        return .text { ordinal in
            read(ordinal).flatMap { Int($0) < states.count ? states[Int($0)].name : nil }
        }
    }
}
