import Columns
import Synchronization

/// The keys of a join's build side, for the scan that feeds the probe side: it leaves out rows that can meet
/// no build row before their other columns are read. May let rows without a match through, never the
/// contrary.
///
/// Whole numbers in a range that is not much wider than their count are bits of an array; everything else is
/// a Bloom filter of one 64-bit word a key.
/// Source: Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", CACM 1970; Putze, Sanders,
/// Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", WEA 2007 (blocks).
final class JoinKeyFilter: @unchecked Sendable {
    private enum Form {
        /// No build row has a key.
        case nothing
        case bits(base: Int64, size: UInt64)
        /// `mask` + 1 words, a power of two.
        case bloom(mask: UInt64)
    }

    private let form: Form
    private let words: [UInt64]
    /// Least and greatest key of whole numbers, dates and the like; nil for other types.
    let range: (low: Int64, high: Int64)?
    let type: DataType

    /// Wider arrays of bits leave the caches and cost more than they spare.
    private static let bitsMax = UInt64(1) << 27
    private static let bitsPerKey = 512
    /// More keys than this make a filter that hardly helps and costs memory.
    private static let bloomKeysMax = 1 << 22

    var bytes: Int { words.count * 8 }

    /// Whether the keys rule out everything.
    var isEmpty: Bool { if case .nothing = form { true } else { false } }

    /// - Parameter keys: The keys of all build rows; any form.
    /// - Returns: nil when the keys are too many to be of use.
    init?(_ keys: Vector, rowCount: Int) {
        type = keys.type
        let flat = keys.flat(count: rowCount)
        var range: (low: Int64, high: Int64)?
        switch flat.physical {
        case .int16, .int32, .int64:
            guard let found = NumberRange.of(flat, count: rowCount) else {
                form = .nothing
                words = []
                self.range = nil
                return
            }
            range = found
        default: break
        }
        self.range = range
        if let range {
            let span = UInt64(bitPattern: range.high &- range.low)
            if span < Self.bitsMax, span < UInt64(max(1 << 20, rowCount * Self.bitsPerKey)) {
                var bits = [UInt64](repeating: 0, count: Int(span >> 6) + 1)
                Self.fill(&bits, flat, rowCount, base: range.low)
                words = bits
                form = .bits(base: range.low, size: span + 1)
                return
            }
        }
        guard rowCount <= Self.bloomKeysMax else { return nil }
        if rowCount == 0 {
            form = .nothing
            words = []
            return
        }
        var wordCount = 64
        while wordCount * 4 < rowCount { wordCount *= 2 }
        let mask = UInt64(wordCount - 1)
        var bloom = [UInt64](repeating: 0, count: wordCount)
        KeyHashes.each(flat, count: rowCount) { row, hash in
            if flat.isNull(row) { return }
            bloom[Int(truncatingIfNeeded: hash & mask)] |= Self.pattern(hash)
        }
        words = bloom
        form = .bloom(mask: mask)
    }

    private static func fill(_ bits: inout [UInt64], _ keys: Vector, _ count: Int, base: Int64) {
        bits.withUnsafeMutableBufferPointer { bits in
            for row in 0..<count where !keys.isNull(row) {
                let place = UInt64(bitPattern: keys.wholeNumber(at: row) &- base)
                bits[Int(place &>> 6)] |= 1 &<< (place & 63)
            }
        }
    }

    /// Four bits of a word, chosen by the upper bits of a hash.
    @inline(__always) private static func pattern(_ hash: UInt64) -> UInt64 {
        (1 &<< ((hash &>> 40) & 63)) | (1 &<< ((hash &>> 46) & 63)) | (1 &<< ((hash &>> 52) & 63))
            | (1 &<< ((hash &>> 58) & 63))
    }

    /// The rows of a vector whose key may have a match.
    ///
    /// - Parameter selection: The rows to look at; nil for all.
    func passing(_ keys: Vector, count: Int, selection: SelectionVector?) -> SelectionVector {
        let flat = keys.flat(count: count)
        let buffer = VectorBuffer(byteCount: count * 4)
        let rows = buffer.pointer(as: UInt32.self)
        var kept = 0
        switch form {
        case .nothing: break
        case .bits(let base, let size):
            switch flat.physical {
            case .int16: kept = test(flat.pointer(as: Int16.self), base, size, count, selection, rows)
            case .int32: kept = test(flat.pointer(as: Int32.self), base, size, count, selection, rows)
            default: kept = test(flat.pointer(as: Int64.self), base, size, count, selection, rows)
            }
        case .bloom(let mask):
            words.withUnsafeBufferPointer { words in
                func test(_ row: Int, _ hash: UInt64) {
                    let pattern = Self.pattern(hash)
                    rows[kept] = UInt32(truncatingIfNeeded: row)
                    let isThere = words[Int(truncatingIfNeeded: hash & mask)] & pattern == pattern
                    kept &+= Int(unsafeBitCast(isThere, to: UInt8.self))
                }
                if let selection {
                    KeyHashes.each(flat, selection) { test($0, $1) }
                } else {
                    KeyHashes.each(flat, count: count) { test($0, $1) }
                }
            }
        }
        if let validity = flat.validity {
            var valid = 0
            for index in 0..<kept {
                let row = rows[index]
                rows[valid] = row
                valid &+= Int(unsafeBitCast(validity.isValid(Int(row)), to: UInt8.self))
            }
            kept = valid
        }
        return SelectionVector(buffer: buffer, count: kept)
    }

    @inline(__always) private func test<Number: FixedWidthInteger>(
        _ values: UnsafeMutablePointer<Number>, _ base: Int64, _ size: UInt64, _ count: Int,
        _ selection: SelectionVector?, _ rows: UnsafeMutablePointer<UInt32>
    ) -> Int {
        words.withUnsafeBufferPointer { words in
            @inline(__always) func bit(_ row: Int) -> Int {
                let place = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- base)
                let isInside = place < size
                let inside = isInside ? place : 0
                let word = words[Int(truncatingIfNeeded: inside &>> 6)] &>> (inside & 63)
                return Int(truncatingIfNeeded: word & 1) & Int(unsafeBitCast(isInside, to: UInt8.self))
            }
            var kept = 0
            if let selection {
                let selected = selection.rows
                for index in 0..<selection.count {
                    let row = selected[index]
                    rows[kept] = row
                    kept &+= bit(Int(row))
                }
            } else {
                for row in 0..<count {
                    rows[kept] = UInt32(truncatingIfNeeded: row)
                    kept &+= bit(row)
                }
            }
            return kept
        }
    }
}

/// Where a join's filter will be once its build side has run.
final class JoinKeyFilterSlot: Sendable {
    private let held = Mutex<JoinKeyFilter?>(nil)

    /// nil before the build side has run, and when its keys make no useful filter.
    var filter: JoinKeyFilter? { held.withLock { $0 } }

    func set(_ filter: JoinKeyFilter?) { held.withLock { $0 = filter } }
}

/// Hashes of single key values.
enum KeyHashes {
    @inline(__always) static func each(_ keys: Vector, count: Int, _ body: (Int, UInt64) -> Void) {
        switch keys.physical.byteCount {
        case 1: each(keys.pointer(as: UInt8.self), count, body)
        case 2: each(keys.pointer(as: UInt16.self), count, body)
        case 4: each(keys.pointer(as: UInt32.self), count, body)
        case 8: each(keys.pointer(as: UInt64.self), count, body)
        default: for row in 0..<count { body(row, wide(keys, row)) }
        }
    }

    @inline(__always) static func each(
        _ keys: Vector, _ selection: SelectionVector, _ body: (Int, UInt64) -> Void
    ) {
        for index in 0..<selection.count {
            let row = Int(selection.rows[index])
            switch keys.physical.byteCount {
            case 1: body(row, Hashing.hash(UInt64(keys.pointer(as: UInt8.self)[row])))
            case 2: body(row, Hashing.hash(UInt64(keys.pointer(as: UInt16.self)[row])))
            case 4: body(row, Hashing.hash(UInt64(keys.pointer(as: UInt32.self)[row])))
            case 8: body(row, Hashing.hash(keys.pointer(as: UInt64.self)[row]))
            default: body(row, wide(keys, row))
            }
        }
    }

    @inline(__always) private static func each<Word: UnsignedInteger & FixedWidthInteger>(
        _ values: UnsafeMutablePointer<Word>, _ count: Int, _ body: (Int, UInt64) -> Void
    ) {
        for row in 0..<count { body(row, Hashing.hash(UInt64(truncatingIfNeeded: values[row]))) }
    }

    private static func wide(_ keys: Vector, _ row: Int) -> UInt64 {
        keys.physical == .string
            ? Hashing.hash(keys.pointer(as: StringView.self)[row])
            : Hashing.hash(keys.pointer(as: UInt128.self)[row])
    }
}
