import Columns

/// Groups by one column of strings. The interner numbers the strings densely, so an array leads from a
/// string's code to its group, and nothing is hashed twice.
///
/// Invariants: every group of the table is in `groups` or is `nullGroup`, once `assign` has been called.
final class StringGroups {
    private let encoder: KeyEncoder
    private let table: GroupTable
    /// Group + 1 by the interner's code, 0 for none.
    private var groups: [UInt32] = []
    /// Group + 1 of NULL, 0 for none.
    private var nullGroup: UInt32 = 0
    private var hasSeenTable = false

    init(_ encoder: KeyEncoder, _ table: GroupTable) {
        self.encoder = encoder
        self.table = table
    }

    var bytes: Int { groups.capacity * 4 }

    /// Writes the group of each row, adding new groups.
    func assign(_ vector: Vector, count: Int, into target: UnsafeMutablePointer<UInt32>) {
        guard let interner = encoder.interners[0] else {
            preconditionFailure("a string column has an interner")
        }
        let codes = encoder.codes(of: vector, column: 0, count: count)
        if hasSeenTable { makeRoom(interner) } else { takeOver(isFinal: true) }
        let validity = vector.rowValidity
        let isNull = vector.isConstantNull
        let words = encoder.words
        groups.withUnsafeMutableBufferPointer { known in
            if validity == nil, !isNull {
                for row in 0..<count {
                    let code = Int(codes[row])
                    var group = known[code]
                    if group == 0 {
                        words[0][0] = UInt64(codes[row])
                        group = UInt32(truncatingIfNeeded: table.append(words, row: 0) &+ 1)
                        known[code] = group
                    }
                    target[row] = group &- 1
                }
                return
            }
            for row in 0..<count {
                if isNull || !(validity?.isValid(row) ?? true) {
                    if nullGroup == 0 { nullGroup = append(1 &<< encoder.layout.columns[0].nullShift) }
                    target[row] = nullGroup &- 1
                    continue
                }
                let code = Int(codes[row])
                if known[code] == 0 { known[code] = append(UInt64(codes[row])) }
                target[row] = known[code] &- 1
            }
        }
    }

    /// Groups of another worker's that have the string of one of these; nil when there are more than `limit`.
    func matches(_ other: StringGroups, limit: Int) -> GroupMatches? {
        guard let interner = encoder.interners[0], let others = other.encoder.interners[0],
            let codes = interner.matches(others, limit: limit)
        else { return nil }
        var found = GroupMatches()
        for (mine, theirs) in zip(codes.mine, codes.theirs) {
            precondition(
                groups[Int(mine)] > 0 && other.groups[Int(theirs)] > 0, "each string of a key has its group")
            found.append(mine: Int(groups[Int(mine)]) - 1, theirs: Int(other.groups[Int(theirs)]) - 1)
        }
        if nullGroup > 0, other.nullGroup > 0 {
            found.append(mine: Int(nullGroup) - 1, theirs: Int(other.nullGroup) - 1)
        }
        return found
    }

    /// The new group + 1 of a key that is not there.
    private func append(_ word: UInt64) -> UInt32 {
        encoder.words[0][0] = word
        return UInt32(truncatingIfNeeded: table.append(encoder.words, row: 0) + 1)
    }

    private func makeRoom(_ interner: StringInterner) {
        if groups.count < interner.count {
            groups.append(contentsOf: repeatElement(0, count: interner.count - groups.count))
        }
    }

    /// Finds groups that were made by a direct index.
    ///
    /// - Parameter isFinal: Whether no more are made that way.
    func takeOver(isFinal: Bool) {
        hasSeenTable = isFinal
        if let interner = encoder.interners[0] { makeRoom(interner) }
        for group in 0..<table.count {
            let word = table.key(group)[0]
            if word >> encoder.layout.columns[0].nullShift & 1 != 0 {
                nullGroup = UInt32(truncatingIfNeeded: group + 1)
            } else {
                groups[Int(truncatingIfNeeded: word & 0xFFFF_FFFF)] = UInt32(truncatingIfNeeded: group + 1)
            }
        }
    }
}
