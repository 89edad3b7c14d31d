/// Stock as it follows from the documents: what lay there at first, less what left, plus what came back.
struct StockLedger: Sendable {
    /// Thousandths at `item * storeCount + store`.
    let stock: [Int64]
    /// Held back for orders, counted the same way.
    let reserve: [Int64]
    let storeCount: Int
    let version: Int

    /// Takes O(lines) time.
    init(_ shop: Shop) {
        storeCount = shop.stores.count
        version = shop.version
        var stock = Self.movements(of: shop)
        for index in shop.openingStock.indices where index < stock.count {
            stock[index] += shop.openingStock[index]
        }
        self.stock = stock
        reserve = Self.reserves(of: shop)
    }

    func stock(item: Int32, store: Int) -> Int64 { stock[Int(item) * storeCount + store] }
    func reserve(item: Int32, store: Int) -> Int64 { reserve[Int(item) * storeCount + store] }
    func stock(item: Int32) -> Int64 { (0..<storeCount).reduce(0) { $0 + stock(item: item, store: $1) } }
    func reserve(item: Int32) -> Int64 { (0..<storeCount).reduce(0) { $0 + reserve(item: item, store: $1) } }

    /// What all posted documents together did to each item in each store.
    static func movements(of shop: Shop) -> [Int64] {
        var moved = [Int64](repeating: 0, count: shop.items.count * shop.stores.count)
        for table in shop.documents where table.kind.stockSign != 0 {
            for ordinal in 0..<table.count {
                let flags = table.flags[ordinal]
                let store = table.stores[ordinal]
                guard flags.contains(.applicable), !flags.contains(.deleted), store != DocumentTable.none
                else {
                    continue
                }
                add(
                    shop, table.lines(Int32(ordinal)), store: Int(store), sign: table.kind.stockSign,
                    to: &moved)
            }
        }
        return moved
    }

    private static func reserves(of shop: Shop) -> [Int64] {
        var held = [Int64](repeating: 0, count: shop.items.count * shop.stores.count)
        let table = shop[.customerOrder]
        for ordinal in 0..<table.count {
            let flags = table.flags[ordinal]
            guard flags.isSuperset(of: [.applicable, .reserved]),
                flags.isDisjoint(with: [.deleted, .shipped]),
                table.stores[ordinal] != DocumentTable.none
            else { continue }
            add(shop, table.lines(Int32(ordinal)), store: Int(table.stores[ordinal]), sign: 1, to: &held)
        }
        return held
    }

    private static func add(
        _ shop: Shop, _ lines: DocumentLines, store: Int, sign: Int64, to sums: inout [Int64]
    ) {
        let storeCount = shop.stores.count
        for line in lines {
            let item = Int(shop.lines.items[line])
            let quantity = Int64(shop.lines.quantities[line]) * sign
            switch shop.items[item].kind {
            case .product, .variant: sums[item * storeCount + store] += quantity
            // A bundle has no stock of its own: its parts move.
            case .bundle:
                for part in shop.items[item].components {
                    sums[Int(part.item) * storeCount + store] += quantity * part.quantity / 1000
                }
            case .service: break
            }
        }
    }
}
