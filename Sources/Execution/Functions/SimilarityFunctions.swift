import Columns

/// Likeness of texts, as PostgreSQL's extensions fuzzystrmatch and pg_trgm have it.
enum SimilarityFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = [
        ScalarOverload("levenshtein", [.text, .text], returns: .integer),
        ScalarOverload("similarity", [.text, .text], returns: .real),
        ScalarOverload("show_trgm", [.text], returns: .array(of: .text)),
    ]

    /// Characters of a text that `levenshtein` takes at most: its time is the product of both lengths.
    static let levenshteinCharactersMax = 255

    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch function.name {
        case "levenshtein": levenshtein
        case "similarity": similarity
        default: trigramList
        }
    }

    private static let levenshtein: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let first = call.reader(0, as: StringView.self)
        let second = call.reader(1, as: StringView.self)
        return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
            let left = Array(first[row].string.unicodeScalars)
            let right = Array(second[row].string.unicodeScalars)
            guard left.count <= levenshteinCharactersMax, right.count <= levenshteinCharactersMax else {
                throw .refused(
                    code: "22023",
                    reason: "levenshtein takes at most \(levenshteinCharactersMax) characters"
                )
            }
            var previous = Array(0...right.count)
            for (index, scalar) in left.enumerated() {
                var current = [index + 1]
                for (column, other) in right.enumerated() {
                    let change = previous[column] + (scalar == other ? 0 : 1)
                    current.append(min(change, previous[column + 1] + 1, current[column] + 1))
                }
                previous = current
            }
            return Int32(truncatingIfNeeded: previous[right.count])
        }
    }

    /// Shared trigrams by all trigrams.
    private static let similarity: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let first = call.reader(0, as: StringView.self)
        let second = call.reader(1, as: StringView.self)
        return try RowLoop.each(call, Float.self) { row in
            let left = trigrams(first[row].string)
            let right = trigrams(second[row].string)
            let shared = left.intersection(right).count
            let all = left.count + right.count - shared
            return all == 0 ? 0 : Float(shared) / Float(all)
        }
    }

    private static let trigramList: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let texts = call.reader(0, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let sorted = trigrams(texts[row].string).map { Array($0.utf8) }.sorted {
                $0.lexicographicallyPrecedes($1)
            }
            text.append(array: ArrayText(sorted))
            return true
        }
    }

    /// The trigrams of the words of a text in lower case, each word with two blanks before it and one behind.
    private static func trigrams(_ text: String) -> Set<String> {
        var found: Set<String> = []
        let lower = TextCase.change(text, .lower).unicodeScalars
        let words = lower.split { !($0.properties.isAlphabetic || $0.properties.numericType != nil) }
        for word in words {
            let padded = [" ", " "] + Array(word) + [" "]
            for start in 0...(padded.count - 3) {
                var trigram = String.UnicodeScalarView()
                trigram.append(contentsOf: padded[start..<(start + 3)])
                found.insert(String(trigram))
            }
        }
        return found
    }
}
