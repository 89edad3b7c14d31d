// swift-tools-version: 6.2
import PackageDescription

// The targets stand in the order in which data passes them. A target imports only targets above it;
// Tests/ArchitectureTests enforces this.
//
// AMBAR_ONLY=StorageTests,ExecutionTests builds these targets and what they need, and nothing else: an edit of the
// engine is then tested without building the HTTP server.
// PORTABLE=1 builds for any x86-64; without it the engine needs AVX2 (x86-64-v3, 2013 and later).

let portable = Context.environment["PORTABLE"] == "1"
let only = Context.environment["AMBAR_ONLY"].map { Set($0.split(separator: ",").map(String.init)) }

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]
let vectorised: [SwiftSetting] = portable ? strict : strict + [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]

enum External: String, CaseIterable {
    case hummingbird = "Hummingbird"
    case hummingbirdTesting = "HummingbirdTesting"
    case jwt = "JWTKit"
    case crypto = "Crypto"
    case cryptoExtras = "CryptoExtras"
    case arguments = "ArgumentParser"
    case logging = "Logging"
    case http = "HTTPTypes"

    var package: String {
        switch self {
        case .hummingbird, .hummingbirdTesting: "hummingbird"
        case .jwt: "jwt-kit"
        case .crypto, .cryptoExtras: "swift-crypto"
        case .arguments: "swift-argument-parser"
        case .logging: "swift-log"
        case .http: "swift-http-types"
        }
    }
}

enum Kind { case library, executable, test, system, headers }

struct Module {
    var name: String
    var kind: Kind = .library
    var needs: [String] = []
    var external: [External] = []
    var hot = false
    var pkgConfig: String?
    var apt: [String] = []
    /// Directories beside the sources that are not compiled.
    var excluded: [String] = []

    var target: Target {
        let dependencies: [Target.Dependency] =
            needs.map { .target(name: $0) }
            + external.map { .product(name: $0.rawValue, package: $0.package) }
        let settings = hot ? vectorised : strict
        return switch kind {
        case .library: .target(name: name, dependencies: dependencies, swiftSettings: settings)
        case .executable: .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
        case .test:
            .testTarget(
                name: name, dependencies: dependencies, exclude: excluded, swiftSettings: settings)
        case .headers: .target(name: name)
        case .system: .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt(apt)])
        }
    }
}

var modules: [Module] = [
    // C libraries and the header of CPU instructions that Swift cannot name.
    Module(name: "CIntrinsics", kind: .headers),
    Module(name: "CZstd", kind: .system, pkgConfig: "libzstd", apt: ["libzstd-dev"]),
    Module(name: "CLZ4", kind: .system, pkgConfig: "liblz4", apt: ["liblz4-dev"]),
    Module(name: "CLibpq", kind: .system, pkgConfig: "libpq", apt: ["libpq-dev"]),
    Module(name: "CCurl", kind: .system, pkgConfig: "libcurl", apt: ["libcurl4-openssl-dev"]),
    Module(name: "CZlib", kind: .system, pkgConfig: "zlib", apt: ["zlib1g-dev"]),

    // Bytes and vectors.
    Module(name: "DurableIO", needs: ["CIntrinsics"], hot: true),
    Module(name: "Columns", needs: ["CIntrinsics"], hot: true),
    Module(name: "Encodings", needs: ["CIntrinsics", "CZstd", "CLZ4", "DurableIO", "Columns"], hot: true),

    // Columns on disk.
    Module(name: "TableCatalog", needs: ["Columns"]),
    Module(
        name: "Storage", needs: ["CIntrinsics", "DurableIO", "Columns", "Encodings", "TableCatalog"],
        hot: true),

    // Files of others.
    Module(
        name: "FileFormats", needs: ["CIntrinsics", "CZstd", "CLZ4", "CZlib", "DurableIO", "Columns"],
        hot: true),

    // Queries.
    Module(
        name: "Execution",
        needs: ["CIntrinsics", "DurableIO", "Columns", "Encodings", "TableCatalog", "Storage"], hot: true),
    Module(name: "SQLSyntax"),
    Module(name: "Planning", needs: ["Columns", "TableCatalog", "Storage", "Execution", "SQLSyntax"]),
    Module(
        name: "WarehouseEngine",
        needs: [
            "DurableIO", "Columns", "TableCatalog", "Storage", "FileFormats", "Execution", "SQLSyntax",
            "Planning",
        ],
        hot: true),

    // Truth and its way in.
    Module(name: "Postgres", needs: ["CLibpq"], external: [.logging]),
    Module(name: "Moysklad", needs: ["CCurl"], external: [.logging]),
    Module(name: "SystemOfRecord", needs: ["Postgres"], external: [.logging, .crypto, .cryptoExtras]),
    Module(name: "Ingest", needs: ["Postgres", "Moysklad", "SystemOfRecord"], external: [.logging]),
    Module(
        name: "Replication", needs: ["DurableIO", "Columns", "TableCatalog", "Storage", "Postgres"],
        external: [.logging], hot: true),

    // The network edge.
    Module(name: "APIContract"),
    Module(
        name: "HTTPAPI",
        needs: [
            "Columns", "TableCatalog", "WarehouseEngine", "Postgres", "SystemOfRecord", "Replication",
            "APIContract",
        ],
        external: [.hummingbird, .jwt, .crypto, .logging, .http]),
    Module(
        name: "MoyskladSimulator", needs: ["CZlib"], external: [.hummingbird, .crypto, .logging, .http]),

    // The terminal.
    Module(name: "LineEditing"),

    Module(
        name: "ambar", kind: .executable,
        needs: [
            "LineEditing",
            "DurableIO", "Columns", "TableCatalog", "Storage", "SQLSyntax", "WarehouseEngine", "Postgres",
            "Moysklad",
            "SystemOfRecord", "Ingest", "Replication", "APIContract", "HTTPAPI", "MoyskladSimulator",
        ], external: [.arguments, .logging]),

    // Tests.
    Module(name: "ArchitectureTests", kind: .test),
    Module(name: "DurableIOTests", kind: .test, needs: ["DurableIO"]),
    Module(name: "ColumnsTests", kind: .test, needs: ["Columns"]),
    Module(name: "EncodingsTests", kind: .test, needs: ["Encodings", "Columns", "DurableIO"]),
    Module(
        name: "StorageTests", kind: .test,
        needs: ["Storage", "TableCatalog", "Encodings", "Columns", "DurableIO"]),
    Module(
        name: "ExecutionTests", kind: .test,
        needs: ["Execution", "Storage", "TableCatalog", "Encodings", "Columns", "DurableIO"]),
    Module(
        name: "FileFormatsTests", kind: .test, needs: ["FileFormats", "Columns", "DurableIO"],
        excluded: ["Files"]),
    Module(name: "SQLSyntaxTests", kind: .test, needs: ["SQLSyntax"]),
    Module(
        name: "PlanningTests", kind: .test,
        needs: ["Planning", "SQLSyntax", "Execution", "Storage", "TableCatalog", "Columns", "DurableIO"]),
    Module(
        name: "SQLLogicTests", kind: .test,
        needs: ["WarehouseEngine", "Storage", "TableCatalog", "Columns", "DurableIO"],
        excluded: ["Topics", "TPCH", "SQLite"]),
    Module(
        name: "WarehouseEngineTests", kind: .test,
        needs: ["WarehouseEngine", "Storage", "TableCatalog", "Columns", "DurableIO"]),
    Module(name: "PostgresTests", kind: .test, needs: ["Postgres"]),
    Module(name: "MoyskladTests", kind: .test, needs: ["Moysklad"]),
    Module(name: "SystemOfRecordTests", kind: .test, needs: ["SystemOfRecord", "Postgres"]),
    Module(
        name: "IngestTests", kind: .test,
        needs: ["Ingest", "SystemOfRecord", "Moysklad", "Postgres", "MoyskladSimulator"]),
    Module(
        name: "ReplicationTests", kind: .test,
        needs: ["Replication", "Postgres", "Storage", "TableCatalog", "Columns", "DurableIO"],
        external: [.logging]),
    Module(
        name: "MoyskladSimulatorTests", kind: .test, needs: ["MoyskladSimulator"],
        external: [.hummingbirdTesting]),
    Module(
        name: "HTTPAPITests", kind: .test,
        needs: ["HTTPAPI", "APIContract", "WarehouseEngine", "Columns", "Postgres", "SystemOfRecord"],
        external: [.hummingbird, .hummingbirdTesting, .logging, .http]),
    Module(name: "LineEditingTests", kind: .test, needs: ["LineEditing"]),
    Module(name: "EndToEndTests", kind: .test, needs: ["ambar", "Postgres", "Columns", "WarehouseEngine"]),
]

if let only {
    var kept = only
    for module in modules.reversed() where kept.contains(module.name) { kept.formUnion(module.needs) }
    modules.removeAll { !kept.contains($0.name) }
}

let sources: [String: Package.Dependency] = [
    "hummingbird": .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    "jwt-kit": .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    "swift-crypto": .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    "swift-argument-parser": .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    "swift-log": .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    "swift-http-types": .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
]
let used = Set(modules.flatMap { $0.external.map(\.package) })

let package = Package(
    name: "ambar",
    products: modules.contains { $0.name == "ambar" } ? [.executable(name: "ambar", targets: ["ambar"])] : [],
    dependencies: used.sorted().compactMap { sources[$0] },
    targets: modules.map(\.target),
    swiftLanguageModes: [.v6]
)
