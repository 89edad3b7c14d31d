import Foundation

extension MoyskladClient {
    /// One page of a list. A bare array, as price types come, is one page that holds all.
    public nonisolated func page(_ request: ListRequest, weight: Int = 1) async throws(MoyskladError)
        -> ListPage
    {
        let root = try await get(request.target, weight: weight).root
        let rows = root.kind == .array ? root : root["rows"]
        guard let rows, rows.kind == .array else {
            throw .unexpectedAnswer(path: request.path, reason: "there are no rows")
        }
        let size = root["meta"]?["size"]?.numberText.flatMap { ExactDecimal($0)?.wholeNumber }
        return ListPage(
            rows: rows.elements, size: size.map { Int(clamping: $0) }, offset: request.offset,
            limit: request.limit)
    }

    /// How many objects a list has.
    public nonisolated func count(_ request: ListRequest) async throws(MoyskladError) -> Int {
        var one = request
        one.limit = 1
        one.offset = 0
        one.expand = nil
        guard let size = try await page(one).size else {
            throw .unexpectedAnswer(path: request.path, reason: "the size of the list is not told")
        }
        return size
    }

    /// A document with all its positions: those that did not fit into the page it came with are fetched and
    /// put in their place. Costs nothing if all are there.
    public nonisolated func completed(_ row: JSONValue, type: EntityType) async throws(MoyskladError)
        -> JSONValue
    {
        guard let missing = try PositionSplice(row) else { return row }
        let path = "entity/\(type.rawValue)/\(missing.documentID.lowercased)/positions"
        var fetched: [JSONValue] = []
        while true {
            let request = ListRequest(path, limit: ListRequest.limitMax, offset: fetched.count)
            let page = try await page(request)
            fetched += page.rows
            let size = page.size ?? fetched.count
            guard fetched.count < size, !page.rows.isEmpty, fetched.count < PositionSplice.positionCountMax
            else { break }
        }
        return try missing.document(withPositions: fetched)
    }

    /// The states of a type's objects.
    public nonisolated func states(of type: EntityType) async throws(MoyskladError) -> [JSONValue] {
        let root = try await get("entity/\(type.rawValue)/metadata").root
        guard let states = root["states"] else { return [] }
        return states.kind == .array ? states.elements : states["rows"]?.elements ?? []
    }

    /// The types of prices, in the account's order; the first is the default.
    public nonisolated func priceTypes() async throws(MoyskladError) -> [JSONValue] {
        try await page(ListRequest("context/companysettings/pricetype")).rows
    }

    /// One object by its id.
    public nonisolated func object(
        _ type: EntityType, _ id: UUID, expand: String? = nil
    ) async throws(MoyskladError) -> JSONValue {
        let query = expand.map { "?expand=" + ListRequest.encoded($0) } ?? ""
        return try await get("entity/\(type.rawValue)/\(id.lowercased)\(query)").root
    }

    /// A page of the extended stock report by store.
    public nonisolated func stockByStore(limit: Int = 1000, offset: Int) async throws(MoyskladError)
        -> ListPage
    {
        try await page(
            ListRequest("report/stock/bystore", filters: ["stockMode=all"], limit: limit, offset: offset),
            weight: 5)
    }

    /// The account that the credentials belong to; nil where the caller may not see it.
    public nonisolated func account() async throws(MoyskladError) -> UUID? {
        let root = try await get("context/employee").root
        guard let id = root["accountId"], id.kind == .string else { return nil }
        return UUID(hyphenated: id.content)
    }
}

/// Puts the positions that were cut off into the document's own JSON, so that the object is kept whole.
struct PositionSplice: Sendable {
    let documentID: UUID
    private let row: JSONValue
    private let positions: JSONValue

    /// Positions of one document that are read at most.
    static let positionCountMax = 100_000

    /// Nil if nothing is missing.
    init?(_ row: JSONValue) throws(MoyskladError) {
        guard let positions = row["positions"], positions.kind == .object else { return nil }
        guard let meta = positions["meta"] else { return nil }
        let size = try ObjectReader(meta, path: "positions.meta").integer("size") ?? 0
        let present = positions["rows"]?.elements.count ?? 0
        guard size > Int64(present) else { return nil }
        guard let id = try ObjectReader(row).identifier("id") else { return nil }
        documentID = id
        self.row = row
        self.positions = positions
    }

    func document(withPositions fetched: [JSONValue]) throws(MoyskladError) -> JSONValue {
        let bytes = row.document.bytes
        var rows: [UInt8] = [UInt8(ascii: "[")]
        for (index, position) in fetched.enumerated() {
            if index > 0 { rows.append(UInt8(ascii: ",")) }
            rows += position.content
        }
        rows.append(UInt8(ascii: "]"))
        var whole: [UInt8] = []
        if let present = positions["rows"] {
            whole += bytes[row.byteOffset..<present.byteOffset]
            whole += rows
            whole += bytes[present.byteEnd..<row.byteEnd]
        } else {
            whole += bytes[row.byteOffset..<positions.byteEnd - 1]
            whole += Array(",\"rows\":".utf8) + rows
            whole += bytes[positions.byteEnd - 1..<row.byteEnd]
        }
        return try JSONDocument(whole).root
    }
}
