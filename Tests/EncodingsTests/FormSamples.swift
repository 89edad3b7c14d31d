import Columns
import Encodings

/// Columns made to lead to one form, beyond what `Shape` has.
enum FormSample: String, CaseIterable, Sendable {
    case dense, gaps, regularTimes, drifting, roundPrices, wholeSeconds, shortRuns, wideSteps, wrapping
    case pricesAsDoubles, pricesAsFloats, adversarialDoubles, sentences, sentenceRuns
    case uuidText, uuidRuns, uuidDictionary, textRuns, almostUUIDs, emptyRuns

    var type: DataType {
        switch self {
        case .pricesAsDoubles, .adversarialDoubles: .doublePrecision
        case .pricesAsFloats: .real
        case .sentences, .sentenceRuns, .uuidText, .uuidRuns, .uuidDictionary, .textRuns, .almostUUIDs,
            .emptyRuns:
            .text
        case .regularTimes, .drifting, .wholeSeconds: .timestamp
        default: .bigint
        }
    }

    /// The column, with about one NULL in `nullShare` rows (none for 0).
    func column(rowCount: Int, nullShare: UInt64, seed: UInt64) -> PlainColumn {
        var plain = PlainColumn(type: type, shape: .constant, rowCount: 0, nullShare: 0, seed: seed)
        var generator = SeededGenerator(seed)
        var state: Int64 = 0
        for row in 0..<rowCount {
            let value = value(row, &state, &generator)
            let isNull = nullShare > 0 && generator.next() % nullShare == 0
            plain.values.append(isNull ? .null : value)
        }
        return plain
    }

    private func value(_ row: Int, _ state: inout Int64, _ generator: inout SeededGenerator) -> Value {
        let number = Int64(row)
        switch self {
        case .pricesAsDoubles: return .doublePrecision(Double(generator.next() % 1_000_000) / 100)
        case .pricesAsFloats: return .real(Float(generator.next() % 10_000) / 10)
        case .adversarialDoubles:
            let special: [Double] = [
                .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0x1p51, 1e18,
                1 / 3,
            ]
            let pick = Int(generator.next() % 40)
            return .doublePrecision(pick < special.count ? special[pick] : Double(pick * row) / 1000)
        case .sentences, .sentenceRuns:
            if self == .sentences || row % 4 == 0 { state = Int64(generator.next() >> 2) }
            let words = ["заказ", "возврат", "доставка", "срочно", "quick", "deposits", "\u{0}", "carefully"]
            return .text((0..<9).map { words[Int(state >> ($0 * 5) & 7)] }.joined(separator: " "))
        case .dense: return .bigint(7_000_000 + number)
        case .gaps:
            state += Int64(generator.next() % 9)
            return .bigint(state)
        case .regularTimes: return .timestamp(1_700_000_000_000_000 + number * 60_000_000)
        case .drifting: return .timestamp(number * number * 1000 + number * 60_000_000)
        case .roundPrices: return .bigint(Int64(generator.next() % 100_000) * 1000 - 7_000)
        case .wholeSeconds:
            return .timestamp(1_700_000_000_000_000 + Int64(generator.next() % 86_400) * 1_000_000)
        case .shortRuns:
            if generator.next() % 3 == 0 { state = Int64(generator.next() % 5000) }
            return .bigint(state)
        case .wideSteps: return .bigint((row % 2 == 0 ? Int64.min : Int64.max) &+ number)
        case .wrapping:
            return .bigint(Int64(truncatingIfNeeded: UInt64(row) &* 0x4000_0000_0000_0001))
        case .uuidText: return .text(Self.uuid(generator.next(), generator.next()))
        case .uuidRuns, .textRuns:
            if row == 0 || generator.next() % 3 == 0 { state = Int64(bitPattern: generator.next()) }
            let key = UInt64(bitPattern: state)
            if self == .uuidRuns { return .text(Self.uuid(key, ~key)) }
            return .text("заказ покупателя № \(key % 100_000_000)")
        case .uuidDictionary:
            let key = Hashing.hash(generator.next() % 40)
            return .text(Self.uuid(key, key &* 3))
        case .almostUUIDs:
            let uuid = Self.uuid(generator.next(), generator.next())
            return .text(row % 500 == 499 ? uuid.uppercased() : uuid)
        case .emptyRuns: return .text(row / 7 % 2 == 0 ? "" : "строка длиннее двенадцати \(row / 7)")
        }
    }

    private static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let digits = [high, low].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }
}
