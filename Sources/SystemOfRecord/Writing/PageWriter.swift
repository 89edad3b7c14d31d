import Foundation
import Postgres

/// Writes one page inside a transaction that its caller holds.
struct PageWriter {
    let connection: PostgresConnection
    let account: UUID
    /// Rows that are known to exist, by table: they need no placeholder.
    let known: [String: Set<UUID>]
    private(set) var counts = WriteCounts()

    init(connection: PostgresConnection, account: UUID, known: [String: Set<UUID>]) {
        self.connection = connection
        self.account = account
        self.known = known
    }

    mutating func write(_ page: RecordPage) throws {
        for (table, uids) in page.references.sorted(by: { $0.key < $1.key }) {
            try addPlaceholders(table, uids)
        }
        for table in page.tables where table.rowCount > 0 {
            let arrays = table.finished().map { PostgresValue.text($0) }
            counts.rows += try connection.execute(table.table.upsert, arrays).affectedRows
        }
        try writeDocuments(page)
        try writePrices(page)
        try writeObjects(page)
        try writeRejected(page)
        if let cursor = page.cursor { try writeCursor(cursor, type: page.type) }
    }

    /// Rows for objects that have not come yet: the uid, the type where the table keeps one, no name.
    private mutating func addPlaceholders(_ table: String, _ uids: [UUID: String]) throws {
        let missing = uids.filter { !(known[table]?.contains($0.key) ?? false) }
        guard !missing.isEmpty else { return }
        let sorted = missing.sorted { $0.key.uuidString < $1.key.uuidString }
        let parameters: [PostgresValue] = [
            .text(ArrayText.of(sorted.map(\.key))), .array(sorted.map(\.value)),
        ]
        let sql: String
        switch table {
        case "shop.counterparty":
            // One of ours can stand opposite: its name is known from its own table.
            sql = """
                INSERT INTO shop.counterparty (uid, agent_type, name)
                SELECT v.uid, v.type, coalesce(o.name, e.name, '')
                FROM unnest($1::uuid[], $2::text[]) AS v(uid, type)
                LEFT JOIN shop.organization AS o ON o.uid = v.uid LEFT JOIN shop.employee AS e ON e.uid
                    = v.uid
                WHERE NOT EXISTS (SELECT FROM shop.counterparty AS c WHERE c.uid = v.uid)
                ON CONFLICT (uid) DO NOTHING
                """
        case "shop.product":
            sql = """
                INSERT INTO shop.product (uid, type)
                SELECT v.uid, v.type FROM unnest($1::uuid[], $2::text[]) AS v(uid, type)
                WHERE NOT EXISTS (SELECT FROM shop.product AS p WHERE p.uid = v.uid)
                ON CONFLICT (uid) DO NOTHING
                """
        default:
            sql = """
                INSERT INTO \(table) (uid)
                SELECT v.uid FROM unnest($1::uuid[], $2::text[]) AS v(uid, type)
                WHERE NOT EXISTS (SELECT FROM \(table) AS t WHERE t.uid = v.uid)
                ON CONFLICT (uid) DO NOTHING
                """
        }
        counts.rows += try connection.execute(sql, parameters).affectedRows
    }

    private mutating func writeDocuments(_ page: RecordPage) throws {
        guard !page.documents.isEmpty else { return }
        let documents = PostgresValue.text(ArrayText.of(page.documents))
        let lines = page.tables.first { $0.table.name == DocumentLineRow.table.name }?.uids ?? []
        counts.rows += try connection.execute(
            """
            DELETE FROM shop.document_line AS l USING shop.document AS d
            WHERE d.uid = ANY($1::uuid[]) AND l.document_id = d.id AND l.uid <> ALL($2::uuid[])
            """, [documents, .text(ArrayText.of(lines))]
        ).affectedRows
        counts.rows += try connection.execute(
            """
            DELETE FROM shop.document_sum_difference AS s USING shop.document AS d
            WHERE d.uid = ANY($1::uuid[]) AND s.document_id = d.id AND d.uid <> ALL($2::uuid[])
            """, [documents, .text(ArrayText.of(page.differences.map(\.document)))]
        ).affectedRows
        guard !page.differences.isEmpty else { return }
        counts.rows += try connection.execute(
            """
            INSERT INTO shop.document_sum_difference AS t (document_id, document_sum, lines_sum, difference)
            SELECT d.id, v.document_sum, v.lines_sum, v.document_sum - v.lines_sum
            FROM unnest($1::uuid[], $2::numeric[], $3::numeric[]) AS v(uid, document_sum, lines_sum)
            JOIN shop.document AS d ON d.uid = v.uid
            ON CONFLICT (document_id) DO UPDATE SET document_sum = excluded.document_sum,
                lines_sum = excluded.lines_sum, difference = excluded.difference
            WHERE (t.document_sum, t.lines_sum) IS DISTINCT FROM (excluded.document_sum, excluded.lines_sum)
            """,
            [
                .text(ArrayText.of(page.differences.map(\.document))),
                .array(page.differences.map { ArrayText.text($0.documentSum) }),
                .array(page.differences.map { ArrayText.text($0.linesSum) }),
            ]
        ).affectedRows
    }

    private mutating func writePrices(_ page: RecordPage) throws {
        guard !page.products.isEmpty else { return }
        // An item may name a price type twice; the statement may touch a row once.
        var prices: [ProductPriceRow] = []
        var seen: Set<[UUID]> = []
        for price in page.prices where seen.insert([price.product, price.priceType.uid]).inserted {
            prices.append(price)
        }
        let arrays: [PostgresValue] = [
            .text(ArrayText.of(prices.map(\.product))), .text(ArrayText.of(prices.map(\.priceType.uid))),
        ]
        counts.rows += try connection.execute(
            """
            DELETE FROM shop.product_price AS p USING shop.product AS i
            WHERE i.uid = ANY($3::uuid[]) AND p.product_id = i.id AND NOT EXISTS (
                SELECT FROM unnest($1::uuid[], $2::uuid[]) AS v(product, price_type)
                JOIN shop.price_type AS t ON t.uid = v.price_type
                WHERE v.product = i.uid AND t.id = p.price_type_id)
            """, arrays + [.text(ArrayText.of(page.products))]
        ).affectedRows
        guard !prices.isEmpty else { return }
        counts.rows += try connection.execute(
            """
            INSERT INTO shop.product_price AS t (product_id, price_type_id, currency_id, value)
            SELECT i.id, p.id, c.id, v.value
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::numeric[]) AS v(product, price_type,
                currency, value)
            JOIN shop.product AS i ON i.uid = v.product JOIN shop.price_type AS p ON p.uid = v.price_type
            LEFT JOIN shop.currency AS c ON c.uid = v.currency
            ON CONFLICT (product_id, price_type_id) DO UPDATE SET currency_id = excluded.currency_id,
                value = excluded.value
            WHERE (t.currency_id, t.value) IS DISTINCT FROM (excluded.currency_id, excluded.value)
            """,
            arrays + [
                .array(prices.map { $0.currency.map { ArrayText.text($0.uid) } }),
                .array(prices.map { ArrayText.text($0.value) }),
            ]
        ).affectedRows
    }

    private mutating func writeObjects(_ page: RecordPage) throws {
        guard !page.objects.isEmpty else { return }
        var ids = [UInt8(ascii: "{")]
        var moments = ids
        var payloads = ids
        payloads.reserveCapacity(page.objects.reduce(0) { $0 + $1.payload.count * 5 / 4 })
        for (index, object) in page.objects.enumerated() {
            if index > 0 {
                ids.append(UInt8(ascii: ","))
                moments.append(UInt8(ascii: ","))
                payloads.append(UInt8(ascii: ","))
            }
            ArrayText.append(object.id, to: &ids)
            if let updated = object.updated {
                ArrayText.append(updated, to: &moments)
            } else {
                moments.append(contentsOf: "NULL".utf8)
            }
            ArrayText.append(quoted: object.payload, to: &payloads)
        }
        let arrays = [ids, moments, payloads].map {
            PostgresValue.text(String(decoding: $0 + [UInt8(ascii: "}")], as: UTF8.self))
        }
        counts.objects += try connection.execute(
            """
            INSERT INTO moysklad.object AS t (account, type, id, updated, payload)
            SELECT $1::uuid, $2::text, v.id, v.updated, v.payload
            FROM unnest($3::uuid[], $4::timestamp[], $5::jsonb[]) AS v(id, updated, payload)
            ON CONFLICT (account, type, id) DO UPDATE SET updated = excluded.updated, payload =
                excluded.payload,
                deleted_at = NULL
            WHERE t.deleted_at IS NOT NULL OR t.payload IS DISTINCT FROM excluded.payload
                OR t.updated IS DISTINCT FROM excluded.updated
            """, [.text(account.uuidString), .text(page.type)] + arrays
        ).affectedRows
        // What fits now was perhaps rejected before.
        try connection.execute(
            "DELETE FROM moysklad.rejected WHERE account = $1::uuid AND type = $2 AND object_id = "
                + "ANY($3::uuid[])",
            [.text(account.uuidString), .text(page.type), arrays[0]])
    }

    private mutating func writeRejected(_ page: RecordPage) throws {
        for rejected in page.rejected {
            let values: [PostgresValue] = [
                .text(account.uuidString), .text(page.type), .optional(rejected.id?.uuidString),
                .text(rejected.field),
                .text(rejected.reason), .text(rejected.payload.filter { $0 != "\0" }),
            ]
            if rejected.id != nil {
                counts.rejected += try connection.execute(
                    """
                    INSERT INTO moysklad.rejected AS t (account, type, object_id, field, reason, payload)
                    VALUES ($1::uuid, $2, $3::uuid, $4, $5, $6)
                    ON CONFLICT (account, type, object_id) WHERE object_id IS NOT NULL
                    DO UPDATE SET field = excluded.field, reason = excluded.reason, payload =
                        excluded.payload,
                        at = now()
                    WHERE (t.field, t.reason, t.payload) IS DISTINCT FROM
                        (excluded.field, excluded.reason, excluded.payload)
                    """, values
                ).affectedRows
            } else {
                counts.rejected += try connection.execute(
                    """
                    INSERT INTO moysklad.rejected (account, type, object_id, field, reason, payload)
                    SELECT $1::uuid, $2, $3::uuid, $4, $5, $6 WHERE NOT EXISTS (
                        SELECT FROM moysklad.rejected WHERE account = $1::uuid AND type = $2 AND
                            object_id IS NULL
                            AND field = $4 AND reason = $5 AND payload = $6)
                    """, values
                ).affectedRows
            }
        }
    }

    private func writeCursor(_ cursor: SyncCursor, type: String) throws {
        try connection.execute(
            """
            INSERT INTO moysklad.sync_cursor AS t (account, type, watermark, complete)
            VALUES ($1::uuid, $2, $3::timestamp, $4::boolean)
            ON CONFLICT (account, type) DO UPDATE SET watermark = excluded.watermark, complete =
                excluded.complete,
                changed_at = now()
            WHERE (t.watermark, t.complete) IS DISTINCT FROM (excluded.watermark, excluded.complete)
            """,
            [
                .text(account.uuidString), .text(type),
                .optional(cursor.watermark.map { ArrayText.text($0) }),
                .bool(cursor.isComplete),
            ])
    }
}
