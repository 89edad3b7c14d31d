import Columns

/// A test of the rows of one segment in the form in which it lies in memory: a constant once, a dictionary
/// once an entry, runs once a run, packed numbers without their base; only other forms are decoded.
///
/// Owned by one reader, for one segment; never shared between threads.
public final class SegmentFilter {
    enum Plan {
        case none
        /// Rows that are NULL; rows that are not.
        case nulls, valid
        case packed(PackedStream, WordSet)
        /// Packed floating-point bits, which are unpacked and put in order first.
        case packedBits(PackedStream, WordSet)
        case runs(RunLengthEncoding, KeySet<Int64>)
        case codes(PackedStream, CodeAnswers)
        case plain(UnsafeRawPointer, WordSet)
        case plainWide(UnsafeRawPointer, KeySet<Int128>)
        case decoded
    }

    let segment: EncodedSegment
    let test: ValueTest
    let plan: Plan
    let scratch: FilterScratch
    private let decodeScratch: DecodeScratch
    private var decodedVector = -1
    private var decoded: Vector?

    /// - Parameters:
    ///   - tableDictionary: As for `EncodedSegment.decode`.
    ///   - tableAnswers: Reused between segments of one column and test.
    ///   - decodeScratch: For forms that have to be decoded.
    ///
    /// O(1), for dictionaries O(entries).
    public init(
        _ segment: EncodedSegment, _ test: ValueTest, tableDictionary: VectorDictionary?,
        tableAnswers: TableCodeAnswers, decodeScratch: DecodeScratch, scratch: FilterScratch
    ) {
        precondition(segment.type == test.type, "a test of this column")
        self.segment = segment
        self.test = test
        self.decodeScratch = decodeScratch
        self.scratch = scratch
        plan = Self.plan(segment, test, tableDictionary, tableAnswers)
    }

    /// Whether no row of the segment passes, as far as that is known without looking at rows.
    public var passesNothing: Bool {
        switch plan {
        case .none: true
        case .nulls: !segment.hasNulls
        default: false
        }
    }

    /// About how long a row takes, in nanoseconds: what the order of several filters is chosen by.
    public var rowCost: Double {
        switch plan {
        case .none, .nulls, .valid, .runs: 0.05
        case .packed(_, let set): set.table.isEmpty ? 0.2 : 1
        case .packedBits, .plain: 0.6
        case .codes(_, let answers): if case .table = answers.codes { 0.8 } else { 0.2 }
        case .plainWide: 1.5
        case .decoded: segment.type.physical == .string ? 8 : 1.5
        }
    }

    /// The vector as it was decoded for the last call of `narrow`; nil when it was not decoded.
    public func decoded(vector: Int) -> Vector? { vector == decodedVector ? decoded : nil }

    /// Takes the rows out of `rows` that do not pass. `rows` has the vector's rows.
    public func narrow(_ rows: RowBitmap, vector: Int) {
        let count = segment.rowCount(ofVector: vector)
        precondition(rows.rowCount == count, "a bit for each row of the vector")
        decodedVector = -1
        decoded = nil
        switch plan {
        case .none: return rows.removeAll()
        case .nulls: return removeValid(rows, vector)
        case .valid: break
        case .packed(let stream, let set):
            apply(stream.filter(vector: vector, set, scratch), to: rows)
        case .packedBits(let stream, let set):
            stream.unpack(vector: vector, into: scratch.words)
            FilterKernels.order(scratch.words, count: count, segment.type.physical, into: scratch.words)
            FilterKernels.filter(scratch.words, count: count, set, scratch)
            rows.keep(scratch.bits)
        case .runs(let runs, let keys): narrow(rows, vector, runs, keys)
        case .codes(let stream, let answers):
            narrow(rows, vector, stream, answers)
        case .plain(let values, let set):
            let width = segment.type.physical.byteCount
            narrow(rows, values + vector &* DataChunk.capacity &* width, set)
        case .plainWide(let values, let keys):
            narrow(rows, wide: values + vector &* DataChunk.capacity &* 16, keys)
        case .decoded:
            let whole = segment.decode(vector: vector, tableDictionary: nil, scratch: decodeScratch)
            decodedVector = vector
            decoded = whole
            narrow(rows, decoded: whole)
        }
        keepValid(rows, vector)
    }

    private func narrow(
        _ rows: RowBitmap, _ vector: Int, _ stream: PackedStream, _ answers: CodeAnswers
    ) {
        if case .set(let set) = answers.codes {
            return apply(stream.filter(vector: vector, set, scratch), to: rows)
        }
        stream.unpackLow32(vector: vector, into: scratch.codes, scratch: scratch.words)
        let codes = scratch.codes
        let bytes = scratch.bytes
        let count = rows.rowCount
        if case .bits(let bits) = answers.codes, answers.answers.count <= 32 {
            let low = UInt32(truncatingIfNeeded: bits)
            for row in 0..<count { bytes[row] = UInt8(truncatingIfNeeded: (low &>> codes[row]) & 1) }
        } else if case .bits(let bits) = answers.codes {
            for row in 0..<count { bytes[row] = UInt8(truncatingIfNeeded: (bits &>> UInt64(codes[row])) & 1) }
        } else {
            answers.answers.withUnsafeBufferPointer { answers in
                for row in 0..<count { bytes[row] = answers[Int(codes[row])] }
            }
        }
        FilterKernels.gather(bytes, count: count, into: scratch.bits)
        rows.keep(scratch.bits)
    }

    private func apply(_ answer: PackedStream.VectorAnswer, to rows: RowBitmap) {
        switch answer {
        case .none: rows.removeAll()
        case .all: break
        case .some: rows.keep(scratch.bits)
        case .others: rows.remove(scratch.bits)
        }
    }

    private func keepValid(_ rows: RowBitmap, _ vector: Int) {
        guard let validity = segment.validity else { return }
        rows.keep(validity + vector &* RowBitmap.wordCountMax)
    }

    private func removeValid(_ rows: RowBitmap, _ vector: Int) {
        if case .allNull = segment.form { return }
        guard let validity = segment.validity else { return rows.removeAll() }
        rows.remove(validity + vector &* RowBitmap.wordCountMax)
    }

    private func narrow(
        _ rows: RowBitmap, _ vector: Int, _ runs: RunLengthEncoding, _ keys: KeySet<Int64>
    ) {
        let physical = segment.type.physical
        let start = vector &* DataChunk.capacity
        let bits = scratch.bits
        bits.update(repeating: 0, count: RowBitmap.wordCountMax)
        var run = Int(runs.rows.firstRuns[vector])
        var row = 0
        while row < rows.rowCount {
            let end = min(rows.rowCount, Int(runs.rows.ends[run]) &- start)
            if keys.contains(OrderKey.key(word: runs.values[run], physical)) {
                RowBitmap.set(row..<end, in: bits)
            }
            row = end
            run &+= 1
        }
        rows.keep(bits)
    }
}
