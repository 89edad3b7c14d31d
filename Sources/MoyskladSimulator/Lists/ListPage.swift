/// Which part of a list a request wants.
struct ListPage: Equatable, Sendable {
    static let limitMax = 1000

    var limit: Int
    var offset: Int
    /// Whether the request may expand: the limit was given, and is small (API §5.5).
    var expands: Bool

    /// - Throws: 1040 for values outside of what is allowed.
    init(_ query: QueryString, limitMax: Int = Self.limitMax) throws(APIFault) {
        limit = limitMax
        expands = false
        offset = 0
        if let text = query["limit"] {
            guard let number = Int(text), (1...limitMax).contains(number) else {
                throw .queryParameter("limit", text)
            }
            limit = number
            expands = number <= ExpandTree.limitMax
        }
        if let text = query["offset"] {
            guard let number = Int(text), number >= 0 else { throw .queryParameter("offset", text) }
            offset = number
        }
    }

    func range(of size: Int) -> Range<Int> {
        let start = min(offset, size)
        return start..<min(size, start + limit)
    }
}
