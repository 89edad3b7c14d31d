import DurableIO

/// The versions that the manifest can give back, and the files that any of them needs: an immutable value
/// once it is taken out of the store, which holds those files.
struct StoreHistory: Sendable {
    struct Point: Sendable {
        var version: StoreVersion
        /// Where the version's record ends in the manifest.
        var endOffset: Int
    }

    /// Oldest first; the last is the newest version.
    var points: [Point] = []
    /// Every file that a record of the manifest names.
    var files: [DataFileID: DataFile] = [:]
    /// Row groups that later versions have lost since the manifest was last rewritten.
    var retiredRowGroups = 0
    /// The manifest of `points`; stays readable when another file takes its name.
    var file: (any OpenFile)?

    /// Adds the version that `built` has become by one commit.
    mutating func add(_ built: StateBuilder, endOffset: Int) {
        points.append(Point(version: built.state.point, endOffset: endOffset))
        files.merge(built.files) { old, _ in old }
        retiredRowGroups += built.removedRowGroups
    }

    var versions: [StoreVersion] { points.map(\.version) }

    /// The place of a version in `points`.
    func index(of number: UInt64) -> Int? {
        let index = lowerBound { $0.version.number < number }
        return index < points.count && points[index].version.number == number ? index : nil
    }

    /// The newest version at or before a time.
    func index(at time: Int64) -> Int? {
        let index = lowerBound { $0.version.time <= time }
        return index == 0 ? nil : index - 1
    }

    /// The retained versions on both sides of one that is not retained.
    func neighbours(of number: UInt64) -> (before: StoreVersion?, after: StoreVersion?) {
        let index = lowerBound { $0.version.number < number }
        return (
            index > 0 ? points[index - 1].version : nil, index < points.count ? points[index].version : nil
        )
    }

    /// The first place where `isBefore` does not hold.
    private func lowerBound(_ isBefore: (Point) -> Bool) -> Int {
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(points[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
