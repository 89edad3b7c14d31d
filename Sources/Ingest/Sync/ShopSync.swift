import Foundation
import Logging
import Moysklad
import Postgres
import SystemOfRecord

/// Brings the record in step with Moysklad: directories first, then documents, then stock.
///
/// The first run reads everything; a run that was cut off is taken up where it was; later runs read what
/// changed, and find what was deleted by counting and, where counts differ, by comparing ids. Every page is
/// one transaction together with its cursor, so a crash at any moment loses nothing and doubles nothing.
public struct ShopSync: Sendable {
    /// Called with the state of the sync, not more than a few times a second and once at the end of every
    /// type.
    public typealias ProgressHandler = @Sendable (SyncProgress) -> Void

    let client: MoyskladClient
    let pool: PostgresPool
    let options: SyncOptions
    let logger: Logger
    let onProgress: ProgressHandler

    /// The order of reading: what others point at comes first.
    static let types: [EntityType] = [
        .currency, .country, .region, .uom, .group, .employee, .organization, .store, .saleschannel, .project,
        .pricetype, .state, .productfolder, .counterparty, .product, .service, .bundle, .variant,
        .customerorder,
        .demand, .retaildemand, .salesreturn, .retailsalesreturn,
    ]

    /// - Parameter pool: The record's database, migrated.
    public init(
        client: MoyskladClient, pool: PostgresPool, options: SyncOptions = SyncOptions(),
        logger: Logger = Logger(label: "sync"), onProgress: @escaping ProgressHandler = { _ in }
    ) {
        self.client = client
        self.pool = pool
        self.options = options
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Runs until the record is in step.
    ///
    /// - Throws: `IngestError` if Moysklad or Postgres cannot be used; resources that the user may not see
    ///   are left out with a warning.
    public func run() async throws(IngestError) -> SyncReport {
        let requestsBefore = await client.requestCount
        let account = try await accountID()
        let record = Record(pool: pool, account: account)
        let runID: Int64
        do throws(RecordError) {
            try await record.registerAccount(name: "", timeZone: options.timeZone)
            runID = try await record.beginRun()
        } catch {
            throw .record(error)
        }
        let run = SyncRun(sync: self, record: record)
        var failure: IngestError?
        do throws(IngestError) {
            try await run.all()
        } catch {
            failure = error
        }
        var report = await run.report
        report.totals.requests = await client.requestCount - requestsBefore
        do throws(RecordError) {
            try await record.endRun(runID, totals: report.totals, message: failure?.description)
        } catch {
            throw failure ?? .record(error)
        }
        if let failure { throw failure }
        return report
    }

    /// From the caller's context, or from the first organization where that may not be read.
    private func accountID() async throws(IngestError) -> UUID {
        do throws(MoyskladError) {
            if let account = try await client.account() { return account }
        } catch {
            guard error.concernsOneResource else { throw .moysklad(error) }
        }
        do throws(MoyskladError) {
            let page = try await client.page(ListRequest("entity/organization", limit: 1))
            let id = page.rows.first?["accountId"]
            if let id, id.kind == .string, let account = UUID(hyphenated: id.content) { return account }
        } catch {
            throw .moysklad(error)
        }
        throw .moysklad(.unexpectedAnswer(path: "entity/organization", reason: "no account is named"))
    }
}

extension MoyskladError {
    /// Whether other resources may well be readable.
    var concernsOneResource: Bool {
        switch self {
        case .forbidden, .notInTariff, .notFound, .badRequest: true
        default: false
        }
    }
}
