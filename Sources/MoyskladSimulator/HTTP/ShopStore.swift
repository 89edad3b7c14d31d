import Synchronization

/// The shop that a server serves: readers take it as a value, writers change it one at a time.
final class ShopStore: Sendable {
    private let shop: Mutex<Shop>
    private let lists = Mutex(ListCache())
    private let ledger: Mutex<StockLedger?> = Mutex(nil)

    init(_ shop: Shop) { self.shop = Mutex(shop) }

    /// The shop as it is now; later changes do not touch it.
    var snapshot: Shop { shop.withLock { $0 } }

    /// Changes the shop; what throws must not have changed it before.
    func change<Result: Sendable>(
        _ body: (inout Shop) throws(APIFault) -> Result
    ) throws(APIFault) -> Result {
        let outcome: Swift.Result<Result, APIFault> = shop.withLock { shop in
            do throws(APIFault) {
                return .success(try body(&shop))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    func list(_ request: ListRequest, in shop: Shop) throws(APIFault) -> ListResult {
        if let known = lists.withLock({ $0.find(request, version: shop.version) }) { return known }
        let result = try ListResult(request, shop: shop)
        lists.withLock { $0.store(result, for: request, version: shop.version) }
        return result
    }

    func stock(of shop: Shop) -> StockLedger {
        if let known = ledger.withLock({ $0 }), known.version == shop.version { return known }
        let counted = StockLedger(shop)
        ledger.withLock { $0 = counted }
        return counted
    }
}
