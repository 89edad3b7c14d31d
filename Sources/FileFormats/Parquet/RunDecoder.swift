/// Decodes the hybrid of runs and bit-packed groups that Parquet uses for dictionary codes, levels and
/// booleans.
///
/// Invariant: `position <= end`; up to 8 bytes behind `end` are readable.
/// Source: apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
struct RunDecoder {
    private let base: UnsafeRawPointer
    private let end: Int
    private let bitWidth: Int
    private let place: PagePlace
    private var position: Int
    private var repeatsLeft = 0
    private var repeated: UInt32 = 0
    private var packedLeft = 0
    private var packedBit = 0

    /// - Parameter bitWidth: Bits of a value, 0...32.
    init(
        _ base: UnsafeRawPointer, _ range: Range<Int>, bitWidth: Int, place: PagePlace
    ) throws(FileFormatError) {
        guard bitWidth >= 0, bitWidth <= 32 else {
            throw place.malformed("codes of \(bitWidth) bits", at: range.lowerBound)
        }
        self.base = base
        position = range.lowerBound
        end = range.upperBound
        self.bitWidth = bitWidth
        self.place = place
    }

    /// Decodes `count` values. Error when the runs end before.
    mutating func read(
        _ target: UnsafeMutablePointer<UInt32>, count: Int
    ) throws(FileFormatError) {
        var done = 0
        while done < count {
            if repeatsLeft > 0 {
                let taken = min(repeatsLeft, count - done)
                (target + done).update(repeating: repeated, count: taken)
                repeatsLeft -= taken
                done += taken
            } else if packedLeft > 0 {
                let taken = min(packedLeft, count - done)
                unpack(target + done, taken)
                done += taken
            } else {
                try startRun()
            }
        }
    }

    /// Decodes `count` values of one bit as set bits of `words` from bit `first` on; the bits must be 0.
    /// - Returns: How many bits were set.
    mutating func readBits(
        into words: UnsafeMutablePointer<UInt64>, from first: Int, count: Int
    ) throws(FileFormatError) -> Int {
        var done = 0
        var setBits = 0
        while done < count {
            if repeatsLeft > 0 {
                let taken = min(repeatsLeft, count - done)
                if repeated & 1 == 1 {
                    var filled = 0
                    while filled < taken {
                        let step = min(56, taken - filled)
                        Self.put((1 &<< UInt64(step)) &- 1, words, first + done + filled, step)
                        filled += step
                    }
                    setBits += taken
                }
                repeatsLeft -= taken
                done += taken
            } else if packedLeft > 0 {
                let taken = min(packedLeft, 56, count - done)
                var bits = base.loadUnaligned(fromByteOffset: packedBit >> 3, as: UInt64.self)
                bits = (bits &>> UInt64(packedBit & 7)) & ((1 &<< UInt64(taken)) &- 1)
                Self.put(bits, words, first + done, taken)
                setBits += bits.nonzeroBitCount
                packedBit += taken
                packedLeft -= taken
                done += taken
            } else {
                try startRun()
            }
        }
        return setBits
    }

    @inline(__always)
    private static func put(
        _ bits: UInt64, _ words: UnsafeMutablePointer<UInt64>, _ bit: Int, _ count: Int
    ) {
        let shift = bit & 63
        words[bit >> 6] |= bits &<< UInt64(shift)
        if shift + count > 64 { words[bit >> 6 + 1] |= bits &>> UInt64(64 - shift) }
    }

    private mutating func startRun() throws(FileFormatError) {
        let head = try length()
        if head & 1 == 0 {
            let byteCount = (bitWidth + 7) / 8
            guard head >> 1 > 0, byteCount <= end - position else {
                throw place.malformed("run of codes ends early", at: position)
            }
            repeatsLeft = head >> 1
            let mask = byteCount == 0 ? 0 : UInt32.max &>> UInt32(32 - 8 * byteCount)
            repeated = base.loadUnaligned(fromByteOffset: position, as: UInt32.self) & mask
            guard bitWidth == 32 || repeated >> UInt32(bitWidth) == 0 else {
                throw place.malformed("code has more than \(bitWidth) bits", at: position)
            }
            position += byteCount
        } else {
            let groups = head >> 1
            let byteCount = min(groups * bitWidth, end - position)
            // The last group may be cut off behind its last value.
            packedLeft = bitWidth == 0 ? groups * 8 : min(groups * 8, byteCount * 8 / bitWidth)
            guard packedLeft > 0 else {
                throw place.malformed("packed codes end early", at: position)
            }
            packedBit = position * 8
            position += byteCount
        }
    }

    /// The head of a run: at most 32 bits.
    private mutating func length() throws(FileFormatError) -> Int {
        var number = 0
        var shift = 0
        while position < end, shift <= 28 {
            let byte = Int(base.load(fromByteOffset: position, as: UInt8.self))
            position += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw place.malformed("head of a run of codes", at: position)
    }

    private mutating func unpack(_ target: UnsafeMutablePointer<UInt32>, _ count: Int) {
        let width = bitWidth
        let mask = (UInt64(1) &<< UInt64(width)) &- 1
        var bit = packedBit
        for index in 0..<count {
            let word = base.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
            target[index] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
            bit &+= width
        }
        packedBit = bit
        packedLeft &-= count
    }
}
