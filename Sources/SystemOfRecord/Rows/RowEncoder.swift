import Foundation

/// Collects rows of one table as one array a column, in Postgres's text form (`{…}`).
public struct RowEncoder: Sendable {
    // Invariant: between rows column is 0 and every array has rowCount elements.
    let table: RecordTable
    private var arrays: [[UInt8]]
    private var column = 0
    private(set) var uids: Set<UUID> = []
    private(set) var references: [String: [UUID: String]] = [:]
    var rowCount: Int { uids.count }

    init(_ table: RecordTable) {
        self.table = table
        arrays = Array(repeating: [UInt8(ascii: "{")], count: table.columns.count)
    }

    /// Adds a row; of rows with equal uids the first counts, because one statement may touch a row once.
    mutating func add(_ row: some RecordRow) {
        guard uids.insert(row.uid).inserted else { return }
        row.encode(into: &self)
        precondition(column == arrays.count, "a row has a value for every column of its table")
        column = 0
    }

    /// The finished arrays, one a column.
    func finished() -> [String] {
        arrays.map { array in
            var array = array
            if array.count > 1 {
                array[array.count - 1] = UInt8(ascii: "}")
            } else {
                array.append(UInt8(ascii: "}"))
            }
            return String(decoding: array, as: UTF8.self)
        }
    }

    private mutating func append(_ write: (inout [UInt8]) -> Void) {
        precondition(column < arrays.count, "a row has no more values than its table has columns")
        write(&arrays[column])
        arrays[column].append(UInt8(ascii: ","))
        column += 1
    }

    private mutating func appendNull() {
        append { $0.append(contentsOf: "NULL".utf8) }
    }

    mutating func add(_ text: String?) {
        guard let text else { return appendNull() }
        append { ArrayText.append(quoted: text.utf8, to: &$0) }
    }

    mutating func add(_ uid: UUID?) {
        guard let uid else { return appendNull() }
        append { ArrayText.append(uid, to: &$0) }
    }

    mutating func add(_ number: Int64?) {
        guard let number else { return appendNull() }
        append { ArrayText.append(number, to: &$0) }
    }

    mutating func add(_ truth: Bool?) {
        guard let truth else { return appendNull() }
        append { $0.append(truth ? UInt8(ascii: "t") : UInt8(ascii: "f")) }
    }

    mutating func add(_ number: FixedPoint?) {
        guard let number else { return appendNull() }
        append { ArrayText.append(number, to: &$0) }
    }

    mutating func add(_ moment: RecordMoment?) {
        guard let moment else { return appendNull() }
        append { ArrayText.append(moment, to: &$0) }
    }

    /// The day of a moment, for a date column.
    mutating func add(dayOf moment: RecordMoment?) {
        guard let moment else { return appendNull() }
        append { ArrayText.append(dayOf: moment, to: &$0) }
    }

    /// A reference: its target must have a row, made beforehand where it is missing.
    mutating func add(_ reference: RecordReference?) {
        guard let reference else { return appendNull() }
        if let target = table.columns[column].target {
            references[target, default: [:]][reference.uid] = reference.type
        }
        append { ArrayText.append(reference.uid, to: &$0) }
    }
}
