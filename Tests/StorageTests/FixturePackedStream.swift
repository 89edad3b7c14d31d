/// A packed stream, read by `storage/FORMAT.md`, "Packed stream".
enum FixturePackedStream {
    static func values(_ bytes: [UInt8], count: Int) -> [Int64] {
        var reader = FixtureBytes(bytes)
        let factor = reader.number(8)
        let vectors = (count + 2047) / 2048
        let parts = 8 + 16 * vectors
        var values: [Int64] = []
        for vector in 0..<vectors {
            let base = reader.number(8)
            let start = parts + reader.integer(4)
            let width = reader.integer(1)
            let order = reader.integer(1)
            guard reader.number(2) == 0 else { return [] }
            let rows = min(2048, count - vector * 2048)
            var numbers = unpacked(bytes, at: start + 16 * order, width: width, count: rows)
            for pair in (0..<order).reversed() {
                var place = FixtureBytes(bytes, at: start + 16 * pair)
                let head = place.number(8)
                let stride = place.number(8)
                for index in 1..<max(1, rows) {
                    numbers[index] &+=
                        index < 64 ? numbers[index - 1] &+ head : numbers[index - 64] &+ stride
                }
            }
            values += numbers.map { Int64(bitPattern: base &+ factor &* $0) }
        }
        return values
    }

    static func unpacked(_ bytes: [UInt8], at start: Int, width: Int, count: Int) -> [UInt64] {
        let wordBits = width <= 32 ? 32 : 64
        let lanes = width <= 32 ? 64 : 32
        return (0..<count).map { index in
            var number: UInt64 = 0
            for bit in 0..<width {
                let position = index / lanes * width + bit
                let word = start + (position / wordBits * lanes + index % lanes) * wordBits / 8
                let inWord = position % wordBits
                number |= UInt64(bytes[word + inWord / 8] >> UInt8(inWord % 8) & 1) << UInt64(bit)
            }
            return number
        }
    }
}
