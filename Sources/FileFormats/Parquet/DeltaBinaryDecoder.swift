/// Decodes DELTA_BINARY_PACKED: a first value, then blocks of bit-packed differences.
///
/// Invariants: `position <= end`; up to 16 bytes behind `end` are readable. Sums wrap around, as the writer's
/// differences did.
/// Source: apache/parquet-format, Encodings.md, "Delta Encoding"; Lemire, Boytsov, "Decoding billions of
/// integers per second through vectorization", Software: Practice and Experience 45, 2015.
struct DeltaBinaryDecoder {
    /// Values of one block; writers use 128 or 256.
    static let blockValuesMax = 1 << 16

    private let base: UnsafeRawPointer
    private let end: Int
    private let place: PagePlace
    private var position: Int
    /// Values of the page that have yet to be read.
    private(set) var valuesLeft: Int
    private let miniblockCount: Int
    private let miniblockValues: Int
    private var last: Int64
    private var firstIsPending: Bool
    private var minimumDelta: Int64 = 0
    /// Where the bit widths of the current block begin.
    private var widths = 0
    private var miniblock: Int
    private var miniblockLeft = 0
    private var width = 0
    private var bit = 0

    /// - Parameter valuesMax: How many values the page says to hold.
    init(
        _ base: UnsafeRawPointer, _ range: Range<Int>, valuesMax: Int, place: PagePlace
    ) throws(FileFormatError) {
        self.base = base
        end = range.upperBound
        self.place = place
        position = range.lowerBound
        var numbers: [UInt64] = []
        for _ in 0..<4 {
            guard let number = Self.variable(base, &position, end) else {
                throw place.malformed("head of differences", at: range.lowerBound)
            }
            numbers.append(number)
        }
        let (block, miniblocks, values) = (numbers[0], numbers[1], numbers[2])
        guard block > 0, block <= UInt64(Self.blockValuesMax), miniblocks > 0, block % miniblocks == 0,
            (block / miniblocks) % 32 == 0
        else {
            throw place.malformed("blocks of \(block) differences in \(miniblocks)", at: range.lowerBound)
        }
        guard values <= UInt64(valuesMax) else {
            throw place.malformed("more differences than values: \(values)", at: range.lowerBound)
        }
        miniblockCount = Int(miniblocks)
        miniblockValues = Int(block / miniblocks)
        valuesLeft = Int(values)
        last = Int64(bitPattern: numbers[3] >> 1) ^ -Int64(bitPattern: numbers[3] & 1)
        firstIsPending = values > 0
        miniblock = miniblockCount
    }

    /// Decodes `count` values; `emit` gets each with its index.
    @inline(__always)
    mutating func read(
        count: Int, _ emit: (Int, Int64) -> Void
    ) throws(FileFormatError) {
        guard count <= valuesLeft else { throw place.malformed("differences end early", at: position) }
        valuesLeft -= count
        var done = 0
        if firstIsPending && count > 0 {
            emit(0, last)
            firstIsPending = false
            done = 1
        }
        while done < count {
            if miniblockLeft == 0 { try startMiniblock() }
            let taken = min(miniblockLeft, count - done)
            var value = last
            if width <= 56 {
                let mask = (UInt64(1) &<< UInt64(width)) &- 1
                for index in done..<(done + taken) {
                    let word = base.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
                    let delta = (word &>> UInt64(bit & 7)) & mask
                    value = value &+ minimumDelta &+ Int64(bitPattern: delta)
                    emit(index, value)
                    bit &+= width
                }
            } else {
                for index in done..<(done + taken) {
                    let word = base.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt128.self)
                    let shifted = UInt64(truncatingIfNeeded: word &>> UInt128(bit & 7))
                    let delta = width == 64 ? shifted : shifted & ((1 &<< UInt64(width)) &- 1)
                    value = value &+ minimumDelta &+ Int64(bitPattern: delta)
                    emit(index, value)
                    bit &+= width
                }
            }
            last = value
            miniblockLeft -= taken
            done += taken
        }
    }

    /// Where the data behind all differences begin. Steps over them without decoding.
    func endOffset() throws(FileFormatError) -> Int {
        var copy = self
        var left = copy.valuesLeft - (copy.firstIsPending ? 1 : 0)
        while left > 0 {
            try copy.startMiniblock()
            left -= copy.miniblockLeft
        }
        return copy.position
    }

    private mutating func startMiniblock() throws(FileFormatError) {
        if miniblock == miniblockCount {
            guard let number = Self.variable(base, &position, end), miniblockCount <= end - position else {
                throw place.malformed("block of differences", at: position)
            }
            minimumDelta = Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
            widths = position
            position += miniblockCount
            miniblock = 0
        }
        width = Int(base.load(fromByteOffset: widths + miniblock, as: UInt8.self))
        let byteCount = width * miniblockValues / 8
        guard width <= 64, byteCount <= end - position else {
            throw place.malformed("differences of \(width) bits end early", at: position)
        }
        bit = position * 8
        position += byteCount
        miniblock += 1
        miniblockLeft = miniblockValues
    }

    private static func variable(_ base: UnsafeRawPointer, _ position: inout Int, _ end: Int) -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift <= 63 {
            let byte = base.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            number |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return number }
            shift += 7
        }
        return nil
    }
}
