import Foundation

/// A currency.
public struct CurrencyRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var fullName: String?
    public var code: String?
    public var isoCode: String?
    public var rate: FixedPoint?
    public var multiplicity: Int64?
    public var indirect: Bool = false
    public var isDefault: Bool = false
    public var archived: Bool = false
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.currency",
        [
            .uuid("uid"), .text("name"), .text("full_name"), .text("code"), .text("iso_code"),
            .number("rate"), .int("multiplicity"), .bool("indirect"), .bool("is_default"),
            .bool("archived"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(fullName)
        row.add(code)
        row.add(isoCode)
        row.add(rate)
        row.add(multiplicity)
        row.add(indirect)
        row.add(isDefault)
        row.add(archived)
        row.add(deleted)
    }
}

/// A country.
public struct CountryRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.country",
        [
            .uuid("uid"), .text("name"), .text("code"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(updated)
        row.add(deleted)
    }
}

/// A region of a country.
public struct RegionRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.region",
        [
            .uuid("uid"), .text("name"), .text("code"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(updated)
        row.add(deleted)
    }
}

/// A unit of measure.
public struct UnitRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var description: String?
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.uom",
        [
            .uuid("uid"), .text("name"), .text("code"), .text("description"), .moment("updated"),
            .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(description)
        row.add(updated)
        row.add(deleted)
    }
}

/// A department.
public struct DepartmentRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var sortOrder: Int64?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.department",
        [
            .uuid("uid"), .text("name"), .int("sort_order"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(sortOrder)
        row.add(deleted)
    }
}

/// A state of documents or counterparties.
public struct StateRow: RecordRow {
    public let uid: UUID
    public var entityType: String?
    public var name: String = ""
    public var stateType: String?
    public var color: Int64?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.state",
        [
            .uuid("uid"), .text("entity_type"), .text("name"), .text("state_type"), .int("color"),
            .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(entityType)
        row.add(name)
        row.add(stateType)
        row.add(color)
        row.add(deleted)
    }
}

/// A type of sale price.
public struct PriceTypeRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var externalCode: String?
    public var sortOrder: Int64?
    public var isDefault: Bool = false
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.price_type",
        [
            .uuid("uid"), .text("name"), .text("external_code"), .int("sort_order"), .bool("is_default"),
            .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(externalCode)
        row.add(sortOrder)
        row.add(isDefault)
        row.add(deleted)
    }
}

/// A channel of sales.
public struct SalesChannelRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var externalCode: String?
    public var type: String?
    public var description: String?
    public var archived: Bool = false
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.sales_channel",
        [
            .uuid("uid"), .text("name"), .text("code"), .text("external_code"), .text("type"),
            .text("description"), .bool("archived"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(externalCode)
        row.add(type)
        row.add(description)
        row.add(archived)
        row.add(updated)
        row.add(deleted)
    }
}

/// A project.
public struct ProjectRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var externalCode: String?
    public var description: String?
    public var archived: Bool = false
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.project",
        [
            .uuid("uid"), .text("name"), .text("code"), .text("external_code"), .text("description"),
            .bool("archived"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(externalCode)
        row.add(description)
        row.add(archived)
        row.add(updated)
        row.add(deleted)
    }
}

/// A folder of products.
public struct ProductFolderRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var externalCode: String?
    public var description: String?
    public var parent: RecordReference?
    public var path: String?
    public var archived: Bool = false
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.product_folder",
        [
            .uuid("uid"), .text("name"), .text("code"), .text("external_code"), .text("description"),
            .reference("parent_id", "shop.product_folder"), .text("path"), .bool("archived"),
            .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(externalCode)
        row.add(description)
        row.add(parent)
        row.add(path)
        row.add(archived)
        row.add(updated)
        row.add(deleted)
    }
}
