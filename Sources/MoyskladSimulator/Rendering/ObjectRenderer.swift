/// Turns rows of the shop into the API's JSON.
struct ObjectRenderer {
    let shop: Shop
    /// Scheme, host and `/api/remap/1.2`, as the request named them.
    let base: String
    /// What the hrefs of rows repeat from the request's query in expanded answers (API §4.1), with its `?`.
    var querySuffix = ""
    var writer = JSONWriter()

    init(shop: Shop, base: String) {
        self.shop = shop
        self.base = base
    }

    /// Embedded positions are cut at so many (API §5.5).
    static let embeddedPositionsMax = 100

    /// One object with everything the API shows of it.
    mutating func write(
        _ reference: ObjectReference, expand: ExpandTree, extra: (inout Self) -> Void = { _ in }
    ) {
        nested { renderer in
            renderer.writeFields(reference, expand: expand)
            extra(&renderer)
        }
    }

    private mutating func writeFields(_ reference: ObjectReference, expand: ExpandTree) {
        switch reference.type {
        case .group, .uom, .country, .project, .salesChannel: writePlain(reference, expand: expand)
        case .organization: writeOrganization(reference, expand: expand)
        case .store: writeStore(reference, expand: expand)
        case .employee: writeEmployee(reference, expand: expand)
        case .currency: writeCurrency(reference)
        case .productFolder: writeFolder(reference, expand: expand)
        case .product, .variant, .bundle, .service: writeItem(reference, expand: expand)
        case .counterparty: writeCounterparty(reference, expand: expand)
        case .customerOrder, .demand, .retailDemand, .salesReturn, .retailSalesReturn:
            writeDocument(reference, expand: expand)
        }
    }

    // MARK: References

    /// A reference, or the object itself where the request wants it.
    mutating func reference(
        _ key: StaticString, _ target: ObjectReference?, expand: ExpandTree, name: String? = nil
    ) {
        guard let target, shop.exists(target) else { return }
        writer.key(key)
        if !expand.isEmpty, let inner = expand[name ?? "\(key)"] {
            write(target, expand: inner)
        } else {
            bareReference(target)
        }
    }

    mutating func bareReference(_ target: ObjectReference) {
        nested { $0.meta(target, isRow: false) }
    }

    mutating func meta(_ target: ObjectReference, isRow: Bool = true) {
        let type = target.type.rawValue
        object("meta") { renderer in
            renderer.writer.key("href")
            renderer.href(target, suffix: isRow ? renderer.querySuffix : "")
            renderer.writer.field("metadataHref", "\(renderer.base)/entity/\(type)/metadata")
            renderer.writer.field("type", type)
            renderer.writer.field("mediaType", "application/json")
            guard target.type.isItem else { return }
            renderer.writer.key("uuidHref")
            let (identity, code) = (renderer.shop.identity, target.type.code + ObjectIdentity.webCodeOffset)
            renderer.writer.text { bytes in
                bytes.append(contentsOf: "https://online.moysklad.ru/app/#good/edit?id=".utf8)
                identity.append(code: code, ordinal: target.ordinal, to: &bytes)
            }
        }
    }

    mutating func href(_ target: ObjectReference, suffix: String) {
        let (base, identity) = (base, shop.identity)
        writer.text { bytes in
            bytes.append(contentsOf: base.utf8)
            bytes.append(contentsOf: "/entity/".utf8)
            bytes.append(contentsOf: target.type.rawValue.utf8)
            bytes.append(UInt8(ascii: "/"))
            identity.append(code: target.type.code, ordinal: target.ordinal, to: &bytes)
            bytes.append(contentsOf: suffix.utf8)
        }
    }

    mutating func id(code: UInt16, ordinal: Int32, key: StaticString = "id") {
        let identity = shop.identity
        writer.key(key)
        writer.text { identity.append(code: code, ordinal: ordinal, to: &$0) }
    }

    /// The account's id, the same in all its objects.
    mutating func accountID() { id(code: ObjectIdentity.Space.account.code, ordinal: 0, key: "accountId") }

    /// A reference to a state of the type's metadata.
    mutating func state(_ type: ObjectType, _ state: UInt8, expand: ExpandTree) {
        let states = Shop.states(of: type)
        guard Int(state) < states.count else { return }
        writer.key("state")
        writeState(type, state, isFull: expand["state"] != nil)
    }

    mutating func writeState(_ type: ObjectType, _ state: UInt8, isFull: Bool) {
        let row = Shop.states(of: type)[Int(state)]
        let ordinal = Shop.stateOrdinal(type: type, state: state)
        let code = ObjectIdentity.Space.state.code
        let id = shop.identity.text(code: code, ordinal: ordinal)
        nested { renderer in
            renderer.object("meta") { renderer in
                let metadata = "\(renderer.base)/entity/\(type.rawValue)/metadata"
                renderer.writer.field("href", "\(metadata)/states/\(id)")
                renderer.writer.field("metadataHref", metadata)
                renderer.writer.field("type", "state" as StaticString)
                renderer.writer.field("mediaType", "application/json" as StaticString)
            }
            guard isFull else { return }
            renderer.writer.field("id", id)
            renderer.accountID()
            renderer.writer.field("name", row.name)
            renderer.writer.field("color", row.color)
            renderer.writer.field("stateType", row.kind)
            renderer.writer.field("entityType", type.rawValue)
        }
    }

    /// A sub-collection by its meta alone (API §5.1).
    mutating func collection(
        _ key: StaticString, of owner: ObjectReference, path: String, type: StaticString, size: Int,
        rows: ((inout Self) -> Void)? = nil, limit: Int = 1000
    ) {
        let href = "\(base)/entity/\(owner.type.rawValue)/\(shop.identity.text(owner))/\(path)"
        object(key) { renderer in
            renderer.object("meta") { renderer in
                renderer.writer.field("href", href)
                renderer.writer.field(
                    "metadataHref", "\(renderer.base)/entity/\(owner.type.rawValue)/metadata")
                renderer.writer.field("type", type)
                renderer.writer.field("mediaType", "application/json" as StaticString)
                renderer.writer.field("size", size)
                renderer.writer.field("limit", limit)
                renderer.writer.field("offset", 0)
            }
            guard let rows else { return }
            renderer.array("rows") { rows(&$0) }
        }
    }

    // MARK: What the dictionaries share

    mutating func head(
        _ target: ObjectReference, _ common: CommonFields, expand: ExpandTree, group: Int32 = 0
    ) {
        meta(target)
        id(code: target.type.code, ordinal: target.ordinal)
        accountID()
        owner(0, group: group, expand: expand)
        shared(common, target)
    }

    mutating func owner(_ owner: Int32, group: Int32, expand: ExpandTree) {
        reference("owner", ObjectReference(type: .employee, ordinal: owner), expand: expand)
        writer.field("shared", true)
        reference("group", ObjectReference(type: .group, ordinal: group), expand: expand)
    }

    mutating func shared(_ common: CommonFields, _ target: ObjectReference) {
        writer.field("updated", common.updated)
        writer.field("name", common.name)
        writer.field("description", common.description)
        writer.field("code", common.code)
        externalCode(common.externalCode, target)
        if target.type.isArchivable { writer.field("archived", common.archived) }
    }

    mutating func externalCode(_ given: String?, _ target: ObjectReference) {
        writer.field("externalCode", given ?? Self.externalCode(of: target, seed: shop.seed))
    }

    /// The code that the server gives when the user gave none: 22 characters that come from the id.
    static func externalCode(of target: ObjectReference, seed: UInt64) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var random = SeededRandom(
            seed: seed ^ UInt64(target.type.code) << 40 ^ UInt64(UInt32(bitPattern: target.ordinal)))
        var (bits, characters): (UInt64, [UInt8]) = (0, [])
        for place in 0..<22 {
            if place % 10 == 0 { bits = random.next() }
            characters.append(alphabet[Int(bits & 63)])
            bits >>= 6
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The custom fields that this object has a value in.
    mutating func attributes(_ target: ObjectReference) {
        let hash = SeededRandom.mix(UInt64(UInt32(bitPattern: target.ordinal)) ^ shop.seed)
        let own = Shop.attributes.indices.filter {
            let attribute = Shop.attributes[$0]
            return attribute.type == target.type && (hash >> UInt64($0 * 7)) % 100 < attribute.share
        }
        guard !own.isEmpty else { return }
        array("attributes") { renderer in
            for index in own {
                let choices = Shop.attributes[index].choices
                renderer.attribute(index, value: choices[Int(hash >> 33) % choices.count])
            }
        }
    }

    // MARK: Nesting

    mutating func nested(_ body: (inout Self) -> Void) {
        writer.open(UInt8(ascii: "{"))
        body(&self)
        writer.close(UInt8(ascii: "}"))
    }

    mutating func object(_ key: StaticString, _ body: (inout Self) -> Void) {
        writer.key(key)
        nested(body)
    }

    mutating func array(_ key: StaticString, _ body: (inout Self) -> Void) {
        writer.key(key)
        elements(body)
    }

    mutating func elements(_ body: (inout Self) -> Void) {
        writer.open(UInt8(ascii: "["))
        body(&self)
        writer.close(UInt8(ascii: "]"))
    }
}
