import Columns

/// Turns the key columns of a chunk into words, as `KeyLayout` says. Belongs to one worker.
final class KeyEncoder {
    let layout: KeyLayout
    /// One for each string column, nil for the others. An encoder that does not insert may share them.
    let interners: [StringInterner?]
    private let inserts: Bool
    /// `words[w][row]`, for the rows of the last `encode`.
    private(set) var words: [UnsafeMutablePointer<UInt64>] = []
    private var scratch: [VectorBuffer] = []
    private var translations: [CodeTranslation?]

    /// The code of a string that an encoder which does not insert has not found.
    static let missing = UInt32.max

    init(layout: KeyLayout, sharing interners: [StringInterner?]? = nil) {
        self.layout = layout
        inserts = interners == nil
        self.interners =
            interners ?? layout.columns.map { $0.type.physical == .string ? StringInterner() : nil }
        translations = layout.columns.map { _ in nil }
        for _ in 0..<layout.wordCount { scratch.append(VectorBuffer(byteCount: DataChunk.capacity * 8)) }
        words = scratch.map { $0.pointer(as: UInt64.self) }
    }

    /// Bytes of the strings that keys refer to.
    var bytes: Int { interners.reduce(0) { $0 + ($1?.bytes ?? 0) } }

    /// The same when `extra` more keys have come, each with new short strings.
    func bytes(adding extra: Int) -> Int { interners.reduce(0) { $0 + ($1?.bytes(adding: extra) ?? 0) } }

    /// Fills `words` for at most a chunk of rows. Vectors are in any form.
    ///
    /// - Returns: Rows whose string is not known, when the encoder does not insert.
    @discardableResult func encode(_ vectors: [Vector], count: Int) -> ValidityMask? {
        precondition(count <= DataChunk.capacity, "keys are encoded a chunk at a time")
        for word in words { word.update(repeating: 0, count: count) }
        var found: ValidityMask?
        for (index, vector) in vectors.enumerated() {
            if vector.physical == .string {
                let codes = codes(of: vector, column: index, count: count)
                if !inserts {
                    let mask = found ?? ValidityMask(count: count, allValid: true)
                    found = mask
                    for row in 0..<count where codes[row] == Self.missing { mask.setNull(row) }
                }
                merge(codes, layout.columns[index], count) { UInt64($0) }
            } else {
                add(vector.flat(count: count), layout.columns[index], count)
            }
            addNulls(vector, layout.columns[index], count)
        }
        return found
    }

    private func addNulls(_ vector: Vector, _ column: KeyLayout.Column, _ count: Int) {
        guard let validity = vector.validity, column.nullWord >= 0 else { return }
        let target = words[column.nullWord]
        let valueBits: UInt64 = column.bits >= 64 ? ~0 : (1 &<< UInt64(column.bits)) &- 1
        let cleared = ~(valueBits &<< column.shift)
        for row in 0..<count where !(vector.form == .constant ? false : validity.isValid(row)) {
            words[column.word][row] &= cleared
            if column.bits > 64 { words[column.word &+ 1][row] = 0 }
            target[row] |= 1 &<< column.nullShift
        }
    }

    private func add(_ vector: Vector, _ column: KeyLayout.Column, _ count: Int) {
        switch column.type.physical {
        case .bool: merge(vector.pointer(as: UInt8.self), column, count) { UInt64($0) }
        case .int16: merge(vector.pointer(as: UInt16.self), column, count) { UInt64($0) }
        case .int32: merge(vector.pointer(as: UInt32.self), column, count) { UInt64($0) }
        case .int64: merge(vector.pointer(as: UInt64.self), column, count) { $0 }
        case .float32:
            merge(vector.pointer(as: Float.self), column, count) { UInt64(Self.canonical($0).bitPattern) }
        case .float64: merge(vector.pointer(as: Double.self), column, count) { Self.canonical($0).bitPattern }
        case .int128, .uint128:
            let source = vector.pointer(as: UInt64.self)
            for row in 0..<count {
                words[column.word][row] = source[row &* 2]
                words[column.word &+ 1][row] = source[row &* 2 &+ 1]
            }
        case .interval:
            let source = vector.pointer(as: Interval.self)
            for row in 0..<count {
                let equal = Self.canonical(source[row])
                words[column.word][row] = UInt64(bitPattern: equal.microseconds)
                words[column.word &+ 1][row] = UInt64(UInt32(bitPattern: equal.days))
            }
        case .string: preconditionFailure("strings are encoded by their codes")
        }
    }

    @inline(__always) private func merge<Source>(
        _ source: UnsafePointer<Source>, _ column: KeyLayout.Column, _ count: Int, _ bits: (Source) -> UInt64
    ) {
        let target = words[column.word]
        for row in 0..<count { target[row] |= bits(source[row]) &<< column.shift }
    }

    @inline(__always) private func merge<Source>(
        _ source: UnsafeMutablePointer<Source>, _ column: KeyLayout.Column, _ count: Int,
        _ bits: (Source) -> UInt64
    ) {
        merge(UnsafePointer(source), column, count, bits)
    }

    /// One bit pattern for all numbers that are equal in SQL.
    static func canonical<Number: BinaryFloatingPoint>(_ value: Number) -> Number {
        value != value ? .nan : value == 0 ? 0 : value
    }

    /// Intervals of equal length are equal: the same length without months.
    private static func canonical(_ interval: Interval) -> Interval {
        let day = Int128(Interval.microsecondsPerDay)
        let (days, rest) = interval.comparisonKey.quotientAndRemainder(dividingBy: day)
        return Interval(days: Int32(truncatingIfNeeded: days), microseconds: Int64(truncatingIfNeeded: rest))
    }

    /// The interner's codes for a string column's rows; 0 where it is NULL.
    func codes(of vector: Vector, column: Int, count: Int) -> UnsafePointer<UInt32> {
        guard let interner = interners[column] else { preconditionFailure("a string column has an interner") }
        let translation = translations[column] ?? CodeTranslation()
        translations[column] = translation
        return translation.codes(of: vector, count: count, interner: interner, inserts: inserts)
    }
}

/// Translates the codes of dictionaries into those of an interner, each entry once.
private final class CodeTranslation {
    private var dictionary: VectorDictionary?
    /// By dictionary code: interner code + 1, 0 for not looked up yet.
    private var table: [UInt32] = []
    private let result = VectorBuffer(byteCount: DataChunk.capacity * 4)

    func codes(
        of vector: Vector, count: Int, interner: StringInterner, inserts: Bool
    ) -> UnsafePointer<UInt32> {
        let target = result.pointer(as: UInt32.self)
        switch vector.form {
        case .constant:
            var code: UInt32 = 0
            if vector.validity == nil {
                code = look(up: vector.pointer(as: StringView.self)[0], interner, inserts)
            }
            target.update(repeating: code, count: count)
        case .flat:
            let views = vector.pointer(as: StringView.self)
            if let validity = vector.validity {
                for row in 0..<count {
                    target[row] = validity.isValid(row) ? look(up: views[row], interner, inserts) : 0
                }
            } else if inserts {
                insert(views, count, interner, target)
            } else {
                for row in 0..<count { target[row] = look(up: views[row], interner, inserts) }
            }
        case .dictionary:
            guard let entries = vector.dictionary else { preconditionFailure("a dictionary vector has one") }
            translate(vector, entries, count, interner, inserts, target)
        }
        return UnsafePointer(target)
    }

    private func translate(
        _ vector: Vector, _ entries: VectorDictionary, _ count: Int, _ interner: StringInterner,
        _ inserts: Bool,
        _ target: UnsafeMutablePointer<UInt32>
    ) {
        if dictionary !== entries {
            let isGrown = entries.identity != 0 && entries.identity == dictionary?.identity
            if isGrown {
                table.append(contentsOf: repeatElement(0, count: max(0, entries.count - table.count)))
            } else {
                table = [UInt32](repeating: 0, count: entries.count)
            }
            dictionary = entries
        }
        let codes = vector.pointer(as: UInt32.self)
        let views = entries.entries.pointer(as: StringView.self)
        let validity = vector.validity
        table.withUnsafeMutableBufferPointer { table in
            // Nearly always every code has been met before.
            var hasUnknown: UInt8 = 0
            for row in 0..<count {
                let known = table[Int(codes[row])]
                target[row] = known &- 1
                hasUnknown |= unsafeBitCast(known == 0, to: UInt8.self)
            }
            if hasUnknown == 0 { return }
            for row in 0..<count where target[row] == .max {
                let code = Int(codes[row])
                let known = table[code]
                if known != 0 {
                    target[row] = known &- 1
                } else if validity?.isValid(row) ?? true {
                    let found = look(up: views[code], interner, inserts)
                    // The code of a missing string is not remembered: + 1 would be the mark of an empty
                    // place.
                    if found != KeyEncoder.missing { table[code] = found &+ 1 }
                    target[row] = found
                } else {
                    target[row] = 0
                }
            }
        }
    }

    private func look(up view: StringView, _ interner: StringInterner, _ inserts: Bool) -> UInt32 {
        inserts ? interner.insert(view) : interner.find(view) ?? KeyEncoder.missing
    }

    /// Hashes all, asks for the cache lines, then probes. A string that repeats the one before is not looked
    /// up.
    private func insert(
        _ views: UnsafePointer<StringView>, _ count: Int, _ interner: StringInterner,
        _ target: UnsafeMutablePointer<UInt32>
    ) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(count, 1)) { hashes in
            // Until it is looked up, `target` tells whether a string differs from the one before.
            for row in 0..<count {
                let isRepeat = row > 0 && views[row] == views[row &- 1]
                target[row] = isRepeat ? 0 : 1
                if isRepeat { continue }
                hashes[row] = Hashing.hash(views[row])
                interner.prefetch(hashes[row])
            }
            for row in 0..<count {
                target[row] =
                    target[row] == 0 ? target[row &- 1] : interner.insert(views[row], hash: hashes[row])
            }
        }
    }
}
