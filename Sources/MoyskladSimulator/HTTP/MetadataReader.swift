/// What the account says about its types: states, custom fields, characteristics.
struct MetadataReader {
    let store: ShopStore

    /// `/entity/metadata`.
    func index(_ request: APIRequest) -> APIReply {
        var renderer = ObjectRenderer(shop: store.snapshot, base: request.base)
        renderer.nested { renderer in
            for type in ObjectType.allCases {
                renderer.writer.key(type.rawValue)
                renderer.nested { $0.metadataMeta(type) }
            }
        }
        return APIReply(body: renderer.writer.bytes)
    }

    /// `/entity/{type}/metadata` and what lies below it.
    func metadata(_ type: ObjectType, _ request: APIRequest) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        let parts = request.segments.dropFirst(3)
        switch (parts.first, parts.count) {
        case (nil, _): return whole(type, request, shop)
        case ("attributes", 1): return try attributes(type, request, shop)
        case ("states", 1) where type.hasStates:
            return whole(type, request, shop)
        case ("states", 2) where type.hasStates:
            let id = parts.last ?? ""
            guard ObjectIdentity.isWellFormed(Array(id.utf8)) else { throw .malformedID(id) }
            let states = Shop.states(of: type).indices
            let found = states.first {
                let ordinal = Shop.stateOrdinal(type: type, state: UInt8($0))
                return shop.identity.text(code: ObjectIdentity.Space.state.code, ordinal: ordinal) == id
            }
            guard let found else { throw APIFault(404, 1021, "Статус с идентификатором '\(id)' не найден") }
            var renderer = ObjectRenderer(shop: shop, base: request.base)
            renderer.writeState(type, UInt8(found), isFull: true)
            return APIReply(body: renderer.writer.bytes)
        default: throw .unknownPath
        }
    }

    private func whole(_ type: ObjectType, _ request: APIRequest, _ shop: Shop) -> APIReply {
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.nested { renderer in
            renderer.metadataMeta(type)
            if type == .variant {
                renderer.array("characteristics") { renderer in
                    for index in Vocabulary.characteristics.indices {
                        renderer.nested { $0.characteristic(index, value: nil) }
                    }
                }
                return
            }
            let count = Shop.attributes.count { $0.type == type }
            renderer.object("attributes") { renderer in
                renderer.object("meta") { renderer in
                    renderer.writer.field(
                        "href", "\(renderer.base)/entity/\(type.rawValue)/metadata/attributes")
                    renderer.writer.field("type", "attributemetadata" as StaticString)
                    renderer.writer.field("mediaType", "application/json" as StaticString)
                    renderer.writer.field("size", count)
                    renderer.writer.field("limit", 1000)
                    renderer.writer.field("offset", 0)
                }
            }
            if type.hasStates {
                renderer.array("states") { renderer in
                    for state in Shop.states(of: type).indices {
                        renderer.writeState(type, UInt8(state), isFull: true)
                    }
                }
            }
            renderer.writer.field("createShared", true)
        }
        return APIReply(body: renderer.writer.bytes)
    }

    private func attributes(_ type: ObjectType, _ request: APIRequest, _ shop: Shop) throws(APIFault)
        -> APIReply
    {
        let own = Shop.attributes.indices.filter { Shop.attributes[$0].type == type }
        let page = try ListPage(request.query)
        let reader = ListReader(store: store)
        return reader.envelope(request, type: "attributemetadata", page: page, size: own.count, shop: shop) {
            renderer in
            for place in page.range(of: own.count) {
                renderer.nested { renderer in
                    renderer.attributeHead(own[place])
                    renderer.writer.field("required", false)
                    renderer.writer.field("show", true)
                }
            }
        }
    }
}

extension ObjectRenderer {
    mutating func metadataMeta(_ type: ObjectType) {
        object("meta") { renderer in
            renderer.writer.field("href", "\(renderer.base)/entity/\(type.rawValue)/metadata")
            renderer.writer.field("mediaType", "application/json" as StaticString)
        }
    }
}
