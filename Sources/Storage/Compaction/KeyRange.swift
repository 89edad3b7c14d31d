/// A bound of the first clustering column: a `ZoneKey`, or NULL, which is above all values.
struct KeyBound: Hashable, Comparable, Sendable {
    /// nil for NULL.
    var key: Int128?

    static func < (left: KeyBound, right: KeyBound) -> Bool {
        guard let first = left.key else { return false }
        guard let second = right.key else { return true }
        return first < second
    }
}

/// Where the rows of a row group, or of several, lie by the first column of the clustering key. Deleted rows
/// may count in.
struct KeyRange: Hashable, Sendable {
    var lower: KeyBound
    var upper: KeyBound

    init(lower: KeyBound, upper: KeyBound) {
        self.lower = lower
        self.upper = upper
    }

    init(_ zone: Zone) {
        lower = KeyBound(key: zone.hasValues ? zone.minimum : nil)
        upper = KeyBound(key: zone.nullCount == 0 ? zone.maximum : nil)
    }

    func union(_ other: KeyRange) -> KeyRange {
        KeyRange(lower: min(lower, other.lower), upper: max(upper, other.upper))
    }
}
