/// One request to the API, with the parts that answers depend on.
struct APIRequest: Sendable {
    var method: String
    /// What follows `/api/remap/1.2`, without empty parts.
    var segments: [String]
    var path: String
    var query: QueryString
    /// Scheme, host and prefix for hrefs.
    var base: String
    var body: [UInt8]

    static let prefix = "/api/remap/1.2"
}
