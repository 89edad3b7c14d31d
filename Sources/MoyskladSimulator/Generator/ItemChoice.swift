import Glibc

/// What is sold in a month: by Zipf's law over the catalogue, by the season of the goods and by what exists.
struct ItemChoice: Sendable {
    private let firstMonth: Int
    private let months: [WeightedChoice]

    /// Months since year 0.
    static func month(ofDay day: Int) -> Int {
        let (year, month, _) = ShopTime.civil(fromDay: day)
        return year * 12 + month - 1
    }

    init(shop: Shop, days: ClosedRange<Int>, random: inout SeededRandom) {
        var ranks = Array(0..<shop.items.count)
        ranks.shuffle(using: &random)
        let base = shop.items.indices.map { Self.weight(shop.items[$0], rank: ranks[$0]) }
        let seasons = Self.seasons(shop)
        let firstMonth = Self.month(ofDay: days.lowerBound)
        self.firstMonth = firstMonth
        months = (firstMonth...Self.month(ofDay: days.upperBound)).map { month in
            WeightedChoice(
                shop.items.indices.map { index in
                    guard Self.month(ofDay: shop.items[index].common.created.day) <= month else { return 0 }
                    return base[index] * Self.season(seasons[index], month: month % 12 + 1)
                })
        }
    }

    /// An item's place in the catalogue.
    func draw(day: Int, _ random: inout SeededRandom) -> Int32 {
        let month = min(max(Self.month(ofDay: day) - firstMonth, 0), months.count - 1)
        return Int32(months[month].draw(&random) ?? 0)
    }

    private static func weight(_ item: ItemRow, rank: Int) -> Double {
        let zipf = 1 / pow(Double(rank) + 4, 0.85)
        return switch item.kind {
        // A product with variants is sold as one of them.
        case .product: item.variantCount > 0 ? 0 : zipf
        case .variant: zipf * 0.6
        case .bundle: zipf * 0.8
        case .service: zipf * 0.5
        }
    }

    /// The line of goods of each item, found by the folder.
    private static func seasons(_ shop: Shop) -> [Vocabulary.Line?] {
        var lines: [String: Vocabulary.Line] = [:]
        for line in Vocabulary.lines { lines[line.path.last ?? ""] = line }
        return shop.items.map { item in
            let folder = item.folder ?? item.parent.flatMap { shop.items[Int($0)].folder }
            return folder.flatMap { lines[shop.folders[Int($0)].common.name] }
        }
    }

    private static func season(_ line: Vocabulary.Line?, month: Int) -> Double {
        guard let line, line.peakMonth > 0 else { return 1 }
        let closeness = max(0, cos(2 * Double.pi * Double(month - line.peakMonth) / 12))
        return 1 + line.peak * closeness * closeness
    }
}
