import Foundation

/// A legal entity of ours (`organization`) or a counterparty: they share most fields.
public struct Party: MoyskladObject {
    public var head: ObjectHead
    /// legal, entrepreneur, individual; open-ended.
    public var companyType: String?
    public var legalTitle: String?
    public var inn: String?
    public var kpp: String?
    public var email: String?
    public var phone: String?
    public var actualAddress: PostalAddress
    public var legalAddress: PostalAddress
    // Counterparties only.
    public var tags: [String]
    public var state: MoyskladReference?
    public var priceType: MoyskladReference?
    /// In kopecks.
    public var salesAmount: ExactDecimal?
    public var bonusPoints: Int64?
    public var discountCardNumber: String?
    public var birthDate: LocalMoment?
    public var sex: String?
    /// The custom fields as they came.
    public var attributes: String?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        companyType = try reader.string("companyType")
        legalTitle = try reader.string("legalTitle")
        inn = try reader.string("inn")
        kpp = try reader.string("kpp")
        email = try reader.string("email")
        phone = try reader.string("phone")
        actualAddress = try PostalAddress(reader, line: "actualAddress", parts: "actualAddressFull")
        legalAddress = try PostalAddress(reader, line: "legalAddress", parts: "legalAddressFull")
        tags = try reader.strings("tags")
        state = try reader.reference("state")
        priceType = try reader.reference("priceType")
        salesAmount = try reader.decimal("salesAmount")
        bonusPoints = try reader.integer("bonusPoints")
        discountCardNumber = try reader.string("discountCardNumber")
        birthDate = try reader.moment("birthDate")
        sex = try reader.string("sex")
        attributes = reader.json("attributes")
    }
}
