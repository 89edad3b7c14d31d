/// The API's writes (§7): everything is checked before anything changes.
struct ObjectWriter {
    let store: ShopStore

    /// One object, or an array of which each element is made or, having a `meta`, changed.
    func create(_ type: ObjectType, _ request: APIRequest) throws(APIFault) -> APIReply {
        let body = try Self.parse(request.body)
        guard let elements = body.elements else {
            let target = try apply(type, body, target: nil, request)
            return rendered(target, request)
        }
        var renderer = ObjectRenderer(shop: store.snapshot, base: request.base)
        var outcomes: [Result<ObjectReference, APIFault>] = []
        for element in elements {
            do throws(APIFault) {
                outcomes.append(.success(try apply(type, element, target: existing(type, element), request)))
            } catch {
                outcomes.append(.failure(error))
            }
        }
        renderer = ObjectRenderer(shop: store.snapshot, base: request.base)
        renderer.elements { renderer in
            for outcome in outcomes {
                switch outcome {
                case .success(let target): renderer.write(target, expand: ExpandTree())
                case .failure(let fault): renderer.nested { $0.errors(fault) }
                }
            }
        }
        return APIReply(body: renderer.writer.bytes)
    }

    func update(_ type: ObjectType, id: String, _ request: APIRequest) throws(APIFault) -> APIReply {
        let body = try Self.parse(request.body)
        let target = try find(type, id: id, in: store.snapshot)
        return rendered(try apply(type, body, target: target, request), request)
    }

    func delete(_ type: ObjectType, id: String) throws(APIFault) -> APIReply {
        try store.change { shop throws(APIFault) in
            try shop.remove(try find(type, id: id, in: shop))
        }
        return APIReply()
    }

    /// `POST /entity/{type}/delete` with an array of `{meta}`.
    func deleteMany(_ type: ObjectType, _ request: APIRequest) throws(APIFault) -> APIReply {
        guard let elements = try Self.parse(request.body).elements else {
            throw APIFault(400, 2005, "Ошибка формата: ожидается массив")
        }
        var renderer = ObjectRenderer(shop: store.snapshot, base: request.base)
        renderer.elements { renderer in
            for element in elements {
                let id = element["meta"]?["href"]?.string.flatMap(RowPredicate.lastSegment) ?? ""
                renderer.nested { renderer in
                    do throws(APIFault) {
                        _ = try delete(type, id: id)
                        let text = "Сущность '\(type.rawValue)' с UUID: \(id) успешно удалена"
                        renderer.writer.field("info", text)
                    } catch {
                        renderer.errors(error)
                    }
                }
            }
        }
        return APIReply(body: renderer.writer.bytes)
    }

    // MARK: Lines

    /// POST adds lines, PUT changes one, DELETE and POST to `delete` remove.
    func writePositions(
        _ owner: ObjectReference, _ kind: DocumentKind, _ request: APIRequest
    ) throws(APIFault) -> APIReply {
        let name = request.segments.count > 4 ? request.segments[4] : nil
        switch (request.method, name) {
        case ("POST", nil): return try addPositions(owner, kind, request)
        case ("POST", "delete"):
            guard let elements = try Self.parse(request.body).elements else {
                throw APIFault(400, 2005, "Ошибка формата: ожидается массив")
            }
            let ids = elements.map { $0["meta"]?["href"]?.string.flatMap(RowPredicate.lastSegment) ?? "" }
            try removePositions(Set(ids), owner, kind)
            return APIReply()
        case ("PUT", let id?): return try changePosition(id, owner, kind, request)
        case ("DELETE", let id?):
            try removePositions([id], owner, kind)
            return APIReply()
        default: throw .methodNotSupported
        }
    }

    private func addPositions(
        _ owner: ObjectReference, _ kind: DocumentKind, _ request: APIRequest
    ) throws(APIFault) -> APIReply {
        let body = try Self.parse(request.body)
        let added = try store.change { shop throws(APIFault) in
            let row = shop[kind][owner.ordinal]
            let reader = BodyReader(body: body, shop: shop, base: request.base)
            let drafts = try DocumentWriter(reader: reader, kind: kind).drafts(body.elements ?? [body], row)
            let old = shop[kind].lines(owner.ordinal).map { Int32($0) }
            guard old.count + drafts.count <= DocumentWriter.lineCountMax else {
                throw .wrongValue("positions")
            }
            let lines = drafts.map { shop.lines.append(item: $0.item, amounts: $0.amounts) }
            shop.setLines(old + lines, of: owner, kind)
            return lines
        }
        let shop = store.snapshot
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.elements { renderer in
            for line in added {
                renderer.writePosition(
                    Int(line), of: owner, kind, shop[kind][owner.ordinal], expand: ExpandTree())
            }
        }
        return APIReply(body: renderer.writer.bytes)
    }

    private func changePosition(
        _ id: String, _ owner: ObjectReference, _ kind: DocumentKind, _ request: APIRequest
    ) throws(APIFault) -> APIReply {
        let body = try Self.parse(request.body)
        let line = try store.change { shop throws(APIFault) in
            let lines = shop[kind].lines(owner.ordinal)
            let line = try ListReader.line(id, in: lines, shop)
            let reader = BodyReader(body: body, shop: shop, base: request.base)
            let old = DocumentWriter.Draft(item: shop.lines.items[line], amounts: shop.lines.amounts(line))
            let draft = try DocumentWriter(reader: reader, kind: kind).draft(
                body, shop[kind][owner.ordinal], old: old)
            shop.lines.replace(line, item: draft.item, amounts: draft.amounts)
            shop.setLines(lines.map { Int32($0) }, of: owner, kind)
            return line
        }
        let shop = store.snapshot
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.writePosition(line, of: owner, kind, shop[kind][owner.ordinal], expand: ExpandTree())
        return APIReply(body: renderer.writer.bytes)
    }

    private func removePositions(
        _ ids: Set<String>, _ owner: ObjectReference, _ kind: DocumentKind
    ) throws(APIFault) {
        try store.change { shop throws(APIFault) in
            let lines = shop[kind].lines(owner.ordinal)
            var gone: Set<Int> = []
            for id in ids { gone.insert(try ListReader.line(id, in: lines, shop)) }
            shop.setLines(lines.filter { !gone.contains($0) }.map { Int32($0) }, of: owner, kind)
        }
    }

    // MARK: Objects

    private func apply(
        _ type: ObjectType, _ body: RequestJSON, target: ObjectReference?, _ request: APIRequest
    ) throws(APIFault) -> ObjectReference {
        guard case .object = body else { throw APIFault(400, 2005, "Ошибка формата: ожидается объект") }
        return try store.change { shop throws(APIFault) in
            let reader = BodyReader(body: body, shop: shop, base: request.base)
            if let kind = type.documentKind {
                let writer = DocumentWriter(reader: reader, kind: kind)
                if let target {
                    try writer.update(target.ordinal, in: &shop)
                    return target
                }
                return ObjectReference(type: type, ordinal: try writer.create(in: &shop))
            }
            let writer = DictionaryWriter(reader: reader, type: type)
            if let target {
                try writer.update(target, in: &shop)
                return target
            }
            return ObjectReference(type: type, ordinal: try writer.create(in: &shop))
        }
    }

    private func existing(_ type: ObjectType, _ element: RequestJSON) throws(APIFault) -> ObjectReference? {
        guard let href = element["meta"]?["href"]?.string else { return nil }
        return try find(type, id: RowPredicate.lastSegment(href) ?? "", in: store.snapshot)
    }

    private func find(_ type: ObjectType, id: String, in shop: Shop) throws(APIFault) -> ObjectReference {
        guard ObjectIdentity.isWellFormed(Array(id.utf8)) else { throw .malformedID(id) }
        guard let target = shop.object(type: type, id: id) else { throw .notFound(type, id) }
        return target
    }

    private func rendered(_ target: ObjectReference, _ request: APIRequest) -> APIReply {
        var renderer = ObjectRenderer(shop: store.snapshot, base: request.base)
        renderer.write(target, expand: ExpandTree())
        return APIReply(body: renderer.writer.bytes)
    }

    private static func parse(_ body: [UInt8]) throws(APIFault) -> RequestJSON {
        do throws(RequestJSON.Failure) {
            return try RequestJSON(body)
        } catch {
            throw APIFault(error)
        }
    }
}

extension Shop {
    /// Gives a document other lines and counts it again, as one change.
    mutating func setLines(_ lines: [Int32], of owner: ObjectReference, _ kind: DocumentKind) {
        self[kind].setLines(lines, of: owner.ordinal)
        self[kind].updated[Int(owner.ordinal)] = tick().milliseconds
        recount(kind, owner.ordinal)
    }

    /// Takes an object out of the shop for good.
    ///
    /// - Throws: 1028 with some of the objects that still use it.
    mutating func remove(_ target: ObjectReference) throws(APIFault) {
        let users = users(of: target)
        guard users.isEmpty else {
            var fault = APIFault(409, 1028, "Удаление невозможно: объект используется")
            fault.dependencies = users
            throw fault
        }
        let moment = tick()
        if let kind = target.type.documentKind {
            self[kind].flags[Int(target.ordinal)].insert(.deleted)
            self[kind].updated[Int(target.ordinal)] = moment.milliseconds
            refreshBase(of: kind, target.ordinal)
            return
        }
        guard var common = common(target) else { return }
        common.deleted = true
        common.updated = moment
        setCommon(common, of: target)
    }

    private static let usersNamedMax = 5

    /// Documents and items that refer to a counterparty or an item; other dictionaries are always in use.
    private func users(of target: ObjectReference) -> [ObjectReference] {
        if target.type.isDocument { return [] }
        guard target.type == .counterparty || target.type.isItem else {
            return [ObjectReference(type: .organization, ordinal: 0)]
        }
        var found: [ObjectReference] = []
        for table in documents {
            for ordinal in 0..<Int32(table.count) where table.isLive(ordinal) {
                let uses =
                    target.type == .counterparty
                    ? table.agents[Int(ordinal)] == target.ordinal
                    : table.lines(ordinal).contains { lines.items[$0] == target.ordinal }
                guard uses else { continue }
                found.append(ObjectReference(type: table.kind.type, ordinal: ordinal))
                if found.count == Self.usersNamedMax { return found }
            }
        }
        for ordinal in items.indices where exists(item(Int32(ordinal))) {
            let row = items[ordinal]
            let uses =
                target.type == .counterparty
                ? row.supplier == target.ordinal
                : row.parent == target.ordinal || row.components.contains { $0.item == target.ordinal }
            if uses && found.count < Self.usersNamedMax { found.append(item(Int32(ordinal))) }
        }
        return found
    }
}
