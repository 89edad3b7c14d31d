/// Which versions of a store stay readable. A value: versions and the time in, the kept ones out.
///
/// Kept are the newest `newestCount`; the version that was in force at each full minute of the last hour; and
/// the one in force at each full hour of the last `limit`. So `AS OF` a full hour is exact, and however many
/// commits there are, at most `newestCount` + 61 + hours of `limit` + 1 versions are kept.
///
/// Thinning again later drops nothing that thinning only then would keep: each rule looks at the interval in
/// which a version was the newest, and dropping a version only makes the one before it last longer over
/// moments that no rule asks for any more.
public struct RetentionPolicy: Hashable, Sendable {
    /// Versions that are kept whatever their age, at least 1.
    public var newestCount: Int
    /// How far back full hours are kept, in microseconds; 0 also ends the full minutes.
    public var limit: Int64

    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 60 * minute

    /// - Parameter limit: Microseconds; not negative, and at most ten years, to bound the number of versions.
    public init(newestCount: Int = 64, limit: Int64) {
        self.newestCount = max(1, newestCount)
        self.limit = min(max(0, limit), 10 * 366 * 24 * Self.hour)
    }

    /// 64 versions and 7 days.
    public static let standard = RetentionPolicy(limit: 7 * 24 * hour)
    /// Only the newest version.
    public static let newestOnly = RetentionPolicy(newestCount: 1, limit: 0)

    /// The versions to keep.
    ///
    /// - Parameters:
    ///   - versions: Ascending, with times that do not fall.
    ///   - now: Microseconds since 1970; taken as no earlier than the newest version's time.
    /// - Returns: Numbers of kept versions; the newest is always among them.
    public func kept(_ versions: [StoreVersion], now: Int64) -> Set<UInt64> {
        let now = max(now, versions.last?.time ?? now)
        var kept: Set<UInt64> = []
        for (index, version) in versions.enumerated() {
            let isNewest = index >= versions.count - newestCount
            if isNewest || isKept(from: version.time, to: versions[index + 1].time, now: now) {
                kept.insert(version.number)
            }
        }
        return kept
    }

    /// Whether a version that was the newest from `start` until before `end` was so at a moment that counts.
    private func isKept(from start: Int64, to end: Int64, now: Int64) -> Bool {
        guard start < end, limit > 0 else { return false }
        let minute = (end - 1) / Self.minute * Self.minute
        if minute >= start && minute >= now - min(Self.hour, limit) { return true }
        let hour = (end - 1) / Self.hour * Self.hour
        return hour >= start && hour >= now - limit
    }
}
