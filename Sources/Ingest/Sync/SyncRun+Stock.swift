import Foundation
import Moysklad
import SystemOfRecord

extension SyncRun {
    /// Reads the stock of every item in every store and keeps it as today's level.
    func readStock() async throws(IngestError) {
        var levels: [StockLevelRow] = []
        var offset = 0
        while true {
            let page: ListPage
            do throws(MoyskladError) {
                page = try await client.stockByStore(offset: offset)
            } catch {
                throw .moysklad(error)
            }
            for (index, row) in page.rows.enumerated() {
                do throws(MoyskladError) {
                    levels += try Self.levels(row, index: offset + index)
                } catch {
                    warn("left out a row of the stock report: \(error)")
                }
            }
            if let size = page.size { found(total: size) }
            offset += page.rows.count
            guard !page.rows.isEmpty, offset < page.size ?? 0 else { break }
        }
        let day = today()
        let complete = levels
        let rows = try await recordCall { record throws(RecordError) in
            try await record.writeStock(day: day, levels: complete)
        }
        wrote(rows: rows)
    }

    private static func levels(_ row: JSONValue, index: Int) throws(MoyskladError) -> [StockLevelRow] {
        var levels: [StockLevelRow] = []
        for level in try StockRow.rows(ObjectReader(row, path: "rows[\(index)]")) {
            levels.append(
                StockLevelRow(
                    product: RecordReference(uid: level.item.id, type: level.item.type),
                    store: RecordReference(uid: level.store.id, type: level.store.type),
                    stock: try RecordConversions.quantity(level.stock, "stock"),
                    reserve: try RecordConversions.quantity(level.reserve, "reserve"),
                    inTransit: try RecordConversions.quantity(level.inTransit, "inTransit")))
        }
        return levels
    }

    /// The account's present moment.
    private func today() -> RecordMoment {
        let now = Date()
        let ahead = TimeZone(identifier: options.timeZone)?.secondsFromGMT(for: now) ?? 3 * 3600
        return RecordMoment(microseconds: (Int64(now.timeIntervalSince1970) + Int64(ahead)) * 1_000_000)
    }
}
