/// A type as it was written, under PostgreSQL's long name: `int` and `int4` are `integer`, `decimal` is
/// `numeric`, `timestamptz` is `timestamp with time zone`. A name that the grammar does not know is kept as
/// it is.
public struct TypeName: Hashable, Sendable {
    public var name: String
    /// `numeric(18, 2)` has 18 and 2.
    public var modifiers: [Int]
    /// `integer[][]` has 2.
    public var arrayDimensions: Int
    public var span: SourceSpan

    public init(name: String, modifiers: [Int] = [], arrayDimensions: Int = 0, span: SourceSpan) {
        self.name = name
        self.modifiers = modifiers
        self.arrayDimensions = arrayDimensions
        self.span = span
    }

    /// Long names of the short ones.
    static let aliases: [String: String] = [
        "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "float4": "real",
        "float8": "double precision", "decimal": "numeric", "dec": "numeric", "bool": "boolean",
        "varchar": "character varying", "bpchar": "character", "char": "character", "string": "text",
        "timestamptz": "timestamp with time zone", "timetz": "time with time zone",
        "datetime": "timestamp", "double": "double precision",
    ]
}
