import Testing

@testable import MoyskladSimulator

/// A shop of a fixed moment.
func makeShop(scale: Int = 4000, seed: UInt64 = 7) throws -> Shop {
    let now = try #require(ShopTime("2026-11-20 15:00:00"))
    return ShopGenerator.generate(seed: seed, scale: scale, end: now, clock: .stepping(now))
}

@Suite("The generated shop")
struct GeneratedShopTests {
    /// All rows of all types as JSON.
    private func bytes(of shop: Shop) -> [UInt8] {
        var renderer = ObjectRenderer(shop: shop, base: "http://shop")
        renderer.elements { renderer in
            for type in ObjectType.allCases {
                for ordinal in 0..<Int32(shop.rowCount(type)) {
                    let target = ObjectReference(type: type, ordinal: ordinal)
                    guard shop.exists(target) else { continue }
                    renderer.write(target, expand: type.isDocument ? Self.withLines(type) : ExpandTree())
                }
            }
        }
        return renderer.writer.bytes
    }

    private static func withLines(_ type: ObjectType) -> ExpandTree {
        do { return try ExpandTree("positions", type: type) } catch { return ExpandTree() }
    }

    @Test("the same seed gives the same bytes, another seed another shop")
    func determinism() throws {
        let first = bytes(of: try makeShop(scale: 1000, seed: 7))
        #expect(first == bytes(of: try makeShop(scale: 1000, seed: 7)))
        #expect(first != bytes(of: try makeShop(scale: 1000, seed: 8)))
    }

    @Test("the scale is the number of lines, exactly", arguments: [100, 777, 4000])
    func scale(lines: Int) throws {
        let shop = try makeShop(scale: lines)
        #expect(shop.lines.count == lines)
        #expect(shop.documents.reduce(0) { $0 + $1.lineCounts.reduce(0) { $0 + Int($1) } } == lines)
    }

    @Test("every document's sum is the sum over its lines, rounded line by line")
    func sums() throws {
        let shop = try makeShop()
        var (onTop, included, without) = (0, 0, 0)
        for table in shop.documents {
            for ordinal in 0..<Int32(table.count) {
                let row = table[ordinal]
                let arithmetic = row.arithmetic
                let sum = table.lines(ordinal).reduce(0) { $0 + arithmetic.sum(shop.lines.amounts($1)) }
                #expect(row.sum == sum)
                if !row.flags.contains(.vatEnabled) {
                    without += 1
                } else if row.flags.contains(.vatIncluded) {
                    included += 1
                } else {
                    onTop += 1
                }
            }
        }
        #expect(onTop > 10 && included > 10 && without > 10)
    }

    @Test("nothing happens after the shop's last moment or before its first")
    func moments() throws {
        let shop = try makeShop()
        let end = shop.clock.now.milliseconds
        let start = end - Int64(ShopGenerator.daysOfTrade + 1) * ShopTime.day
        for table in shop.documents {
            #expect(table.moments.allSatisfy { $0 <= end && $0 >= start && $0 % ShopTime.minute == 0 })
            #expect(zip(table.created, table.updated).allSatisfy { $0 <= $1 && $1 <= end })
        }
        #expect(shop.counterparties.allSatisfy { $0.common.updated.milliseconds <= end })
    }

    @Test("the shop is as untidy as a real one")
    func untidiness() throws {
        let shop = try makeShop(scale: 20_000)
        let orders = shop[.customerOrder]
        #expect(orders.states.contains(DocumentTable.none))
        #expect(orders.stores.contains(DocumentTable.none))
        #expect(orders.rates.contains { $0 != 10_000 })
        #expect(orders.lineCounts.contains { $0 > 100 })
        #expect(shop.documents.allSatisfy { $0.count > 0 })
        #expect(shop[.retailDemand].flags.contains { !$0.contains(.applicable) })
        #expect(shop[.salesReturn].bases.contains(-1))
        #expect(shop.lines.quantities.contains { $0 % 1000 != 0 })
        #expect(shop.lines.prices.contains { $0 % 100 != 0 })
        #expect(shop.lines.discounts.contains { $0 < 0 })
        let products = shop.items.filter { $0.kind == .product }
        #expect(products.contains { $0.salePrices.isEmpty })
        #expect(products.contains { $0.folder == nil })
        #expect(products.contains { $0.common.archived })
        for kind in ItemKind.allCases { #expect(shop.items.contains { $0.kind == kind }) }
        let cities = shop.counterparties.compactMap(\.city)
        #expect(cities.contains("Москва") && cities.contains("г. Москва") && cities.contains("Москва "))
        #expect(shop.counterparties.contains { $0.address == nil })
        #expect(shop.counterparties.contains { $0.tags.count > 1 })
    }

    @Test("trade grows, and December is the best month")
    func seasons() throws {
        let shop = try makeShop(scale: 40_000)
        var orders: [Int: Int] = [:]
        for moment in shop[.retailDemand].moments {
            let date = ShopTime.civil(fromDay: ShopTime(milliseconds: moment).day)
            orders[date.year * 100 + date.month, default: 0] += 1
        }
        let (first, second) = (orders[202_406] ?? 0, orders[202_606] ?? 0)
        #expect(second > first)
        #expect((orders[202_512] ?? 0) > (orders[202_507] ?? 0) * 13 / 10)
    }

    @Test("stock is what lay there, less what left, plus what came back")
    func stock() throws {
        var shop = try makeShop()
        let before = StockLedger(shop)
        let table = shop[.demand]
        let ordinal = try #require(
            (0..<Int32(table.count)).first { ordinal in
                table.flags[Int(ordinal)].contains(.applicable)
                    && shop.items[Int(shop.lines.items[table.lines(ordinal)[0]])].kind == .product
            })
        let store = Int(table.stores[Int(ordinal)])
        let item = shop.lines.items[table.lines(ordinal)[0]]
        let shipped = table.lines(ordinal).reduce(Int64(0)) {
            $0 + (shop.lines.items[$1] == item ? Int64(shop.lines.quantities[$1]) : 0)
        }
        shop[.demand].flags[Int(ordinal)].remove(.applicable)
        let after = StockLedger(shop)
        #expect(after.stock(item: item, store: store) == before.stock(item: item, store: store) + shipped)
    }
}
