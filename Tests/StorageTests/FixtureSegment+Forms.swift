import Glibc

/// Decimal-scaled numbers and strings of symbols, read by `storage/FORMAT.md`.
extension FixtureSegment {
    /// Numbers `n` × 10^f × 10^−e, but for the exceptions.
    func decimalScaled() -> [String] {
        var numbers: [Double] = []
        let whole = FixturePackedStream.values(block(1), count: rows)
        let rowsOfExceptions = block(10)
        let exceptions = block(11)
        for vector in 0..<((rows + 2047) / 2048) {
            var scales = FixtureBytes(block(9), at: 8 * vector)
            let exponent = scales.integer(1)
            let factor = scales.integer(1)
            let count = scales.integer(2)
            let before = scales.integer(4)
            let first = vector * 2048
            for row in first..<min(rows, first + 2048) {
                numbers.append(Double(whole[row]) * Self.power(factor) * Self.power(-exponent))
            }
            for index in before..<(before + count) {
                var row = FixtureBytes(rowsOfExceptions, at: 2 * index)
                var bits = FixtureBytes(exceptions, at: 8 * index)
                numbers[first + row.integer(2)] = Double(bitPattern: bits.number(8))
            }
        }
        return numbers.map {
            physical == 5 ? String(Float($0).bitPattern, radix: 16) : String($0.bitPattern, radix: 16)
        }
    }

    private static func power(_ exponent: Int) -> Double { strtod("1e\(exponent)", nil) }

    /// Strings of codes of one byte.
    func symbolStrings(count: Int) -> [[UInt8]] {
        var symbols: [[UInt8]] = []
        var table = FixtureBytes(block(8))
        while !table.isAtEnd {
            let length = table.integer(1)
            symbols.append(Array(table.take(8).prefix(length)))
        }
        let codes = block(6)
        var text: [UInt8] = []
        var place = 0
        while place < codes.count {
            if codes[place] == 255 {
                text.append(codes[place + 1])
                place += 2
            } else {
                text += symbols[Int(codes[place])]
                place += 1
            }
        }
        return Self.split(text, FixturePackedStream.values(block(4), count: count))
    }

    static func split(_ text: [UInt8], _ lengths: [Int64]) -> [[UInt8]] {
        var place = 0
        return lengths.map { length in
            defer { place += Int(length) }
            return Array(text[place..<(place + Int(length))])
        }
    }
}
