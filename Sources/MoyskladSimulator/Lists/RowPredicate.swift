/// The conditions of a filter as a test of rows.
struct RowPredicate {
    let type: ObjectType
    let shop: Shop
    private var tests: [(Int32) -> Bool] = []
    /// Whether the filter says itself which archived rows it wants.
    private(set) var namesArchive = false

    /// - Throws: the faults of §5.2 for unknown fields and wrong values.
    init(_ filter: FilterExpression, type: ObjectType, shop: Shop) throws(APIFault) {
        self.type = type
        self.shop = shop
        for field in filter.fields {
            guard let conditions = filter.conditions[field] else { continue }
            if field == "archived" { namesArchive = true }
            tests.append(try test(field: field, conditions))
        }
    }

    func holds(_ ordinal: Int32) -> Bool { tests.allSatisfy { $0(ordinal) } }

    /// Equal values are alternatives, everything else must hold together.
    private func test(
        field: String, _ conditions: [FilterCondition]
    ) throws(APIFault) -> (Int32) -> Bool {
        guard let reader = reader(field) else {
            throw .filter("поле '\(field)' не поддерживает фильтрацию", parameter: field)
        }
        var alternatives: [(Int32) -> Bool] = []
        var demands: [(Int32) -> Bool] = []
        for condition in conditions {
            let test = try single(reader, condition)
            if condition.operation == .equal { alternatives.append(test) } else { demands.append(test) }
        }
        return { ordinal in
            (alternatives.isEmpty || alternatives.contains { $0(ordinal) })
                && demands.allSatisfy { $0(ordinal) }
        }
    }

    private func reader(_ field: String) -> FieldReader? {
        if let found = FieldReader.find(field, type: type, in: shop) { return found }
        // A custom field by its href: only emptiness can be asked, as values are not kept for sorting.
        return nil
    }

    private func single(_ reader: FieldReader, _ condition: FilterCondition) throws(APIFault) -> (Int32) ->
        Bool
    {
        let value = condition.value
        let wrong = APIFault.filterValue(value, field: condition.field)
        switch reader {
        case .id: return try identifier(condition)
        case .text(let read): return try text(condition) { read($0).map { [$0] } ?? [] }
        case .texts(let read): return try text(condition, read)
        case .flag(let read):
            guard let wanted = value == "true" ? true : value == "false" ? false : nil else { throw wrong }
            switch condition.operation {
            case .equal: return { read($0) == wanted }
            case .notEqual: return { read($0) != wanted }
            default: throw wrong
            }
        case .moment(let read):
            if value.isEmpty { return try emptiness(condition) { read($0) == nil } }
            guard let moment = ShopTime(value) else { throw .filterDate(value, field: condition.field) }
            return try comparison(condition, moment.milliseconds, read)
        case .number(let read):
            if value.isEmpty { return try emptiness(condition) { read($0) == nil } }
            guard let number = DecimalText.units(value, scale: 100) else { throw wrong }
            return try comparison(condition, number, read)
        case .reference(let type, let read):
            if value.isEmpty { return try emptiness(condition) { read($0) == nil } }
            guard let id = Self.lastSegment(value) else { throw wrong }
            let target = shop.object(type: type, id: id)?.ordinal
            return try equality(condition) { target != nil && read($0) == target }
        case .state(let read):
            if value.isEmpty { return try emptiness(condition) { read($0) == nil } }
            guard let id = Self.lastSegment(value) else { throw wrong }
            let decoded = shop.identity.decode(id)
            let state = decoded.flatMap { $0.code == ObjectIdentity.Space.state.code ? $0.ordinal : nil }
            return try equality(condition) { ordinal in
                read(ordinal).map { Shop.stateOrdinal(type: type, state: $0) == state } ?? false
            }
        case .contains(let holds):
            guard let target = Self.target(of: value, in: shop) else { throw wrong }
            return try equality(condition) { holds($0, target) }
        }
    }

    private func identifier(_ condition: FilterCondition) throws(APIFault) -> (Int32) -> Bool {
        let id = Self.lastSegment(condition.value) ?? ""
        guard ObjectIdentity.isWellFormed(Array(id.utf8)) else {
            throw .filterValue(condition.value, field: condition.field)
        }
        let decoded = shop.identity.decode(id)
        let (type, shop) = (type, shop)
        return try equality(condition) { ordinal in
            guard let decoded, decoded.ordinal == ordinal else { return false }
            let own = type.isItem ? shop.item(ordinal).type : type
            return decoded.code == own.code
        }
    }

    private func equality(
        _ condition: FilterCondition, _ holds: @escaping (Int32) -> Bool
    ) throws(APIFault) -> (Int32) -> Bool {
        switch condition.operation {
        case .equal: return holds
        case .notEqual: return { !holds($0) }
        default:
            throw .filter(
                "оператор не поддерживается для поля '\(condition.field)'", parameter: condition.field)
        }
    }

    private func emptiness(
        _ condition: FilterCondition, _ isEmpty: @escaping (Int32) -> Bool
    ) throws(APIFault) -> (Int32) -> Bool { try equality(condition, isEmpty) }

    private func comparison(
        _ condition: FilterCondition, _ bound: Int64, _ read: @escaping (Int32) -> Int64?
    ) throws(APIFault) -> (Int32) -> Bool {
        switch condition.operation {
        case .equal: return { read($0) == bound }
        case .notEqual: return { read($0) != bound }
        case .more: return { read($0).map { $0 > bound } ?? false }
        case .less: return { read($0).map { $0 < bound } ?? false }
        case .atLeast: return { read($0).map { $0 >= bound } ?? false }
        case .atMost: return { read($0).map { $0 <= bound } ?? false }
        default:
            throw .filter(
                "оператор не поддерживается для поля '\(condition.field)'", parameter: condition.field)
        }
    }

    /// Comparisons of text ignore case.
    private func text(
        _ condition: FilterCondition, _ read: @escaping (Int32) -> [String]
    ) throws(APIFault) -> (Int32) -> Bool {
        let wanted = condition.value.lowercased()
        if wanted.isEmpty { return try emptiness(condition) { read($0).allSatisfy(\.isEmpty) } }
        func any(_ test: @escaping (String) -> Bool) -> (Int32) -> Bool {
            { read($0).contains { test($0.lowercased()) } }
        }
        switch condition.operation {
        case .equal: return any { $0 == wanted }
        case .notEqual: return { !any { $0 == wanted }($0) }
        case .contains: return any { $0.contains(wanted) }
        case .lacks: return { !any { $0.contains(wanted) }($0) }
        case .startsWith: return any { $0.hasPrefix(wanted) }
        case .endsWith: return any { $0.hasSuffix(wanted) }
        default:
            throw .filter(
                "оператор не поддерживается для поля '\(condition.field)'", parameter: condition.field)
        }
    }

    /// The id at the end of an href, or an id that stands alone.
    static func lastSegment(_ href: String) -> String? {
        let path = href.prefix { $0 != "?" }
        return path.split(separator: "/").last.map(String.init)
    }

    /// What an href of an entity means.
    static func target(of href: String, in shop: Shop) -> ObjectReference? {
        let segments = href.prefix { $0 != "?" }.split(separator: "/")
        guard segments.count >= 2, let type = ObjectType(rawValue: String(segments[segments.count - 2]))
        else {
            return nil
        }
        return shop.object(type: type, id: segments[segments.count - 1])
    }
}
