import Columns

/// A version of a store that can be read: its number and when it was committed.
public struct StoreVersion: Hashable, Sendable, Comparable {
    /// Counts commits from 1; version 0 is the empty store.
    public var number: UInt64
    /// Microseconds since 1970-01-01 UTC; never before the time of the version before.
    public var time: Int64

    public init(number: UInt64, time: Int64) {
        self.number = number
        self.time = time
    }

    public static func < (left: StoreVersion, right: StoreVersion) -> Bool { left.number < right.number }
}

extension StoreVersion: CustomStringConvertible {
    /// For messages: `version 12 of 2026-05-01 10:00:00.000123 UTC`.
    public var description: String { "version \(number) of \(Self.text(ofTime: time))" }

    /// `2026-05-01 10:00:00.000123 UTC`, the fraction only when there is one.
    public static func text(ofTime time: Int64) -> String {
        let text = TextBuffer(capacity: 64)
        text.append(timestamp: time)
        return text.string + " UTC"
    }
}
