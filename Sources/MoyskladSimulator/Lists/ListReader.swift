/// Lists of objects, lines and other parts, a page at a time.
struct ListReader {
    let store: ShopStore

    func list(_ type: ObjectType, _ request: APIRequest) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        let page = try ListPage(request.query)
        let expand = page.expands ? try ExpandTree(request.query["expand"] ?? "", type: type) : ExpandTree()
        let result = try store.list(Self.listRequest(type, request.query), in: shop)
        return envelope(request, type: type.rawValue, page: page, size: result.ordinals.count, shop: shop) {
            renderer in
            if !expand.isEmpty { renderer.querySuffix = "?" + request.query.raw }
            for place in page.range(of: result.ordinals.count) {
                renderer.write(ObjectReference(type: type, ordinal: result.ordinals[place]), expand: expand)
            }
        }
    }

    /// All items in one list, with their stock (API §11.2).
    func assortment(_ request: APIRequest) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        let page = try ListPage(request.query)
        let expand =
            page.expands ? try ExpandTree(request.query["expand"] ?? "", type: .product) : ExpandTree()
        let result = try store.list(Self.listRequest(nil, request.query), in: shop)
        let ledger = store.stock(of: shop)
        return envelope(request, type: "assortment", page: page, size: result.ordinals.count, shop: shop) {
            renderer in
            for place in page.range(of: result.ordinals.count) {
                let item = shop.item(result.ordinals[place])
                renderer.write(item, expand: expand) { renderer in
                    guard item.type == .product || item.type == .variant else { return }
                    let (stock, reserve) = (
                        ledger.stock(item: item.ordinal), ledger.reserve(item: item.ordinal)
                    )
                    renderer.stockFields(stock: stock, reserve: reserve, withAvailable: true)
                }
            }
        }
    }

    func positions(
        _ owner: ObjectReference, _ kind: DocumentKind, _ request: APIRequest
    ) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        let row = shop[kind][owner.ordinal]
        let lines = shop[kind].lines(owner.ordinal)
        if request.segments.count == 5 {
            let id = request.segments[4]
            let expand = try ExpandTree(positions: request.query["expand"] ?? "")
            let line = try Self.line(id, in: lines, shop)
            var renderer = ObjectRenderer(shop: shop, base: request.base)
            renderer.writePosition(line, of: owner, kind, row, expand: expand)
            return APIReply(body: renderer.writer.bytes)
        }
        let page = try ListPage(request.query)
        let expand = page.expands ? try ExpandTree(positions: request.query["expand"] ?? "") : ExpandTree()
        let type = "\(kind.positionType)"
        return envelope(request, type: type, page: page, size: lines.count, shop: shop, metadata: owner.type)
        {
            for place in page.range(of: lines.count) {
                $0.writePosition(lines[place], of: owner, kind, row, expand: expand)
            }
        }
    }

    /// - Throws: 1052 and 1021.
    static func line(_ id: String, in lines: DocumentLines, _ shop: Shop) throws(APIFault) -> Int {
        guard ObjectIdentity.isWellFormed(Array(id.utf8)) else { throw .malformedID(id) }
        guard let decoded = shop.identity.decode(id), decoded.code == ObjectIdentity.Space.position.code,
            lines.contains(Int(decoded.ordinal))
        else { throw APIFault(404, 1021, "Позиция с идентификатором '\(id)' не найдена") }
        return Int(decoded.ordinal)
    }

    /// Components of bundles; accounts, contacts, files and images, of which the generated shop has none.
    func subcollection(_ owner: ObjectReference, name: String, _ request: APIRequest) throws(APIFault)
        -> APIReply
    {
        let shop = store.snapshot
        let page = try ListPage(request.query)
        let types = [
            "accounts": "account", "contactpersons": "contactperson", "notes": "note", "files": "files",
            "images": "image", "zones": "storezone", "slots": "slot", "components": "bundlecomponent",
        ]
        guard let type = types[name] else { throw .unknownPath }
        guard name == "components" else {
            return envelope(request, type: type, page: page, size: 0, shop: shop, metadata: owner.type) { _ in
            }
        }
        guard owner.type == .bundle else { throw .unknownPath }
        let row = shop.items[Int(owner.ordinal)]
        let size = row.components.count
        return envelope(request, type: type, page: page, size: size, shop: shop, metadata: owner.type) {
            $0.writeComponents(row, bundle: shop.identity.text(owner), expand: ExpandTree())
        }
    }

    static func listRequest(_ type: ObjectType?, _ query: QueryString) -> ListRequest {
        ListRequest(
            type: type, filter: query.joined("filter") ?? "", search: query["search"] ?? "",
            order: query.joined("order") ?? "")
    }

    /// The envelope of §5.1 around rows that `rows` writes.
    func envelope(
        _ request: APIRequest, type: String, page: ListPage, size: Int, shop: Shop,
        metadata: ObjectType? = nil,
        rows: (inout ObjectRenderer) -> Void
    ) -> APIReply {
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.writer.reserve(page.range(of: size).count * 2500 + 1000)
        let list = request.base + request.path
        let metadataType = metadata?.rawValue ?? (ObjectType(rawValue: type) == nil ? nil : type)
        renderer.nested { renderer in
            renderer.object("context") { $0.object("employee") { $0.employeeContext() } }
            renderer.object("meta") { renderer in
                let own = request.query.raw
                renderer.writer.field("href", own.isEmpty ? list : "\(list)?\(own)")
                renderer.writer.field(
                    "metadataHref", metadataType.map { "\(request.base)/entity/\($0)/metadata" })
                renderer.writer.field("type", type)
                renderer.writer.field("mediaType", "application/json" as StaticString)
                renderer.writer.field("size", size)
                renderer.writer.field("limit", page.limit)
                renderer.writer.field("offset", page.offset)
                if size > page.offset + page.limit {
                    let next = request.query.moved(limit: page.limit, offset: page.offset + page.limit)
                    renderer.writer.field("nextHref", "\(list)?\(next)")
                }
                if page.offset > 0 {
                    let back = request.query.moved(
                        limit: page.limit, offset: max(0, page.offset - page.limit))
                    renderer.writer.field("previousHref", "\(list)?\(back)")
                }
            }
            renderer.array("rows", rows)
        }
        return APIReply(body: renderer.writer.bytes)
    }
}

extension ObjectRenderer {
    mutating func employeeContext() {
        object("meta") { renderer in
            renderer.writer.field("href", "\(renderer.base)/context/employee")
            renderer.writer.field("metadataHref", "\(renderer.base)/entity/employee/metadata")
            renderer.writer.field("type", "employee" as StaticString)
            renderer.writer.field("mediaType", "application/json" as StaticString)
        }
    }
}
