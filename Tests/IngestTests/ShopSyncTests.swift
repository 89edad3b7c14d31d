import Foundation
import Moysklad
import MoyskladSimulator
import Postgres
import SystemOfRecord
import Testing

@testable import Ingest

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("A sync with a simulated shop", .serialized)
struct ShopSyncTests {
    /// A running simulator, a record, and the ways to change and compare them.
    struct World: Sendable {
        let url: String
        let pool: PostgresPool

        func sync(
            options: SyncOptions = SyncOptions(), onProgress: @escaping ShopSync.ProgressHandler = { _ in }
        ) async throws -> SyncReport {
            let client = try MoyskladClient(
                MoyskladConfiguration(
                    baseURL: url, credentials: .token(SimulatorConfiguration.defaultToken),
                    retries: RetryPolicy(firstWait: .milliseconds(5), longestWait: .milliseconds(20))))
            return try await ShopSync(client: client, pool: pool, options: options, onProgress: onProgress)
                .run()
        }

        @discardableResult
        func send(_ method: String, _ target: String, _ body: String? = nil) async throws -> Data {
            var request = URLRequest(
                url: try #require(URL(string: target.hasPrefix("http") ? target : "\(url)/\(target)")))
            request.httpMethod = method
            request.setValue(
                "Bearer \(SimulatorConfiguration.defaultToken)", forHTTPHeaderField: "Authorization")
            request.setValue("application/json;charset=utf-8", forHTTPHeaderField: "Accept")
            if let body {
                request.setValue("application/json", forHTTPHeaderField: "Content-Type")
                request.httpBody = Data(body.utf8)
            }
            let (data, response) = try await URLSession.shared.data(for: request)
            #expect((response as? HTTPURLResponse)?.statusCode ?? 0 < 300, "\(method) \(target)")
            return data
        }

        func status() async throws -> [String: Int] {
            let control = url.replacingOccurrences(of: "/api/remap/1.2", with: "/simulator/status")
            let root = try JSONSerialization.jsonObject(with: await send("GET", control)) as? [String: Any]
            var counts = root?["objects"] as? [String: Int] ?? [:]
            counts["lines"] = root?["lines"] as? Int
            return counts
        }

        /// One line that is equal for equal records, whatever the order in which they were filled.
        func fingerprint() throws -> String {
            let queries = [
                """
                SELECT md5(string_agg(concat_ws('|', d.uid, d.kind, d.moment, d.number, s.uid, c.uid,
                    t.uid, d.sum,
                    d.paid_sum, d.line_count, d.deleted), ',' ORDER BY d.uid)) FROM shop.document d
                LEFT JOIN shop.store s ON s.id = d.store_id LEFT JOIN shop.counterparty c ON c.id =
                    d.counterparty_id
                LEFT JOIN shop.state t ON t.id = d.state_id
                """,
                """
                SELECT md5(string_agg(concat_ws('|', l.uid, d.uid, p.uid, l.quantity, l.price, l.sum,
                    l.deleted), ','
                    ORDER BY l.uid)) FROM shop.document_line l JOIN shop.document d ON d.id = l.document_id
                LEFT JOIN shop.product p ON p.id = l.product_id
                """,
                """
                SELECT md5(string_agg(concat_ws('|', p.uid, p.type, p.name, p.article, f.uid,
                    p.archived, p.deleted), ','
                    ORDER BY p.uid)) FROM shop.product p LEFT JOIN shop.product_folder f ON f.id = p.folder_id
                """,
                """
                SELECT md5(string_agg(concat_ws('|', uid, name, city, tags, deleted), ',' ORDER BY uid))
                FROM shop.counterparty
                """,
                """
                SELECT md5(string_agg(concat_ws('|', type, id, payload, deleted_at IS NULL), ',' ORDER
                    BY type, id))
                FROM moysklad.object
                """,
            ]
            return try queries.map { try pool.value($0) ?? "" }.joined(separator: " ")
        }
    }

    private func withWorld(
        scale: Int = 1200, limit: SimulatorConfiguration.RateLimit? = nil,
        _ body: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        let pool = try TestRecord.make()
        let simulator = try Simulator(
            SimulatorConfiguration(
                port: 0, scale: scale, seed: 7, rateLimit: limit, now: "2026-06-15 12:00:00"))
        try await simulator.whileRunning { url in try await body(World(url: url, pool: pool)) }
    }

    @Test("the first sync brings everything, the second writes nothing")
    func wholeShop() async throws {
        try await withWorld { world in
            let report = try await world.sync()
            #expect(report.warnings == [])
            #expect(report.totals.written.rejected == 0)
            let counts = try await world.status()
            for type in EntityType.documents {
                let stored = try world.pool.value(
                    "SELECT count(*) FROM shop.document WHERE kind = $1", [.text(type.rawValue)])
                #expect(stored == counts[type.rawValue].map(String.init), "\(type)")
            }
            for type in EntityType.items {
                let stored = try world.pool.value(
                    "SELECT count(*) FROM shop.product WHERE type = $1", [.text(type.rawValue)])
                #expect(stored == counts[type.rawValue].map(String.init), "\(type)")
            }
            #expect(
                try world.pool.value(
                    "SELECT count(*) FROM shop.counterparty WHERE agent_type = 'counterparty'")
                    == counts["counterparty"].map(String.init))
            #expect(
                try world.pool.value("SELECT count(*) FROM shop.document_line")
                    == counts["lines"].map(String.init))
            #expect(try world.pool.value("SELECT count(*) FROM shop.document_sum_difference") == "0")
            #expect(
                try world.pool.value(
                    """
                    SELECT count(*) FROM shop.document d WHERE d.sum <> coalesce(
                        (SELECT sum(l.sum) FROM shop.document_line l WHERE l.document_id = d.id), 0)
                    """) == "0")
            #expect(
                try world.pool.value("SELECT count(*) FROM shop.counterparty WHERE name = ''") == "0",
                "no placeholder is left")
            #expect(try world.pool.value("SELECT count(*) > 0 FROM shop.stock_level") == "t")
            let second = try await world.sync()
            #expect(second.totals.written == WriteCounts())
            #expect(second.totals.objectsDeleted == 0)
            #expect(second.totals.requests < 45, "an unchanged shop is cheap")
        }
    }

    @Test("edited, new and deleted objects are in step after the next sync")
    func changes() async throws {
        try await withWorld { world in
            _ = try await world.sync()
            let rows = try world.pool.rows(
                "SELECT uid FROM shop.document WHERE kind = 'demand' ORDER BY uid LIMIT 3")
            let ids = rows.compactMap { $0["uid"] }
            let product = try #require(
                try world.pool.value("SELECT uid FROM shop.product WHERE type = 'product' LIMIT 1"))
            try await world.send("PUT", "entity/demand/\(ids[0])", #"{"applicable": false}"#)
            try await world.send("DELETE", "entity/demand/\(ids[1])")
            try await world.send("PUT", "entity/product/\(product)", #"{"name": "Новое имя"}"#)
            let report = try await world.sync()
            #expect(report.warnings == [])
            #expect(report.totals.objectsDeleted == 1)
            #expect(
                try world.pool.value(
                    "SELECT applicable FROM shop.document WHERE uid = $1::uuid", [.text(ids[0])]) == "f")
            #expect(
                try world.pool.value(
                    "SELECT bool_and(NOT l.applicable) FROM shop.document_line l JOIN shop.document d ON "
                        + "d.id = l.document_id "
                        + "WHERE d.uid = $1::uuid", [.text(ids[0])]) == "t")
            #expect(
                try world.pool.value(
                    "SELECT deleted FROM shop.document WHERE uid = $1::uuid", [.text(ids[1])]) == "t")
            #expect(
                try world.pool.value(
                    "SELECT bool_and(l.deleted) FROM shop.document_line l JOIN shop.document d ON d.id = "
                        + "l.document_id "
                        + "WHERE d.uid = $1::uuid", [.text(ids[1])]) == "t")
            #expect(
                try world.pool.value(
                    "SELECT deleted_at IS NOT NULL FROM moysklad.object WHERE id = $1::uuid", [.text(ids[1])])
                    == "t")
            #expect(
                try world.pool.value("SELECT name FROM shop.product WHERE uid = $1::uuid", [.text(product)])
                    == "Новое имя")
            #expect(try world.pool.value("SELECT count(*) FROM shop.document WHERE deleted") == "1")
        }
    }

    @Test("a sync that is cut off again and again ends equal to one that was not")
    func resumed() async throws {
        try await withWorld { world in
            _ = try await world.sync()
            let expected = try world.fingerprint()
            let other = World(url: world.url, pool: try TestRecord.make())
            var cuts = 0
            while cuts < 40 {
                let limit = cuts * 60
                let (stop, signal) = AsyncStream<Void>.makeStream()
                let task = Task { try await other.sync { if $0.objectsDone > limit { signal.yield() } } }
                let watch = Task {
                    for await _ in stop {
                        task.cancel()
                        return
                    }
                }
                let outcome = await task.result
                signal.finish()
                _ = await watch.result
                if case .success = outcome { break }
                cuts += 1
            }
            #expect(cuts > 3, "it was cut off")
            _ = try await other.sync()
            #expect(try other.fingerprint() == expected)
            #expect(
                try other.pool.value("SELECT count(*) FROM moysklad.sync_run WHERE state = 'running'") == "0")
        }
    }

    @Test("faults of every kind on the way do no harm")
    func faults() async throws {
        try await withWorld { world in
            _ = try await world.sync()
            let expected = try world.fingerprint()
            let other = World(url: world.url, pool: try TestRecord.make())
            let control = world.url.replacingOccurrences(of: "/api/remap/1.2", with: "/simulator/faults")
            let kinds = [
                "serverError", "maintenance", "badGateway", "truncated", "reset", "emptyBody",
                "parallelLimit",
            ]
            for (index, kind) in kinds.enumerated() {
                try await world.send(
                    "POST", control, #"{"kind": "\#(kind)", "count": 2, "skip": \#(index * 5)}"#)
            }
            let report = try await other.sync()
            #expect(report.warnings == [])
            #expect(try other.fingerprint() == expected)
        }
    }

    @Test("a token that is revoked in the middle ends the sync with a clear word, and nothing is lost")
    func revoked() async throws {
        try await withWorld { world in
            let control = world.url.replacingOccurrences(of: "/api/remap/1.2", with: "/simulator/faults")
            try await world.send("POST", control, #"{"kind": "unauthorized", "count": 1, "skip": 20}"#)
            await #expect(throws: IngestError.self) { try await world.sync() }
            #expect(try world.pool.value("SELECT state FROM moysklad.sync_run") == "failed")
            #expect(try world.pool.value("SELECT message LIKE '%token%' FROM moysklad.sync_run") == "t")
            _ = try await world.sync()
            #expect(
                try world.pool.value("SELECT count(*) FROM shop.document_line")
                    == (try await world.status())["lines"].map(String.init))
        }
    }

    @Test("a large part of a type that vanishes at once is not believed until that is allowed")
    func massDeletion() async throws {
        try await withWorld { world in
            _ = try await world.sync()
            let ids = try world.pool.rows("SELECT uid FROM shop.document WHERE kind = 'demand' ORDER BY uid")
                .compactMap { $0["uid"] }
            let gone = ids.prefix(ids.count * 7 / 10)
            #expect(gone.count > 50)
            let metas = gone.map {
                #"{"meta": {"href": "\#(world.url)/entity/demand/\#($0)", "type": "demand"}}"#
            }
            try await world.send("POST", "entity/demand/delete", "[" + metas.joined(separator: ",") + "]")
            let careful = try await world.sync()
            #expect(careful.totals.objectsDeleted == 0)
            #expect(careful.warnings.count == 1 && careful.warnings[0].contains("demand"))
            let allowed = try await world.sync(options: SyncOptions(allowsMassDeletion: true))
            #expect(allowed.totals.objectsDeleted == gone.count)
            #expect(allowed.warnings == [])
            let left = try world.pool.value(
                "SELECT count(*) FROM shop.document WHERE kind = 'demand' AND NOT deleted")
            #expect(left == "\(ids.count - gone.count)")
        }
    }

    @Test("progress counts up to its total")
    func progress() async throws {
        try await withWorld { world in
            let (states, signal) = AsyncStream<SyncProgress>.makeStream()
            let report = try await world.sync { signal.yield($0) }
            signal.finish()
            var last: SyncProgress?
            for await state in states {
                #expect(state.objectsDone >= last?.objectsDone ?? 0)
                #expect(state.objectsDone <= state.objectsTotal && state.typeDone <= state.typeTotal)
                last = state
            }
            #expect(last?.type == "stock")
            #expect(last?.objectsDone == report.totals.objectsRead)
        }
    }
}
