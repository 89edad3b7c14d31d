import Columns

/// Sorted rows of whole partitions, with the rows at which partitions and groups of peers begin.
struct WindowRows {
    let count: Int
    /// First rows of the partitions, then `count`.
    let partitions: [Int]
    /// Of each row: the first row of its peers, and the row after the last one.
    let peerStart: [Int]
    let peerEnd: [Int]

    /// - Parameters:
    ///   - partition: Columns of the partition keys; at least `count` rows.
    ///   - order: Columns of the order keys.
    init(partition: [Vector], order: [Vector], count: Int) {
        self.count = count
        var marks = Self.changes(partition, count)
        var partitions = [0]
        for row in 0..<count where row > 0 && marks[row] { partitions.append(row) }
        if count > 0 { partitions.append(count) }
        self.partitions = partitions
        let orders = Self.changes(order, count)
        for row in 0..<count where orders[row] { marks[row] = true }
        var starts = [Int](repeating: 0, count: count)
        var ends = [Int](repeating: count, count: count)
        for row in 0..<count { starts[row] = row == 0 || marks[row] ? row : starts[row - 1] }
        for row in stride(from: count - 2, through: 0, by: -1) {
            ends[row] = marks[row + 1] ? row + 1 : ends[row + 1]
        }
        peerStart = starts
        peerEnd = ends
    }

    /// The partitions as ranges of rows.
    var ranges: [Range<Int>] { zip(partitions, partitions.dropFirst()).map { $0..<$1 } }

    /// Whether each row differs from the one before it; NULLs are equal to each other.
    static func changes(_ columns: [Vector], _ count: Int) -> [Bool] {
        var marks = [Bool](repeating: false, count: count)
        for column in columns {
            let flat = column.flattened()
            if flat.physical == .string {
                let views = flat.pointer(as: StringView.self)
                for row in 1..<max(count, 1) {
                    let isNull = flat.isNull(row)
                    if isNull != flat.isNull(row - 1) {
                        marks[row] = true
                    } else if !isNull, StringView.compare(views[row], views[row - 1]) != 0 {
                        marks[row] = true
                    }
                }
            } else {
                let words = OrderWords.of(flat, count: count)
                for row in 1..<max(count, 1) {
                    let isNull = flat.isNull(row)
                    if isNull != flat.isNull(row - 1) || (!isNull && words[row] != words[row - 1]) {
                        marks[row] = true
                    }
                }
            }
            withExtendedLifetime(flat) {}
        }
        return marks
    }
}
