import Columns

/// An expression of one column: where the column comes as dictionary codes, it is computed once for each
/// entry of the dictionary and looked up by code.
final class DictionaryNode: ExpressionNode {
    private let inner: ExpressionNode
    private let column: Int
    private var cached: Cached?

    /// The expression's values for the entries of one dictionary.
    private final class Cached {
        let dictionary: VectorDictionary
        /// nil when some entry fails, which may be one that no row has.
        var values: VectorDictionary?
        var nullEntries: ValidityMask?
        /// For rows where the column is NULL.
        var valueOfNull: Vector?
        /// For a BOOLEAN expression, by code: 1 for true, 2 for unknown. The last entry is for a NULL.
        var answers: [UInt8] = []

        init(_ dictionary: VectorDictionary) { self.dictionary = dictionary }
    }

    /// A dictionary much larger than a chunk is not worth computing for one chunk; above this size rows are.
    private static let entriesMax = 1 << 17

    init(_ inner: ExpressionNode, column: Int) {
        self.inner = inner
        self.column = column
        super.init(type: inner.type, usedColumns: inner.usedColumns)
    }

    override var isCheap: Bool { inner.isCheap }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector {
        let vector = input.columns[column]
        guard let dictionary = vector.dictionary, let cached = cached(for: dictionary, in: input),
            let values = cached.values
        else { return try inner.evaluate(input) }
        return Self.recode(vector, values, cached.nullEntries, cached.valueOfNull)
    }

    override func truth(_ input: DataChunk) throws(ExecutionError) -> TruthMask {
        let vector = input.columns[column]
        guard type == .boolean, let dictionary = vector.dictionary,
            let cached = cached(for: dictionary, in: input),
            !cached.answers.isEmpty
        else { return try inner.truth(input) }
        let count = input.rowCount
        let codes = vector.pointer(as: UInt32.self)
        let isTrue = ValidityMask(count: count, allValid: false)
        return cached.answers.withUnsafeBufferPointer { answers in
            BitFill.fill(isTrue.words, count: count) { answers[Int(codes[$0])] == 1 }
            let ofNull = answers[answers.count - 1]
            var unknown: ValidityMask?
            if cached.nullEntries != nil || (vector.validity != nil && ofNull == 2) {
                let bits = ValidityMask(count: count, allValid: false)
                BitFill.fill(bits.words, count: count) { answers[Int(codes[$0])] == 2 }
                unknown = bits
            }
            if let validity = vector.validity {
                for word in 0..<ValidityMask.wordCount(for: count) {
                    let isNull = ~validity.words[word]
                    isTrue.words[word] = (isTrue.words[word] & ~isNull) | (ofNull == 1 ? isNull : 0)
                    if let unknown {
                        unknown.words[word] = (unknown.words[word] & ~isNull) | (ofNull == 2 ? isNull : 0)
                    }
                }
                isTrue.clearTail()
                unknown?.clearTail()
            }
            return TruthMask(count: count, isTrue: isTrue, isUnknown: unknown)
        }
    }

    private func cached(for dictionary: VectorDictionary, in input: DataChunk) -> Cached? {
        if let cached, cached.dictionary === dictionary { return cached.values == nil ? nil : cached }
        guard dictionary.count > 0, dictionary.count <= Self.entriesMax else { return nil }
        let fresh = Cached(dictionary)
        cached = fresh
        do {
            try fill(fresh, input)
        } catch {
            // Some entry fails; rows are computed one by one, and the error surfaces if a row has it.
            fresh.values = nil
            return nil
        }
        return fresh
    }

    private func fill(_ fresh: Cached, _ input: DataChunk) throws(ExecutionError) {
        let entries = fresh.dictionary.entries
        var parts: [Vector] = []
        var start = 0
        while start < entries.count {
            let count = min(DataChunk.capacity, entries.count - start)
            parts.append(try inner.evaluate(chunk(of: entries.slice(start..<(start + count)), like: input)))
            start += count
        }
        let all = VectorConcatenation.concatenate(parts, type: type).flattened()
        let one = try inner.evaluate(chunk(of: Vector.null(type: entries.type, count: 1), like: input))
        fresh.valueOfNull = one.constantOfFirstRow(count: 1)
        fresh.nullEntries = all.validity
        if type == .boolean {
            let bytes = all.values.pointer(as: UInt8.self)
            fresh.answers = (0..<all.count).map { all.isNull($0) ? 2 : bytes[$0] }
            let ofNull = one.constantOfFirstRow(count: 1)
            fresh.answers.append(ofNull.isNull(0) ? 2 : ofNull.pointer(as: UInt8.self)[0])
            withExtendedLifetime(ofNull) {}
        }
        fresh.values = VectorDictionary(
            entries: Vector(flat: all.values, type: type, count: all.count, heap: all.heap))
    }

    private func chunk(of vector: Vector, like input: DataChunk) -> DataChunk {
        DataChunk(
            columns: input.columns.enumerated().map { index, other in
                index == column ? vector : Vector.null(type: other.type, count: vector.count)
            }, rowCount: vector.count)
    }

    /// The rows of `vector` with their codes read as codes of `values`.
    private static func recode(
        _ vector: Vector, _ values: VectorDictionary, _ nullEntries: ValidityMask?, _ valueOfNull: Vector?
    ) -> Vector {
        guard nullEntries != nil || vector.validity != nil else {
            return Vector(codes: vector.values, dictionary: values, count: vector.count)
        }
        let codes = vector.pointer(as: UInt32.self)
        let validity = ValidityMask(count: vector.count, allValid: true)
        if let nullEntries {
            for row in 0..<vector.count where !nullEntries.isValid(Int(codes[row])) { validity.setNull(row) }
        }
        guard let rowValidity = vector.validity else {
            return Vector(codes: vector.values, dictionary: values, count: vector.count, validity: validity)
        }
        for row in 0..<vector.count where !rowValidity.isValid(row) { validity.setNull(row) }
        let recoded = Vector(
            codes: vector.values, dictionary: values, count: vector.count, validity: validity)
        guard let valueOfNull, valueOfNull.validity == nil else { return recoded }
        // The expression makes a value of NULL (COALESCE): two sources of rows, chosen by the column's
        // validity.
        let source = [UInt8](unsafeUninitializedCapacity: vector.count) { bytes, count in
            for row in 0..<vector.count { bytes[row] = rowValidity.isValid(row) ? 0 : 1 }
            count = vector.count
        }
        return RowMerge.merge(
            [recoded, valueOfNull.repeated(count: vector.count)], choosing: source, type: values.entries.type)
    }
}
