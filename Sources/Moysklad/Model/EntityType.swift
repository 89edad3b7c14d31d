/// A type of object that is read, named as in the paths of the API.
public enum EntityType: String, Sendable, Hashable, CaseIterable {
    case currency, country, region, uom, group, employee, organization, store
    case saleschannel, project, productfolder
    case product, variant, bundle, service
    case counterparty
    case customerorder, demand, retaildemand, salesreturn, retailsalesreturn
    // Not lists of /entity: from metadata and from the company settings.
    case state, pricetype

    /// Documents with positions.
    public static let documents: [EntityType] = [
        .customerorder, .demand, .retaildemand, .salesreturn, .retailsalesreturn,
    ]
    /// What a position may name.
    public static let items: [EntityType] = [.product, .variant, .bundle, .service]

    public var isDocument: Bool { Self.documents.contains(self) }
    public var isItem: Bool { Self.items.contains(self) }

    /// Whether objects carry `updated`, so that changes can be asked for.
    public var hasUpdated: Bool {
        switch self {
        case .currency, .group, .state, .pricetype, .country, .region, .uom: false
        default: true
        }
    }

    /// Whether archived objects must be asked for by name to be listed.
    public var isArchivable: Bool {
        switch self {
        case .employee, .organization, .store, .saleschannel, .project, .productfolder, .product, .variant,
            .bundle,
            .service, .counterparty, .currency:
            true
        default: false
        }
    }

    /// Types whose metadata lists states.
    public static let withStates: [EntityType] = [.counterparty] + documents
}
