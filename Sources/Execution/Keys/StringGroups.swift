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
        if groups.count < interner.count {
            groups.append(contentsOf: repeatElement(0, count: interner.count - groups.count))
        }
        if !hasSeenTable { takeOver() }
        let validity = vector.rowValidity
        let isNull = vector.isConstantNull
        groups.withUnsafeMutableBufferPointer { known in
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

    /// The new group + 1 of a key that is not there.
    private func append(_ word: UInt64) -> UInt32 {
        encoder.words[0][0] = word
        return UInt32(truncatingIfNeeded: table.append(encoder.words, row: 0) + 1)
    }

    /// Groups that were made by a direct index.
    private func takeOver() {
        hasSeenTable = true
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
