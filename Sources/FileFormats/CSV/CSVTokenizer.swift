import CIntrinsics

/// Finds where the fields of up to `DataChunk.capacity` rows lie, 64 bytes at a time. Buffers are reused.
///
/// Source: Langdale, Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 2019 (masks of structural
/// bytes, quoted ranges by a prefix sum of quote bits).
///
/// Invariants: row `r` has the fields `firstField[r]..<firstField[r] + fieldCount[r]`; a field ends at
/// `fieldEnds`, where its delimiter is; offsets count from the piece's first byte.
final class CSVTokenizer {
    static let rowsMax = 2048

    private let options: CSVOptions
    private(set) var fieldEnds: UnsafeMutablePointer<UInt32>
    private var fieldCapacity = 1 << 16
    let firstField = UnsafeMutablePointer<UInt32>.allocate(capacity: rowsMax)
    let fieldCount = UnsafeMutablePointer<UInt32>.allocate(capacity: rowsMax)
    let rowBegin = UnsafeMutablePointer<UInt32>.allocate(capacity: rowsMax)
    /// Behind the row's last byte, without its line end.
    let rowEnd = UnsafeMutablePointer<UInt32>.allocate(capacity: rowsMax)
    var rowCount = 0

    /// A bit a byte from `specialsBegin` on: quotes of CSV, backslashes of text.
    private(set) var specials: UnsafeMutablePointer<UInt64>
    private var specialCapacity = 1 << 13
    private(set) var specialsBegin = 0
    private(set) var hasSpecials = false

    private var fieldTotal = 0

    init(_ options: CSVOptions) {
        self.options = options
        fieldEnds = .allocate(capacity: fieldCapacity)
        specials = .allocate(capacity: specialCapacity)
    }

    deinit {
        fieldEnds.deallocate()
        specials.deallocate()
        for buffer in [firstField, fieldCount, rowBegin, rowEnd] { buffer.deallocate() }
    }

    /// Reads rows from `start` on.
    ///
    /// - Parameter rowLimit: Rows to read at most, 1...`rowsMax`.
    /// - Returns: Where the next row begins; `end` after the last whole row or if the last one does not end.
    func read(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, rowLimit: Int = rowsMax) -> Int {
        precondition(rowLimit >= 1 && rowLimit <= Self.rowsMax, "rows fit the buffers")
        rowCount = 0
        fieldTotal = 0
        specialsBegin = start
        hasSpecials = false
        nextBegin = start
        if options.recordRule == .quoted(quote: options.quote) {
            return readQuoted(bytes, start, end, rowLimit)
        }
        return readBytewise(bytes, start, end, rowLimit)
    }

    private func readQuoted(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ rowLimit: Int
    ) -> Int {
        let quote = options.quote
        let delimiter = options.delimiter
        var position = start
        var blockIndex = 0
        var carry: UInt64 = 0
        var anyQuotes: UInt64 = 0
        while position < end {
            reserve(block: blockIndex)
            let rest = end &- position
            // What lies behind the piece belongs to the next one.
            let inside: UInt64 = rest >= 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: rest)) &- 1
            let quotes = ambar_equal_bits64(bytes + position, quote) & inside
            var lineFeeds = ambar_equal_bits64(bytes + position, 10) & inside
            var structural = ambar_equal_bits64(bytes + position, delimiter) & inside | lineFeeds
            specials[blockIndex] = quotes
            if quotes | carry != 0 {
                anyQuotes |= quotes
                let quoted = Self.prefixXOR(quotes) ^ carry
                carry = UInt64(bitPattern: Int64(bitPattern: quoted) &>> 63)
                structural &= ~quoted
                lineFeeds &= ~quoted
            }
            emit(structural, UInt32(truncatingIfNeeded: position))
            while lineFeeds != 0 {
                let bit = lineFeeds.trailingZeroBitCount
                let before = (structural & ((1 &<< UInt64(truncatingIfNeeded: bit)) &- 1)).nonzeroBitCount
                endRow(bytes, start, position &+ bit, fields: fieldTotal &+ before &+ 1)
                lineFeeds &= lineFeeds &- 1
                if rowCount == rowLimit {
                    hasSpecials = anyQuotes != 0
                    return position &+ bit &+ 1
                }
            }
            fieldTotal &+= structural.nonzeroBitCount
            position &+= 64
            blockIndex &+= 1
        }
        hasSpecials = anyQuotes != 0
        return end
    }

    /// Writes the places of the set bits; room for 64 is reserved.
    @inline(__always) private func emit(_ mask: UInt64, _ base: UInt32) {
        var bits = mask
        let count = mask.nonzeroBitCount
        var target = fieldEnds + fieldTotal
        var written = 0
        // Eight at a time whether they are there or not: the number differs from block to block.
        repeat {
            for lane in 0..<8 {
                target[lane] = base &+ UInt32(truncatingIfNeeded: bits.trailingZeroBitCount)
                bits &= bits &- 1
            }
            target += 8
            written &+= 8
        } while written < count
    }

    @inline(__always) private func endRow(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ lineFeed: Int, fields: Int
    ) {
        let first: Int
        let begin: Int
        if rowCount == 0 {
            first = 0
            begin = start
        } else {
            first = Int(firstField[rowCount &- 1]) &+ Int(fieldCount[rowCount &- 1])
            begin = nextBegin
        }
        var end = lineFeed
        if end > begin && bytes[end &- 1] == 13 { end &-= 1 }
        fieldEnds[fields &- 1] = UInt32(truncatingIfNeeded: end)
        firstField[rowCount] = UInt32(truncatingIfNeeded: first)
        fieldCount[rowCount] = UInt32(truncatingIfNeeded: fields &- first)
        rowBegin[rowCount] = UInt32(truncatingIfNeeded: begin)
        rowEnd[rowCount] = UInt32(truncatingIfNeeded: end)
        nextBegin = lineFeed &+ 1
        rowCount &+= 1
    }
    /// Where the row begins that comes behind those read.
    private(set) var nextBegin = 0

    /// Makes room for the fields and special bits of one more block.
    @inline(__always) private func reserve(block: Int) {
        if fieldTotal &+ 80 > fieldCapacity { growFields() }
        if block &+ 2 > specialCapacity { growSpecials() }
    }

    private func growFields() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: fieldCapacity * 2)
        larger.update(from: fieldEnds, count: fieldCapacity)
        fieldEnds.deallocate()
        fieldEnds = larger
        fieldCapacity *= 2
    }

    private func growSpecials() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: specialCapacity * 2)
        larger.update(from: specials, count: specialCapacity)
        specials.deallocate()
        specials = larger
        specialCapacity *= 2
    }

    /// Each bit is the exclusive or of all bits up to it.
    @inline(__always) static func prefixXOR(_ bits: UInt64) -> UInt64 {
        var sum = bits
        sum ^= sum &<< 1
        sum ^= sum &<< 2
        sum ^= sum &<< 4
        sum ^= sum &<< 8
        sum ^= sum &<< 16
        sum ^= sum &<< 32
        return sum
    }

    /// Whether a field of `count` bytes at `offset` holds a quote or backslash, and how many up to 3.
    @inline(__always) func specialCount(_ offset: Int, _ count: Int) -> Int {
        let first = offset &- specialsBegin
        let last = first &+ count
        var word = first &>> 6
        var total = 0
        var bits = specials[word] & (~0 &<< UInt64(truncatingIfNeeded: first & 63))
        while (word &+ 1) &<< 6 <= last {
            total &+= bits.nonzeroBitCount
            word &+= 1
            if word &<< 6 >= last { return total }
            bits = specials[word]
        }
        let keep = UInt64(truncatingIfNeeded: last & 63)
        return total &+ (bits & ((1 &<< keep) &- 1)).nonzeroBitCount
    }

    /// The plain loop for what masks cannot tell: an escape that is not the quote, and backslashes.
    private func readBytewise(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ rowLimit: Int
    ) -> Int {
        let isText = options.style == .text
        let escape = isText ? 92 : options.escape
        var isInQuotes = false
        var position = start
        reserve(block: 0)
        specials[0] = 0
        var block = 0
        while position < end {
            let byte = bytes[position]
            while (position - start) >> 6 > block {
                block += 1
                reserve(block: block)
                specials[block] = 0
            }
            if fieldTotal + 80 > fieldCapacity { growFields() }
            let isEscape = byte == escape && (isText || isInQuotes)
            if isEscape || (!isText && byte == options.quote) {
                hasSpecials = true
                specials[block] |= 1 << UInt64((position - start) & 63)
            }
            if isEscape, position + 1 < end,
                isText || bytes[position + 1] == options.quote || bytes[position + 1] == options.escape
            {
                position += 2
                continue
            }
            if !isText && byte == options.quote {
                isInQuotes.toggle()
            } else if !isInQuotes && (byte == options.delimiter || byte == 10) {
                fieldEnds[fieldTotal] = UInt32(position)
                fieldTotal += 1
                if byte == 10 { endRow(bytes, start, position, fields: fieldTotal) }
                if rowCount == rowLimit { return position + 1 }
            }
            position += 1
        }
        return end
    }
}
