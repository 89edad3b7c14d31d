import Foundation

/// An employee.
public struct EmployeeRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var fullName: String?
    public var lastName: String?
    public var firstName: String?
    public var middleName: String?
    public var email: String?
    public var phone: String?
    public var position: String?
    public var department: RecordReference?
    public var archived: Bool = false
    public var created: RecordMoment?
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.employee",
        [
            .uuid("uid"), .text("name"), .text("full_name"), .text("last_name"), .text("first_name"),
            .text("middle_name"), .text("email"), .text("phone"), .text("position"),
            .reference("department_id", "shop.department"), .bool("archived"), .moment("created"),
            .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(fullName)
        row.add(lastName)
        row.add(firstName)
        row.add(middleName)
        row.add(email)
        row.add(phone)
        row.add(position)
        row.add(department)
        row.add(archived)
        row.add(created)
        row.add(updated)
        row.add(deleted)
    }
}

/// A legal entity of ours.
public struct OrganizationRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var externalCode: String?
    public var companyType: String?
    public var legalTitle: String?
    public var inn: String?
    public var kpp: String?
    public var address: String?
    public var email: String?
    public var phone: String?
    public var archived: Bool = false
    public var created: RecordMoment?
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.organization",
        [
            .uuid("uid"), .text("name"), .text("code"), .text("external_code"), .text("company_type"),
            .text("legal_title"), .text("inn"), .text("kpp"), .text("address"), .text("email"),
            .text("phone"), .bool("archived"), .moment("created"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(externalCode)
        row.add(companyType)
        row.add(legalTitle)
        row.add(inn)
        row.add(kpp)
        row.add(address)
        row.add(email)
        row.add(phone)
        row.add(archived)
        row.add(created)
        row.add(updated)
        row.add(deleted)
    }
}

/// A store.
public struct StoreRow: RecordRow {
    public let uid: UUID
    public var name: String = ""
    public var code: String?
    public var externalCode: String?
    public var description: String?
    public var address: String?
    public var city: String?
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
        "shop.store",
        [
            .uuid("uid"), .text("name"), .text("code"), .text("external_code"), .text("description"),
            .text("address"), .text("city"), .reference("parent_id", "shop.store"), .text("path"),
            .bool("archived"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(name)
        row.add(code)
        row.add(externalCode)
        row.add(description)
        row.add(address)
        row.add(city)
        row.add(parent)
        row.add(path)
        row.add(archived)
        row.add(updated)
        row.add(deleted)
    }
}

/// Whoever can stand opposite in a document.
public struct CounterpartyRow: RecordRow {
    public let uid: UUID
    public var agentType: String = "counterparty"
    public var name: String = ""
    public var companyType: String?
    public var code: String?
    public var externalCode: String?
    public var legalTitle: String?
    public var inn: String?
    public var kpp: String?
    public var phone: String?
    public var email: String?
    public var city: String?
    public var region: String?
    public var country: String?
    public var address: String?
    public var postalCode: String?
    public var tags: String?
    public var description: String?
    public var state: RecordReference?
    public var owner: RecordReference?
    public var department: RecordReference?
    public var priceType: RecordReference?
    public var salesAmount: FixedPoint?
    public var bonusPoints: Int64?
    public var discountCardNumber: String?
    public var birthDate: RecordMoment?
    public var sex: String?
    public var attributes: String?
    public var archived: Bool = false
    public var created: RecordMoment?
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.counterparty",
        [
            .uuid("uid"), .text("agent_type"), .text("name"), .text("company_type"), .text("code"),
            .text("external_code"), .text("legal_title"), .text("inn"), .text("kpp"), .text("phone"),
            .text("email"), .text("city"), .text("region"), .text("country"), .text("address"),
            .text("postal_code"), .text("tags"), .text("description"),
            .reference("state_id", "shop.state"), .reference("owner_id", "shop.employee"),
            .reference("department_id", "shop.department"),
            .reference("price_type_id", "shop.price_type"), .number("sales_amount"), .int("bonus_points"),
            .text("discount_card_number"), .date("birth_date"), .text("sex"), .text("attributes"),
            .bool("archived"), .moment("created"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(agentType)
        row.add(name)
        row.add(companyType)
        row.add(code)
        row.add(externalCode)
        row.add(legalTitle)
        row.add(inn)
        row.add(kpp)
        row.add(phone)
        row.add(email)
        row.add(city)
        row.add(region)
        row.add(country)
        row.add(address)
        row.add(postalCode)
        row.add(tags)
        row.add(description)
        row.add(state)
        row.add(owner)
        row.add(department)
        row.add(priceType)
        row.add(salesAmount)
        row.add(bonusPoints)
        row.add(discountCardNumber)
        row.add(dayOf: birthDate)
        row.add(sex)
        row.add(attributes)
        row.add(archived)
        row.add(created)
        row.add(updated)
        row.add(deleted)
    }
}
