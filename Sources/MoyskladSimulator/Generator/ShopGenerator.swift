/// Makes a shop that looks like one: three years of trade up to a moment, from a seed and a number of lines.
struct ShopGenerator {
    /// Lines of all documents together, at least.
    static let scaleMin = 100
    static let scaleMax = 20_000_000
    static let daysOfTrade = 3 * 365

    let scale: Int
    let start: ShopTime
    let end: ShopTime
    var random: SeededRandom
    var shop: Shop

    /// Generates in O(scale) time: 200,000 lines take well under two seconds in a release build.
    static func generate(seed: UInt64, scale: Int, end: ShopTime, clock: ShopClock) -> Shop {
        precondition((scaleMin...scaleMax).contains(scale), "the configuration is checked before")
        var generator = ShopGenerator(seed: seed, scale: scale, end: end, clock: clock)
        generator.makeDictionaries()
        generator.makeCatalogue()
        generator.makeCounterparties()
        generator.makeDocuments()
        generator.shop.openingStock = generator.openingStock()
        return generator.shop
    }

    private init(seed: UInt64, scale: Int, end: ShopTime, clock: ShopClock) {
        self.scale = scale
        self.end = end
        start = ShopTime(day: end.day - Self.daysOfTrade)
        random = SeededRandom(seed: seed)
        shop = Shop(seed: seed, clock: clock)
        shop.lines.reserve(scale)
    }

    private mutating func makeDictionaries() {
        let founded = ShopTime(milliseconds: start.milliseconds - 30 * ShopTime.day)
        shop.groups = ["Основной", "Розница"].map { PlainRow(common: CommonFields($0, created: founded)) }
        shop.uoms = Vocabulary.uoms.map {
            PlainRow(
                common: CommonFields($0.name, code: $0.code, description: $0.description, created: founded))
        }
        shop.countries = Vocabulary.countries.map {
            PlainRow(common: CommonFields($0.name, code: $0.code, created: founded))
        }
        shop.projects = ["Розничная сеть", "Опт", "Маркетплейсы", "Ярмарка 2024"].enumerated().map {
            PlainRow(common: CommonFields($1, archived: $0 == 3, created: founded))
        }
        let channels = [
            ("Сайт", "ECOMMERCE"), ("Wildberries", "MARKETPLACE"), ("Ozon", "MARKETPLACE"),
            ("ВКонтакте", "SOCIAL_NETWORK"), ("Оптовый отдел", "DIRECT_SALES"), ("Авито", "CLASSIFIED_ADS"),
        ]
        shop.channels = channels.map { PlainRow(common: CommonFields($0.0, created: founded), kind: $0.1) }
        shop.currencies = [
            ("руб", "643", "Российский рубль", "RUB", 10_000), ("долл", "840", "Доллар США", "USD", 921_500),
            ("евро", "978", "Евро", "EUR", 998_734), ("юань", "156", "Китайский юань", "CNY", 127_561),
        ].map { name, code, fullName, iso, rate in
            CurrencyRow(
                common: CommonFields(name, code: code, created: founded), fullName: fullName, isoCode: iso,
                rate: rate, isDefault: iso == "RUB")
        }
        makeOrganizations(founded)
        makeStores(founded)
        makeEmployees(founded)
    }

    private mutating func makeOrganizations(_ founded: ShopTime) {
        let address = Address(postalCode: "125009", city: "Москва", street: "ул. Тверская", house: "12с2")
        shop.organizations = [
            OrganizationRow(
                common: CommonFields("ООО «Амбар и К°»", code: "1", created: founded), companyType: "legal",
                inn: "7701234567", legalTitle: "Общество с ограниченной ответственностью «Амбар и К°»",
                address: address, vatEnabled: true, vatIncluded: true),
            OrganizationRow(
                common: CommonFields("ИП Соколова А. В.", code: "2", created: founded),
                companyType: "entrepreneur", inn: "770112345678",
                legalTitle: "Индивидуальный предприниматель Соколова Алёна Викторовна", address: nil,
                vatEnabled: false, vatIncluded: false),
            OrganizationRow(
                common: CommonFields("ООО «Амбар Опт»", code: "3", created: founded), companyType: "legal",
                inn: "7801987654", legalTitle: "ООО «Амбар Опт»", address: address, vatEnabled: true,
                vatIncluded: false),
        ]
    }

    private mutating func makeStores(_ founded: ShopTime) {
        let tverskaya = Address(postalCode: "125009", city: "Москва", street: "ул. Тверская", house: "12")
        let nevsky = Address(
            postalCode: "191025", city: "Санкт-Петербург", street: "Невский пр.", house: "88")
        shop.stores = [
            StoreRow(
                common: CommonFields("Основной склад", code: "С1", created: founded), address: tverskaya),
            StoreRow(
                common: CommonFields("Магазин на Тверской", code: "М1", created: founded), address: tverskaya,
                parent: 0, pathName: "Основной склад"),
            StoreRow(
                common: CommonFields("Магазин на Невском", code: "М2", created: founded), address: nevsky),
            StoreRow(common: CommonFields("Склад маркетплейсов", created: founded)),
            StoreRow(common: CommonFields("Старый склад", archived: true, created: founded)),
        ]
    }

    private mutating func makeEmployees(_ founded: ShopTime) {
        let positions = [
            "Администратор", "Менеджер по продажам", "Менеджер по продажам", "Кассир", "Кассир", "Кладовщик",
            "Бухгалтер",
        ]
        for (index, position) in positions.enumerated() {
            let female = index % 2 == 0
            let surname = Vocabulary.surnames[index * 3] + (female ? "а" : "")
            let first = random.pick(female ? Vocabulary.femaleNames : Vocabulary.maleNames)
            let middle = random.pick(Vocabulary.patronymics) + (female ? "на" : "ич")
            let initials = " \(first.prefix(1)). \(middle.prefix(1))."
            shop.employees.append(
                EmployeeRow(
                    common: CommonFields(surname + initials, archived: index == 4, created: founded),
                    firstName: first, middleName: middle, lastName: surname,
                    login: index == 0 ? nil : "user\(index)@ambar", position: position))
        }
    }
}
