import Columns

/// Chooses how a segment is kept, by its size before block compression. A form that decodes faster wins
/// against one that is a little smaller.
enum EncodingChooser {
    /// Sizes of the candidates for whole numbers, in bytes; nil where a form is out of the question.
    struct WordSizes {
        var plain: Int
        var packed: Int
        var runs: Int
        var dictionary: Int?
    }

    /// Runs must save this much over packing: they decode as fast, but are built and probed slower.
    private static let runsShare = 0.6
    private static let dictionaryShare = 0.7
    /// A dictionary of numbers pays only where packing leaves wide values.
    static let dictionaryBitsMin = 12
    static let wordEntriesMax = 4096
    /// Strings repeat enough for a dictionary of the segment when a sample has at most this share of distinct
    /// values.
    static let stringSampleShare = 0.6

    static func choose(_ sizes: WordSizes) -> SegmentEncoding {
        var best = SegmentEncoding.plain
        var bytes = sizes.plain
        if sizes.packed < bytes { (best, bytes) = (.packed, sizes.packed) }
        if Double(sizes.runs) < Double(bytes) * runsShare { (best, bytes) = (.runs, sizes.runs) }
        if let dictionary = sizes.dictionary, Double(dictionary) < Double(bytes) * dictionaryShare {
            best = .dictionary
        }
        return best
    }

    /// Most entries of a segment's string dictionary: beyond half the rows codes no longer pay.
    static func stringEntriesMax(rows: Int) -> Int { min(DictionaryEncoding.entryCountMax, max(1, rows / 2)) }
}
