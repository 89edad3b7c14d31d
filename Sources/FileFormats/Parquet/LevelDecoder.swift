/// Decodes the definition levels of a flat optional column: a bit a row, 1 where there is a value.
enum LevelDecoder {
    case allPresent
    case runs(RunDecoder)
    /// The deprecated form: a bit a row, the highest first.
    case packed(base: UnsafeRawPointer, end: Int, nextBit: Int, place: PagePlace)

    /// Sets the bits of `count` rows in `words` from bit `first` on; the bits must be 0.
    /// - Returns: How many rows have a value.
    mutating func read(
        into words: UnsafeMutablePointer<UInt64>, from first: Int, count: Int
    ) throws(FileFormatError) -> Int {
        switch self {
        case .allPresent:
            for row in first..<(first + count) { words[row >> 6] |= 1 &<< UInt64(row & 63) }
            return count
        case .runs(var decoder):
            defer { self = .runs(decoder) }
            return try decoder.readBits(into: words, from: first, count: count)
        case .packed(let base, let end, let nextBit, let place):
            guard nextBit + count <= end * 8 else { throw place.malformed("levels end early", at: end) }
            var present = 0
            for row in 0..<count {
                let bit = nextBit + row
                let byte = base.load(fromByteOffset: bit >> 3, as: UInt8.self)
                guard byte >> UInt8(7 - bit & 7) & 1 == 1 else { continue }
                words[(first + row) >> 6] |= 1 &<< UInt64((first + row) & 63)
                present += 1
            }
            self = .packed(base: base, end: end, nextBit: nextBit + count, place: place)
            return present
        }
    }
}
