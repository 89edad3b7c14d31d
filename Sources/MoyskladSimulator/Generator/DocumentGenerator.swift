/// The trade itself: orders with their shipments, receipts of the shops, and what comes back.
struct DocumentGenerator {
    /// Of one document, before its lines.
    struct Plan {
        var kind: DocumentKind
        var row: DocumentTable.Row
        /// Of the price types.
        var priceType = 0
        var lineCount = 0
        var wholesale = false
    }

    /// Hundredths of a percent; the last is a surcharge.
    private static let discounts: [Int64] = [300, 500, 500, 700, 1000, 1000, 1500, 2000, 3333, -500]

    let scale: Int
    let end: ShopTime
    let start: ShopTime
    let items: ItemChoice
    var random: SeededRandom
    var shop: Shop
    private var storyCount = 0

    init(_ generator: ShopGenerator) {
        scale = generator.scale
        start = generator.start
        end = generator.end
        random = generator.random
        shop = generator.shop
        items = ItemChoice(shop: shop, days: start.day...end.day, random: &random)
    }

    /// Fills the shop with `scale` lines exactly.
    mutating func run() {
        let curve = SeasonCurve(days: start.day...end.day, random: &random)
        for (index, share) in curve.cumulative.enumerated() {
            let isLast = index == curve.cumulative.count - 1
            let target = isLast ? scale : Int(Double(scale) * share)
            while shop.lines.count < target { tellStory(day: curve.firstDay + index) }
        }
    }

    /// One thing that happens on a day, with all that follows from it later.
    private mutating func tellStory(day: Int) {
        storyCount += 1
        switch random.below(100) {
        case _ where storyCount == 7 && scale >= 2000: sellByOrder(day: day, lineCount: 130)
        case _ where storyCount == 500 && scale >= 100_000: sellByOrder(day: day, lineCount: 1204)
        case 0..<44: sellInShop(day: day)
        case 44..<92: sellByOrder(day: day, lineCount: nil)
        default: sellWithoutOrder(day: day)
        }
    }

    private mutating func sellInShop(day: Int) {
        let isNevsky = random.chance(0.42)
        var plan = Plan(
            kind: .retailDemand, row: row(day: day, from: 9, to: 21, organization: isNevsky ? 1 : 0))
        plan.row.agent = random.chance(0.78) ? ShopGenerator.retailCustomer : customer(day: day)
        plan.row.store = isNevsky ? 2 : 1
        plan.row.owner = isNevsky ? 4 : 3
        plan.lineCount = 1 + random.below(3) + random.below(4) * random.below(2)
        let receipt = finish(plan, copying: nil)
        guard random.chance(0.035) else { return }
        takeBack(receipt, from: .retailDemand, as: .retailSalesReturn, within: 14)
    }

    private mutating func sellByOrder(day: Int, lineCount: Int?) {
        var plan = orderPlan(day: day)
        if let lineCount { plan.lineCount = lineCount }
        let isCancelled = random.chance(0.07)
        let order = finish(plan, copying: nil)
        let delay = random.within(0...6)
        let shipped = ShopTime(
            milliseconds: shop[.customerOrder].moments[Int(order)] + Int64(delay) * ShopTime.day
                + Int64(random.within(20...400)) * ShopTime.minute)
        guard !isCancelled, random.chance(0.86), shipped < end else {
            settle(order, isCancelled: isCancelled)
            return
        }
        let demand = ship(order, at: shipped)
        shop[.customerOrder].flags[Int(order)].insert(.shipped)
        let delivered: UInt8 = random.chance(0.75) ? 4 : 3
        shop[.customerOrder].states[Int(order)] = random.chance(0.94) ? delivered : DocumentTable.none
        let touched = max(shop[.customerOrder].updated[Int(order)], shop[.demand].updated[Int(demand)])
        shop[.customerOrder].updated[Int(order)] = min(touched, end.milliseconds)
        guard random.chance(0.045) else { return }
        takeBack(demand, from: .demand, as: .salesReturn, within: 21)
    }

    private mutating func sellWithoutOrder(day: Int) {
        var plan = orderPlan(day: day)
        plan.kind = .demand
        if plan.row.store == DocumentTable.none { plan.row.store = 0 }
        plan.row.state = random.chance(0.5) ? UInt8(random.below(3)) : DocumentTable.none
        finish(plan, copying: nil)
    }

    private mutating func orderPlan(day: Int) -> Plan {
        let channel = [0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 5][random.below(12)]
        let wholesale = channel == 4
        let isMarketplace = channel == 1 || channel == 2
        var plan = Plan(
            kind: .customerOrder,
            row: row(day: day, from: 0, to: 23, organization: wholesale ? 2 : isMarketplace ? 1 : 0))
        plan.wholesale = wholesale
        plan.priceType = wholesale ? 1 : channel == 0 ? 2 : 0
        plan.row.channel = random.chance(0.93) ? UInt8(channel) : DocumentTable.none
        plan.row.agent = customer(day: day)
        plan.row.store = isMarketplace ? 3 : random.chance(0.9) ? 0 : DocumentTable.none
        if random.chance(0.3) { plan.row.project = wholesale ? 1 : isMarketplace ? 2 : 0 }
        plan.row.owner = UInt8(random.below(3))
        plan.lineCount = wholesale ? random.within(3...28) : 1 + random.below(4)
        if wholesale && random.chance(0.004) { plan.lineCount = random.within(101...260) }
        if wholesale && random.chance(0.06) {
            plan.row.currency = UInt8(random.within(1...3))
            let rate = shop.currencies[Int(plan.row.currency)].rate
            // Rates of the past differ from today's.
            plan.row.rate = Int32(rate * Int64(random.within(85...103)) / 100)
        }
        return plan
    }

    private mutating func ship(_ order: Int32, at moment: ShopTime) -> Int32 {
        var plan = Plan(kind: .demand, row: shop[.customerOrder][order])
        plan.row.moment = moment.toTheMinute
        stamp(&plan.row)
        plan.row.base = order
        if plan.row.store == DocumentTable.none { plan.row.store = 0 }
        plan.row.state = random.chance(0.7) ? UInt8(random.below(3)) : DocumentTable.none
        let source = Array(shop[.customerOrder].lines(order))
        // Now and then the last line is out of stock.
        let isPartial = source.count > 1 && random.chance(0.05)
        return finish(plan, copying: isPartial ? source.dropLast() : source)
    }

    private mutating func takeBack(_ sale: Int32, from: DocumentKind, as kind: DocumentKind, within days: Int)
    {
        let sold = shop[from][sale]
        let delay = Int64(random.within(1...days)) * ShopTime.day + Int64(random.below(500)) * ShopTime.minute
        let moment = ShopTime(milliseconds: sold.moment.milliseconds + delay)
        guard moment < end, sold.lineCount > 0, shop.lines.count < scale else { return }
        var plan = Plan(kind: kind, row: sold)
        plan.row.moment = moment.toTheMinute
        stamp(&plan.row)
        // Some returns do not know what they were sold by.
        plan.row.base = random.chance(0.85) ? sale : -1
        plan.row.state = DocumentTable.none
        plan.row.channel = kind == .salesReturn ? sold.channel : DocumentTable.none
        let source = Array(shop[from].lines(sale)).prefix(12)
        let count = random.chance(0.5) ? 1 : source.count
        finish(plan, copying: Array(source.prefix(count)))
    }

    /// States, reserves and payments of an order that did not leave.
    private mutating func settle(_ order: Int32, isCancelled: Bool) {
        let index = Int(order)
        shop[.customerOrder].states[index] =
            isCancelled ? 6 : random.chance(0.85) ? UInt8(random.below(3)) : DocumentTable.none
        if isCancelled { shop[.customerOrder].paidSums[index] = 0 }
        let isFresh = end.milliseconds - shop[.customerOrder].moments[index] < 30 * ShopTime.day
        if isFresh && !isCancelled && shop[.customerOrder].stores[index] != DocumentTable.none {
            shop[.customerOrder].flags[index].insert(.reserved)
        }
    }

    // MARK: Rows and lines

    private mutating func row(day: Int, from: Int, to: Int, organization: UInt8) -> DocumentTable.Row {
        // Most people buy in the middle of the day.
        let hour = from + (random.below(to - from + 1) + random.below(to - from + 1)) / 2
        let clock = Int64(hour) * ShopTime.hour + Int64(random.below(60)) * ShopTime.minute
        let latest = end.milliseconds - Int64(random.within(1...120)) * ShopTime.minute
        let moment = ShopTime(
            milliseconds: min(ShopTime(day: day, millisecondsOfDay: clock).milliseconds, latest))
        var row = DocumentTable.Row(
            moment: moment.toTheMinute, created: moment, updated: moment, agent: 0, organization: organization
        )
        let owner = shop.organizations[Int(organization)]
        if owner.vatEnabled { row.flags.insert(.vatEnabled) }
        if owner.vatIncluded { row.flags.insert(.vatIncluded) }
        if random.chance(0.02) { row.flags.remove(.applicable) }
        stamp(&row)
        return row
    }

    /// System times: most documents are entered at once, some days later, and some are touched again.
    private mutating func stamp(_ row: inout DocumentTable.Row) {
        let late = random.chance(0.03) ? Int64(random.within(1...5)) * ShopTime.day : 0
        let created = row.moment.milliseconds + late + Int64(random.below(20 * 60_000))
        row.created = ShopTime(milliseconds: min(created, end.milliseconds))
        let touched = random.chance(0.25) ? Int64(random.below(10)) * ShopTime.day : 0
        let updated = row.created.milliseconds + touched + Int64(random.below(90 * 60_000))
        row.updated = ShopTime(milliseconds: min(updated, end.milliseconds))
    }

    /// Older customers are more and loyal ones buy often.
    private mutating func customer(day: Int) -> Int32 {
        let all = shop.counterparties.count
        let age = Double(day - start.day) / Double(ShopGenerator.daysOfTrade)
        let known = max(2, min(Int(Double(all) * age), all) - ShopGenerator.supplierCount - 1)
        let place = Int(Double(known) * random.unit() * random.unit())
        return Int32(min(all - 1, ShopGenerator.supplierCount + 1 + place))
    }

    /// Adds the document with its lines, new ones or copies, as far as the scale allows.
    @discardableResult
    private mutating func finish(_ plan: Plan, copying source: [Int]?) -> Int32 {
        var row = plan.row
        let room = scale - shop.lines.count
        let count = min(source?.count ?? plan.lineCount, room)
        row.firstLine = Int32(shop.lines.count)
        row.lineCount = Int32(count)
        row.sum = 0
        row.vatSum = 0
        let arithmetic = row.arithmetic
        for index in 0..<count {
            let (item, amounts) = source.map { copied($0[index], as: plan.kind) } ?? newLine(plan)
            shop.lines.append(item: item, amounts: amounts)
            row.sum += arithmetic.sum(amounts)
            row.vatSum += arithmetic.vatSum(amounts)
        }
        row.paidSum = paid(row.sum, kind: plan.kind)
        let ordinal = shop[plan.kind].append(row)
        if random.chance(0.04) { shop[plan.kind].descriptions[ordinal] = random.pick(Vocabulary.comments) }
        return ordinal
    }

    private mutating func paid(_ sum: Int64, kind: DocumentKind) -> Int64 {
        if kind == .retailDemand { return sum }
        if kind.isReturn { return 0 }
        return switch random.below(20) {
        case 0..<15: sum
        case 15: sum / 2
        default: 0
        }
    }

    private mutating func copied(_ line: Int, as kind: DocumentKind) -> (Int32, LineAmounts) {
        var amounts = shop.lines.amounts(line)
        if kind.isReturn, amounts.quantity > 1000, amounts.quantity % 1000 == 0, random.chance(0.5) {
            amounts.quantity = 1000
        }
        return (shop.lines.items[line], amounts)
    }

    private mutating func newLine(_ plan: Plan) -> (Int32, LineAmounts) {
        let day = plan.row.moment.day
        let ordinal = items.draw(day: day, &random)
        let item = shop.items[Int(ordinal)]
        var quantity = 1000 * Int64(1 + random.below(2) * random.below(3))
        if plan.wholesale { quantity = 1000 * Int64(random.within(2...40)) }
        if item.weighed { quantity = Int64(random.within(50...3200)) * (plan.wholesale ? 10 : 1) }
        if item.kind == .service { quantity = 1000 }
        let hasVAT = plan.row.flags.contains(.vatEnabled)
        let discount = random.chance(0.72) ? 0 : random.pick(Self.discounts)
        let amounts = LineAmounts(
            quantity: quantity, price: price(of: item, plan: plan), discount: discount,
            vat: hasVAT ? item.vat ?? 0 : 0)
        return (ordinal, amounts)
    }

    /// The price list of that day, in the document's currency.
    private mutating func price(of item: ItemRow, plan: Plan) -> Int64 {
        let priceType = min(plan.priceType, item.salePrices.count - 1)
        let listed = item.salePrices.isEmpty ? (item.buyPrice ?? 0) * 2 : item.salePrices[priceType]
        let yearsAgo = Int64(end.day - plan.row.moment.day) / 365
        // Rounded to whole roubles as shops do after raising prices; a few keep their fractions of a kopeck.
        var price = listed * (100 - 8 * yearsAgo) / 100
        if yearsAgo > 0 && price > 100_000 { price = price / 10_000 * 10_000 }
        if random.chance(0.02) { price = price * 2 / 3 }
        guard plan.row.currency != 0 else { return price }
        return price * 10_000 / Int64(plan.row.rate)
    }
}

extension ShopGenerator {
    mutating func makeDocuments() {
        var documents = DocumentGenerator(self)
        documents.run()
        shop = documents.shop
        random = documents.random
    }

    /// What must have lain in the stores at first, so that every sale had something to sell, mostly.
    mutating func openingStock() -> [Int64] {
        var opening = StockLedger.movements(of: shop)
        let storeCount = shop.stores.count
        for index in opening.indices {
            let item = shop.items[index / storeCount]
            let isStocked = item.kind == .variant || (item.kind == .product && item.variantCount == 0)
            guard isStocked, index % storeCount != 4 else {
                opening[index] = -opening[index]
                continue
            }
            let unit: Int64 = item.weighed ? 137 : 1000
            let left: Int64 =
                switch random.below(25) {
                case 0: -Int64(random.within(1...4))
                case 1...3: 0
                default: Int64(random.below(40)) * Int64(1 + random.below(3))
                }
            opening[index] = -opening[index] + left * unit
        }
        return opening
    }
}
