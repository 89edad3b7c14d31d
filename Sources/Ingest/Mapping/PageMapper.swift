import Foundation
import Moysklad
import SystemOfRecord

/// Turns objects of the API into a page of the record; what does not fit goes among the rejected, the rest
/// goes on.
struct PageMapper: Sendable {
    let type: EntityType
    /// Names of regions and countries by id.
    let placeNames: [UUID: String]
    /// The place of the first object in its list, where the order means something.
    var firstIndex = 0

    /// - Parameter objects: Whole objects, documents with all their positions.
    func page(_ objects: [JSONValue]) -> RecordPage {
        var page = RecordPage(type: type.rawValue)
        for (index, object) in objects.enumerated() {
            do throws(MoyskladError) {
                try add(object, index: firstIndex + index, to: &page)
            } catch {
                page.rejected.append(Self.rejection(of: object, error))
            }
        }
        return page
    }

    /// An object that Postgres did not take.
    static func rejection(of object: JSONValue, reason: String) -> RejectedObject {
        rejection(of: object, .field(path: "", reason: reason))
    }

    private static func rejection(of object: JSONValue, _ error: MoyskladError) -> RejectedObject {
        let id = object["id"].flatMap { UUID(hyphenated: $0.content) }
        let payload = String(decoding: object.content, as: UTF8.self)
        if case .field(let path, let reason) = error {
            return RejectedObject(id: id, field: path, reason: reason, payload: payload)
        }
        return RejectedObject(id: id, field: "", reason: error.description, payload: payload)
    }

    private func add(_ object: JSONValue, index: Int, to page: inout RecordPage) throws(MoyskladError) {
        let reader = try ObjectReader(object)
        let head = try ObjectHead(reader)
        if Self.hasEscapedNull(object) {
            throw .field(path: "", reason: "a text has a NUL character, which cannot be kept")
        }
        switch type {
        case .currency: page.add(try DirectoryMapping.currency(Currency(reader)))
        case .country: page.add(DirectoryMapping.country(head))
        case .region: page.add(DirectoryMapping.region(head))
        case .uom: page.add(DirectoryMapping.unit(head))
        case .group: page.add(DirectoryMapping.department(try Department(reader)))
        case .state: page.add(DirectoryMapping.state(try ObjectState(reader)))
        case .pricetype: page.add(DirectoryMapping.priceType(head, index: index))
        case .saleschannel: page.add(DirectoryMapping.salesChannel(try SalesChannel(reader)))
        case .project: page.add(DirectoryMapping.project(head))
        case .productfolder: page.add(DirectoryMapping.productFolder(try ProductFolder(reader)))
        case .employee: page.add(DirectoryMapping.employee(try Employee(reader)))
        case .store: page.add(DirectoryMapping.store(try Store(reader)))
        case .organization: page.add(PartyMapping.organization(try Party(reader)))
        case .counterparty: page.add(try PartyMapping.counterparty(Party(reader), placeNames: placeNames))
        case .product, .variant, .bundle, .service:
            let item = try CatalogueItem(reader)
            page.add(try ProductMapping.row(item, type: type), prices: try ProductMapping.prices(item))
        case .customerorder, .demand, .retaildemand, .salesreturn, .retailsalesreturn:
            let mapped = try DocumentMapping(TradeDocument(reader), kind: type.rawValue)
            page.add(mapped.row, lines: mapped.lines, difference: mapped.difference)
        }
        page.objects.append(
            RawObject(
                id: head.id, updated: RecordConversions.moment(head.updated),
                payload: object.contentWithoutRequestEcho))
    }

    private static func hasEscapedNull(_ object: JSONValue) -> Bool {
        object.containsEscapedNull && object.content.firstRange(of: Array("\\u0000".utf8)) != nil
    }

    /// The table that holds the rows of a type.
    static func table(of type: EntityType) -> RecordTable {
        switch type {
        case .currency: CurrencyRow.table
        case .country: CountryRow.table
        case .region: RegionRow.table
        case .uom: UnitRow.table
        case .group: DepartmentRow.table
        case .state: StateRow.table
        case .pricetype: PriceTypeRow.table
        case .saleschannel: SalesChannelRow.table
        case .project: ProjectRow.table
        case .productfolder: ProductFolderRow.table
        case .employee: EmployeeRow.table
        case .store: StoreRow.table
        case .organization: OrganizationRow.table
        case .counterparty: CounterpartyRow.table
        case .product, .variant, .bundle, .service: ProductRow.table
        case .customerorder, .demand, .retaildemand, .salesreturn, .retailsalesreturn: DocumentRow.table
        }
    }
}
