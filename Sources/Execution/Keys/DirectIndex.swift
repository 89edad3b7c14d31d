import Columns

/// Finds groups by position in an array while the product of the key columns' domains is small, or not much
/// larger than the number of groups: keys that are numbered densely need no hash.
///
/// Invariant: `places[Σ code × step]` is the group + 1 of that combination, 0 for none; code 0 is NULL.
final class DirectIndex {
    /// The values that a column may have without making the array anew.
    private struct Domain {
        var base: Int64 = 0
        /// Codes 1...size stand for `base`, `base` + 1, …
        var size = 0
        var step = 0
    }

    private let layout: KeyLayout
    private var domains: [Domain]
    private var memory = TableMemory(byteCount: 4)
    private var placeCount = 1
    /// The base of the first domain that the places were made for.
    private var firstBase: Int64 = 0
    private let slots = VectorBuffer(byteCount: DataChunk.capacity * 4)

    /// Places that are always allowed.
    static let placesMin = 1 << 18
    /// Places of a single string's codes; beyond, `StringGroups` does with less.
    static let stringPlacesMax = 1 << 14
    /// Places a group that are allowed beyond; a hash table has two to four, each twice as large.
    static let placesPerGroupMax = 16
    /// Places that are never exceeded: slots are numbered by 32 bits.
    static let placesMax = 1 << 28

    /// nil when a column's type has no small domain.
    init?(layout: KeyLayout) {
        for column in layout.columns {
            switch column.type.physical {
            case .bool, .int16, .int32, .int64, .string: break
            default: return nil
            }
        }
        self.layout = layout
        domains = layout.columns.map { _ in Domain() }
    }

    var bytes: Int { placeCount * 4 }

    /// Bytes after the domains have been widened once more.
    var bytesNext: Int { placeCount <= Self.placesMin ? bytes : bytes * 2 }

    private var places: UnsafeMutablePointer<UInt32> { memory.base.assumingMemoryBound(to: UInt32.self) }

    /// Writes the group of each row; false when the domains have become too large, and then nothing is
    /// written.
    func assign(
        _ vectors: [Vector], count: Int, encoder: KeyEncoder, table: GroupTable,
        into groups: UnsafeMutablePointer<UInt32>
    ) -> Bool {
        let slots = slots.pointer(as: UInt32.self)
        let flats = vectors.map { $0.physical == .string ? $0 : $0.flat(count: count) }
        var codes: [UnsafePointer<UInt32>?] = []
        var mustGrow = false
        for (index, vector) in flats.enumerated() {
            if vector.physical == .string {
                let list = encoder.codes(of: vector, column: index, count: count)
                codes.append(list)
                let last = Int64((encoder.interners[index]?.count ?? 0) - 1)
                mustGrow = widen(index, 0, last) || mustGrow
            } else {
                codes.append(nil)
                guard let range = NumberRange.of(vector, count: count) else { continue }
                mustGrow = widen(index, range.low, range.high) || mustGrow
            }
        }
        if mustGrow, !rebuild(table) { return false }
        slots.update(repeating: 0, count: count)
        for (index, vector) in flats.enumerated() { addSlots(index, vector, codes[index], count, slots) }
        var hasNew: UInt8 = 0
        let places = places
        for row in 0..<count {
            let group = places[Int(slots[row])]
            groups[row] = group &- 1
            hasNew |= unsafeBitCast(group == 0, to: UInt8.self)
        }
        if hasNew != 0 {
            encoder.encode(flats, count: count)
            let words = encoder.words
            for row in 0..<count where groups[row] == .max {
                let slot = Int(slots[row])
                if places[slot] == 0 {
                    let group = table.append(words, row: row)
                    if layout.isSingleWide, slot == 0 { table.excludedGroup = group }
                    places[slot] = UInt32(truncatingIfNeeded: group + 1)
                }
                groups[row] = places[slot] &- 1
            }
        }
        return true
    }

    /// Makes room for values `low...high` of a column; true when the array must be made anew.
    private func widen(_ index: Int, _ low: Int64, _ high: Int64) -> Bool {
        var domain = domains[index]
        if high < low { return false }
        let isWithin = UInt64(bitPattern: high &- domain.base) < UInt64(domain.size)
        if domain.size > 0, low >= domain.base, isWithin { return false }
        let first = domain.size == 0 ? low : min(domain.base, low)
        let (end, isBeyond) = domain.base.addingReportingOverflow(Int64(domain.size) - 1)
        let last = domain.size == 0 ? high : max(isBeyond ? .max : end, high)
        let (span, overflow) = last.subtractingReportingOverflow(first)
        guard !overflow, span < Int64(Self.placesMax) else {
            domain.size = Self.placesMax + 1
            domains[index] = domain
            return true
        }
        // Half as much again, so that a slowly growing domain does not make the array anew each time.
        domain.base = first
        domain.size = Int(span) + 1 + (domain.size == 0 ? 0 : Int(span) / 2)
        domains[index] = domain
        return true
    }

    /// Places that the domains may have for so many groups. A single string's codes have an array of their
    /// own, see `StringGroups`.
    private func limit(_ groupCount: Int) -> Int {
        let first = layout.columns[0].type.physical
        if layout.columns.count == 1, first == .string { return Self.stringPlacesMax }
        return min(max(Self.placesMin, groupCount * Self.placesPerGroupMax), Self.placesMax)
    }

    private func rebuild(_ table: GroupTable) -> Bool {
        let limit = limit(table.count)
        var product = 1
        for index in domains.indices {
            domains[index].step = product
            guard domains[index].size <= limit else { return false }
            product *= domains[index].size + 1
            guard product <= limit else { return false }
        }
        if domains.count == 1, domains[0].base == firstBase, placeCount > 1, product >= placeCount {
            // More values behind the others: all places stay.
            memory.grow(to: product * 4)
            placeCount = product
            return true
        }
        memory = TableMemory(byteCount: product * 4)
        placeCount = product
        firstBase = domains[0].base
        let places = places
        for group in 0..<table.count {
            let key = table.key(group)
            var slot = 0
            for (column, domain) in zip(layout.columns, domains) {
                let isNull =
                    column.nullWord < 0
                    ? group == table.excludedGroup : (key[column.nullWord] &>> column.nullShift) & 1 != 0
                if isNull { continue }
                slot += Int(Self.value(key, column) - domain.base + 1) * domain.step
            }
            places[slot] = UInt32(group + 1)
        }
        return true
    }

    private static func value(_ key: UnsafePointer<UInt64>, _ column: KeyLayout.Column) -> Int64 {
        let word = key[column.word] &>> column.shift
        return switch column.type.physical {
        case .bool: Int64(word & 1)
        case .int16: Int64(Int16(truncatingIfNeeded: word))
        case .int32: Int64(Int32(truncatingIfNeeded: word))
        case .string: Int64(word & 0xFFFF_FFFF)
        default: Int64(bitPattern: word)
        }
    }

    private func addSlots(
        _ index: Int, _ vector: Vector, _ codes: UnsafePointer<UInt32>?, _ count: Int,
        _ slots: UnsafeMutablePointer<UInt32>
    ) {
        let domain = domains[index]
        let validity = vector.form == .constant ? nil : vector.validity
        if vector.isConstantNull { return }
        if let codes { return add(codes, domain, validity, count, slots) }
        switch vector.physical {
        case .bool: add(vector.pointer(as: UInt8.self), domain, validity, count, slots)
        case .int16: add(vector.pointer(as: Int16.self), domain, validity, count, slots)
        case .int32: add(vector.pointer(as: Int32.self), domain, validity, count, slots)
        default: add(vector.pointer(as: Int64.self), domain, validity, count, slots)
        }
    }

    @inline(__always) private func add<Number: FixedWidthInteger>(
        _ values: UnsafePointer<Number>, _ domain: Domain, _ validity: ValidityMask?, _ count: Int,
        _ slots: UnsafeMutablePointer<UInt32>
    ) {
        // Codes, steps and their products are below the array's size, which fits 28 bits.
        let base = UInt32(truncatingIfNeeded: domain.base &- 1)
        let step = UInt32(truncatingIfNeeded: domain.step)
        if let validity {
            for row in 0..<count where validity.isValid(row) {
                slots[row] &+= (UInt32(truncatingIfNeeded: values[row]) &- base) &* step
            }
        } else {
            for row in 0..<count { slots[row] &+= (UInt32(truncatingIfNeeded: values[row]) &- base) &* step }
        }
    }

    @inline(__always) private func add<Number: FixedWidthInteger>(
        _ values: UnsafeMutablePointer<Number>, _ domain: Domain, _ validity: ValidityMask?, _ count: Int,
        _ slots: UnsafeMutablePointer<UInt32>
    ) {
        add(UnsafePointer(values), domain, validity, count, slots)
    }
}

/// The least and greatest of whole numbers.
enum NumberRange {
    /// Over the rows that are not NULL; nil when there is none. The vector is flat, of 8 to 64 bit numbers.
    static func of(_ vector: Vector, count: Int) -> (low: Int64, high: Int64)? {
        switch vector.physical {
        case .bool: of(vector.pointer(as: UInt8.self), vector.validity, count)
        case .int16: of(vector.pointer(as: Int16.self), vector.validity, count)
        case .int32: of(vector.pointer(as: Int32.self), vector.validity, count)
        default: of(vector.pointer(as: Int64.self), vector.validity, count)
        }
    }

    @inline(__always) private static func of<Number: FixedWidthInteger>(
        _ values: UnsafeMutablePointer<Number>, _ validity: ValidityMask?, _ count: Int
    ) -> (low: Int64, high: Int64)? {
        var low = Number.max
        var high = Number.min
        if let validity {
            var any = false
            for row in 0..<count where validity.isValid(row) {
                low = min(low, values[row])
                high = max(high, values[row])
                any = true
            }
            if !any { return nil }
        } else {
            if count == 0 { return nil }
            for row in 0..<count {
                low = min(low, values[row])
                high = max(high, values[row])
            }
        }
        return (Int64(truncatingIfNeeded: low), Int64(truncatingIfNeeded: high))
    }
}
