/// What a request is answered with, before compression.
struct APIReply: Sendable {
    var status = 200
    var body: [UInt8] = []
    var location: String?
    /// The extended code and text of a refused sign-in (API §1).
    var authCode: Int?
    var authMessage: String?

    init(status: Int = 200, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    /// An error with the objects it names as their hrefs.
    init(_ fault: APIFault, base: String, shop: Shop) {
        status = fault.status
        var renderer = ObjectRenderer(shop: shop, base: base)
        renderer.nested { $0.errors(fault) }
        body = renderer.writer.bytes
        if fault.status == 401 || fault.status == 429 {
            authCode = [1056: 401_001, 1049: 429_002, 1073: 429_005][fault.code]
            authMessage = fault.message
        }
    }
}

extension ObjectRenderer {
    /// The `errors` array.
    mutating func errors(_ fault: APIFault) {
        array("errors") { renderer in
            renderer.nested { renderer in
                renderer.writer.field("error", fault.message)
                renderer.writer.field("parameter", fault.parameter)
                renderer.writer.field("code", fault.code)
                renderer.writer.field(
                    "moreInfo", "https://dev.moysklad.ru/doc/api/remap/1.2/#error_\(fault.code)")
                if let line = fault.line { renderer.writer.field("line", line) }
                if let column = fault.column { renderer.writer.field("column", column) }
                guard !fault.dependencies.isEmpty else { return }
                renderer.array("dependencies") { renderer in
                    for dependency in fault.dependencies { renderer.bareReference(dependency) }
                }
            }
        }
    }
}
