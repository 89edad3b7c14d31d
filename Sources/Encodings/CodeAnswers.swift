import Columns

/// A test's answers for the entries of a dictionary: rows are then tested by their codes alone.
final class CodeAnswers: Sendable {
    enum Codes: Sendable {
        case none, all
        /// Codes that lie together, or all but one of them: compared as packed numbers.
        case set(WordSet)
        /// Of at most 64 codes, a bit each.
        case bits(UInt64)
        /// 1 or 0 by code.
        case table
    }

    let answers: [UInt8]
    let codes: Codes

    /// - Parameter passes: Called once an entry.
    init(entryCount: Int, _ passes: (Int) -> Bool) {
        var answers = [UInt8](repeating: 0, count: entryCount)
        var passing = 0
        var first = 0
        var last = 0
        for entry in 0..<entryCount where passes(entry) {
            answers[entry] = 1
            if passing == 0 { first = entry }
            last = entry
            passing += 1
        }
        self.answers = answers
        if passing == 0 {
            codes = .none
        } else if passing == entryCount {
            codes = .all
        } else if last - first + 1 == passing {
            codes = .set(WordSet(.range(Int64(first), Int64(last))))
        } else if passing == entryCount - 1, let other = answers.firstIndex(of: 0) {
            codes = .set(WordSet(.outside(Int64(other))))
        } else if entryCount <= 64 {
            codes = .bits(answers.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64($1.offset) })
        } else {
            codes = .table
        }
    }
}

/// The answers of a test for a table's dictionary, kept while a scan goes from one row group to the next.
/// Owned by one reader.
public final class TableCodeAnswers {
    private var dictionary: VectorDictionary?
    private var known: CodeAnswers?

    public init() {}

    func answers(_ wanted: VectorDictionary, _ test: StringTest) -> CodeAnswers {
        if let known, dictionary === wanted { return known }
        let views = wanted.entries.pointer(as: StringView.self)
        let fresh = CodeAnswers(entryCount: wanted.count) { test.passes(views[$0]) }
        dictionary = wanted
        known = fresh
        return fresh
    }
}
