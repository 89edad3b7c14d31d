import Glibc

/// Tells a store the time of its commits. Tests bring their own.
public struct CommitClock: Sendable {
    private let read: @Sendable () -> Int64

    /// - Parameter microseconds: Microseconds since 1970-01-01 UTC; may go back, commit times do not.
    public init(microseconds: @escaping @Sendable () -> Int64) { read = microseconds }

    /// The system's real-time clock.
    public static let system = CommitClock {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) &* 1_000_000 &+ Int64(now.tv_nsec) / 1000
    }

    /// Never negative: the format has no time before 1970.
    var now: Int64 { max(0, read()) }
}
