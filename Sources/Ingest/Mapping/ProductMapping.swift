import Foundation
import Moysklad
import SystemOfRecord

/// Items of the catalogue as rows of the star.
enum ProductMapping {
    typealias Convert = RecordConversions

    static func row(_ item: CatalogueItem, type: EntityType) throws(MoyskladError) -> ProductRow {
        var row = ProductRow(uid: item.head.id)
        row.type = type.rawValue
        row.name = item.head.name
        row.code = item.head.code
        row.externalCode = item.head.externalCode
        row.article = item.article
        row.description = item.head.description
        row.folder = Convert.reference(item.folder)
        row.folderPath = item.pathName
        row.parent = Convert.reference(item.parent)
        row.characteristics = item.characteristics
        row.uom = Convert.reference(item.uom)
        row.supplier = Convert.reference(item.supplier)
        row.country = Convert.reference(item.country)
        if let price = item.buyPrice {
            row.buyPrice = try Convert.price(price.value, "buyPrice.value")
            row.buyCurrency = Convert.reference(price.currency)
        }
        if let price = item.minPrice { row.minPrice = try Convert.price(price.value, "minPrice.value") }
        row.vat = item.vat
        row.vatEnabled = item.vatEnabled
        row.minimumBalance = try Convert.quantity(item.minimumBalance, "minimumBalance")
        row.weight = try Convert.quantity(item.weight, "weight")
        row.volume = try Convert.quantity(item.volume, "volume")
        row.barcodes = item.barcodes.isEmpty ? nil : item.barcodes.joined(separator: ", ")
        row.trackingType = item.trackingType
        row.discountProhibited = item.discountProhibited
        row.attributes = item.attributes
        row.archived = item.head.archived
        row.updated = Convert.moment(item.head.updated)
        return row
    }

    /// The sale prices that name their type.
    static func prices(_ item: CatalogueItem) throws(MoyskladError) -> [ProductPriceRow] {
        var rows: [ProductPriceRow] = []
        for (index, price) in item.salePrices.enumerated() {
            guard let priceType = Convert.reference(price.priceType) else { continue }
            rows.append(
                ProductPriceRow(
                    product: item.head.id, priceType: priceType, currency: Convert.reference(price.currency),
                    value: try Convert.price(price.value, "salePrices[\(index)].value")))
        }
        return rows
    }
}
