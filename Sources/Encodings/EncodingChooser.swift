import Columns

/// Chooses how a segment is kept: by the size that a sample says each candidate has on disk, block
/// compression included. A form that decodes faster, or of which single rows are quicker to read, wins
/// against one that is a little smaller.
struct EncodingChooser {
    /// One way to keep a segment, already encoded.
    struct Candidate {
        var encoding: SegmentEncoding
        var entryCount = 0
        var streams: [(kind: StreamKind, bytes: RawBytes)]
        /// What its size is multiplied with when it is compared with others.
        var handicap = 1.0

        var rawBytes: Int { streams.reduce(0) { $0 + $1.bytes.count } }
    }

    static let differencesHandicap = 1.1
    /// Runs are decoded and filtered one by one: short ones must save more than long ones.
    static func runsHandicap(rowsPerRun: Double) -> Double { 1 + 0.5 / rowsPerRun }
    static let dictionaryHandicap = 1.1
    /// Symbols take time to train, encode and decode.
    static let symbolsHandicap = 1.15
    /// Text below that is not worth a table of symbols.
    static let symbolStringBytesMin = 4096
    static let symbolSampleBytes = 16 * 1024
    /// Block compression does not make good more than this ratio of raw sizes.
    private static let rawRatioMax = 4
    /// A dictionary of numbers pays only where packing leaves wide values.
    static let dictionaryBitsMin = 5
    static let wordEntriesMax = 4096
    /// Runs pay when there are at most this many rows' share of them.
    static let runsShareMax = 0.6
    /// Strings repeat enough for a dictionary of the segment when a sample has at most this share of distinct
    /// values.
    static let stringSampleShare = 0.6

    let codec: BlockCompression
    let level: Int
    private let scratch = RawBytes(capacity: 1 << 16)

    init(codec: BlockCompression, level: Int) {
        self.codec = codec
        self.level = level
    }

    /// The best of at least one candidate; of equals the first.
    func choose(_ candidates: [Candidate]) -> Candidate {
        precondition(!candidates.isEmpty, "a segment can always be kept somehow")
        guard candidates.count > 1 else { return candidates[0] }
        let least = candidates.reduce(Int.max) { min($0, $1.rawBytes) }
        var best = candidates[0]
        var bestSize = Double.infinity
        for candidate in candidates where candidate.rawBytes <= least * Self.rawRatioMax {
            let size = Double(estimate(candidate.streams)) * candidate.handicap
            if size < bestSize { (best, bestSize) = (candidate, size) }
        }
        return best
    }

    /// About the bytes of the streams on disk.
    func estimate(_ streams: [(kind: StreamKind, bytes: RawBytes)]) -> Int {
        streams.reduce(0) { $0 + codec.estimate($1.bytes.bytes, level: level, scratch: scratch) }
    }

    /// Most entries of a segment's string dictionary: beyond half the rows codes no longer pay.
    static func stringEntriesMax(rows: Int) -> Int { min(DictionaryEncoding.entryCountMax, max(1, rows / 2)) }
}
