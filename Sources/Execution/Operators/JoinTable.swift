import Columns

/// The build side of a join: its rows in columns, and for each key the rows that have it.
///
/// Invariants: read-only once made. `heads` gives for a key's place the first row + 1; `next[row]` the
/// following row with the same key + 1, in the order of the rows; 0 ends both.
final class JoinTable: @unchecked Sendable {
    /// Build columns, one vector each for all rows.
    let columns: [Vector]
    let rowCount: Int
    /// A row had a NULL key; such rows are found by nobody.
    private(set) var hasNullKey = false
    private(set) var hasDuplicates = false
    private let layout: KeyLayout?
    private var groups: GroupTable?
    private var interners: [StringInterner?] = []
    private var heads: [UInt32] = []
    private var next: [UInt32] = []
    /// For one whole-number key of a dense range: the key that stands at place 0 of `heads`.
    private var denseBase: Int64?
    private var denseSize = 0
    private let dictionaries: [VectorDictionary?]

    /// - Parameters:
    ///   - keys: Key vectors of all rows; none for a join in which every pair matches.
    init(columns: [Vector], keys: [Vector], rowCount: Int) {
        self.columns = columns
        self.rowCount = rowCount
        dictionaries = columns.map { column in
            column.form == .flat && column.physical == .string && column.count > 0
                ? VectorDictionary(entries: column.withoutValidity()) : nil
        }
        layout = keys.isEmpty ? nil : KeyLayout(types: keys.map(\.type))
        if keys.isEmpty { return }
        next = [UInt32](repeating: 0, count: rowCount)
        if keys.count == 1, buildDense(keys[0]) { return }
        buildHashed(keys)
    }

    /// Bytes beside the columns.
    var indexBytes: Int { heads.count * 4 + next.count * 4 + (groups?.bytes ?? 0) }

    /// About the bytes beside the columns for each row, known before the table is made.
    static let indexBytesPerRow = 48

    var matchesAllPairs: Bool { layout == nil }

    private func buildDense(_ key: Vector) -> Bool {
        switch key.physical {
        case .int16, .int32, .int64: break
        default: return false
        }
        let flat = key.flattened()
        guard let range = NumberRange.of(flat, count: rowCount) else {
            hasNullKey = rowCount > 0
            denseBase = 0
            return true
        }
        let (span, overflow) = range.high.subtractingReportingOverflow(range.low)
        guard !overflow, span < Int64(max(1 << 16, rowCount * 8)), span < 1 << 28 else { return false }
        denseBase = range.low
        denseSize = Int(span) + 1
        heads = [UInt32](repeating: 0, count: denseSize)
        for row in stride(from: rowCount - 1, through: 0, by: -1) {
            if flat.isNull(row) {
                hasNullKey = true
                continue
            }
            link(row, at: Int(flat.wholeNumber(at: row) - range.low))
        }
        return true
    }

    private func link(_ row: Int, at place: Int) {
        if heads[place] != 0 { hasDuplicates = true }
        next[row] = heads[place]
        heads[place] = UInt32(truncatingIfNeeded: row + 1)
    }

    private func buildHashed(_ keys: [Vector]) {
        guard let layout else { return }
        let encoder = KeyEncoder(layout: layout)
        let table = GroupTable(wordCount: layout.wordCount, stateBytes: 0)
        interners = encoder.interners
        var places = [UInt32](repeating: 0, count: rowCount)
        var start = 0
        while start < rowCount {
            let range = start..<min(start + DataChunk.capacity, rowCount)
            let slices = keys.map { $0.slice(range) }
            var validity: ValidityMask?
            for slice in slices {
                validity = ValidityMask.intersection(
                    validity,
                    slice.isConstantNull
                        ? ValidityMask(count: range.count, allValid: false) : slice.rowValidity)
            }
            if let validity, validity.validCount < range.count { hasNullKey = true }
            encoder.encode(slices, count: range.count)
            places.withUnsafeMutableBufferPointer { places in
                guard let base = places.baseAddress else { return }
                table.findOrAdd(encoder.words, count: range.count, valid: validity, into: base + start)
                if let validity {
                    for row in 0..<range.count where !validity.isValid(row) {
                        base[start + row] = GroupTable.notFound
                    }
                }
            }
            start = range.upperBound
        }
        heads = [UInt32](repeating: 0, count: table.count)
        for row in stride(from: rowCount - 1, through: 0, by: -1) where places[row] != GroupTable.notFound {
            link(row, at: Int(places[row]))
        }
        table.prepareForFinding()
        groups = table
    }

    /// The first matching row + 1 of each probe row, 0 for none. Belongs to one worker.
    final class Finder {
        private let table: JoinTable
        private let encoder: KeyEncoder?
        private let hashes = VectorBuffer(byteCount: DataChunk.capacity * 8)
        private let places = VectorBuffer(byteCount: DataChunk.capacity * 4)

        init(_ table: JoinTable) {
            self.table = table
            encoder = table.layout.map { KeyEncoder(layout: $0, sharing: table.interners) }
        }

        func find(_ keys: [Vector], count: Int, into heads: UnsafeMutablePointer<UInt32>) {
            var validity: ValidityMask?
            for key in keys {
                if key.isConstantNull { return heads.update(repeating: 0, count: count) }
                validity = ValidityMask.intersection(validity, key.rowValidity)
            }
            if let base = table.denseBase {
                findDense(keys[0].flat(count: count), base, count, heads)
            } else if let groups = table.groups, let encoder {
                let places = places.pointer(as: UInt32.self)
                let known = encoder.encode(keys, count: count)
                groups.find(
                    encoder.words, count: count, hashes: hashes.pointer(as: UInt64.self), into: places)
                table.heads.withUnsafeBufferPointer { table in
                    for row in 0..<count {
                        heads[row] = places[row] == GroupTable.notFound ? 0 : table[Int(places[row])]
                    }
                }
                if let known { Self.clear(heads, where: known, count) }
            } else {
                heads.update(repeating: 0, count: count)
            }
            if let validity { Self.clear(heads, where: validity, count) }
        }

        private static func clear(
            _ heads: UnsafeMutablePointer<UInt32>, where valid: ValidityMask, _ count: Int
        ) {
            for row in 0..<count where !valid.isValid(row) { heads[row] = 0 }
        }

        private func findDense(
            _ key: Vector, _ base: Int64, _ count: Int, _ heads: UnsafeMutablePointer<UInt32>
        ) {
            switch key.physical {
            case .int16: findDense(key.pointer(as: Int16.self), base, count, heads)
            case .int32: findDense(key.pointer(as: Int32.self), base, count, heads)
            default: findDense(key.pointer(as: Int64.self), base, count, heads)
            }
        }

        @inline(__always) private func findDense<Number: FixedWidthInteger>(
            _ values: UnsafeMutablePointer<Number>, _ base: Int64, _ count: Int,
            _ heads: UnsafeMutablePointer<UInt32>
        ) {
            let size = UInt64(table.denseSize)
            table.heads.withUnsafeBufferPointer { table in
                for row in 0..<count {
                    let place = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- base)
                    heads[row] = place < size ? table[Int(truncatingIfNeeded: place)] : 0
                }
            }
        }
    }

    /// The next row + 1 with the key of `row`, 0 for none.
    @inline(__always) func following(_ row: Int) -> UInt32 { next[row] }

    /// Column `index` at the given rows; a row number at or beyond `rowCount` gives NULL when
    /// `allowsMissing`.
    func gather(
        _ index: Int, _ rows: UnsafeMutablePointer<UInt32>, count: Int, missing: ValidityMask?,
        keep: VectorBuffer
    ) -> Vector {
        let column = columns[index]
        if column.count == 0 { return Vector.null(type: column.type, count: count) }
        if let dictionary = dictionaries[index] {
            // The row numbers serve as codes: strings are fetched by whoever needs them.
            var validity = missing
            if let mask = column.validity {
                let valid = ValidityMask(count: count, allValid: false)
                for row in 0..<count where mask.isValid(Int(rows[row])) { valid.setValid(row) }
                validity = ValidityMask.intersection(missing, valid)
            }
            return Vector(codes: keep, dictionary: dictionary, count: count, validity: validity)
        }
        let gathered = column.gathered(SelectionVector(buffer: keep, count: count))
        guard let missing else { return gathered }
        return gathered.masked(by: missing)
    }
}

extension Vector {
    /// The same rows, NULL also where `mask` has no bit.
    func masked(by mask: ValidityMask) -> Vector {
        switch form {
        case .constant: flattened().masked(by: mask)
        case .flat:
            Vector(
                flat: values, type: type, count: count, validity: ValidityMask.intersection(validity, mask),
                heap: heap)
        case .dictionary:
            if let dictionary {
                Vector(
                    codes: values, dictionary: dictionary, count: count,
                    validity: ValidityMask.intersection(validity, mask))
            } else {
                self
            }
        }
    }
}
