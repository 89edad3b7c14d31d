/// Up to 255 symbols of 1 to 8 bytes, which frequent pieces of strings are replaced by: a byte a symbol, and
/// 255 in front of a byte that is none.
///
/// Source: Boncz, Neumann, Leis, "FSST: Fast Random Access String Compression", VLDB 2020.
struct SymbolTable {
    static let symbolCountMax = 255
    static let escape: UInt8 = 255
    static let symbolBytesMax = 8

    /// The bytes of each symbol, the first one lowest, zeros behind them.
    private(set) var symbols: [UInt64] = []
    private(set) var lengths: [UInt8] = []

    init() {}

    init(symbols: [UInt64], lengths: [UInt8]) {
        precondition(
            symbols.count == lengths.count && symbols.count <= Self.symbolCountMax, "a code a symbol")
        self.symbols = symbols
        self.lengths = lengths
    }

    /// Finds symbols for strings like those of the sample.
    ///
    /// About 1 ms for 16 KiB.
    static func train(_ sample: UnsafeBufferPointer<UInt8>, ends: [Int]) -> SymbolTable {
        var table = SymbolTable()
        for round in 1...5 { table = improve(table, sample, ends, isLast: round == 5) }
        return table
    }

    /// One round: counts what the table's symbols, and pairs of them, would save, and keeps the best.
    private static func improve(
        _ table: SymbolTable, _ sample: UnsafeBufferPointer<UInt8>, _ ends: [Int], isLast: Bool
    ) -> SymbolTable {
        guard let base = sample.baseAddress else { return table }
        let matcher = SymbolMatcher(table)
        var gains: [Piece: Int] = [:]
        var position = 0
        for end in ends {
            var previous: Piece?
            while position < end {
                let word = SymbolMatcher.word(base + position, remaining: end - position)
                let match = matcher.match(word, remaining: end - position)
                let piece = Piece(bytes: word & Piece.mask(match.length), length: match.length)
                gains[piece, default: 0] += piece.gain
                if let previous, !isLast, previous.length + piece.length <= symbolBytesMax {
                    let joined = previous.joined(piece)
                    gains[joined, default: 0] += joined.gain
                }
                previous = piece
                position += match.length
            }
        }
        // Ties are broken by the bytes, so that equal data give equal segments.
        let best = gains.sorted { left, right in
            left.value != right.value
                ? left.value > right.value
                : (left.key.bytes, left.key.length) < (right.key.bytes, right.key.length)
        }.prefix(symbolCountMax)
        return SymbolTable(symbols: best.map(\.key.bytes), lengths: best.map { UInt8($0.key.length) })
    }

    /// A piece of a string that may become a symbol.
    private struct Piece: Hashable {
        var bytes: UInt64
        var length: Int

        /// Bytes that a use saves, and more for single bytes, which otherwise cost two.
        var gain: Int { length == 1 ? 2 : length }

        static func mask(_ length: Int) -> UInt64 { length == 8 ? ~0 : (1 &<< UInt64(length * 8)) &- 1 }

        func joined(_ next: Piece) -> Piece {
            Piece(bytes: bytes | next.bytes &<< UInt64(length * 8), length: length + next.length)
        }
    }
}

/// Finds the symbol that a string begins with.
final class SymbolMatcher {
    private static let slotCount = 2048

    private let symbolCount: Int
    /// By the first three bytes: the symbol of three or more bytes that won the slot.
    private var slots: [(bytes: UInt64, mask: UInt64, length: UInt8, code: UInt8)]
    /// By the first two bytes: the code of a symbol of two bytes or else one, with its length in the high
    /// byte.
    private var short: [UInt16]

    init(_ table: SymbolTable) {
        symbolCount = table.symbols.count
        slots = Array(repeating: (0, 0, 0, 0), count: Self.slotCount)
        short = Array(repeating: 0, count: 1 << 16)
        for (code, (symbol, length)) in zip(table.symbols, table.lengths).enumerated() {
            switch length {
            case 1:
                for second in 0..<256 where short[Int(symbol) | second << 8] >> 8 < 1 {
                    short[Int(symbol) | second << 8] = 1 << 8 | UInt16(code)
                }
            case 2: short[Int(symbol)] = 2 << 8 | UInt16(code)
            default:
                let slot = Self.slot(symbol)
                // Symbols come by their gain: the better one stays.
                if slots[slot].length == 0 {
                    let mask: UInt64 = length == 8 ? ~0 : (1 &<< UInt64(length * 8)) &- 1
                    slots[slot] = (symbol, mask, length, UInt8(code))
                }
            }
        }
    }

    @inline(__always) private static func slot(_ word: UInt64) -> Int {
        let prefix = (word & 0xFF_FFFF) &* 2_971_215_073
        return Int(truncatingIfNeeded: (prefix ^ prefix &>> 15) & UInt64(slotCount &- 1))
    }

    /// The first up to 8 bytes at `bytes`, zeros behind the `remaining` ones.
    @inline(__always) static func word(_ bytes: UnsafePointer<UInt8>, remaining: Int) -> UInt64 {
        if remaining >= 8 { return UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self) }
        var word: UInt64 = 0
        for index in 0..<remaining { word |= UInt64(bytes[index]) &<< UInt64(index &* 8) }
        return word
    }

    /// The symbol at the front; a code of -1 when the first byte is none.
    @inline(__always) func match(_ word: UInt64, remaining: Int) -> (code: Int, length: Int) {
        let slot = slots[Self.slot(word)]
        if slot.length > 0 && word & slot.mask == slot.bytes && Int(slot.length) <= remaining {
            return (Int(slot.code), Int(slot.length))
        }
        let entry = short[Int(word & 0xFFFF)]
        let length = Int(entry &>> 8)
        if length == 0 { return (-1, 1) }
        // A last byte with a zero behind it may look like a symbol of two.
        if length > remaining { return (-1, 1) }
        return (Int(entry & 0xFF), length)
    }

    /// Appends the codes of one string.
    func encode(_ string: UnsafeBufferPointer<UInt8>, to target: RawBytes) {
        guard let base = string.baseAddress else { return }
        let start = target.count
        let output = target.extend(byBytes: 2 * string.count).assumingMemoryBound(to: UInt8.self)
        var written = 0
        var position = 0
        while position < string.count {
            let remaining = string.count &- position
            let word = Self.word(base + position, remaining: remaining)
            let (code, length) = match(word, remaining: remaining)
            if code < 0 {
                output[written] = SymbolTable.escape
                output[written &+ 1] = UInt8(truncatingIfNeeded: word)
                written &+= 2
            } else {
                output[written] = UInt8(truncatingIfNeeded: code)
                written &+= 1
            }
            position &+= length
        }
        target.shrink(to: start + written)
    }
}
