/// Names a row group within its store; never given twice. 0 is no row group.
public struct RowGroupID: Hashable, Sendable, Comparable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static func < (left: RowGroupID, right: RowGroupID) -> Bool { left.rawValue < right.rawValue }
}

/// Names a data file within its store; never given twice by one open store.
struct DataFileID: Hashable, Sendable, Comparable {
    let rawValue: UInt32

    static func < (left: DataFileID, right: DataFileID) -> Bool { left.rawValue < right.rawValue }

    /// The file's name in the store's data folder, for example `0000002a.rows`.
    var fileName: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits + Self.suffix
    }

    static let suffix = ".rows"

    /// The first number behind those of files with the given paths.
    static func after(_ paths: [String]) -> UInt32 {
        var next: UInt32 = 0
        for path in paths {
            let name = path.split(separator: "/").last ?? ""
            guard let number = UInt32(name.dropLast(suffix.count), radix: 16), number < .max else { continue }
            next = max(next, number + 1)
        }
        return next
    }
}

/// Where a row is: its row group and its place there. Stable until compaction rewrites the group.
///
/// As a BIGINT column: `rowGroup << 16 | row`.
public struct RowLocator: Hashable, Sendable {
    public var rowGroup: RowGroupID
    /// 0...65,535.
    public var row: Int

    public init(rowGroup: RowGroupID, row: Int) {
        precondition(row >= 0 && row < 65_536, "a row group has 65,536 rows at most")
        self.rowGroup = rowGroup
        self.row = row
    }

    /// The form that a scan's locator column has.
    public var rawValue: Int64 { Int64(rowGroup.rawValue) << 16 | Int64(row) }

    /// nil when the number is no locator.
    public init?(rawValue: Int64) {
        guard rawValue >= 0, let group = UInt32(exactly: rawValue >> 16) else { return nil }
        self.init(rowGroup: RowGroupID(rawValue: group), row: Int(rawValue & 0xFFFF))
    }
}
