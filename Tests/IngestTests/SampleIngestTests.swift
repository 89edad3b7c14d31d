import Foundation
import Moysklad
import Postgres
import SystemOfRecord
import Testing

@testable import Ingest

@Suite("Payloads of the documentation, through the record and back")
struct SampleIngestTests {
    private static let account = UUID()

    /// Every sample of a type that is read.
    static let samples: [(file: String, type: EntityType)] = [
        ("product", .product), ("product_single", .product), ("spec_product_full", .product),
        ("expand_product_owner_group", .product), ("variant", .variant), ("spec_variant_full", .variant),
        ("service", .service), ("productfolder", .productfolder), ("counterparty", .counterparty),
        ("spec_counterparty_full", .counterparty), ("organization", .organization), ("store", .store),
        ("employee", .employee), ("context_employee", .employee), ("currency", .currency),
        ("pricetype", .pricetype),
        ("project", .project), ("country", .country), ("search_country", .country), ("group", .group),
        ("customerorder", .customerorder), ("customerorder_single", .customerorder),
        ("paging_customerorder", .customerorder), ("spec_customerorder_full", .customerorder),
        ("demand", .demand),
        ("spec_demand_full", .demand), ("retaildemand", .retaildemand),
        ("spec_retaildemand_full", .retaildemand),
    ]

    /// Documents as they come without `expand`: their positions are put in from the samples of positions.
    private func objects(_ file: String, _ type: EntityType) throws -> [JSONValue] {
        let objects = try Samples.objects(file)
        guard type.isDocument else { return objects }
        let positions = try Samples.bytes(
            type == .customerorder
                ? "customerorder_positions" : type == .demand ? "demand_positions" : "retaildemand_positions")
        return try objects.map { object in
            guard let size = object["positions"]?["meta"]?["size"]?.numberText,
                object["positions"]?["rows"] == nil,
                let count = ExactDecimal(size)?.wholeNumber, count > 0
            else { return object }
            let rows = try JSONDocument(positions).root["rows"]?.elements.prefix(Int(count)) ?? []
            // Every document has positions of its own.
            let texts = rows.enumerated().map { index, row in
                var text = String(decoding: row.content, as: UTF8.self)
                if let id = row["id"]?.string {
                    text = text.replacingOccurrences(of: id, with: UUID().lowercased)
                }
                return text
            }
            guard texts.count == count else { return object }
            var text = String(decoding: object.content, as: UTF8.self)
            let place = try #require(text.range(of: #""positions""#))
            let meta = try #require(text.range(of: "}", range: place.upperBound..<text.endIndex))
            text.insert(contentsOf: ", \"rows\": [\(texts.joined(separator: ","))]", at: meta.upperBound)
            return try JSONDocument(Array(text.utf8)).root
        }
    }

    @Test("nothing is lost: the raw object is equal, none is rejected", arguments: samples)
    func rawEquality(file: String, type: EntityType) async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: Self.account)
        let fetcher = PageFetcher(client: try Self.client(), placeNames: [:])
        let all = try objects(file, type)
        let fetched = fetcher.ready(all, type: type, size: nil)
        let incomplete = type.isDocument ? fetched.page.rejected.filter { $0.field == "positions" }.count : 0
        #expect(fetched.page.rejected.count == incomplete)
        try await record.write(fetched.page)
        for object in fetched.objects {
            let id = try #require(PageFetcher.id(object))
            if fetched.page.rejected.contains(where: { $0.id == id }) { continue }
            let equal = try pool.value(
                "SELECT payload = $2::jsonb FROM moysklad.object WHERE id = $1::uuid",
                [.text(id.uuidString), .text(String(decoding: object.content, as: UTF8.self))])
            #expect(equal == "t")
        }
        #expect(try await record.write(fetched.page) == WriteCounts(), "writing again changes nothing")
    }

    private static func client() throws -> MoyskladClient {
        try MoyskladClient(MoyskladConfiguration(baseURL: "http://127.0.0.1:9", credentials: .token("x")))
    }

    private func write(_ file: String, _ type: EntityType) async throws -> PostgresPool {
        let pool = try TestRecord.make()
        let fetcher = PageFetcher(client: try Self.client(), placeNames: [:])
        let fetched = fetcher.ready(try objects(file, type), type: type, size: nil)
        try await Record(pool: pool, account: Self.account).write(fetched.page)
        return pool
    }

    @Test(
        "documents are read back field by field",
        arguments: samples.filter { $0.type.isDocument && $0.file != "paging_customerorder" })
    func documents(file: String, type: EntityType) async throws {
        let pool = try await write(file, type)
        for raw in try Samples.dictionaries(file) {
            let found = try pool.rows(
                """
                SELECT d.*, o.uid AS organization, s.uid AS store, c.uid AS counterparty, t.uid AS state,
                    u.uid AS currency, p.uid AS project, h.uid AS channel, e.uid AS owner,
                    (d.sum * 100)::numeric(18,2) AS kopecks, trim_scale(d.paid_sum * 100) AS paid,
                    trim_scale(d.vat_sum * 100) AS vat_kopecks, trim_scale(d.shipped_sum * 100) AS shipped,
                    trim_scale(d.rate) AS rate_text
                FROM shop.document d LEFT JOIN shop.organization o ON o.id = d.organization_id
                LEFT JOIN shop.store s ON s.id = d.store_id LEFT JOIN shop.counterparty c ON c.id =
                    d.counterparty_id
                LEFT JOIN shop.state t ON t.id = d.state_id LEFT JOIN shop.currency u ON u.id = d.currency_id
                LEFT JOIN shop.project p ON p.id = d.project_id LEFT JOIN shop.sales_channel h ON h.id =
                    d.sales_channel_id
                LEFT JOIN shop.employee e ON e.id = d.employee_id WHERE d.uid = $1::uuid
                """, [.text(raw.text("id") ?? "")])
            guard let row = found.first else {
                #expect(
                    raw.text("positions.meta.size") != nil,
                    "only a document without its positions may be missing")
                continue
            }
            #expect(row["kind"] == type.rawValue)
            #expect(row["number"] == raw.text("name"))
            #expect(LocalMoment((row["moment"] ?? "").utf8) == LocalMoment((raw.text("moment") ?? "").utf8))
            #expect(row["day"] == raw.text("moment").map { String($0.prefix(10)) })
            #expect(row["applicable"] == raw.text("applicable") ?? "t")
            #expect(Double(row["kopecks"] ?? "") == Double(raw.text("sum") ?? "0"))
            #expect(row["vat_kopecks"].flatMap(Double.init) == raw.text("vatSum").flatMap(Double.init))
            #expect(row["paid"].flatMap(Double.init) == raw.text("payedSum").flatMap(Double.init))
            #expect(row["shipped"].flatMap(Double.init) == raw.text("shippedSum").flatMap(Double.init))
            #expect(Double(row["rate_text"] ?? "") == Double(raw.text("rate.value") ?? "1"))
            #expect(row["deleted"] == (raw.text("deleted") == nil ? "f" : "t"))
            for (column, path) in [
                ("organization", "organization"), ("store", "store"), ("counterparty", "agent"),
                ("state", "state"),
                ("currency", "rate.currency"), ("project", "project"), ("channel", "salesChannel"),
                ("owner", "owner"),
            ] {
                #expect(row[column] == raw.id(path), "\(path)")
            }
        }
    }

    @Test(
        "lines are read back field by field",
        arguments: ["spec_customerorder_full", "spec_demand_full", "spec_retaildemand_full"])
    func lines(file: String) async throws {
        let type = try #require(Self.samples.first { $0.file == file }?.type)
        let pool = try await write(file, type)
        let raw = try #require(try Samples.dictionaries(file).first)
        let positions = (raw["positions"] as? [String: Any])?["rows"] as? [[String: Any]] ?? []
        #expect(!positions.isEmpty)
        for (index, position) in positions.enumerated() {
            let row = try #require(
                try pool.rows(
                    """
                    SELECT l.*, p.uid AS product, trim_scale(l.price * 100) AS kopecks,
                        trim_scale(l.quantity) AS amount,
                        trim_scale(l.discount) AS percent, trim_scale(l.shipped) AS shipped_text
                    FROM shop.document_line l JOIN shop.document d ON d.id = l.document_id
                    LEFT JOIN shop.product p ON p.id = l.product_id WHERE l.uid = $1::uuid AND d.uid =
                        $2::uuid
                    """, [.text(position.text("id") ?? ""), .text(raw.text("id") ?? "")]
                ).first)
            #expect(row["line_number"] == "\(index + 1)")
            #expect(row["product"] == position.id("assortment"))
            #expect(row["kopecks"].flatMap(Double.init) == position.text("price").flatMap(Double.init))
            #expect(row["amount"].flatMap(Double.init) == position.text("quantity").flatMap(Double.init))
            #expect(row["percent"].flatMap(Double.init) == position.text("discount").flatMap(Double.init))
            #expect(row["vat"] == position.text("vat"))
            #expect(row["shipped_text"].flatMap(Double.init) == position.text("shipped").flatMap(Double.init))
            #expect(row["kind"] == type.rawValue)
        }
    }

    @Test("items are read back field by field", arguments: samples.filter { $0.type.isItem })
    func items(file: String, type: EntityType) async throws {
        let pool = try await write(file, type)
        for raw in try Samples.dictionaries(file) {
            let row = try #require(
                try pool.rows(
                    """
                    SELECT i.*, f.uid AS folder, u.uid AS unit, s.uid AS supplier, m.uid AS parent,
                        trim_scale(i.buy_price * 100) AS buy, trim_scale(i.weight) AS weight_text,
                        trim_scale(i.volume) AS volume_text, (SELECT string_agg(trim_scale(value *
                            100)::text, ' '
                            ORDER BY p.id) FROM shop.product_price p WHERE p.product_id = i.id) AS prices
                    FROM shop.product i LEFT JOIN shop.product_folder f ON f.id = i.folder_id
                    LEFT JOIN shop.uom u ON u.id = i.uom_id LEFT JOIN shop.counterparty s ON s.id =
                        i.supplier_id
                    LEFT JOIN shop.product m ON m.id = i.parent_id WHERE i.uid = $1::uuid
                    """, [.text(raw.text("id") ?? "")]
                ).first)
            #expect(row["type"] == type.rawValue)
            for (column, path) in [
                ("name", "name"), ("code", "code"), ("article", "article"), ("external_code", "externalCode"),
                ("folder_path", "pathName"), ("archived", "archived"), ("description", "description"),
            ] {
                #expect(row[column] == raw.text(path) ?? (path == "archived" ? "f" : nil), "\(path)")
            }
            #expect(row["folder"] == raw.id("productFolder"))
            #expect(row["unit"] == raw.id("uom"))
            #expect(row["supplier"] == raw.id("supplier"))
            #expect(row["parent"] == raw.id("product"))
            #expect(row["buy"].flatMap(Double.init) == raw.text("buyPrice.value").flatMap(Double.init))
            #expect(row["weight_text"].flatMap(Double.init) == raw.text("weight").flatMap(Double.init))
            #expect(row["volume_text"].flatMap(Double.init) == raw.text("volume").flatMap(Double.init))
            let barcodes = (raw["barcodes"] as? [[String: String]])?.flatMap(\.values) ?? []
            #expect(Set(row["barcodes"]?.components(separatedBy: ", ") ?? []) == Set(barcodes))
            let priced = (raw["salePrices"] as? [[String: Any]] ?? []).filter { $0.id("priceType") != nil }
            #expect(
                (row["prices"]?.split(separator: " ").compactMap { Double($0) } ?? []).sorted()
                    == priced.compactMap { $0.text("value").flatMap(Double.init) }.sorted())
        }
    }

    @Test(
        "counterparties are read back field by field", arguments: ["counterparty", "spec_counterparty_full"])
    func counterparties(file: String) async throws {
        let pool = try await write(file, .counterparty)
        for raw in try Samples.dictionaries(file) {
            let row = try #require(
                try pool.rows(
                    """
                    SELECT c.*, s.uid AS state, e.uid AS owner FROM shop.counterparty c
                    LEFT JOIN shop.state s ON s.id = c.state_id LEFT JOIN shop.employee e ON e.id = c.owner_id
                    WHERE c.uid = $1::uuid
                    """, [.text(raw.text("id") ?? "")]
                ).first)
            for (column, path) in [
                ("name", "name"), ("company_type", "companyType"), ("inn", "inn"), ("kpp", "kpp"),
                ("phone", "phone"),
                ("email", "email"), ("legal_title", "legalTitle"), ("code", "code"),
                ("description", "description"),
            ] {
                #expect(row[column] == raw.text(path), "\(path)")
            }
            let tags = raw["tags"] as? [String] ?? []
            #expect(row["tags"] == (tags.isEmpty ? nil : tags.joined(separator: ", ")))
            #expect(row["state"] == raw.id("state"))
            #expect(row["owner"] == raw.id("owner"))
            #expect(row["city"] != nil || raw.text("actualAddressFull.city") == nil)
        }
    }

    @Test("directories are read back", arguments: samples.filter { !$0.type.isDocument && !$0.type.isItem })
    func directories(file: String, type: EntityType) async throws {
        let pool = try await write(file, type)
        let table = PageMapper.table(of: type).name
        // One sample names an id twice: the last counts.
        let all = try Samples.dictionaries(file)
        for (index, raw) in all.enumerated()
        where !all[(index + 1)...].contains(where: { $0.text("id") == raw.text("id") }) {
            let row = try #require(
                try pool.rows("SELECT * FROM \(table) WHERE uid = $1::uuid", [.text(raw.text("id") ?? "")])
                    .first)
            #expect(row["name"] == raw.text("name") ?? "")
            for (column, path) in [
                ("code", "code"), ("full_name", "fullName"), ("email", "email"), ("inn", "inn"),
                ("archived", "archived"),
            ] {
                guard row.keys.contains(column), let expected = raw.text(path) else { continue }
                #expect(row[column] == expected, "\(path)")
            }
        }
    }

    @Test(
        "the states of metadata are read back",
        arguments: ["customerorder_metadata", "counterparty_metadata"])
    func states(file: String) async throws {
        let pool = try TestRecord.make()
        let states = try #require(try JSONDocument(Samples.bytes(file)).root["states"]).elements
        try await Record(pool: pool, account: Self.account).write(
            PageMapper(type: .state, placeNames: [:]).page(states))
        let names = try pool.rows("SELECT name FROM shop.state").compactMap { $0["name"] }
        #expect(Set(names) == Set(states.compactMap { $0["name"]?.string }))
        #expect(!names.isEmpty)
    }

    @Test(
        "a payload that does not fit is rejected with its field, the rest goes on, and comes in once it fits")
    func rejected() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: Self.account)
        func project(_ id: UUID, _ name: String) throws -> JSONValue {
            try JSONDocument(Array(#"{"meta": {}, "id": "\#(id.lowercased)", "name": \#(name)}"#.utf8)).root
        }
        let (good, bad, null) = (UUID(), UUID(), UUID())
        let mapper = PageMapper(type: .project, placeNames: [:])
        let first = mapper.page([
            try project(good, #""a""#), try project(bad, "{}"), try project(null, #""\u0000""#),
        ])
        let counts = try await record.write(first)
        #expect(counts.rejected == 2 && counts.objects == 1)
        #expect(try await record.write(first) == WriteCounts())
        let rows = try pool.rows("SELECT object_id, field, reason FROM moysklad.rejected ORDER BY id")
        #expect(rows.map { $0["object_id"] } == [bad.lowercased, null.lowercased])
        #expect(rows.map { $0["field"] } == ["name", ""])
        try await record.write(mapper.page([try project(bad, #""b""#), try project(null, #""c""#)]))
        #expect(try pool.value("SELECT count(*) FROM moysklad.rejected") == "0")
        #expect(try pool.value("SELECT count(*) FROM shop.project") == "3")
    }
}
