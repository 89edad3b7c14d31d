import Glibc

/// Folders, products, variants, bundles and services.
extension ShopGenerator {
    mutating func makeCatalogue() {
        let folders = makeFolders()
        let productCount = min(max(scale / 100, 60), 20_000)
        var taken: Set<String> = []
        for ordinal in 0..<productCount {
            let lineIndex = ordinal % Vocabulary.lines.count
            makeProduct(Vocabulary.lines[lineIndex], folder: folders[lineIndex], taken: &taken)
        }
        makeBundles(count: max(3, productCount / 50))
        makeServices()
    }

    /// The folder of each line of goods; folders above are made once.
    private mutating func makeFolders() -> [Int32] {
        var known: [[String]: Int32] = [:]
        return Vocabulary.lines.map { line in
            var parent: Int32?
            for depth in 1...line.path.count {
                let path = Array(line.path.prefix(depth))
                if let folder = known[path] {
                    parent = folder
                    continue
                }
                let common = CommonFields(path[depth - 1], created: start)
                shop.folders.append(
                    FolderRow(
                        common: common, parent: parent, pathName: path.dropLast().joined(separator: "/")))
                parent = Int32(shop.folders.count - 1)
                known[path] = parent
            }
            return parent ?? 0
        }
    }

    private mutating func makeProduct(_ line: Vocabulary.Line, folder: Int32, taken: inout Set<String>) {
        let ordinal = shop.items.count
        var name = [random.pick(line.nouns), random.pick(line.brands), random.pick(line.sizes)].joined(
            separator: " ")
        // Two products of one name occur in life, yet rarely.
        if !taken.insert(name).inserted, !random.chance(0.01) { name += ", арт. \(ordinal + 1)" }
        let created = birthday()
        var item = ItemRow(
            common: CommonFields(
                name, code: random.chance(0.9) ? padded(ordinal + 1) : nil,
                description: random.chance(0.15) ? random.pick(Vocabulary.comments) : nil,
                archived: random.chance(0.04), created: created, updated: later(than: created)),
            kind: .product)
        item.article = random.chance(0.8) ? "АРТ-\(1000 + ordinal)" : nil
        item.folder = random.chance(0.95) ? folder : nil
        item.uom = line.uom
        item.weighed = line.uom == 1 || line.uom == 2
        item.vat = random.chance(0.97) ? line.vat : 0
        item.country = random.chance(0.7) ? Int32(random.below(shop.countries.count)) : nil
        setPrices(&item, within: line.price)
        if random.chance(0.9) { item.barcode = barcode(ordinal) }
        if random.chance(0.6) { item.weight = Int64(random.within(50...4000)) }
        if random.chance(0.3) { item.volume = Int64(random.within(1...90)) }
        if random.chance(0.4) { item.minimumBalance = Int64(random.within(1...20)) * 1000 }
        shop.items.append(item)
        let splits = !line.variants.isEmpty && random.chance(0.5)
        if splits { makeVariants(of: Int32(ordinal), line: line) }
    }

    private mutating func makeVariants(of product: Int32, line: Vocabulary.Line) {
        let parent = shop.items[Int(product)]
        for (index, value) in line.variants.enumerated() where index == 0 || random.chance(0.85) {
            var variant = ItemRow(
                common: CommonFields(
                    "\(parent.common.name) (\(value))", code: parent.common.code.map { "\($0)-\(index + 1)" },
                    archived: parent.common.archived, created: parent.common.created,
                    updated: parent.common.updated),
                kind: .variant)
            variant.parent = product
            variant.salePrices = parent.salePrices
            variant.buyPrice = parent.buyPrice
            variant.article = parent.article.map { "\($0)/\(index + 1)" }
            variant.vat = parent.vat
            variant.characteristics = [nil, nil]
            variant.characteristics[line.characteristic] = value
            variant.barcode = barcode(shop.items.count)
            shop.items.append(variant)
            shop.items[Int(product)].variantCount += 1
        }
    }

    private mutating func makeBundles(count: Int) {
        let products = shop.items.indices.filter {
            shop.items[$0].kind == .product && !shop.items[$0].weighed
        }
        for index in 0..<count {
            var components: [ItemRow.Component] = []
            var price: Int64 = 0
            var used: Set<Int> = []
            for _ in 0..<random.within(2...4) {
                let item = random.pick(products)
                guard used.insert(item).inserted else { continue }
                let quantity = Int64(random.within(1...3))
                components.append(ItemRow.Component(item: Int32(item), quantity: quantity * 1000))
                price += (shop.items[item].salePrices.first ?? 10_000) * quantity
            }
            let created = birthday()
            var bundle = ItemRow(
                common: CommonFields(
                    "Набор «\(random.pick(Vocabulary.firmWords))» №\(index + 1)",
                    code: "Н\(padded(index + 1))",
                    created: created, updated: later(than: created)), kind: .bundle)
            bundle.components = components
            bundle.folder = shop.items[products[0]].folder
            bundle.vat = 20
            // Whole roubles, a tenth cheaper than its parts.
            bundle.salePrices = [price * 9 / 10 / 10_000 * 10_000]
            shop.items.append(bundle)
        }
    }

    private mutating func makeServices() {
        for (index, name) in Vocabulary.services.enumerated() {
            var service = ItemRow(
                common: CommonFields(name, code: "У\(padded(index + 1))", created: start), kind: .service)
            service.salePrices = [Int64(random.within(1...30)) * 50 * 10_000]
            service.vat = index % 3 == 0 ? nil : 20
            service.uom = 0
            shop.items.append(service)
        }
    }

    /// Prices end in round roubles or in 90 kopecks, some are fractions of a kopeck, and some are missing.
    private mutating func setPrices(_ item: inout ItemRow, within range: ClosedRange<Int>) {
        let ratio = Double(range.upperBound) / Double(range.lowerBound)
        let roubles = Double(range.lowerBound) * pow(ratio, random.unit() * random.unit())
        var price = Int64(roubles) * 10_000
        if random.chance(0.3) { price += 9000 }
        if random.chance(0.02) { price += 3333 }
        item.buyPrice = price * Int64(random.within(45...75)) / 100
        if random.chance(0.03) {
            item.buyPrice = nil
            return
        }
        item.salePrices = [price]
        if random.chance(0.7) { item.salePrices.append(price * 85 / 100) }
        if item.salePrices.count == 2, random.chance(0.6) { item.salePrices.append(price * 95 / 100) }
        if random.chance(0.1) { item.minimumPrice = price * 7 / 10 }
    }

    /// Most of the catalogue is as old as the shop; the rest came later.
    private mutating func birthday() -> ShopTime {
        guard random.chance(0.45) else { return start }
        let age = Int64(random.below(Self.daysOfTrade - 30)) * ShopTime.day
        return ShopTime(milliseconds: start.milliseconds + age + Int64(random.below(50_000)) * 1000)
    }

    /// A moment between another and the end, in milliseconds that look like a clock's.
    mutating func later(than moment: ShopTime) -> ShopTime {
        let room = Int(end.milliseconds - moment.milliseconds)
        return ShopTime(milliseconds: moment.milliseconds + Int64(random.below(max(1, room))))
    }

    func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    /// A 13 digit code of the range for a shop's own use, with its check digit.
    private func barcode(_ ordinal: Int) -> String {
        let digits = "20" + String(repeating: "0", count: 10 - String(ordinal).count) + String(ordinal)
        var sum = 0
        for (place, digit) in digits.utf8.enumerated() { sum += Int(digit - 48) * (place % 2 == 0 ? 1 : 3) }
        return digits + String((10 - sum % 10) % 10)
    }
}
