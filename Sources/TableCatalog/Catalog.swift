/// The tables and views of one version of a store: an immutable value.
public struct Catalog: Sendable {
    /// Views by name.
    public let views: [TableName: ViewDefinition]
    /// Schemas that were made by name; others exist for as long as something is in them.
    public let ownSchemas: Set<String>
    private let definitions: [TableID: TableDefinition]
    private let ids: [TableName: TableID]

    public static let empty = Catalog([:])

    /// Names must be distinct, also between tables and views.
    public init(
        _ definitions: [TableID: TableDefinition], views: [TableName: ViewDefinition] = [:],
        schemas: Set<String> = []
    ) {
        self.views = views
        ownSchemas = schemas
        self.definitions = definitions
        var ids: [TableName: TableID] = [:]
        for (id, definition) in definitions {
            precondition(ids.updateValue(id, forKey: definition.name) == nil, "two tables have one name")
        }
        self.ids = ids
    }

    public var count: Int { definitions.count }

    /// The table of that name, compared byte by byte.
    public func table(named name: TableName) -> TableID? { ids[name] }

    public func table(schema: String, name: String) -> TableID? { ids[TableName(schema: schema, name: name)] }

    public func definition(of id: TableID) -> TableDefinition? { definitions[id] }

    /// Every table, sorted by name.
    public var tables: [(id: TableID, definition: TableDefinition)] {
        ids.sorted { $0.key < $1.key }.compactMap { name, id in definitions[id].map { (id, $0) } }
    }

    /// Distinct schema names, sorted.
    public var schemas: [String] {
        Set(ids.keys.map(\.schema)).union(views.keys.map(\.schema)).union(ownSchemas).sorted()
    }
}
