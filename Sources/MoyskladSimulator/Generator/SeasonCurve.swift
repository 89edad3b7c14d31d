import Glibc

/// How the shop's trade is spread over its days: growth, the year, the week, holidays and chance.
struct SeasonCurve: Sendable {
    /// The first day, counted from 1970-01-01, and one entry a day from there.
    let firstDay: Int
    /// The share of all trade up to and including each day; the last is 1.
    let cumulative: [Double]

    /// Trade in a month of the year, 1.0 on average, from January.
    static let monthWeights = [0.86, 0.92, 1.04, 1.08, 1.05, 0.93, 0.83, 0.87, 0.98, 1.02, 1.15, 1.38]
    /// From Monday.
    static let weekdayWeights = [1.05, 1.02, 1.0, 1.04, 1.18, 0.95, 0.66]
    static let growthPerYear = 1.35

    init(days: ClosedRange<Int>, random: inout SeededRandom) {
        firstDay = days.lowerBound
        var total = 0.0
        var sums: [Double] = []
        sums.reserveCapacity(days.count)
        for day in days {
            let growth = pow(Self.growthPerYear, Double(day - days.lowerBound) / 365.25)
            let noise = max(0.4, 1 + random.normal() * 0.12)
            total += growth * Self.season(day) * Self.weekdayWeights[ShopTime.weekday(ofDay: day)] * noise
            sums.append(total)
        }
        cumulative = sums.map { $0 / total }
    }

    /// The year's factor, sliding from the middle of one month to the middle of the next.
    static func season(_ day: Int) -> Double {
        let (_, month, dayOfMonth) = ShopTime.civil(fromDay: day)
        // The country is closed for the first week of January.
        if month == 1 && dayOfMonth <= 7 { return 0.35 }
        let position = Double(dayOfMonth - 15) / 30
        let neighbour = position < 0 ? (month + 10) % 12 : month % 12
        let share = abs(position)
        return monthWeights[month - 1] * (1 - share) + monthWeights[neighbour] * share
    }
}

/// Draws an index with given weights in O(log n).
struct WeightedChoice: Sendable {
    private let cumulative: [Double]

    init(_ weights: [Double]) {
        var total = 0.0
        cumulative = weights.map { weight in
            total += max(0, weight)
            return total
        }
    }

    /// Nil when no index has a weight.
    func draw(_ random: inout SeededRandom) -> Int? {
        guard let total = cumulative.last, total > 0 else { return nil }
        let target = random.unit() * total
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Zipf's weights: the n-th of `count` has 1/(n + flattening).
    static func zipf(count: Int, flattening: Double = 1) -> WeightedChoice {
        WeightedChoice((0..<count).map { 1 / (Double($0) + flattening) })
    }
}
