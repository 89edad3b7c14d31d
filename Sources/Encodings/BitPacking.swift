/// Bit packing in vertical layout: value `i` of a vector is lane `i % lanes`, step `i / lanes`; each lane is
/// a stream of words of its own, and word `w` of all lanes lie side by side (`storage/FORMAT.md`, "Packed
/// stream"). The shift is the same for all lanes of a step, so plain loops become vector instructions for any
/// width.
///
/// The loops are generic over the word and are specialised here for `UInt32` and `UInt64`.
///
/// Source: Afroozeh, Boncz, "The FastLanes Compression Layout", VLDB 2023 (the transposed layout of one
/// level).
enum BitPacking {
    /// 64 lanes of 32-bit words or 32 lanes of 64-bit words: a row of words is 256 bytes either way.
    static let wordRowBytes = 256
    static let lanes32 = 64

    /// Whether values of that width are packed in 64-bit words.
    @inline(__always) static func is64(width: Int) -> Bool { width > 32 }

    /// Bytes of `count` values of `width` bits.
    @inline(__always) static func byteCount(values count: Int, width: Int) -> Int {
        is64(width: width)
            ? byteCount(values: count, width: width, UInt64.self)
            : byteCount(values: count, width: width, UInt32.self)
    }

    @inline(__always) private static func byteCount<Word: FixedWidthInteger>(
        values count: Int, width: Int, _ word: Word.Type
    ) -> Int {
        let lanes = wordRowBytes / MemoryLayout<Word>.size
        let steps = (count + lanes - 1) / lanes
        return (steps * width + Word.bitWidth - 1) / Word.bitWidth * wordRowBytes
    }

    /// Packs `count` values below 2^`width` (`width` in 1...64) into zeroed words.
    static func pack(
        _ values: UnsafePointer<UInt64>, count: Int, width: Int, into words: UnsafeMutableRawPointer
    ) {
        if is64(width: width) {
            pack(values, count, width, words.assumingMemoryBound(to: UInt64.self))
        } else {
            pack(values, count, width, words.assumingMemoryBound(to: UInt32.self))
        }
    }

    @inline(__always) private static func pack<Word: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<UInt64>, _ count: Int, _ width: Int, _ words: UnsafeMutablePointer<Word>
    ) {
        let wordBits = Word.bitWidth
        let lanes = wordRowBytes / MemoryLayout<Word>.size
        var index = 0
        var step = 0
        while index < count {
            let bit = step &* width
            let shift = bit % wordBits
            let row = words + (bit / wordBits) &* lanes
            let filled = min(lanes, count &- index)
            let source = values + index
            let up = Word(truncatingIfNeeded: shift)
            for lane in 0..<filled { row[lane] |= Word(truncatingIfNeeded: source[lane]) &<< up }
            if shift &+ width > wordBits {
                let next = row + lanes
                let down = Word(truncatingIfNeeded: wordBits &- shift)
                for lane in 0..<filled { next[lane] |= Word(truncatingIfNeeded: source[lane]) &>> down }
            }
            index &+= lanes
            step &+= 1
        }
    }

    /// Unpacks `count` values plus `base` as 64-bit numbers. `output` has room for `count` rounded up to 64.
    static func unpack(
        _ words: UnsafeRawPointer, count: Int, width: Int, base: UInt64,
        into output: UnsafeMutablePointer<UInt64>
    ) {
        if is64(width: width) {
            unpack(words.assumingMemoryBound(to: UInt64.self), count, width, base, output)
        } else {
            unpack(words.assumingMemoryBound(to: UInt32.self), count, width, base, output)
        }
    }

    /// The same for widths of at most 32, as 32-bit numbers.
    static func unpack32(
        _ words: UnsafeRawPointer, count: Int, width: Int, base: UInt32,
        into output: UnsafeMutablePointer<UInt32>
    ) {
        unpack(words.assumingMemoryBound(to: UInt32.self), count, width, base, output)
    }

    @inline(__always)
    private static func unpack<
        Word: FixedWidthInteger & UnsignedInteger, Output: FixedWidthInteger & UnsignedInteger
    >(
        _ words: UnsafePointer<Word>, _ count: Int, _ width: Int, _ base: Output,
        _ output: UnsafeMutablePointer<Output>
    ) {
        let wordBits = Word.bitWidth
        let lanes = wordRowBytes / MemoryLayout<Word>.size
        let mask = width == wordBits ? ~0 : ((1 as Word) &<< Word(truncatingIfNeeded: width)) &- 1
        for step in 0..<((count &+ lanes &- 1) / lanes) {
            let bit = step &* width
            let shift = bit % wordBits
            let row = words + (bit / wordBits) &* lanes
            let target = output + step &* lanes
            let down = Word(truncatingIfNeeded: shift)
            if shift &+ width <= wordBits {
                for lane in 0..<lanes {
                    target[lane] = Output(truncatingIfNeeded: (row[lane] &>> down) & mask) &+ base
                }
            } else {
                let next = row + lanes
                let up = Word(truncatingIfNeeded: wordBits &- shift)
                for lane in 0..<lanes {
                    let value = ((row[lane] &>> down) | (next[lane] &<< up)) & mask
                    target[lane] = Output(truncatingIfNeeded: value) &+ base
                }
            }
        }
    }

    /// One value out of a packed vector.
    static func value(_ words: UnsafeRawPointer, index: Int, width: Int) -> UInt64 {
        if width == 0 { return 0 }
        return is64(width: width)
            ? value(words.assumingMemoryBound(to: UInt64.self), index, width)
            : UInt64(value(words.assumingMemoryBound(to: UInt32.self), index, width))
    }

    @inline(__always) private static func value<Word: FixedWidthInteger & UnsignedInteger>(
        _ words: UnsafePointer<Word>, _ index: Int, _ width: Int
    ) -> Word {
        let lanes = wordRowBytes / MemoryLayout<Word>.size
        let bit = (index / lanes) &* width
        let shift = bit % Word.bitWidth
        let word = (bit / Word.bitWidth) &* lanes &+ index % lanes
        let mask = width == Word.bitWidth ? ~0 : ((1 as Word) &<< Word(truncatingIfNeeded: width)) &- 1
        let low = words[word] &>> Word(truncatingIfNeeded: shift)
        if shift &+ width <= Word.bitWidth { return low & mask }
        return (low | (words[word &+ lanes] &<< Word(truncatingIfNeeded: Word.bitWidth &- shift))) & mask
    }
}
