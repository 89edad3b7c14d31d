import CIntrinsics
import Columns

/// Scratch memory of filters. Owned by one reader; never shared between threads.
public final class FilterScratch {
    /// The answers of rows, 0 or 1.
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: DataChunk.capacity)
    let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: RowBitmap.wordCountMax)
    let words = UnsafeMutablePointer<Int64>.allocate(capacity: DataChunk.capacity)
    let codes = UnsafeMutablePointer<UInt32>.allocate(capacity: DataChunk.capacity)

    public init() {
        bytes.initialize(repeating: 0, count: DataChunk.capacity)
        bits.initialize(repeating: 0, count: RowBitmap.wordCountMax)
        words.initialize(repeating: 0, count: DataChunk.capacity)
        codes.initialize(repeating: 0, count: DataChunk.capacity)
    }

    deinit {
        bytes.deallocate()
        bits.deallocate()
        words.deallocate()
        codes.deallocate()
    }
}

/// Comparisons of many values with constants: a byte a row first, which the compiler makes of vector
/// instructions, then 64 bytes into a word of bits. Bits beyond the last row are anything.
///
/// Source: Polychroniou, Raghavan, Ross, "Rethinking SIMD Vectorization for In-Memory Databases", SIGMOD
/// 2015.
enum FilterKernels {
    /// Lists up to this length are compared member by member.
    static let comparedMax = 4

    /// Bits of the bytes of `count` rows.
    @inline(__always) static func gather(
        _ bytes: UnsafePointer<UInt8>, count: Int, into bits: UnsafeMutablePointer<UInt64>
    ) {
        for word in 0..<((count &+ 63) &>> 6) { bits[word] = ambar_low_bits64(bytes + word &* 64) }
    }

    /// Bit `row` says whether `test(row)`; the test must be cheap and without side effects.
    @inline(__always) static func fill(
        count: Int, _ scratch: FilterScratch, _ test: (Int) -> Bool
    ) {
        let bytes = scratch.bytes
        for row in 0..<count { bytes[row] = unsafeBitCast(test(row), to: UInt8.self) }
        gather(bytes, count: count, into: scratch.bits)
    }

    /// Which of `count` keys are in the set.
    static func filter(_ keys: UnsafePointer<Int64>, count: Int, _ set: WordSet, _ scratch: FilterScratch) {
        switch set.keys {
        case .range(let low, let high):
            let span = UInt64(bitPattern: high &- low)
            fill(count: count, scratch) { UInt64(bitPattern: keys[$0] &- low) <= span }
        case .outside(let other): fill(count: count, scratch) { keys[$0] != other }
        case .oneOf(let members):
            guard members.count > comparedMax else {
                let bytes = scratch.bytes
                bytes.update(repeating: 0, count: count)
                for member in members {
                    for row in 0..<count { bytes[row] |= unsafeBitCast(keys[row] == member, to: UInt8.self) }
                }
                return gather(bytes, count: count, into: scratch.bits)
            }
            set.table.withUnsafeBufferPointer { table in
                if let first = set.directFirst {
                    lookUp(keys, count, table, from: first, scratch.bytes)
                } else {
                    probe(keys, count, table, set, scratch.bytes)
                }
            }
            gather(scratch.bytes, count: count, into: scratch.bits)
        }
    }

    private static func lookUp(
        _ keys: UnsafePointer<Int64>, _ count: Int, _ table: UnsafeBufferPointer<Int64>, from first: Int64,
        _ answers: UnsafeMutablePointer<UInt8>
    ) {
        let last = UInt64(truncatingIfNeeded: table.count &- 1)
        for row in 0..<count {
            // Keys beyond either end meet the last place, which is 0.
            let place = min(UInt64(bitPattern: keys[row] &- first), last)
            answers[row] = UInt8(truncatingIfNeeded: table[Int(truncatingIfNeeded: place)])
        }
    }

    private static func probe(
        _ keys: UnsafePointer<Int64>, _ count: Int, _ table: UnsafeBufferPointer<Int64>, _ set: WordSet,
        _ answers: UnsafeMutablePointer<UInt8>
    ) {
        let mask = table.count &- 1
        for row in 0..<count {
            let key = keys[row]
            if key == WordSet.freeSlot {
                answers[row] = set.hasFreeSlotKey ? 1 : 0
                continue
            }
            var slot = Int(truncatingIfNeeded: Hashing.hash(UInt64(bitPattern: key))) & mask
            while table[slot] != key && table[slot] != WordSet.freeSlot { slot = (slot &+ 1) & mask }
            answers[row] = unsafeBitCast(table[slot] == key, to: UInt8.self)
        }
    }

    /// Which of `steps` times 64 packed differences of `width` bits (1...32) lie in `low...low + span`.
    static func filter32(
        _ words: UnsafePointer<UInt32>, steps: Int, width: Int, low: UInt32, span: UInt32,
        _ scratch: FilterScratch
    ) {
        let lanes = BitPacking.lanes32
        let mask: UInt32 = width == 32 ? ~0 : (1 &<< UInt32(truncatingIfNeeded: width)) &- 1
        let bytes = scratch.bytes
        for step in 0..<steps {
            let bit = step &* width
            let shift = UInt32(truncatingIfNeeded: bit & 31)
            let row = words + (bit &>> 5) &* lanes
            if Int(shift) &+ width <= 32 {
                for lane in 0..<lanes {
                    let value = (row[lane] &>> shift) & mask
                    bytes[lane] = unsafeBitCast(value &- low <= span, to: UInt8.self)
                }
            } else {
                let next = row + lanes
                let back = 32 &- shift
                for lane in 0..<lanes {
                    let value = ((row[lane] &>> shift) | (next[lane] &<< back)) & mask
                    bytes[lane] = unsafeBitCast(value &- low <= span, to: UInt8.self)
                }
            }
            scratch.bits[step] = ambar_low_bits64(bytes)
        }
    }
}

/// Words to look for, with a table where there are many.
struct WordSet: Sendable {
    let keys: KeySet<Int64>
    /// By key less `directFirst` 1 or 0, the last place 0; else open addressing with `freeSlot` where free.
    let table: [Int64]
    let directFirst: Int64?
    static let freeSlot = Int64.min
    /// Whether the number that marks free places is itself looked for.
    let hasFreeSlotKey: Bool

    private static let directMax: Int64 = 1 << 16

    init(_ keys: KeySet<Int64>) {
        self.keys = keys
        guard case .oneOf(let members) = keys, members.count > FilterKernels.comparedMax,
            let first = members.first, let last = members.last
        else {
            table = []
            directFirst = nil
            hasFreeSlotKey = false
            return
        }
        hasFreeSlotKey = members.contains(Int64.min)
        let (span, overflow) = last.subtractingReportingOverflow(first)
        if !overflow && span < Self.directMax {
            var table = [Int64](repeating: 0, count: Int(span) + 2)
            for member in members { table[Int(member - first)] = 1 }
            self.table = table
            directFirst = first
            return
        }
        var size = 16
        while size < members.count * 4 { size *= 2 }
        var table = [Int64](repeating: Int64.min, count: size)
        for member in members where member != Int64.min {
            var slot = Int(truncatingIfNeeded: Hashing.hash(UInt64(bitPattern: member))) & (size - 1)
            while table[slot] != Int64.min { slot = (slot + 1) & (size - 1) }
            table[slot] = member
        }
        self.table = table
        directFirst = nil
    }
}
