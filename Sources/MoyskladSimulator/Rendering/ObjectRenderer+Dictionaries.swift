/// Organizations, stores, people and the small dictionaries.
extension ObjectRenderer {
    mutating func writePlain(_ target: ObjectReference, expand: ExpandTree) {
        let index = Int(target.ordinal)
        switch target.type {
        case .group:
            meta(target)
            id(code: target.type.code, ordinal: target.ordinal)
            accountID()
            writer.field("name", shop.groups[index].common.name)
            writer.field("index", index)
        case .uom: head(target, shop.uoms[index].common, expand: expand)
        case .country: head(target, shop.countries[index].common, expand: expand)
        case .project:
            head(target, shop.projects[index].common, expand: expand)
        default:
            head(target, shop.channels[index].common, expand: expand)
            writer.field("type", shop.channels[index].kind)
        }
    }

    mutating func writeOrganization(_ target: ObjectReference, expand: ExpandTree) {
        let row = shop.organizations[Int(target.ordinal)]
        head(target, row.common, expand: expand)
        writer.field("created", row.common.created)
        writer.field("companyType", row.companyType)
        writer.field("legalTitle", row.legalTitle)
        writer.field("inn", row.inn)
        writer.field("payerVat", row.vatEnabled)
        if let address = row.address {
            writer.field("legalAddress", address.line)
            self.address("legalAddressFull", address)
            writer.field("actualAddress", address.line)
            self.address("actualAddressFull", address)
        }
        collection("accounts", of: target, path: "accounts", type: "account", size: 0)
    }

    mutating func writeStore(_ target: ObjectReference, expand: ExpandTree) {
        let row = shop.stores[Int(target.ordinal)]
        head(target, row.common, expand: expand)
        writer.field("pathName", row.pathName)
        reference("parent", row.parent.map { ObjectReference(type: .store, ordinal: $0) }, expand: expand)
        if let address = row.address {
            writer.field("address", address.line)
            self.address("addressFull", address)
        }
        collection("zones", of: target, path: "zones", type: "storezone", size: 0)
        collection("slots", of: target, path: "slots", type: "slot", size: 0)
    }

    mutating func writeEmployee(_ target: ObjectReference, expand: ExpandTree) {
        let row = shop.employees[Int(target.ordinal)]
        head(target, row.common, expand: expand)
        writer.field("created", row.common.created)
        writer.field("uid", row.login)
        writer.field("firstName", row.firstName)
        writer.field("middleName", row.middleName)
        writer.field("lastName", row.lastName)
        writer.field("fullName", "\(row.lastName) \(row.firstName) \(row.middleName)")
        writer.field("shortFio", row.common.name)
        writer.field("position", row.position)
    }

    mutating func writeCurrency(_ target: ObjectReference) {
        let row = shop.currencies[Int(target.ordinal)]
        meta(target)
        id(code: target.type.code, ordinal: target.ordinal)
        writer.field("system", true)
        writer.field("name", row.common.name)
        writer.field("fullName", row.fullName)
        writer.field("code", row.common.code)
        writer.field("isoCode", row.isoCode)
        writer.field("rate", units: row.rate, scale: 10_000)
        writer.field("multiplicity", 1)
        writer.field("indirect", false)
        writer.field("rateUpdateType", row.isDefault ? "manual" as StaticString : "auto")
        writer.field("margin", units: 0, scale: 10)
        writer.field("archived", row.common.archived)
        writer.field("default", row.isDefault)
        unit("majorUnit", row.common.name)
        unit("minorUnit", "коп")
    }

    private mutating func unit(_ key: StaticString, _ word: String) {
        object(key) { renderer in
            renderer.writer.field("gender", "masculine" as StaticString)
            renderer.writer.field("s1", word)
            renderer.writer.field("s2", word)
            renderer.writer.field("s5", word)
        }
    }

    mutating func writeFolder(_ target: ObjectReference, expand: ExpandTree) {
        let row = shop.folders[Int(target.ordinal)]
        head(target, row.common, expand: expand)
        writer.field("pathName", row.pathName)
        writer.field("useParentVat", true)
        reference(
            "productFolder", row.parent.map { ObjectReference(type: .productFolder, ordinal: $0) },
            expand: expand)
    }

    mutating func writeCounterparty(_ target: ObjectReference, expand: ExpandTree) {
        let row = shop.counterparties[Int(target.ordinal)]
        head(target, row.common, expand: expand, group: row.group)
        writer.field("created", row.common.created)
        writer.field("companyType", row.companyType)
        writer.field("phone", row.phone)
        writer.field("email", row.email)
        writer.field("inn", row.inn)
        if row.companyType == "legal" { writer.field("legalTitle", row.common.name) }
        writer.field("actualAddress", row.address)
        if let city = row.city {
            object("actualAddressFull") { renderer in
                renderer.writer.field("city", city)
                renderer.writer.field("addInfo", row.address)
            }
        }
        if let state = row.state { self.state(.counterparty, state, expand: expand) }
        array("tags") { renderer in
            for tag in row.tags { renderer.writer.value(tag) }
        }
        attributes(target)
        writer.field("salesAmount", units: 0, scale: 10)
        collection("accounts", of: target, path: "accounts", type: "account", size: 0)
        collection("contactpersons", of: target, path: "contactpersons", type: "contactperson", size: 0)
        collection("notes", of: target, path: "notes", type: "note", size: 0)
        collection("files", of: target, path: "files", type: "files", size: 0)
    }

    mutating func address(_ key: StaticString, _ address: Address) {
        object(key) { renderer in
            renderer.writer.field("postalCode", address.postalCode)
            renderer.writer.key("country")
            renderer.bareReference(ObjectReference(type: .country, ordinal: 0))
            renderer.writer.field("city", address.city)
            renderer.writer.field("street", address.street)
            renderer.writer.field("house", address.house)
        }
    }
}
