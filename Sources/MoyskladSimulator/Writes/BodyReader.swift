/// Reads an object of a request's body field by field, with the faults that wrong values get.
struct BodyReader {
    let body: RequestJSON
    let shop: Shop
    /// What hrefs of this server begin with.
    let base: String

    /// Whether the body has the field, null included.
    func has(_ field: String) -> Bool { body[field] != nil }

    /// Nil when the field is absent.
    func text(_ field: String) throws(APIFault) -> String? {
        switch body[field] {
        case nil: return nil
        case .text(let text)?:
            guard text.utf8.count <= 4096 * 4 else { throw .wrongValue(field) }
            return text
        case .null?: return ""
        default: throw .wrongValue(field)
        }
    }

    func flag(_ field: String) throws(APIFault) -> Bool? {
        guard let value = body[field] else { return nil }
        guard let flag = value.bool else { throw .wrongValue(field) }
        return flag
    }

    /// A number in parts of one `scale`-th, within a range.
    func number(_ field: String, scale: Int64, in range: ClosedRange<Int64>) throws(APIFault) -> Int64? {
        guard let value = body[field] else { return nil }
        guard let number = value.units(scale: scale), range.contains(number) else { throw .wrongValue(field) }
        return number
    }

    func moment(_ field: String) throws(APIFault) -> ShopTime? {
        guard let text = try text(field) else { return nil }
        guard let moment = ShopTime(text) else { throw .wrongValue(field) }
        return moment
    }

    /// What a reference field means.
    enum Reference { case absent, cleared, object(ObjectReference) }

    func reference(_ field: String, _ types: Set<ObjectType>) throws(APIFault) -> Reference {
        guard let value = body[field] else { return .absent }
        if case .null = value { return .cleared }
        let href = try self.href(value, field: field)
        guard let target = RowPredicate.target(of: href, in: shop), types.contains(target.type) else {
            throw APIFault(404, 1021, "Объект по ссылке '\(href)' не найден", parameter: field)
        }
        return .object(target)
    }

    /// The state that a `state` field means; `cleared` for null.
    func state(_ type: ObjectType) throws(APIFault) -> UInt8?? {
        guard let value = body["state"] else { return nil }
        if case .null = value { return .some(nil) }
        let id = RowPredicate.lastSegment(try href(value, field: "state")) ?? ""
        let states = Shop.states(of: type).indices
        let found = states.first {
            let ordinal = Shop.stateOrdinal(type: type, state: UInt8($0))
            return shop.identity.text(code: ObjectIdentity.Space.state.code, ordinal: ordinal) == id
        }
        guard let found else {
            throw APIFault(404, 1021, "Статус с идентификатором '\(id)' не найден", parameter: "state")
        }
        return .some(UInt8(found))
    }

    private func href(_ value: RequestJSON, field: String) throws(APIFault) -> String {
        guard let href = value["meta"]?["href"]?.string else { throw .wrongMeta(field) }
        guard href.hasPrefix(base) else {
            throw APIFault(400, 1059, "В meta.href указан неверный сервер: '\(href)'", parameter: field)
        }
        return href
    }

    func nested(_ value: RequestJSON) -> BodyReader { BodyReader(body: value, shop: shop, base: base) }
}
