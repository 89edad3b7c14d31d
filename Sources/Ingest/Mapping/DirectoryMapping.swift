import Foundation
import Moysklad
import SystemOfRecord

/// Small directories as rows of the star.
enum DirectoryMapping {
    typealias Convert = RecordConversions

    static func currency(_ currency: Currency) throws(MoyskladError) -> CurrencyRow {
        var row = CurrencyRow(uid: currency.head.id)
        row.name = currency.head.name
        row.fullName = currency.fullName
        row.code = currency.head.code
        row.isoCode = currency.isoCode
        if let rate = currency.rate { row.rate = try Convert.fixed(rate, scale: 8, "rate") }
        row.multiplicity = currency.multiplicity
        row.indirect = currency.indirect
        row.isDefault = currency.isDefault
        row.archived = currency.head.archived
        return row
    }

    static func country(_ head: ObjectHead) -> CountryRow {
        var row = CountryRow(uid: head.id)
        row.name = head.name
        row.code = head.code
        row.updated = Convert.moment(head.updated)
        return row
    }

    static func region(_ head: ObjectHead) -> RegionRow {
        var row = RegionRow(uid: head.id)
        row.name = head.name
        row.code = head.code
        row.updated = Convert.moment(head.updated)
        return row
    }

    static func unit(_ head: ObjectHead) -> UnitRow {
        var row = UnitRow(uid: head.id)
        row.name = head.name
        row.code = head.code
        row.description = head.description
        row.updated = Convert.moment(head.updated)
        return row
    }

    static func department(_ department: Department) -> DepartmentRow {
        var row = DepartmentRow(uid: department.head.id)
        row.name = department.head.name
        row.sortOrder = department.sortOrder
        return row
    }

    static func state(_ state: ObjectState) -> StateRow {
        var row = StateRow(uid: state.head.id)
        row.entityType = state.entityType
        row.name = state.head.name
        row.stateType = state.stateType
        row.color = state.color
        return row
    }

    /// The first type of the account's list is the default one.
    static func priceType(_ head: ObjectHead, index: Int) -> PriceTypeRow {
        var row = PriceTypeRow(uid: head.id)
        row.name = head.name
        row.externalCode = head.externalCode
        row.sortOrder = Int64(index)
        row.isDefault = index == 0
        return row
    }

    static func salesChannel(_ channel: SalesChannel) -> SalesChannelRow {
        var row = SalesChannelRow(uid: channel.head.id)
        row.name = channel.head.name
        row.code = channel.head.code
        row.externalCode = channel.head.externalCode
        row.type = channel.type
        row.description = channel.head.description
        row.archived = channel.head.archived
        row.updated = Convert.moment(channel.head.updated)
        return row
    }

    static func project(_ head: ObjectHead) -> ProjectRow {
        var row = ProjectRow(uid: head.id)
        row.name = head.name
        row.code = head.code
        row.externalCode = head.externalCode
        row.description = head.description
        row.archived = head.archived
        row.updated = Convert.moment(head.updated)
        return row
    }

    static func productFolder(_ folder: ProductFolder) -> ProductFolderRow {
        var row = ProductFolderRow(uid: folder.head.id)
        row.name = folder.head.name
        row.code = folder.head.code
        row.externalCode = folder.head.externalCode
        row.description = folder.head.description
        row.parent = Convert.reference(folder.parent)
        row.path = folder.pathName
        row.archived = folder.head.archived
        row.updated = Convert.moment(folder.head.updated)
        return row
    }

    static func employee(_ employee: Employee) -> EmployeeRow {
        var row = EmployeeRow(uid: employee.head.id)
        row.name = employee.head.name
        row.fullName = employee.fullName
        row.lastName = employee.lastName
        row.firstName = employee.firstName
        row.middleName = employee.middleName
        row.email = employee.email
        row.phone = employee.phone
        row.position = employee.position
        row.department = Convert.reference(employee.head.group)
        row.archived = employee.head.archived
        row.created = Convert.moment(employee.head.created)
        row.updated = Convert.moment(employee.head.updated)
        return row
    }

    static func store(_ store: Store) -> StoreRow {
        var row = StoreRow(uid: store.head.id)
        row.name = store.head.name
        row.code = store.head.code
        row.externalCode = store.head.externalCode
        row.description = store.head.description
        row.address = Convert.filled(store.address.line)
        row.city = store.address.town
        row.parent = Convert.reference(store.parent)
        row.path = store.pathName
        row.archived = store.head.archived
        row.updated = Convert.moment(store.head.updated)
        return row
    }
}
