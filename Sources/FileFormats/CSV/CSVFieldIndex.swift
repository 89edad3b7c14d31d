import CIntrinsics
import Columns

/// Where the fields of a piece of CSV end.
///
/// Each entry is the offset of the delimiter or line feed behind a field, with two flags. Quotes are found 64
/// bytes at a time: a prefix XOR over their bits tells what lies inside.
///
/// Source: Langdale, Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 2019 (finding quotes and
/// structure by bit masks).
struct CSVFieldIndex: ~Copyable {
    /// There is a quote somewhere in the field.
    static let quotedFlag: UInt32 = 1 << 31
    /// The field is the last of its row.
    static let lastFlag: UInt32 = 1 << 30
    static let offsetMask: UInt32 = lastFlag - 1
    /// Offsets must leave room for the flags.
    static let byteCountMax = Int(offsetMask)

    private(set) var entries: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    private var capacity: Int
    /// A quote was opened and not closed.
    private(set) var endsInsideQuotes = false

    /// - Parameters:
    ///   - bytes: `byteCount` bytes, the last of them a line feed unless a quote is open, and 64 readable
    ///     bytes behind.
    init(_ bytes: UnsafePointer<UInt8>, byteCount: Int, options: CSVOptions) {
        precondition(byteCount <= Self.byteCountMax, "a piece is short enough for its offsets")
        capacity = byteCount / 8 + 128
        entries = .allocate(capacity: capacity)
        if options.escape == options.quote {
            find(bytes, byteCount, options)
        } else {
            findEscaped(bytes, byteCount, options)
        }
    }

    deinit { entries.deallocate() }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let larger = (count + more) * 2
        let fresh = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
        fresh.update(from: entries, count: count)
        entries.deallocate()
        entries = fresh
        capacity = larger
    }

    private mutating func find(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int, _ options: CSVOptions) {
        var inside: UInt64 = 0
        var pending: UInt32 = 0
        var start = 0
        while start < byteCount {
            reserve(64)
            let left = byteCount &- start
            let valid: UInt64 = left >= 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: left)) &- 1
            let block = bytes + start
            let quotes = ambar_equal_bits64(block, options.quote) & valid
            let lines = ambar_equal_bits64(block, 10) & valid
            let all = (ambar_equal_bits64(block, options.delimiter) & valid) | lines
            let offset = UInt32(truncatingIfNeeded: start)
            if quotes == 0 {
                if inside == 0 { pending = add(all, lines, offset, pending) }
            } else {
                let within = Self.prefixXOR(quotes) ^ inside
                inside = UInt64(bitPattern: Int64(bitPattern: within) &>> 63)
                pending = add(all & ~within, quotes: quotes, lines, offset, pending)
            }
            start &+= 64
        }
        endsInsideQuotes = inside != 0
    }

    @inline(__always)
    private mutating func add(_ ends: UInt64, _ lines: UInt64, _ offset: UInt32, _ pending: UInt32) -> UInt32
    {
        guard ends != 0 else { return pending }
        var rest = ends
        var flag = pending
        var at = count
        while rest != 0 {
            let bit = UInt64(truncatingIfNeeded: rest.trailingZeroBitCount)
            let last = UInt32(truncatingIfNeeded: (lines &>> bit) & 1) &<< 30
            entries[at] = (offset &+ UInt32(truncatingIfNeeded: bit)) | last | flag
            flag = 0
            at &+= 1
            rest &= rest &- 1
        }
        count = at
        return 0
    }

    private mutating func add(
        _ ends: UInt64, quotes: UInt64, _ lines: UInt64, _ offset: UInt32, _ pending: UInt32
    ) -> UInt32 {
        var rest = ends | quotes
        var flag = pending
        while rest != 0 {
            let bit = UInt64(truncatingIfNeeded: rest.trailingZeroBitCount)
            if (quotes &>> bit) & 1 != 0 {
                flag = Self.quotedFlag
            } else {
                let last = UInt32(truncatingIfNeeded: (lines &>> bit) & 1) &<< 30
                entries[count] = (offset &+ UInt32(truncatingIfNeeded: bit)) | last | flag
                flag = 0
                count &+= 1
            }
            rest &= rest &- 1
        }
        return flag
    }

    /// Bit `i` is the parity of the bits up to `i`.
    @inline(__always) static func prefixXOR(_ bits: UInt64) -> UInt64 {
        var result = bits
        result ^= result &<< 1
        result ^= result &<< 2
        result ^= result &<< 4
        result ^= result &<< 8
        result ^= result &<< 16
        result ^= result &<< 32
        return result
    }

    /// One byte after the other, for an escape that is not the quote.
    private mutating func findEscaped(
        _ bytes: UnsafePointer<UInt8>, _ byteCount: Int, _ options: CSVOptions
    ) {
        var walk = CSVEscapeWalk(options)
        var flag: UInt32 = 0
        for offset in 0..<byteCount {
            let byte = bytes[offset]
            let wasInside = walk.isInside
            walk.step(byte, next: bytes[offset + 1])
            if wasInside || walk.isInside {
                flag = Self.quotedFlag
            } else if byte == options.delimiter || byte == 10 {
                reserve(1)
                entries[count] = UInt32(truncatingIfNeeded: offset) | (byte == 10 ? Self.lastFlag : 0) | flag
                count += 1
                flag = 0
            }
        }
        endsInsideQuotes = walk.isInside
    }
}

/// Follows quotes through a text in which an escape other than the quote protects a quote.
struct CSVEscapeWalk {
    private(set) var isInside = false
    private var isProtected = false
    private let quote: UInt8
    private let escape: UInt8

    init(_ options: CSVOptions) {
        quote = options.quote
        escape = options.escape
    }

    mutating func step(_ byte: UInt8, next: UInt8) {
        if isProtected {
            isProtected = false
        } else if isInside, byte == escape, next == quote || next == escape {
            isProtected = true
        } else if byte == quote {
            isInside.toggle()
        }
    }
}
