/// What the rows of all dictionaries share.
struct CommonFields: Sendable {
    var name: String
    var code: String?
    /// Nil: the external code is derived from the id.
    var externalCode: String?
    var description: String?
    var archived = false
    var deleted = false
    var created: ShopTime
    var updated: ShopTime

    init(
        _ name: String, code: String? = nil, description: String? = nil, archived: Bool = false,
        created: ShopTime,
        updated: ShopTime? = nil
    ) {
        self.name = name
        self.code = code
        self.description = description
        self.archived = archived
        self.created = created
        self.updated = updated ?? created
    }
}

/// Rows that every dictionary has in common.
protocol DictionaryRow: Sendable {
    var common: CommonFields { get set }
}

/// A group, project, sales channel, country or unit of measure.
struct PlainRow: DictionaryRow {
    var common: CommonFields
    /// The channel's type; empty elsewhere.
    var kind = ""
}

struct OrganizationRow: DictionaryRow {
    var common: CommonFields
    var companyType: String
    var inn: String
    var legalTitle: String
    var address: Address?
    /// How this organization's documents carry VAT.
    var vatEnabled: Bool
    var vatIncluded: Bool
}

struct StoreRow: DictionaryRow {
    var common: CommonFields
    var address: Address?
    var parent: Int32?
    /// The parent's name; empty at the top.
    var pathName = ""
}

struct EmployeeRow: DictionaryRow {
    var common: CommonFields
    var firstName: String
    var middleName: String
    var lastName: String
    var login: String?
    var position: String
}

struct CurrencyRow: DictionaryRow {
    var common: CommonFields
    var fullName: String
    var isoCode: String
    /// Ten-thousandths of the accounting currency for one unit.
    var rate: Int64
    var isDefault: Bool
}

struct FolderRow: DictionaryRow {
    var common: CommonFields
    var parent: Int32?
    /// Names of the folders above, separated by `/`; empty at the top.
    var pathName: String
}

struct CounterpartyRow: DictionaryRow {
    var common: CommonFields
    var companyType: String
    var tags: [String] = []
    var phone: String?
    var email: String?
    var inn: String?
    /// As typed by the shop's staff, which is not always one spelling a city.
    var city: String?
    var address: String?
    var state: UInt8?
    var group: Int32 = 0
}

/// An address as the API structures it (§4.10).
struct Address: Sendable {
    var postalCode: String
    var city: String
    var street: String
    var house: String

    var line: String { "\(postalCode), Россия, \(city), \(street), \(house)" }
}

/// A product, variant, bundle or service.
struct ItemRow: DictionaryRow {
    var common: CommonFields
    var kind: ItemKind
    var article: String?
    var folder: Int32?
    var supplier: Int32?
    var uom: Int32?
    var country: Int32?
    /// Hundredths of a kopeck, in the order of the price types; empty: no price.
    var salePrices: [Int64] = []
    var buyPrice: Int64?
    var minimumPrice: Int64?
    var vat: Int64?
    var weight: Int64?
    var volume: Int64?
    var minimumBalance: Int64?
    var barcode: String?
    /// Sold by weight: quantities have fractions.
    var weighed = false
    /// The product that a variant belongs to.
    var parent: Int32?
    /// Characteristic values of a variant, in the order of `Shop.characteristics`.
    var characteristics: [String?] = []
    /// What a bundle consists of: item and thousandths of its unit.
    var components: [Component] = []
    /// Variants of a product.
    var variantCount = 0

    struct Component: Sendable {
        var item: Int32
        var quantity: Int64
    }
}

/// A state of documents or counterparties.
struct StateRow: Sendable {
    var name: String
    var color: Int
    /// Regular, Successful or Unsuccessful.
    var kind: StaticString
}

/// A custom field that some objects of a type have.
struct AttributeRow: Sendable {
    enum Kind: String, Sendable { case string, long, double, boolean }

    var type: ObjectType
    var name: String
    var kind: Kind
    /// The values that the generator gives; numbers and switches use their count only.
    var choices: [String]
    /// Of 100 objects, those that have a value.
    var share: UInt64
}
