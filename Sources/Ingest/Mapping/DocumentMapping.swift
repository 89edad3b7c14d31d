import Foundation
import Moysklad
import SystemOfRecord

/// A document and its lines as rows of the star, with the check of its sum.
struct DocumentMapping {
    typealias Convert = RecordConversions

    private(set) var row: DocumentRow
    private(set) var lines: [DocumentLineRow] = []
    /// Set if the lines do not add up to the document's sum.
    private(set) var difference: SumDifference?

    init(_ document: TradeDocument, kind: String) throws(MoyskladError) {
        guard document.positions.count >= document.positionCount ?? 0 else {
            throw .field(
                path: "positions",
                reason: "\(document.positions.count) of \(document.positionCount ?? 0) came")
        }
        row = try Self.row(document, kind: kind)
        let arithmetic = LineArithmetic(vatEnabled: document.vatEnabled, vatIncluded: document.vatIncluded)
        var linesSum = ExactDecimal.zero
        for (index, position) in document.positions.enumerated() {
            guard let kopecks = arithmetic.sum(position), let total = linesSum + ExactDecimal(kopecks) else {
                throw .field(
                    path: "positions[\(index)].price", reason: "the line's sum is too large to be kept")
            }
            linesSum = total
            lines.append(
                try Self.line(
                    position, index: index, kopecks: kopecks, document: document, row: row, arithmetic))
        }
        let counted = try Convert.money(linesSum, "positions")
        if counted != row.sum {
            difference = SumDifference(document: row.uid, documentSum: row.sum, linesSum: counted)
        }
    }

    private static func row(_ document: TradeDocument, kind: String) throws(MoyskladError) -> DocumentRow {
        var row = DocumentRow(uid: document.head.id)
        row.kind = kind
        row.moment = RecordMoment(microseconds: document.moment.microseconds)
        row.number = document.head.name
        row.externalCode = document.head.externalCode
        row.organization = Convert.reference(document.organization)
        row.store = Convert.reference(document.store)
        row.counterparty = Convert.reference(document.agent)
        row.employee = Convert.reference(document.head.owner)
        row.department = Convert.reference(document.head.group)
        row.salesChannel = Convert.reference(document.salesChannel)
        row.project = Convert.reference(document.project)
        row.state = Convert.reference(document.state)
        row.currency = Convert.reference(document.currency)
        row.rate = try Convert.fixed(document.rate, scale: 8, "rate.value")
        row.sum = try Convert.money(document.sum, "sum")
        row.sumBase = try Convert.money(document.sum * document.rate, "sum")
        row.vatSum = try Convert.money(document.vatSum, "vatSum")
        row.vatEnabled = document.vatEnabled
        row.vatIncluded = document.vatIncluded
        row.paidSum = try Convert.money(document.paidSum, "payedSum")
        row.shippedSum = try Convert.money(document.shippedSum, "shippedSum")
        row.invoicedSum = try Convert.money(document.invoicedSum, "invoicedSum")
        row.reservedSum = try Convert.money(document.reservedSum, "reservedSum")
        row.cashSum = try Convert.money(document.cashSum, "cashSum")
        row.cardSum = try Convert.money(document.cardSum, "noCashSum")
        row.qrSum = try Convert.money(document.qrSum, "qrSum")
        row.lineCount = Int64(document.positions.count)
        row.baseUid = document.base?.id
        row.retailStoreUid = document.retailStore?.id
        row.retailShiftUid = document.retailShift?.id
        row.deliveryPlanned = Convert.moment(document.deliveryPlanned)
        row.shipmentAddress = Convert.filled(document.shipmentAddress.line)
        row.shipmentCity = document.shipmentAddress.town
        row.description = document.head.description
        row.attributes = document.attributes
        row.applicable = document.applicable
        row.deleted = document.head.deleted != nil
        row.created = Convert.moment(document.head.created)
        row.updated = Convert.moment(document.head.updated)
        return row
    }

    private static func line(
        _ position: DocumentPosition, index: Int, kopecks: Int64, document: TradeDocument, row: DocumentRow,
        _ arithmetic: LineArithmetic
    ) throws(MoyskladError) -> DocumentLineRow {
        let place = "positions[\(index)]"
        var line = DocumentLineRow(uid: position.id)
        line.document = RecordReference(uid: row.uid, type: row.kind)
        line.lineNumber = Int64(index) + 1
        line.kind = row.kind
        line.moment = row.moment
        line.product = Convert.reference(position.assortment)
        line.store = row.store
        line.counterparty = row.counterparty
        line.quantity = try Convert.fixed(position.quantity, scale: 6, "\(place).quantity")
        line.price = try Convert.price(position.price, "\(place).price")
        line.discount = try Convert.fixed(position.discount, scale: 8, "\(place).discount")
        line.vat = position.vat
        line.vatEnabled = position.vatEnabled ?? document.vatEnabled
        line.sum = try Convert.money(ExactDecimal(kopecks), "\(place).price")
        line.sumBase = try Convert.money(ExactDecimal(kopecks) * document.rate, "\(place).price")
        line.vatSum = try Convert.money(
            ExactDecimal(arithmetic.vatSum(position, sum: kopecks)), "\(place).vat")
        line.cost = try Convert.money(position.cost, "\(place).cost")
        line.reserve = try Convert.quantity(position.reserve, "\(place).reserve")
        line.shipped = try Convert.quantity(position.shipped, "\(place).shipped")
        line.applicable = row.applicable
        line.deleted = row.deleted
        return line
    }
}
