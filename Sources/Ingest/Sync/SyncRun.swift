import Foundation
import Logging
import Moysklad
import SystemOfRecord

/// One run of a sync: its state, and the order in which types are read.
actor SyncRun {
    let client: MoyskladClient
    let record: Record
    let options: SyncOptions
    let logger: Logger
    private let onProgress: ShopSync.ProgressHandler
    private(set) var report = SyncReport()
    private(set) var meter = ProgressMeter()
    private(set) var placeNames: [UUID: String] = [:]
    private let start = ContinuousClock.now
    private var lastProgress: ContinuousClock.Instant?

    init(sync: ShopSync, record: Record) {
        client = sync.client
        options = sync.options
        logger = sync.logger
        onProgress = sync.onProgress
        self.record = record
    }

    /// Reads everything.
    func all() async throws(IngestError) {
        defer { report.elapsed = ContinuousClock.now - start }
        let cursors = try await recordCall { record throws(RecordError) in try await record.cursors() }
        try await expectTotals(cursors)
        for type in ShopSync.types {
            meter.begin(type.rawValue)
            do throws(IngestError) {
                try await read(type, cursor: cursors[type.rawValue] ?? SyncCursor())
            } catch {
                try leaveOut(type.rawValue, error, isOptional: [.country, .region, .uom].contains(type))
            }
            showProgress(always: true)
        }
        try await recordCall { record throws(RecordError) in try await record.nameOwnAgents() }
        if options.includesStock {
            meter.begin("stock")
            do throws(IngestError) {
                try await readStock()
            } catch {
                try leaveOut("stock", error, isOptional: false)
            }
            showProgress(always: true)
        }
    }

    private func read(_ type: EntityType, cursor: SyncCursor) async throws(IngestError) {
        switch type {
        case .state, .pricetype: try await readSettings(type)
        default:
            let count = try await knownCount(type)
            let isSmall = count <= (type.isDocument ? ListRequest.expandedLimitMax : ListRequest.limitMax)
            if !type.hasUpdated || (cursor.isComplete && isSmall) {
                try await readWhole(type, cursor: cursor)
            } else {
                try await readChanges(type, cursor: cursor)
                try await reconcile(type)
            }
        }
    }

    /// How much is ahead, for the time left; asked only for what was never read to its end.
    private func expectTotals(_ cursors: [String: SyncCursor]) async throws(IngestError) {
        for type in ShopSync.types where type.hasUpdated && !(cursors[type.rawValue]?.isComplete ?? false) {
            let scope = ListScope(
                type: type, since: cursors[type.rawValue]?.watermark.map(Self.moment), isByChange: true)
            do throws(MoyskladError) {
                meter.expect(try await client.count(scope.request(offset: 0)), of: type.rawValue)
            } catch {
                guard error.concernsOneResource else { throw .moysklad(error) }
            }
        }
    }

    /// Goes on without a resource that this user may not see.
    private func leaveOut(_ what: String, _ error: IngestError, isOptional: Bool) throws(IngestError) {
        guard case .moysklad(let cause) = error, cause.concernsOneResource else { throw error }
        logger.debug("sync: left out", metadata: ["type": "\(what)", "error": "\(cause)"])
        if !isOptional { warn("left out \(what): \(cause)") }
    }

    func warn(_ text: String) { report.warnings.append(text) }

    func remember(placeNames names: [UUID: String]) { placeNames.merge(names) { $1 } }

    func found(total: Int) { meter.found(total: total) }

    func deleted(_ count: Int) { report.totals.objectsDeleted += count }

    func wrote(rows: Int) { report.totals.written.rows += rows }

    /// Writes a page and counts it. A page that Postgres refuses for what is in it is written object by
    /// object, and the objects that it refuses are rejected.
    func write(_ fetched: FetchedPage, type: EntityType, cursor: SyncCursor?) async throws(IngestError) {
        var page = fetched.page
        page.cursor = cursor
        do throws(RecordError) {
            report.totals.written += try await record.write(page)
        } catch {
            guard error.concernsData else { throw .record(error) }
            try await writeSingly(fetched, type: type, cursor: cursor)
        }
        report.totals.objectsRead += fetched.objects.count
        meter.advance(fetched.objects.count)
        showProgress(always: false)
    }

    private func writeSingly(_ fetched: FetchedPage, type: EntityType, cursor: SyncCursor?)
        async throws(IngestError)
    {
        let mapper = PageMapper(type: type, placeNames: placeNames)
        for object in fetched.objects {
            do throws(RecordError) {
                report.totals.written += try await record.write(mapper.page([object]))
            } catch {
                guard error.concernsData else { throw .record(error) }
                var refused = RecordPage(type: type.rawValue)
                refused.rejected = [PageMapper.rejection(of: object, reason: error.description)]
                try await writePlain(refused)
            }
        }
        var last = RecordPage(type: type.rawValue)
        last.cursor = cursor
        try await writePlain(last)
    }

    private func writePlain(_ page: RecordPage) async throws(IngestError) {
        do throws(RecordError) {
            report.totals.written += try await record.write(page)
        } catch {
            throw .record(error)
        }
    }

    private func knownCount(_ type: EntityType) async throws(IngestError) -> Int {
        try await recordCall { record throws(RecordError) in try await record.objectCount(type: type.rawValue)
        }
    }

    /// Calls the record in the terms of this target's errors.
    nonisolated func recordCall<Value: Sendable>(
        _ body: @Sendable (Record) async throws(RecordError) -> Value
    ) async throws(IngestError) -> Value {
        do throws(RecordError) {
            return try await body(record)
        } catch {
            throw .record(error)
        }
    }

    private func showProgress(always: Bool) {
        let now = ContinuousClock.now
        if !always, let last = lastProgress, now - last < .milliseconds(200) { return }
        lastProgress = now
        onProgress(meter.progress(elapsed: now - start))
    }

    static func moment(_ moment: RecordMoment) -> LocalMoment {
        LocalMoment(microseconds: moment.microseconds)
    }
}

extension RecordError {
    /// Whether Postgres refused the values, not the connection: classes 22 (data) and 23 (constraints).
    var concernsData: Bool {
        guard case .postgres(let error) = self, let state = error.sqlState else { return false }
        return state.hasPrefix("22") || state.hasPrefix("23")
    }
}
