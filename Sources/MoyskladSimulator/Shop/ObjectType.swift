/// A type of the API with rows of its own, named as in its paths.
enum ObjectType: String, CaseIterable, Sendable {
    case organization, store, employee, group, currency, uom, country, project
    case salesChannel = "saleschannel"
    case productFolder = "productfolder"
    case product, variant, bundle, service, counterparty
    case customerOrder = "customerorder"
    case demand
    case retailDemand = "retaildemand"
    case salesReturn = "salesreturn"
    case retailSalesReturn = "retailsalesreturn"

    static let documents: [ObjectType] = [
        .customerOrder, .demand, .retailDemand, .salesReturn, .retailSalesReturn,
    ]
    static let items: [ObjectType] = [.product, .variant, .bundle, .service]

    var isDocument: Bool { documentKind != nil }
    var isItem: Bool { itemKind != nil }

    var documentKind: DocumentKind? {
        switch self {
        case .customerOrder: .customerOrder
        case .demand: .demand
        case .retailDemand: .retailDemand
        case .salesReturn: .salesReturn
        case .retailSalesReturn: .retailSalesReturn
        default: nil
        }
    }

    var itemKind: ItemKind? {
        switch self {
        case .product: .product
        case .variant: .variant
        case .bundle: .bundle
        case .service: .service
        default: nil
        }
    }

    /// Types whose metadata names states.
    var hasStates: Bool { isDocument || self == .counterparty }
    /// Types that can be moved to the archive.
    var isArchivable: Bool {
        switch self {
        case .group, .uom, .country: false
        default: !isDocument
        }
    }
    /// A number that enters the ids; never changes for a type.
    var code: UInt16 { UInt16(ObjectType.allCases.firstIndex(of: self) ?? 0) + 1 }
}

/// The document kinds, in the order of their tables.
enum DocumentKind: Int, CaseIterable, Sendable {
    case customerOrder, demand, retailDemand, salesReturn, retailSalesReturn

    var type: ObjectType { ObjectType.documents[rawValue] }
    /// Positions of retail documents carry the type names of their wholesale kin (API §4.1).
    var positionType: StaticString {
        switch self {
        case .customerOrder: "customerorderposition"
        case .demand, .retailDemand: "demandposition"
        case .salesReturn, .retailSalesReturn: "salesreturnposition"
        }
    }
    var isRetail: Bool { self == .retailDemand || self == .retailSalesReturn }
    var isReturn: Bool { self == .salesReturn || self == .retailSalesReturn }
    /// How one unit of a posted line moves the stock: -1, 0 or 1.
    var stockSign: Int64 {
        switch self {
        case .customerOrder: 0
        case .demand, .retailDemand: -1
        case .salesReturn, .retailSalesReturn: 1
        }
    }
    /// The kind that a document of this kind may be based on.
    var baseKind: DocumentKind? {
        switch self {
        case .demand: .customerOrder
        case .salesReturn: .demand
        case .retailSalesReturn: .retailDemand
        default: nil
        }
    }
}

/// What can stand in a line.
enum ItemKind: Int, CaseIterable, Sendable {
    case product, variant, bundle, service

    var type: ObjectType { ObjectType.items[rawValue] }
}

/// One object of the shop: its type and its row in that type's table.
struct ObjectReference: Hashable, Sendable {
    var type: ObjectType
    var ordinal: Int32
}
