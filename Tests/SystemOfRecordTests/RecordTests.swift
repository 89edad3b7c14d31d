import Foundation
import Postgres
import Testing

@testable import SystemOfRecord

@Suite("The record")
struct RecordTests {
    private let account = UUID()

    private func moment(_ second: Int64) -> RecordMoment { RecordMoment(microseconds: second * 1_000_000) }
    private func money(_ kopecks: Int64) -> FixedPoint { FixedPoint(units: kopecks * 100, scale: 4) }

    private func document(_ uid: UUID, sum: Int64 = 300, store: UUID? = nil) -> DocumentRow {
        var row = DocumentRow(uid: uid)
        row.kind = "demand"
        row.number = "00001"
        row.moment = moment(1_700_000_000)
        row.sum = money(sum)
        row.sumBase = money(sum)
        row.store = store.map { RecordReference(uid: $0, type: "store") }
        return row
    }

    private func line(_ uid: UUID, of document: UUID, product: UUID, number: Int64 = 1, sum: Int64 = 300)
        -> DocumentLineRow
    {
        var row = DocumentLineRow(uid: uid)
        row.document = RecordReference(uid: document, type: "demand")
        row.product = RecordReference(uid: product, type: "variant")
        row.lineNumber = number
        row.kind = "demand"
        row.moment = moment(1_700_000_000)
        row.quantity = FixedPoint(units: 3_000_000, scale: 6)
        row.price = FixedPoint(units: 100_000_000, scale: 8)
        row.sum = money(sum)
        row.sumBase = money(sum)
        return row
    }

    private func raw(_ id: UUID, _ json: String = "{}") -> RawObject {
        RawObject(id: id, updated: moment(5), payload: Array(json.utf8)[...])
    }

    @Test("every table of the star has one bigint column as its key, and precisions fit 64 bits")
    func schema() throws {
        let pool = try TestRecord.make()
        #expect(
            try pool.value(
                """
                SELECT string_agg(t.table_name, ', ') FROM information_schema.tables t WHERE
                    table_schema = 'shop'
                AND NOT EXISTS (
                    SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum =
                        i.indkey[0]
                    WHERE i.indrelid = format('shop.%I', t.table_name)::regclass AND i.indisprimary
                        AND i.indnatts = 1 AND a.atttypid = 'bigint'::regtype)
                """) == nil)
        #expect(
            try pool.value(
                "SELECT max(numeric_precision) FROM information_schema.columns WHERE table_schema = 'shop' "
                    + "AND data_type = 'numeric'") == "18")
    }

    @Test("every table that is written has the columns it is written with")
    func tables() throws {
        let pool = try TestRecord.make()
        let tables = [
            CurrencyRow.table, CountryRow.table, RegionRow.table, UnitRow.table, DepartmentRow.table,
            StateRow.table,
            PriceTypeRow.table, SalesChannelRow.table, ProjectRow.table, ProductFolderRow.table,
            EmployeeRow.table,
            OrganizationRow.table, StoreRow.table, CounterpartyRow.table, ProductRow.table, DocumentRow.table,
            DocumentLineRow.table,
        ]
        for table in tables {
            let columns = try pool.value(
                "SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute WHERE attrelid = "
                    + "$1::regclass "
                    + "AND attnum > 0 AND attname <> 'id'", [.text(table.name)])
            #expect(columns == table.columns.map(\.name).sorted().joined(separator: " "), "\(table.name)")
        }
    }

    @Test("writing a page again makes no new version of any row")
    func idempotence() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        var page = RecordPage(type: "demand")
        let (id, product) = (UUID(), UUID())
        page.add(
            document(id, store: UUID()), lines: [line(UUID(), of: id, product: product)], difference: nil)
        page.objects = [raw(id)]
        page.cursor = SyncCursor(watermark: moment(5), isComplete: true)
        let first = try await record.write(page)
        #expect(first.rows == 4 && first.objects == 1, "store, product, document, line")
        let versions = """
            SELECT string_agg(x::text, ' ') FROM (
                SELECT xmin x FROM shop.document UNION ALL SELECT xmin FROM shop.document_line
                UNION ALL SELECT xmin FROM moysklad.object UNION ALL SELECT xmin FROM moysklad.sync_cursor) v
            """
        let before = try pool.value(versions)
        #expect(try await record.write(page) == WriteCounts())
        #expect(
            try await Record(pool: pool, account: account).write(page) == WriteCounts(),
            "without what is remembered, too")
        #expect(try pool.value(versions) == before)
    }

    @Test("a reference to what has not come makes a row with its uid and type, filled when it comes")
    func placeholders() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        let (id, product) = (UUID(), UUID())
        var page = RecordPage(type: "demand")
        page.add(document(id), lines: [line(UUID(), of: id, product: product)], difference: nil)
        try await record.write(page)
        let key = try pool.value(
            "SELECT id FROM shop.product WHERE uid = $1::uuid AND type = 'variant' AND name = ''",
            [.text(product.uuidString)])
        #expect(key != nil)
        var later = RecordPage(type: "variant")
        var row = ProductRow(uid: product)
        row.type = "variant"
        row.name = "Чашка (красная)"
        later.add(row, prices: [])
        try await record.write(later)
        #expect(
            try pool.value("SELECT name FROM shop.product WHERE id = $1::bigint", [.optional(key)])
                == "Чашка (красная)")
        #expect(try pool.value("SELECT product_id FROM shop.document_line") == key)
    }

    @Test("lines that vanished from a document are deleted, those of others stay")
    func vanishedLines() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        let (first, second, product) = (UUID(), UUID(), UUID())
        let (kept, gone, other) = (UUID(), UUID(), UUID())
        var page = RecordPage(type: "demand")
        page.add(
            document(first),
            lines: [
                line(kept, of: first, product: product), line(gone, of: first, product: product, number: 2),
            ],
            difference: nil)
        page.add(document(second), lines: [line(other, of: second, product: product)], difference: nil)
        try await record.write(page)
        var edited = RecordPage(type: "demand")
        edited.add(
            document(first, sum: 100), lines: [line(kept, of: first, product: product, sum: 100)],
            difference: nil)
        let counts = try await record.write(edited)
        #expect(counts.rows == 3, "a document, a line and a line deleted")
        #expect(
            try pool.value("SELECT string_agg(uid::text, ' ' ORDER BY uid) FROM shop.document_line")
                == [kept, other].map { $0.uuidString.lowercased() }.sorted().joined(separator: " "))
        #expect(
            try pool.value("SELECT sum FROM shop.document WHERE uid = $1::uuid", [.text(first.uuidString)])
                == "1.0000")
    }

    @Test("a sum that its lines do not make is recorded, and forgotten when they do")
    func differences() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        let (id, product, lineID) = (UUID(), UUID(), UUID())
        var page = RecordPage(type: "demand")
        let lines = [line(lineID, of: id, product: product)]
        page.add(
            document(id, sum: 301), lines: lines,
            difference: SumDifference(document: id, documentSum: money(301), linesSum: money(300)))
        try await record.write(page)
        #expect(try pool.value("SELECT difference FROM shop.document_sum_difference") == "0.0100")
        #expect(try await record.write(page).rows == 0)
        var mended = RecordPage(type: "demand")
        mended.add(document(id, sum: 300), lines: lines, difference: nil)
        try await record.write(mended)
        #expect(try pool.value("SELECT count(*) FROM shop.document_sum_difference") == "0")
    }

    @Test("prices follow the item: changed, added, taken away")
    func prices() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        let (item, retail, wholesale) = (UUID(), UUID(), UUID())
        func price(_ type: UUID, _ rubles: Int64) -> ProductPriceRow {
            ProductPriceRow(
                product: item, priceType: RecordReference(uid: type, type: "pricetype"), currency: nil,
                value: FixedPoint(units: rubles * 100_000_000, scale: 8))
        }
        for (prices, expected) in [
            ([price(retail, 10), price(wholesale, 8)], "10.00000000 8.00000000"),
            ([price(retail, 11)], "11.00000000"),
            ([price(retail, 11), price(retail, 12)], "11.00000000"), ([], nil as String?),
        ] {
            var page = RecordPage(type: "product")
            page.add(ProductRow(uid: item), prices: prices)
            try await record.write(page)
            #expect(
                try pool.value(
                    "SELECT string_agg(value::text, ' ' ORDER BY value DESC) FROM shop.product_price")
                    == expected)
        }
    }

    @Test("texts of every kind come back as they were")
    func texts() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        let texts = [
            "", " ", "NULL", "null", "\"", "\\", "{}", "{a,b}", ",", "'", "a\nb\tc", "Ёжик 😀", "\\\"\\\\",
            "%s $1",
            String(repeating: "щ", count: 10_000),
        ]
        var page = RecordPage(type: "project")
        var uids: [UUID] = []
        for text in texts {
            var row = ProjectRow(uid: UUID())
            row.name = text
            row.code = text
            uids.append(row.uid)
            page.add(row)
        }
        var nothing = ProjectRow(uid: UUID())
        nothing.name = "nothing"
        page.add(nothing)
        try await record.write(page)
        for (uid, text) in zip(uids, texts) {
            #expect(
                try pool.value("SELECT name FROM shop.project WHERE uid = $1::uuid", [.text(uid.uuidString)])
                    == text)
        }
        #expect(try pool.value("SELECT code IS NULL FROM shop.project WHERE name = 'nothing'") == "t")
    }

    @Test("numbers and moments are written exactly")
    func numbers() throws {
        let numbers: [(Int64, Int, String)] = [
            (0, 0, "0"), (0, 4, "0.0000"), (1, 4, "0.0001"), (-1, 4, "-0.0001"), (12345, 2, "123.45"),
            (-12345, 4, "-1.2345"),
            (999_999_999_999_999_999, 8, "9999999999.99999999"), (7, 0, "7"),
            (.min, 4, "-922337203685477.5808"),
        ]
        for (units, scale, text) in numbers {
            #expect(ArrayText.text(FixedPoint(units: units, scale: scale)) == text)
        }
        let moments: [(Int64, String)] = [
            (0, "1970-01-01 00:00:00.000000"), (-1, "1969-12-31 23:59:59.999999"),
            (951_782_400_000_000, "2000-02-29 00:00:00.000000"),
            (1_700_000_000_123_456, "2023-11-14 22:13:20.123456"),
            (-62_135_596_800_000_000, "0001-01-01 00:00:00.000000"),
        ]
        for (microseconds, text) in moments {
            #expect(ArrayText.text(RecordMoment(microseconds: microseconds)) == text)
        }
    }

    @Test("what is gone is marked with its lines, and comes back when it is written again")
    func deletion() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        let id = UUID()
        var page = RecordPage(type: "demand")
        page.add(document(id), lines: [line(UUID(), of: id, product: UUID())], difference: nil)
        page.objects = [raw(id)]
        try await record.write(page)
        #expect(try await record.objectCount(type: "demand") == 1)
        #expect(
            try await record.markDeleted(type: "demand", table: DocumentRow.table, ids: [id, UUID()]) == 1)
        #expect(try await record.markDeleted(type: "demand", table: DocumentRow.table, ids: [id]) == 0)
        #expect(try await record.objectCount(type: "demand") == 0)
        #expect(
            try pool.value(
                "SELECT d.deleted AND l.deleted FROM shop.document d JOIN shop.document_line l ON "
                    + "l.document_id = d.id"
            ) == "t")
        try await record.write(page)
        #expect(try await record.knownObjects(type: "demand").live == [id])
        #expect(
            try pool.value(
                "SELECT d.deleted OR l.deleted FROM shop.document d JOIN shop.document_line l ON "
                    + "l.document_id = d.id"
            ) == "f")
    }

    @Test("a page that Postgres refuses leaves nothing behind")
    func atomicity() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        var page = RecordPage(type: "project")
        page.add(ProjectRow(uid: UUID()))
        page.objects = [raw(UUID(), "{")]
        page.cursor = SyncCursor(watermark: moment(1), isComplete: true)
        await #expect(throws: RecordError.self) { try await record.write(page) }
        #expect(try pool.value("SELECT count(*) FROM shop.project") == "0")
        #expect(try await record.cursors().isEmpty)
    }

    @Test("cursors come back as they were written")
    func cursors() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        for cursor in [
            SyncCursor(), SyncCursor(watermark: RecordMoment(microseconds: 1_700_000_000_123_000)),
            SyncCursor(watermark: moment(5), isComplete: true),
        ] {
            var page = RecordPage(type: "demand")
            page.cursor = cursor
            try await record.write(page)
            #expect(try await record.cursors() == ["demand": cursor])
        }
        #expect(try await Record(pool: pool, account: UUID()).cursors().isEmpty)
    }

    @Test("a run is begun and ended, one that never ended is abandoned")
    func runs() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        _ = try await record.beginRun()
        let second = try await record.beginRun()
        var totals = SyncTotals()
        totals.objectsRead = 7
        try await record.endRun(second, totals: totals, message: nil)
        #expect(
            try pool.value("SELECT string_agg(state || objects_read, ' ' ORDER BY id) FROM moysklad.sync_run")
                == "abandoned0 done7")
    }

    @Test("a day's stock follows the report; what is being counted keeps its last level")
    func stock() async throws {
        let pool = try TestRecord.make()
        let record = Record(pool: pool, account: account)
        let products = [UUID(), UUID(), UUID()]
        let store = UUID()
        func level(_ product: Int, _ stock: Int64?) -> StockLevelRow {
            StockLevelRow(
                product: RecordReference(uid: products[product], type: "product"),
                store: RecordReference(uid: store, type: "store"),
                stock: stock.map { FixedPoint(units: $0, scale: 0) }, reserve: FixedPoint(units: 0, scale: 0),
                inTransit: FixedPoint(units: 0, scale: 0))
        }
        let levels =
            "SELECT string_agg(trim_scale(stock)::text, ' ' ORDER BY stock) FROM shop.stock_level WHERE "
            + "day = $1::date"
        let (today, tomorrow) = (moment(1_700_000_000), moment(1_700_086_400))
        #expect(
            try await record.writeStock(day: today, levels: [level(0, 5), level(1, -2), level(2, 0)]) == 2)
        #expect(
            try await record.writeStock(day: today, levels: [level(0, 5), level(1, -2), level(2, 0)]) == 0)
        #expect(try pool.value(levels, ["2023-11-14"]) == "-2 5")
        #expect(try await record.writeStock(day: today, levels: [level(0, nil), level(1, 0)]) == 1)
        #expect(try pool.value(levels, ["2023-11-14"]) == "5")
        #expect(try await record.writeStock(day: tomorrow, levels: [level(0, nil), level(2, 1)]) == 2)
        #expect(try pool.value(levels, ["2023-11-15"]) == "1 5")
        #expect(try pool.value(levels, ["2023-11-14"]) == "5")
    }

    @Test("migrations that cannot be read are named")
    func migrations() throws {
        #expect(throws: RecordError.self) { try RecordMigrations.load(directory: "/nowhere/at/all") }
        let empty = FileManager.default.temporaryDirectory.appending(path: "ambar-empty-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: empty) }
        do {
            _ = try RecordMigrations.load(directory: empty.path)
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains(empty.path))
        }
        #expect(try RecordMigrations.load(directory: TestRecord.migrations).first?.file == "0001_record.sql")
    }
}
