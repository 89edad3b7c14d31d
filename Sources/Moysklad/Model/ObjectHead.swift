import Foundation

/// What objects of every type have.
public struct ObjectHead: Sendable, Hashable {
    /// The object's id in the API.
    public var id: UUID
    /// The type code of its `meta`.
    public var type: String
    /// The account it belongs to; system objects name none.
    public var accountID: UUID?
    /// Empty where the type has none.
    public var name: String
    public var code: String?
    public var externalCode: String?
    public var description: String?
    public var archived: Bool
    /// The employee who owns it.
    public var owner: MoyskladReference?
    /// The department that owns it.
    public var group: MoyskladReference?
    public var created: LocalMoment?
    public var updated: LocalMoment?
    /// When it went to the trash.
    public var deleted: LocalMoment?

    /// - Throws: `MoyskladError.field` if `meta` or `id` is missing or a field has another type.
    public init(_ reader: ObjectReader) throws(MoyskladError) {
        guard let meta = reader.value["meta"], meta.kind == .object else {
            throw .field(path: reader.place("meta"), reason: "missing")
        }
        guard let id = try reader.identifier("id") else {
            throw .field(path: reader.place("id"), reason: "missing")
        }
        self.id = id
        type = meta["type"]?.string ?? ""
        accountID = try reader.identifier("accountId")
        name = try reader.string("name") ?? ""
        code = try reader.string("code")
        externalCode = try reader.string("externalCode")
        description = try reader.string("description")
        archived = try reader.bool("archived") ?? false
        owner = try reader.reference("owner")
        group = try reader.reference("group")
        created = try reader.moment("created")
        updated = try reader.moment("updated")
        deleted = try reader.moment("deleted")
    }
}

/// A typed object of the API.
public protocol MoyskladObject: Sendable {
    /// What objects of every type have.
    var head: ObjectHead { get }
    /// - Throws: `MoyskladError.field` that names the field that does not fit.
    init(_ reader: ObjectReader) throws(MoyskladError)
}
