/// What each target may import from inside the package, in the order of the data flow: a target imports only
/// targets above it. `Package.swift` says what each does import; this table says what it is allowed to.
enum AllowedImports {
    struct Rule {
        var target: String
        /// Targets of this package, all of them above.
        var inside: [String]
        /// Modules of the system and of packages.
        var outside: [String]

        init(_ target: String, _ inside: [String] = [], outside: [String] = []) {
            self.target = target
            self.inside = inside
            self.outside = outside
        }
    }

    /// The engine does without Foundation: it is large, and its strings and dates are slow.
    static let bare = ["Glibc", "Synchronization"]
    static let edge = [
        "Glibc", "Synchronization", "Foundation", "FoundationEssentials", "Logging", "Dispatch",
    ]
    static let server = [
        "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOFoundationCompat", "Crypto",
    ]

    static let rules: [Rule] = [
        Rule("DurableIO", ["CIntrinsics"], outside: bare),
        Rule("Columns", ["CIntrinsics"], outside: bare),
        Rule("Encodings", ["CIntrinsics", "CZstd", "CLZ4", "DurableIO", "Columns"], outside: bare),
        Rule("TableCatalog", ["Columns"], outside: bare),
        Rule("Storage", ["CIntrinsics", "DurableIO", "Columns", "Encodings", "TableCatalog"], outside: bare),
        Rule(
            "FileFormats", ["CIntrinsics", "CZstd", "CLZ4", "CZlib", "DurableIO", "Columns"], outside: bare),
        Rule(
            "Execution",
            ["CIntrinsics", "DurableIO", "Columns", "Encodings", "TableCatalog", "Storage"], outside: bare),
        Rule("SQLSyntax", outside: bare),
        Rule("Planning", ["Columns", "TableCatalog", "Storage", "Execution", "SQLSyntax"], outside: bare),
        Rule(
            "WarehouseEngine",
            [
                "CIntrinsics", "DurableIO", "Columns", "TableCatalog", "Storage", "FileFormats", "Execution",
                "SQLSyntax", "Planning",
            ],
            outside: bare),
        Rule("Postgres", ["CLibpq"], outside: edge),
        Rule("Moysklad", ["CCurl"], outside: edge),
        Rule("SystemOfRecord", ["Postgres"], outside: edge + ["Crypto", "CryptoExtras", "_CryptoExtras"]),
        Rule("Ingest", ["Postgres", "Moysklad", "SystemOfRecord"], outside: edge),
        Rule(
            "Replication", ["DurableIO", "Columns", "TableCatalog", "Storage", "Postgres"],
            outside: edge),
        Rule("APIContract", outside: ["Foundation", "FoundationEssentials"]),
        Rule(
            "HTTPAPI",
            [
                "Columns", "TableCatalog", "WarehouseEngine", "Postgres", "SystemOfRecord", "Replication",
                "APIContract",
            ], outside: edge + server + ["JWTKit", "ServiceLifecycle"]),
        Rule("MoyskladSimulator", ["CZlib"], outside: edge + server),
        Rule("LineEditing", outside: bare),
    ]

    /// The composition root may import all of them.
    static let composition = "ambar"
}
