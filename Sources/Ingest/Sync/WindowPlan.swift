import Moysklad

/// Walks through a type's list by change, window after window: a value, without I/O.
///
/// A window is the list of what changed since some moment. Its pages are numbered; each shares one object
/// with the page before, so that a list that shifted between two requests is noticed, and a new window
/// begins where the last page that was written ends. A long window is left early, because deep pages are
/// slow.
struct WindowPlan: Sendable {
    enum Action: Equatable, Sendable {
        /// Write the page, go on to the next of this window.
        case next
        /// Write the page, begin a new window at this moment.
        case newWindow(since: LocalMoment?)
        /// Do not write the page: the list has shifted; begin a new window at this moment.
        case shifted(since: LocalMoment?)
        /// Write the page; it was the last.
        case end
    }

    private let objectsMax: Int
    private var since: LocalMoment?
    private var watermark: LocalMoment?
    private var offset = 0
    private var last: String?
    private var shiftsWithoutProgress = 0

    /// Shifts in a row that bring nothing new, after which pages are taken as they come; the comparison of
    /// ids finds what they may have missed.
    static let shiftsMax = 5

    init(since: LocalMoment?, objectsMax: Int) {
        self.since = since
        self.watermark = since
        self.objectsMax = objectsMax
    }

    /// A page has arrived, in the order of the window.
    ///
    /// - Parameters:
    ///   - first, last: The ids of its ends; nil if it is empty.
    ///   - rowCount: Objects in it.
    mutating func arrived(
        first: String?, last: String?, rowCount: Int, lastUpdated: LocalMoment?, scope: ListScope
    ) -> Action {
        if let known = self.last, first != known, shiftsWithoutProgress < Self.shiftsMax {
            shiftsWithoutProgress += 1
            return restart(as: Action.shifted)
        }
        if let lastUpdated, watermark.map({ lastUpdated > $0 }) ?? true {
            watermark = lastUpdated
            shiftsWithoutProgress = 0
        }
        self.last = last
        offset += scope.stride
        guard rowCount == scope.pageLimit else { return .end }
        if scope.isByChange, offset >= objectsMax, watermark != since { return restart(as: Action.newWindow) }
        return .next
    }

    private mutating func restart(as action: (LocalMoment?) -> Action) -> Action {
        since = watermark
        offset = 0
        last = nil
        return action(watermark)
    }
}
