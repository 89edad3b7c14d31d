import Foundation
import Moysklad
import SystemOfRecord

/// Organizations and counterparties as rows of the star.
enum PartyMapping {
    typealias Convert = RecordConversions

    static func organization(_ party: Party) -> OrganizationRow {
        var row = OrganizationRow(uid: party.head.id)
        row.name = party.head.name
        row.code = party.head.code
        row.externalCode = party.head.externalCode
        row.companyType = party.companyType
        row.legalTitle = party.legalTitle
        row.inn = party.inn
        row.kpp = party.kpp
        row.address = Convert.filled(party.actualAddress.line) ?? Convert.filled(party.legalAddress.line)
        row.email = party.email
        row.phone = party.phone
        row.archived = party.head.archived
        row.created = Convert.moment(party.head.created)
        row.updated = Convert.moment(party.head.updated)
        return row
    }

    /// The place where goods go counts before the place in the books.
    static func counterparty(
        _ party: Party, placeNames: [UUID: String]
    ) throws(MoyskladError) -> CounterpartyRow {
        var row = CounterpartyRow(uid: party.head.id)
        row.name = party.head.name
        row.companyType = party.companyType
        row.code = party.head.code
        row.externalCode = party.head.externalCode
        row.legalTitle = party.legalTitle
        row.inn = party.inn
        row.kpp = party.kpp
        row.phone = party.phone
        row.email = party.email
        let places = [party.actualAddress, party.legalAddress]
        row.city = places.lazy.compactMap(\.town).first
        row.region = places.lazy.compactMap(\.region).first.flatMap { placeNames[$0.id] }
        row.country = places.lazy.compactMap(\.country).first.flatMap { placeNames[$0.id] }
        row.address = places.lazy.compactMap { Convert.filled($0.line) }.first
        row.postalCode = places.lazy.compactMap { Convert.filled($0.postalCode) }.first
        row.tags = party.tags.isEmpty ? nil : party.tags.joined(separator: ", ")
        row.description = party.head.description
        row.state = Convert.reference(party.state)
        row.owner = Convert.reference(party.head.owner)
        row.department = Convert.reference(party.head.group)
        row.priceType = Convert.reference(party.priceType)
        row.salesAmount = try Convert.money(party.salesAmount, "salesAmount")
        row.bonusPoints = party.bonusPoints
        row.discountCardNumber = party.discountCardNumber
        row.birthDate = Convert.moment(party.birthDate)
        row.sex = party.sex
        row.attributes = party.attributes
        row.archived = party.head.archived
        row.created = Convert.moment(party.head.created)
        row.updated = Convert.moment(party.head.updated)
        return row
    }
}
