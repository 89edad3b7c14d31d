import Foundation

/// One page of a list.
public struct ListRequest: Sendable, Hashable {
    /// Below the base URL, such as `entity/demand`.
    public var path: String
    /// Conditions, joined with `;`; values are escaped here, conditions must be ready.
    public var filters: [String] = []
    /// Such as `updated,asc;id,asc`.
    public var order: String?
    public var expand: String?
    public var limit: Int
    public var offset: Int

    /// Rows that one page may have.
    public static let limitMax = 1000
    /// Rows that one page may have where references are expanded; Moysklad ignores `expand` beyond.
    public static let expandedLimitMax = 100

    /// - Parameter limit: In 1...1000, with `expand` in 1...100.
    public init(
        _ path: String, filters: [String] = [], order: String? = nil, expand: String? = nil,
        limit: Int = 1000,
        offset: Int = 0
    ) {
        precondition(
            limit >= 1 && limit <= Self.limitMax && offset >= 0, "the API takes 1...1000 rows from 0 on")
        precondition(
            expand == nil || limit <= Self.expandedLimitMax, "expand works up to 100 rows a page only")
        self.path = path
        self.filters = filters
        self.order = order
        self.expand = expand
        self.limit = limit
        self.offset = offset
    }

    /// The path with its query.
    var target: String {
        var items = ["limit=\(limit)", "offset=\(offset)"]
        if !filters.isEmpty { items.append("filter=" + Self.encoded(filters.joined(separator: ";"))) }
        if let order { items.append("order=" + Self.encoded(order)) }
        if let expand { items.append("expand=" + Self.encoded(expand)) }
        return path + "?" + items.joined(separator: "&")
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }
}

/// A page of a list.
public struct ListPage: Sendable {
    public var rows: [JSONValue]
    /// How many match in all; nil where the answer does not tell.
    public var size: Int?
    public var offset: Int
    public var limit: Int
}
