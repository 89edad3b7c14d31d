import Foundation
import Postgres

/// The level of an item in a store; nil where it is being recalculated.
public struct StockLevelRow: Sendable, Hashable {
    public var product: RecordReference
    public var store: RecordReference
    public var stock: FixedPoint?
    public var reserve: FixedPoint?
    public var inTransit: FixedPoint?

    public init(
        product: RecordReference, store: RecordReference, stock: FixedPoint?, reserve: FixedPoint?,
        inTransit: FixedPoint?
    ) {
        self.product = product
        self.store = store
        self.stock = stock
        self.reserve = reserve
        self.inTransit = inTransit
    }
}

extension Record {
    private static let rowsPerStatement = 10_000

    /// Replaces the levels of a day by a complete report, in one transaction. Where a number is being
    /// recalculated, the last known one stays; levels of nothing are not kept.
    ///
    /// - Returns: Rows written or deleted.
    public func writeStock(day: RecordMoment, levels: [StockLevelRow]) async throws(RecordError) -> Int {
        try await transaction { connection in
            let dayText = PostgresValue.text(ArrayText.text(day))
            try Self.stage(levels, on: connection)
            try connection.executeScript(
                """
                INSERT INTO shop.product (uid, type)
                SELECT DISTINCT ON (product) product, product_type FROM pg_temp.stock_report AS v
                WHERE NOT EXISTS (SELECT FROM shop.product AS p WHERE p.uid = v.product) ON CONFLICT DO
                    NOTHING;
                INSERT INTO shop.store (uid) SELECT DISTINCT store FROM pg_temp.stock_report AS v
                WHERE NOT EXISTS (SELECT FROM shop.store AS s WHERE s.uid = v.store) ON CONFLICT DO NOTHING
                """)
            try connection.executeScript(
                """
                CREATE TEMP TABLE stock_known ON COMMIT DROP AS
                SELECT p.id AS product_id, s.id AS store_id, coalesce(v.stock, k.stock, 0) AS stock,
                    coalesce(v.reserve, k.reserve, 0) AS reserve, coalesce(v.in_transit, k.in_transit,
                        0) AS in_transit
                FROM pg_temp.stock_report AS v JOIN shop.product AS p ON p.uid = v.product
                JOIN shop.store AS s ON s.uid = v.store
                LEFT JOIN LATERAL (
                    SELECT l.stock, l.reserve, l.in_transit FROM shop.stock_level AS l
                    WHERE (v.stock IS NULL OR v.reserve IS NULL OR v.in_transit IS NULL)
                        AND l.product_id = p.id AND l.store_id = s.id
                    ORDER BY l.day DESC LIMIT 1) AS k ON true
                """)
            let deleted = try connection.execute(
                """
                DELETE FROM shop.stock_level AS l WHERE l.day = $1::date AND NOT EXISTS (
                    SELECT FROM pg_temp.stock_known AS k WHERE k.product_id = l.product_id AND
                        k.store_id = l.store_id
                        AND (k.stock, k.reserve, k.in_transit) <> (0, 0, 0))
                """, [dayText]
            ).affectedRows
            let written = try connection.execute(
                """
                INSERT INTO shop.stock_level AS t (day, product_id, store_id, stock, reserve, in_transit)
                SELECT $1::date, product_id, store_id, stock, reserve, in_transit FROM pg_temp.stock_known
                WHERE (stock, reserve, in_transit) <> (0, 0, 0)
                ON CONFLICT (day, product_id, store_id) DO UPDATE SET stock = excluded.stock,
                    reserve = excluded.reserve, in_transit = excluded.in_transit
                WHERE (t.stock, t.reserve, t.in_transit) <> (excluded.stock, excluded.reserve,
                    excluded.in_transit)
                """, [dayText]
            ).affectedRows
            return deleted + written
        }
    }

    private static func stage(_ levels: [StockLevelRow], on connection: PostgresConnection) throws {
        try connection.executeScript(
            """
            CREATE TEMP TABLE stock_report (product uuid, product_type text, store uuid, stock numeric,
                reserve numeric, in_transit numeric, PRIMARY KEY (product, store)) ON COMMIT DROP
            """)
        var start = 0
        while start < levels.count {
            let rows = levels[start..<min(levels.count, start + rowsPerStatement)]
            start += rows.count
            func numbers(_ field: (StockLevelRow) -> FixedPoint?) -> PostgresValue {
                .array(rows.map { field($0).map { ArrayText.text($0) } })
            }
            try connection.execute(
                """
                INSERT INTO pg_temp.stock_report
                SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::numeric[], $5::numeric[],
                    $6::numeric[])
                ON CONFLICT DO NOTHING
                """,
                [
                    .text(ArrayText.of(rows.map(\.product.uid))), .array(rows.map(\.product.type)),
                    .text(ArrayText.of(rows.map(\.store.uid))), numbers(\.stock), numbers(\.reserve),
                    numbers(\.inTransit),
                ])
        }
    }
}
