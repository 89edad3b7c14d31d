import DurableIO
import Storage

/// Opens stores that have lost power and compares them with what they must hold. The answers are lists of
/// what is wrong.
enum CrashCheck {
    /// - Parameters:
    ///   - goesOn: Works on afterwards, loses power once more in the middle of it, and looks for files that
    ///     no version needs.
    static func problem(
        of disk: SimulatedDisk, expecting expectation: CrashExpectation, seed: UInt64, goesOn: Bool
    ) -> String? {
        do {
            let store = try CrashWorkload.open(disk)
            let snapshot = store.snapshot()
            let found = try CrashDigest(reading: snapshot)
            var model = expectation.acknowledged
            if found != model.digest {
                guard let underWay = expectation.underWay, found == underWay.digest else {
                    return "holds \(found), not \(model.digest)"
                }
                model = underWay
            }
            guard goesOn else { return nil }
            for version in snapshot.versions {
                guard let digest = expectation.versions[version.number] else { continue }
                let past = try CrashDigest(reading: try snapshot.asOf(version: version.number))
                if past != digest { return "version \(version.number) holds \(past), not \(digest)" }
            }
            return try withExtendedLifetime(store) { try problemGoingOn(from: disk, model, seed: seed) }
        } catch {
            return "\(error)"
        }
    }

    private static func problemGoingOn(
        from disk: SimulatedDisk, _ model: CrashModel, seed: UInt64
    ) throws -> String? {
        let copy = disk.copy(seed: seed)
        copy.record()
        let work = try CrashWorkload(on: copy, seed: seed, model: model)
        for _ in 0..<3 { try work.step() }
        let moments = copy.moments()
        let moment = moments[Int(seed % UInt64(moments.count))]
        try work.compact()
        if let problem = try leftovers(work.store, on: copy) { return problem }
        if try CrashDigest(reading: work.store.snapshot()) != work.model.digest {
            return "differs after going on"
        }
        let again = problem(
            of: moment.disk.afterPowerLoss(seed: seed), expecting: work.expectations[moment.note], seed: seed,
            goesOn: false)
        return again.map { "after a second loss of power: " + $0 }
    }

    /// Files that no version needs and that are still there after a vacuum.
    static func leftovers(_ store: ColumnStore, on disk: SimulatedDisk) throws -> String? {
        try store.vacuum(retaining: .newestOnly)
        let snapshot = store.snapshot()
        var groups = 0
        for table in snapshot.catalog.tables {
            groups += try snapshot.scan(table.id, columns: []).morselCount
        }
        let files = try disk.list(CrashWorkload.directory + "/data")
        // A row group may have its deletions in a file of their own.
        if files.count > 2 * groups { return "\(files.count) files for \(groups) row groups: \(files)" }
        let others = try disk.list(CrashWorkload.directory)
        return others.contains("MANIFEST.new") ? "a half-written manifest is left" : nil
    }

    /// Runs a workload without faults and checks a loss of power at every single change of it.
    ///
    /// - Parameter survivors: Outcomes that are tried at each change.
    static func powerLosses(seed: UInt64, steps: Int, survivors: Int) -> (states: Int, problems: [String]) {
        let disk = SimulatedDisk(seed: seed)
        disk.record()
        do {
            let work = try CrashWorkload(on: disk, seed: seed)
            for _ in 0..<steps { try work.step() }
            var problems: [String] = []
            var states = 0
            for (change, moment) in disk.moments().enumerated() {
                // Nothing but an empty directory is there before the workload has noted anything.
                let expectation = work.expectations[moment.note]
                for survivor in 0..<survivors {
                    states += 1
                    let choice = seed &* 1_000_003 &+ UInt64(change * survivors + survivor)
                    let found = problem(
                        of: moment.disk.afterPowerLoss(seed: choice), expecting: expectation, seed: choice,
                        goesOn: choice % 8 == 0)
                    if let found {
                        problems.append("seed \(seed), change \(change + 1), \(choice): \(found)")
                    }
                }
            }
            return (states, problems)
        } catch {
            return (0, ["seed \(seed): \(error)"])
        }
    }

    /// Runs a workload in which one fault happens; the work goes on after it.
    static func fault(seed: UInt64, steps: Int) -> [String] {
        let disk = SimulatedDisk(seed: seed)
        var generator = SeededGenerator(seed ^ 0xFA17)
        let change = Int(generator.next() % UInt64(steps * 7)) + 1
        switch seed % 6 {
        case 0: disk.fail(.diskFull(atChange: change))
        case 1: disk.fail(.ioError(atChange: change))
        case 2: disk.fail(.ioErrors(fromChange: change))
        case 3: disk.fail(.syncError(fromChange: change))
        case 4: disk.fail(.readError(atRead: change / 2 + 1))
        default: disk.limit(toBytesMore: Int(generator.next() % 60_000))
        }
        do {
            let problems = try workThroughFault(on: disk, seed: seed, steps: steps)
            return problems.map { "fault \(seed % 6) at \(change), seed \(seed): \($0)" }
        } catch {
            return ["fault \(seed % 6) at \(change), seed \(seed): \(error)"]
        }
    }

    private static func workThroughFault(
        on disk: SimulatedDisk, seed: UInt64, steps: Int
    ) throws -> [String] {
        disk.record()
        let work: CrashWorkload
        do { work = try CrashWorkload(on: disk, seed: seed) } catch let error as StorageError {
            disk.fail(.none)
            disk.limit(toBytesMore: nil)
            _ = try CrashWorkload(on: disk, seed: seed)
            return names(error)
        }
        var problems: [String] = []
        for _ in 0..<steps {
            do { try work.step() } catch let error as StorageError {
                problems += names(error)
                // The cause goes away; what has failed must not have harmed what was there.
                disk.fail(.none)
                disk.limit(toBytesMore: nil)
                if let problem = try work.recover(from: error) { problems.append(problem) }
                if try CrashDigest(reading: work.store.snapshot()) != work.model.digest {
                    problems.append("differs after \(error)")
                }
            }
        }
        disk.fail(.none)
        disk.limit(toBytesMore: nil)
        let moments = disk.moments()
        for index in stride(from: moments.count - 1, to: 0, by: -max(1, moments.count / 10)) {
            let moment = moments[index]
            let found = problem(
                of: moment.disk.afterPowerLoss(seed: seed &+ UInt64(index)),
                expecting: work.expectations[moment.note], seed: seed, goesOn: index == moments.count - 1)
            if let found { problems.append("power lost at change \(index + 1): \(found)") }
        }
        if let problem = try leftovers(work.store, on: disk) { problems.append(problem) }
        return problems
    }

    /// An error of a failing disk names the path.
    private static func names(_ error: StorageError) -> [String] {
        error.description.contains(CrashWorkload.directory) ? [] : ["names no path: \(error)"]
    }
}
