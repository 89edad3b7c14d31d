/// From a path to what serves it.
struct APIRouter: Sendable {
    let store: ShopStore
    let login: String

    /// - Throws: the API's own faults.
    func serve(_ request: APIRequest) throws(APIFault) -> APIReply {
        switch request.segments.first {
        case "entity": return try entity(request)
        case "context": return try context(request)
        case "report": return try report(request)
        default: throw .unknownPath
        }
    }

    // MARK: Entities

    private func entity(_ request: APIRequest) throws(APIFault) -> APIReply {
        let parts = request.segments
        guard parts.count >= 2 else { throw .unknownPath }
        if parts[1] == "metadata" { return MetadataReader(store: store).index(request) }
        if parts[1] == "assortment" {
            try require("GET", request)
            return try ListReader(store: store).assortment(request)
        }
        guard let type = ObjectType(rawValue: parts[1]) else { throw .unknownType(parts[1]) }
        switch parts.count {
        case 2: return try collection(type, request)
        case 3 where parts[2] == "metadata", 4... where parts[2] == "metadata":
            try require("GET", request)
            return try MetadataReader(store: store).metadata(type, request)
        case 3 where parts[2] == "delete" && request.method == "POST":
            return try ObjectWriter(store: store).deleteMany(type, request)
        case 3: return try single(type, id: parts[2], request)
        default: return try nested(type, request)
        }
    }

    private func collection(_ type: ObjectType, _ request: APIRequest) throws(APIFault) -> APIReply {
        switch request.method {
        case "GET": return try ListReader(store: store).list(type, request)
        case "POST": return try ObjectWriter(store: store).create(type, request)
        default: throw .methodNotSupported
        }
    }

    private func single(_ type: ObjectType, id: String, _ request: APIRequest) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        switch request.method {
        case "GET":
            if let reply = redirect(type, id: id, request, shop) { return reply }
            let target = try find(type, id: id, in: shop)
            let expand = try ExpandTree(request.query["expand"] ?? "", type: type)
            var renderer = ObjectRenderer(shop: shop, base: request.base)
            renderer.write(target, expand: expand)
            return APIReply(body: renderer.writer.bytes)
        case "PUT": return try ObjectWriter(store: store).update(type, id: id, request)
        case "DELETE": return try ObjectWriter(store: store).delete(type, id: id)
        default: throw .methodNotSupported
        }
    }

    /// An id of the web interface leads to the API's (§4.1).
    private func redirect(_ type: ObjectType, id: String, _ request: APIRequest, _ shop: Shop) -> APIReply? {
        guard let decoded = shop.identity.decode(id), decoded.code == type.code + ObjectIdentity.webCodeOffset
        else {
            return nil
        }
        let target = ObjectReference(type: type, ordinal: decoded.ordinal)
        guard shop.exists(target) else { return nil }
        var reply = APIReply(status: 308)
        reply.location = "\(request.base)/entity/\(type.rawValue)/\(shop.identity.text(target))"
        return reply
    }

    private func nested(_ type: ObjectType, _ request: APIRequest) throws(APIFault) -> APIReply {
        let parts = request.segments
        let owner = try find(type, id: parts[2], in: store.snapshot)
        if parts[3] == "positions", let kind = type.documentKind {
            if request.method == "GET" { return try ListReader(store: store).positions(owner, kind, request) }
            return try ObjectWriter(store: store).writePositions(owner, kind, request)
        }
        try require("GET", request)
        return try ListReader(store: store).subcollection(owner, name: parts[3], request)
    }

    private func find(_ type: ObjectType, id: String, in shop: Shop) throws(APIFault) -> ObjectReference {
        guard ObjectIdentity.isWellFormed(Array(id.utf8)) else { throw .malformedID(id) }
        guard let target = shop.object(type: type, id: id) else { throw .notFound(type, id) }
        return target
    }

    private func require(_ method: String, _ request: APIRequest) throws(APIFault) {
        guard request.method == method else { throw .methodNotSupported }
    }

    // MARK: Context and reports

    private func context(_ request: APIRequest) throws(APIFault) -> APIReply {
        try require("GET", request)
        let reader = ContextReader(shop: store.snapshot, login: login)
        switch request.segments.dropFirst().joined(separator: "/") {
        case "employee": return reader.employee(request)
        case "companysettings": return reader.companySettings(request)
        case "companysettings/pricetype": return reader.priceTypes(request)
        case "companysettings/pricetype/default": return reader.defaultPriceType(request)
        case "application":
            throw APIFault(403, 55006, "Контекст решения недоступен: запрос выполнен от имени пользователя")
        default: throw .unknownPath
        }
    }

    private func report(_ request: APIRequest) throws(APIFault) -> APIReply {
        try require("GET", request)
        let reader = StockReportReader(store: store)
        switch request.segments.dropFirst().joined(separator: "/") {
        case "stock/all": return try reader.all(request)
        case "stock/bystore": return try reader.byStore(request)
        case "stock/all/current": return try reader.current(request, byStore: false)
        case "stock/bystore/current": return try reader.current(request, byStore: true)
        default: throw .unknownPath
        }
    }
}
