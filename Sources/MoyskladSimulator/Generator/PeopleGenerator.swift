/// The counterparties: a nameless retail customer, suppliers, and customers of every sort.
extension ShopGenerator {
    static let retailCustomer: Int32 = 0
    static let supplierCount = 12

    mutating func makeCounterparties() {
        let count = min(max(scale / 40, 40), 200_000)
        shop.counterparties.reserveCapacity(count)
        let cities = WeightedChoice.zipf(count: Vocabulary.cities.count)
        shop.counterparties.append(
            CounterpartyRow(
                common: CommonFields("Розничный покупатель", created: start), companyType: "individual",
                tags: ["розница"]))
        for ordinal in 1..<count {
            let isSupplier = ordinal <= Self.supplierCount
            // Customers come in the order of their ordinals, ever more a day.
            let age = isSupplier ? 0 : Double(ordinal) / Double(count)
            let span = Double(end.milliseconds - start.milliseconds) * 0.98
            let created = ShopTime(milliseconds: start.milliseconds + Int64(span * age))
            let share = random.unit()
            let row =
                isSupplier || share < 0.18
                ? firm(created: created, ordinal: ordinal)
                : share < 0.30
                    ? entrepreneur(created: created, ordinal: ordinal)
                    : person(created: created, ordinal: ordinal)
            shop.counterparties.append(furnished(row, isSupplier: isSupplier, cities: cities))
        }
        for index in shop.items.indices where shop.items[index].kind == .product && random.chance(0.75) {
            shop.items[index].supplier = Int32(random.within(1...Self.supplierCount))
        }
    }

    private mutating func firm(created: ShopTime, ordinal: Int) -> CounterpartyRow {
        let name = "\(random.pick(Vocabulary.firmWords))\(random.pick(Vocabulary.firmTails))"
        let form = random.pick(["ООО", "ООО", "ООО", "АО", "ТД"])
        var row = CounterpartyRow(
            common: CommonFields("\(form) «\(name)»", created: created, updated: later(than: created)),
            companyType: "legal")
        row.inn = digits(10, of: ordinal)
        return row
    }

    private mutating func entrepreneur(created: ShopTime, ordinal: Int) -> CounterpartyRow {
        var row = person(created: created, ordinal: ordinal)
        row.common.name = "ИП \(row.common.name)"
        row.companyType = "entrepreneur"
        row.inn = digits(12, of: ordinal)
        return row
    }

    private mutating func person(created: ShopTime, ordinal: Int) -> CounterpartyRow {
        let female = random.chance(0.62)
        let surname = random.pick(Vocabulary.surnames) + (female ? "а" : "")
        let first = random.pick(female ? Vocabulary.femaleNames : Vocabulary.maleNames)
        let middle = random.pick(Vocabulary.patronymics) + (female ? "на" : "ич")
        let name =
            switch random.below(5) {
            case 0: "\(first) \(surname)"
            case 1: first
            default: "\(surname) \(first) \(middle)"
            }
        return CounterpartyRow(
            common: CommonFields(name, created: created, updated: later(than: created)),
            companyType: "individual")
    }

    private mutating func furnished(
        _ bare: CounterpartyRow, isSupplier: Bool, cities: WeightedChoice
    ) -> CounterpartyRow {
        var row = bare
        row.common.archived = !isSupplier && random.chance(0.02)
        row.common.code = random.chance(0.5) ? padded(shop.counterparties.count) : nil
        if random.chance(0.05) { row.common.description = random.pick(Vocabulary.comments) }
        row.tags = isSupplier ? ["поставщики"] : []
        while random.chance(0.35), row.tags.count < 4 { row.tags.append(random.pick(Vocabulary.tags)) }
        if random.chance(0.85) { row.phone = phone() }
        if random.chance(0.55) { row.email = "client\(shop.counterparties.count)@example.ru" }
        if random.chance(0.4) { row.state = UInt8(random.below(Shop.counterpartyStates.count)) }
        row.group = random.chance(0.8) ? 0 : 1
        guard random.chance(0.86), let rank = cities.draw(&random) else { return row }
        let city = dirty(Vocabulary.cities[rank], rank: rank)
        let street = "\(random.pick(Vocabulary.streets)), д. \(random.within(1...140))"
        // Some addresses are one line only, some have a city and nothing else.
        row.city = random.chance(0.88) ? city : nil
        row.address = random.chance(0.9) ? "\(city), \(street)" : nil
        return row
    }

    /// A city as people type it.
    private mutating func dirty(_ city: String, rank: Int) -> String {
        switch random.below(20) {
        case 0, 1: "г. \(city)"
        case 2: "г.\(city)"
        case 3: "\(city) "
        case 4: city.uppercased()
        case 5: city.lowercased()
        case 6 where rank == 0: "Мск"
        case 6 where rank == 1: "СПб"
        case 7 where rank == 1: "Санкт Петербург"
        default: city
        }
    }

    private mutating func phone() -> String {
        let number = String(9_000_000_000 + random.below(999_999_999))
        let parts = [number.prefix(3), number.dropFirst(3).prefix(3), number.dropFirst(6)].map(String.init)
        return switch random.below(3) {
        case 0: "+7 (\(parts[0])) \(parts[1])-\(parts[2])"
        case 1: "8\(number)"
        default: "+7\(number)"
        }
    }

    private func digits(_ count: Int, of ordinal: Int) -> String {
        let text = String(SeededRandom.mix(UInt64(ordinal) &+ shop.seed))
        return String((text + "000000000000").prefix(count))
    }
}
