import Moysklad
import SystemOfRecord

/// How far a sync has come.
public struct SyncProgress: Sendable, Hashable {
    /// The type being read, such as `demand`; `stock` for the stock report.
    public var type: String
    /// Objects of this type read, and how many there are to read.
    public var typeDone: Int
    public var typeTotal: Int
    /// Objects of all types.
    public var objectsDone: Int
    /// As far as known: it may grow while the sync runs.
    public var objectsTotal: Int
    /// Since the beginning of the run.
    public var objectsPerSecond: Double
    /// Nil before a rate is known.
    public var timeLeft: Duration?
}

/// What a sync did.
public struct SyncReport: Sendable, Hashable {
    /// What was read, written and deleted.
    public var totals = SyncTotals()
    /// What was left out or not done, one line each; empty if everything is in step.
    public var warnings: [String] = []
    public var elapsed: Duration = .zero

    /// Nothing done.
    public init() {}
}

/// Choices of a sync.
public struct SyncOptions: Sendable, Hashable {
    /// Where the account's clock stands.
    public var timeZone: String
    /// Read what changed this long before the last known change again: clocks differ, and long transactions
    /// appear late.
    public var overlap: Duration
    /// Pages fetched ahead of the one being written.
    public var pagesAhead: Int
    public var includesStock: Bool
    /// Believe Moysklad even if a large part of a type has vanished.
    public var allowsMassDeletion: Bool
    /// Objects a window of pages may hold before a new one begins at the last change read.
    public var windowObjectsMax: Int

    /// The defaults for a live shop.
    public init(
        timeZone: String = "Europe/Moscow", overlap: Duration = .seconds(300), pagesAhead: Int = 4,
        includesStock: Bool = true, allowsMassDeletion: Bool = false, windowObjectsMax: Int = 10_000
    ) {
        precondition(pagesAhead > 0 && windowObjectsMax >= 1000, "a window holds at least a page")
        self.timeZone = timeZone
        self.overlap = overlap
        self.pagesAhead = pagesAhead
        self.includesStock = includesStock
        self.allowsMassDeletion = allowsMassDeletion
        self.windowObjectsMax = windowObjectsMax
    }
}
