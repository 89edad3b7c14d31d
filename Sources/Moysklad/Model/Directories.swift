import Foundation

/// A directory entry without fields of its own beyond the head: project, region, department and the like.
public struct DirectoryEntry: MoyskladObject {
    public var head: ObjectHead

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
    }
}

/// A department (`group`).
public struct Department: MoyskladObject {
    public var head: ObjectHead
    /// The place in the account's list.
    public var sortOrder: Int64?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        sortOrder = try reader.integer("index")
    }
}

/// A currency. Direct: `multiplicity` units of it cost `rate` units of the accounting currency; indirect:
/// the other way.
public struct Currency: MoyskladObject {
    public var head: ObjectHead
    public var fullName: String?
    public var isoCode: String?
    public var rate: ExactDecimal?
    public var multiplicity: Int64?
    public var indirect: Bool
    /// This is the accounting currency.
    public var isDefault: Bool

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        fullName = try reader.string("fullName")
        isoCode = try reader.string("isoCode")
        rate = try reader.decimal("rate")
        multiplicity = try reader.integer("multiplicity")
        indirect = try reader.bool("indirect") ?? false
        isDefault = try reader.bool("default") ?? false
    }
}

/// A channel of sales.
public struct SalesChannel: MoyskladObject {
    public var head: ObjectHead
    /// Such as MARKETPLACE; open-ended.
    public var type: String?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        type = try reader.string("type")
    }
}

/// A state of documents or counterparties, listed in their type's metadata.
public struct ObjectState: MoyskladObject {
    public var head: ObjectHead
    /// The type whose objects can be in it.
    public var entityType: String?
    /// Regular, Successful or Unsuccessful; open-ended.
    public var stateType: String?
    /// ARGB.
    public var color: Int64?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        entityType = try reader.string("entityType")
        stateType = try reader.string("stateType")
        color = try reader.integer("color")
    }
}

/// A folder of products.
public struct ProductFolder: MoyskladObject {
    public var head: ObjectHead
    public var parent: MoyskladReference?
    /// The names of the folders above, "/" between them.
    public var pathName: String?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        parent = try reader.reference("productFolder")
        pathName = try reader.string("pathName")
    }
}

/// A store.
public struct Store: MoyskladObject {
    public var head: ObjectHead
    public var address: PostalAddress
    public var parent: MoyskladReference?
    /// The names of the groups above.
    public var pathName: String?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        address = try PostalAddress(reader, line: "address", parts: "addressFull")
        parent = try reader.reference("parent")
        pathName = try reader.string("pathName")
    }
}

/// An employee.
public struct Employee: MoyskladObject {
    public var head: ObjectHead
    public var fullName: String?
    public var lastName: String?
    public var firstName: String?
    public var middleName: String?
    public var email: String?
    public var phone: String?
    public var position: String?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        fullName = try reader.string("fullName")
        lastName = try reader.string("lastName")
        firstName = try reader.string("firstName")
        middleName = try reader.string("middleName")
        email = try reader.string("email")
        phone = try reader.string("phone")
        position = try reader.string("position")
    }
}
