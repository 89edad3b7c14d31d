/// Which references a request wants as objects: `agent,positions.assortment` (API §5.5).
struct ExpandTree: Equatable, Sendable {
    private(set) var children: [String: ExpandTree] = [:]

    static let depthMax = 3
    /// Lists expand only when they ask for at most so many rows.
    static let limitMax = 100

    init() {}

    /// - Throws: 1089 for a field that the type cannot expand.
    init(_ text: String, type: ObjectType) throws(APIFault) {
        for path in text.split(separator: ",") {
            let names = path.split(separator: ".").map { $0.trimmed }
            guard let first = names.first, Self.expandable(type).contains(first) else {
                throw .expand(String(path))
            }
            insert(names[...], depth: 1)
        }
    }

    /// For lists of lines.
    init(positions text: String) throws(APIFault) {
        for path in text.split(separator: ",") {
            let names = path.split(separator: ".").map { $0.trimmed }
            guard let first = names.first, ["assortment", "pack"].contains(first) else {
                throw .expand(String(path))
            }
            insert(names[...], depth: 1)
        }
    }

    var isEmpty: Bool { children.isEmpty }

    subscript(_ name: String) -> ExpandTree? { children.isEmpty ? nil : children[name] }

    private mutating func insert(_ names: ArraySlice<String>, depth: Int) {
        guard depth <= Self.depthMax, let first = names.first else { return }
        children[first, default: ExpandTree()].insert(names.dropFirst(), depth: depth + 1)
    }

    private static func expandable(_ type: ObjectType) -> Set<String> {
        switch type {
        case .customerOrder, .demand, .salesReturn:
            [
                "agent", "organization", "store", "state", "project", "salesChannel", "owner", "group",
                "positions",
                "customerOrder", "demand", "rate", "files", "agentAccount", "organizationAccount", "contract",
            ]
        case .retailDemand, .retailSalesReturn:
            [
                "agent", "organization", "store", "state", "owner", "group", "positions", "demand", "rate",
                "retailStore", "retailShift", "customerOrder", "files",
            ]
        case .product, .service:
            ["owner", "group", "productFolder", "supplier", "uom", "country", "images", "files"]
        case .bundle: ["owner", "group", "productFolder", "uom", "country", "images", "files", "components"]
        case .variant: ["product", "images"]
        case .counterparty: ["owner", "group", "state", "accounts", "contactpersons", "notes", "files"]
        case .productFolder: ["owner", "group", "productFolder"]
        case .store: ["owner", "group", "parent", "zones", "slots"]
        case .organization: ["owner", "group", "accounts"]
        case .employee: ["owner", "group", "cashiers"]
        case .project, .salesChannel, .uom, .country: ["owner", "group"]
        case .group, .currency: []
        }
    }
}

extension Substring {
    /// Without the blanks around it.
    var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
