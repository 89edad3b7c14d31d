/// A named, typed column of a table or a result.
public struct Field: Hashable, Sendable {
    public var name: String
    public var type: DataType
    public var isNullable: Bool

    public init(name: String, type: DataType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

/// The columns of a table or a result, in order. Names of a result may repeat.
public struct Schema: Hashable, Sendable {
    public var fields: [Field]

    public init(_ fields: [Field]) { self.fields = fields }

    public var count: Int { fields.count }
    public var types: [DataType] { fields.map(\.type) }

    public subscript(index: Int) -> Field { fields[index] }

    /// The index of the first column called `name`, compared byte by byte.
    public func index(of name: String) -> Int? { fields.firstIndex { $0.name == name } }
}
