/// The stock reports, counted from the documents (API §13.1–13.3).
struct StockReportReader {
    let store: ShopStore

    /// Items that keep stock.
    private func stocked(_ shop: Shop, ledger: StockLedger, keepEmpty: Bool) -> [Int32] {
        (0..<Int32(shop.items.count)).filter { ordinal in
            let row = shop.items[Int(ordinal)]
            guard row.kind == .product || row.kind == .variant, !row.common.deleted, !row.common.archived
            else {
                return false
            }
            guard row.variantCount == 0 else { return false }
            return keepEmpty || ledger.stock(item: ordinal) != 0 || ledger.reserve(item: ordinal) != 0
        }
    }

    private func keepsEmpty(_ request: APIRequest) throws(APIFault) -> Bool {
        let filter = try FilterExpression(request.query.joined("filter") ?? "")
        let modes = ["stockMode", "quantityMode"].compactMap { filter.conditions[$0]?.first?.value }
        return modes.contains("all")
    }

    func all(_ request: APIRequest) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        let ledger = store.stock(of: shop)
        let rows = stocked(shop, ledger: ledger, keepEmpty: try keepsEmpty(request))
        let page = try ListPage(request.query)
        let reader = ListReader(store: store)
        return reader.envelope(request, type: "stock", page: page, size: rows.count, shop: shop) { renderer in
            for place in page.range(of: rows.count) {
                renderer.nested { $0.stockRow(rows[place], ledger: ledger) }
            }
        }
    }

    func byStore(_ request: APIRequest) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        let ledger = store.stock(of: shop)
        let rows = stocked(shop, ledger: ledger, keepEmpty: try keepsEmpty(request))
        let page = try ListPage(request.query)
        let reader = ListReader(store: store)
        return reader.envelope(request, type: "stockbystore", page: page, size: rows.count, shop: shop) {
            renderer in
            for place in page.range(of: rows.count) {
                renderer.nested { renderer in
                    renderer.meta(shop.item(rows[place]))
                    renderer.array("stockByStore") { $0.stockByStore(rows[place], ledger: ledger) }
                }
            }
        }
    }

    /// A bare array whose value key is the `stockType`.
    func current(_ request: APIRequest, byStore: Bool) throws(APIFault) -> APIReply {
        let shop = store.snapshot
        let ledger = store.stock(of: shop)
        let stockType = request.query["stockType"] ?? "stock"
        guard ["stock", "freeStock", "quantity", "reserve", "inTransit"].contains(stockType) else {
            throw .queryParameter("stockType", stockType)
        }
        func value(stock: Int64, reserve: Int64) -> Int64 {
            switch stockType {
            case "stock": stock
            case "reserve": reserve
            case "inTransit": 0
            default: stock - reserve
            }
        }
        let keepsZeros = request.query["include"] == "zeroLines"
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.elements { renderer in
            for item in stocked(shop, ledger: ledger, keepEmpty: true) {
                let code = shop.item(item).type.code
                for store in byStore ? Array(0..<ledger.storeCount) : [-1] {
                    let amount =
                        store < 0
                        ? value(stock: ledger.stock(item: item), reserve: ledger.reserve(item: item))
                        : value(
                            stock: ledger.stock(item: item, store: store),
                            reserve: ledger.reserve(item: item, store: store))
                    guard amount != 0 || keepsZeros else { continue }
                    renderer.nested { renderer in
                        renderer.id(code: code, ordinal: item, key: "assortmentId")
                        if store >= 0 {
                            renderer.id(code: ObjectType.store.code, ordinal: Int32(store), key: "storeId")
                        }
                        renderer.writer.key(stockType)
                        renderer.writer.decimal(units: amount, scale: LineAmounts.quantityScale)
                    }
                }
            }
        }
        return APIReply(body: renderer.writer.bytes)
    }
}

extension ObjectRenderer {
    mutating func stockFields(stock: Int64, reserve: Int64, withAvailable: Bool) {
        let scale = LineAmounts.quantityScale
        writer.field("stock", units: stock, scale: scale)
        writer.field("inTransit", units: 0, scale: scale)
        writer.field("reserve", units: reserve, scale: scale)
        if withAvailable { writer.field("quantity", units: stock - reserve, scale: scale) }
    }

    mutating func stockRow(_ item: Int32, ledger: StockLedger) {
        let row = shop.items[Int(item)]
        meta(shop.item(item))
        stockFields(stock: ledger.stock(item: item), reserve: ledger.reserve(item: item), withAvailable: true)
        writer.field("name", row.common.name)
        writer.field("code", row.common.code)
        writer.field("article", row.article)
        externalCode(row.common.externalCode, shop.item(item))
        writer.field("price", units: row.buyPrice ?? 0, scale: LineAmounts.priceScale)
        writer.field("salePrice", units: row.salePrices.first ?? 0, scale: LineAmounts.priceScale)
        writer.field("stockDays", Int(row.common.updated.milliseconds / 1000 % 400))
        if let uom = row.uom {
            object("uom") { renderer in
                renderer.meta(ObjectReference(type: .uom, ordinal: uom))
                renderer.writer.field("name", renderer.shop.uoms[Int(uom)].common.name)
            }
        }
        if let folder = row.folder {
            object("folder") { renderer in
                let row = renderer.shop.folders[Int(folder)]
                renderer.meta(ObjectReference(type: .productFolder, ordinal: folder))
                renderer.writer.field("name", row.common.name)
                renderer.writer.field("pathName", row.pathName)
            }
        }
    }

    /// One element for each store of the account, zeros included.
    mutating func stockByStore(_ item: Int32, ledger: StockLedger) {
        for store in 0..<ledger.storeCount {
            nested { renderer in
                renderer.meta(ObjectReference(type: .store, ordinal: Int32(store)))
                renderer.writer.field("name", renderer.shop.stores[store].common.name)
                renderer.stockFields(
                    stock: ledger.stock(item: item, store: store),
                    reserve: ledger.reserve(item: item, store: store),
                    withAvailable: false)
            }
        }
    }
}
