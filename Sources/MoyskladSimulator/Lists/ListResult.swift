/// What a list request asks for, apart from the page.
struct ListRequest: Hashable, Sendable {
    /// Nil lists items of all kinds: the assortment.
    var type: ObjectType?
    var filter: String
    var search: String
    var order: String
}

/// The rows of a list, in order.
struct ListResult: Sendable {
    let ordinals: [Int32]

    init(_ request: ListRequest, shop: Shop) throws(APIFault) {
        let type = request.type ?? .product
        let predicate = try RowPredicate(FilterExpression(request.filter), type: type, shop: shop)
        let words = request.search.lowercased().split(separator: " ").map(String.init)
        // Archived rows come only when they are asked for.
        let hidesArchive = type.isArchivable && !predicate.namesArchive
        var found: [Int32] = []
        for ordinal in 0..<Int32(shop.rowCount(type)) {
            let reference =
                request.type == nil ? shop.item(ordinal) : ObjectReference(type: type, ordinal: ordinal)
            guard shop.exists(reference), predicate.holds(ordinal) else { continue }
            if hidesArchive, shop.common(reference)?.archived == true { continue }
            if !words.isEmpty, !Self.matches(reference, words, shop) { continue }
            found.append(ordinal)
        }
        try RowOrder(request.order).sort(&found, type: type, shop: shop)
        ordinals = found
    }

    /// Each word begins a word of the object's main texts (API §5.3).
    private static func matches(_ reference: ObjectReference, _ words: [String], _ shop: Shop) -> Bool {
        var texts: [String?] = []
        if let kind = reference.type.documentKind {
            texts = [shop[kind].name(reference.ordinal), shop[kind].descriptions[reference.ordinal]]
        } else if let common = shop.common(reference) {
            texts = [common.name, common.code, common.description]
        }
        if reference.type.isItem {
            let item = shop.items[Int(reference.ordinal)]
            texts += [item.article, item.barcode]
        }
        if reference.type == .counterparty {
            let row = shop.counterparties[Int(reference.ordinal)]
            texts += [row.phone, row.email, row.inn]
        }
        let marks: Set<Character> = [" ", "«", "»", "\"", "(", ")", "-", ",", ".", "/"]
        let own = texts.compactMap { $0?.lowercased() }.flatMap { $0.split { marks.contains($0) } }
        return words.allSatisfy { word in own.contains { $0.hasPrefix(word) } }
    }
}

/// The results of recent list requests: paging asks for the same list again and again.
struct ListCache: Sendable {
    static let entryCountMax = 24

    private var entries: [(request: ListRequest, version: Int, result: ListResult)] = []

    func find(_ request: ListRequest, version: Int) -> ListResult? {
        entries.first { $0.version == version && $0.request == request }?.result
    }

    mutating func store(_ result: ListResult, for request: ListRequest, version: Int) {
        entries.removeAll { $0.version != version || $0.request == request }
        if entries.count >= Self.entryCountMax { entries.removeFirst() }
        entries.append((request, version, result))
    }
}
