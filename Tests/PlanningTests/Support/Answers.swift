// Generated table: queries over the shop with the rows that PostgreSQL 15 gives for them.

enum Answers {
    struct Answer: Sendable {
        var sql: String
        var rows: [String]
    }

    static let all: [Answer] = [
        Answer(
            sql: """
                SELECT 1 + 2 * 3, 7 / 2, -7 % 3, 7 / 2.0, 'a' || 'b', NULL IS NULL
                """,
            rows: [
                "7|3|-1|3.5000000000000000|ab|t"
            ]),
        Answer(
            sql: """
                SELECT name, region FROM city WHERE region IS NOT NULL ORDER BY name DESC
                """,
            rows: [
                "Тула|Центр",
                "Москва|Центр",
                "Казань|Поволжье",
            ]),
        Answer(
            sql: """
                SELECT * FROM city ORDER BY id LIMIT 2 OFFSET 1
                """,
            rows: [
                "2|Казань|Поволжье",
                "3|Омск|∅",
            ]),
        Answer(
            sql: """
                SELECT c.name, s.sum FROM sale s JOIN city c ON c.id = s.city_id WHERE s.sum > 700 ORDER \
                BY s.sum, 1
                """,
            rows: [
                "Москва|700.50",
                "Казань|750.00",
                "Казань|802.50",
                "Омск|1401.00",
            ]),
        Answer(
            sql: """
                SELECT c.name, count(*), sum(s.sum) AS total FROM sale s LEFT JOIN city c ON c.id = \
                s.city_id GROUP BY c.name ORDER BY total DESC NULLS LAST
                """,
            rows: [
                "Омск|2|1851.00",
                "Казань|2|1552.50",
                "Москва|3|1321.50",
                "∅|1|150.00",
            ]),
        Answer(
            sql: """
                SELECT c.name, s.id FROM sale s RIGHT JOIN city c ON c.id = s.city_id AND s.sum > 400 \
                ORDER BY 1, 2
                """,
            rows: [
                "Казань|3",
                "Казань|4",
                "Москва|2",
                "Омск|5",
                "Омск|8",
                "Тула|∅",
            ]),
        Answer(
            sql: """
                SELECT c.name, s.id FROM city c FULL JOIN sale s ON c.id = s.city_id ORDER BY 1, 2
                """,
            rows: [
                "Казань|3",
                "Казань|4",
                "Москва|1",
                "Москва|2",
                "Москва|7",
                "Омск|5",
                "Омск|8",
                "Тула|∅",
                "∅|6",
            ]),
        Answer(
            sql: """
                SELECT a.id, b.id FROM city a CROSS JOIN city b WHERE a.id < b.id ORDER BY 1, 2
                """,
            rows: [
                "1|2",
                "1|3",
                "1|4",
                "2|3",
                "2|4",
                "3|4",
            ]),
        Answer(
            sql: """
                SELECT a.id, b.id FROM city a LEFT JOIN city b ON a.id > b.id + 1 ORDER BY 1, 2
                """,
            rows: [
                "1|∅",
                "2|∅",
                "3|1",
                "4|1",
                "4|2",
            ]),
        Answer(
            sql: """
                SELECT date_trunc('month', moment) AS month, sum(sum) FROM sale GROUP BY month ORDER BY \
                month
                """,
            rows: [
                "2024-01-01 00:00:00|1000.50",
                "2024-02-01 00:00:00|1552.50",
                "2024-03-01 00:00:00|1551.00",
                "2024-12-01 00:00:00|321.00",
                "2025-01-01 00:00:00|450.00",
            ]),
        Answer(
            sql: """
                SELECT extract(year FROM day) AS y, count(DISTINCT product_id) FROM sale GROUP BY 1 \
                HAVING count(*) > 1 ORDER BY 1
                """,
            rows: [
                "2024|3"
            ]),
        Answer(
            sql: """
                SELECT day, day + 1, day - DATE '2024-01-01', day + INTERVAL '1 month' FROM sale WHERE \
                id = 2
                """,
            rows: [
                "2024-01-17|2024-01-18|16|2024-02-17 00:00:00"
            ]),
        Answer(
            sql: """
                SELECT id FROM sale WHERE day <= DATE '2024-03-31' - INTERVAL '30 days' ORDER BY id
                """,
            rows: [
                "1",
                "2",
                "3",
                "4",
            ]),
        Answer(
            sql: """
                SELECT id FROM sale WHERE moment >= '2024-02-29' AND moment < '2025-01-01' ORDER BY id
                """,
            rows: [
                "4",
                "5",
                "6",
                "7",
            ]),
        Answer(
            sql: """
                SELECT id FROM sale WHERE day BETWEEN '2024-01-10' AND '2024-02-29' ORDER BY id
                """,
            rows: [
                "2",
                "3",
                "4",
            ]),
        Answer(
            sql: """
                SELECT sum(sum) FILTER (WHERE paid), count(discount), min(day), max(moment), \
                avg(quantity) FROM sale
                """,
            rows: [
                "2124.00|5|2024-01-05|2025-01-01 00:00:01|3.5000000000000000"
            ]),
        Answer(
            sql: """
                SELECT CASE WHEN quantity > 4 THEN 'many' WHEN quantity > 1 THEN 'some' ELSE 'one' END \
                AS size, count(*) FROM sale GROUP BY size ORDER BY size
                """,
            rows: [
                "many|2",
                "one|2",
                "some|4",
            ]),
        Answer(
            sql: """
                SELECT name FROM product WHERE name LIKE 'К%' OR name ILIKE '%САХ%' ORDER BY name
                """,
            rows: [
                "Кофе",
                "Сахар",
            ]),
        Answer(
            sql: """
                SELECT name FROM product WHERE price NOT IN (150, 700.5)
                """,
            rows: [
                "Сахар"
            ]),
        Answer(
            sql: """
                SELECT id FROM sale WHERE city_id IN (SELECT id FROM city WHERE region = 'Центр') ORDER \
                BY id
                """,
            rows: [
                "1",
                "2",
                "7",
            ]),
        Answer(
            sql: """
                SELECT id FROM city WHERE id NOT IN (SELECT city_id FROM sale)
                """,
            rows: []),
        Answer(
            sql: """
                SELECT id FROM city WHERE id NOT IN (SELECT city_id FROM sale WHERE city_id IS NOT NULL)
                """,
            rows: [
                "4"
            ]),
        Answer(
            sql: """
                SELECT name FROM city c WHERE EXISTS (SELECT 1 FROM sale s WHERE s.city_id = c.id AND \
                s.quantity > 3) ORDER BY 1
                """,
            rows: [
                "Казань",
                "Москва",
            ]),
        Answer(
            sql: """
                SELECT name FROM city c WHERE NOT EXISTS (SELECT 1 FROM sale s WHERE s.city_id = c.id) \
                ORDER BY 1
                """,
            rows: [
                "Тула"
            ]),
        Answer(
            sql: """
                SELECT c.name, (SELECT sum(s.sum) FROM sale s WHERE s.city_id = c.id) FROM city c ORDER \
                BY 1
                """,
            rows: [
                "Казань|1552.50",
                "Москва|1321.50",
                "Омск|1851.00",
                "Тула|∅",
            ]),
        Answer(
            sql: """
                SELECT c.name, (SELECT count(*) + 1 FROM sale s WHERE s.city_id = c.id) FROM city c \
                ORDER BY 1
                """,
            rows: [
                "Казань|3",
                "Москва|4",
                "Омск|3",
                "Тула|1",
            ]),
        Answer(
            sql: """
                SELECT id, (SELECT name FROM city WHERE city.id = sale.city_id) FROM sale ORDER BY id
                """,
            rows: [
                "1|Москва",
                "2|Москва",
                "3|Казань",
                "4|Казань",
                "5|Омск",
                "6|∅",
                "7|Москва",
                "8|Омск",
            ]),
        Answer(
            sql: """
                SELECT id FROM sale s WHERE sum > (SELECT avg(sum) FROM sale t WHERE t.product_id = \
                s.product_id) ORDER BY id
                """,
            rows: [
                "3",
                "4",
                "5",
                "8",
            ]),
        Answer(
            sql: """
                SELECT id, sum - (SELECT min(sum) FROM sale) FROM sale ORDER BY id LIMIT 3
                """,
            rows: [
                "1|150.00",
                "2|550.50",
                "3|600.00",
            ]),
        Answer(
            sql: """
                SELECT id, city_id IN (SELECT id FROM city WHERE region = 'Центр'), EXISTS (SELECT 1 \
                FROM city) FROM sale ORDER BY id
                """,
            rows: [
                "1|t|t",
                "2|t|t",
                "3|f|t",
                "4|f|t",
                "5|f|t",
                "6|∅|t",
                "7|t|t",
                "8|f|t",
            ]),
        Answer(
            sql: """
                SELECT id, city_id NOT IN (SELECT city_id FROM sale WHERE id > 5) FROM sale ORDER BY id
                """,
            rows: [
                "1|f",
                "2|f",
                "3|∅",
                "4|∅",
                "5|f",
                "6|∅",
                "7|f",
                "8|f",
            ]),
        Answer(
            sql: """
                SELECT c.id, EXISTS (SELECT 1 FROM sale s WHERE s.city_id = c.id AND paid) FROM city c \
                ORDER BY 1
                """,
            rows: [
                "1|t",
                "2|t",
                "3|f",
                "4|f",
            ]),
        Answer(
            sql: """
                WITH t AS (SELECT city_id, sum(sum) AS total FROM sale GROUP BY city_id) SELECT c.name, \
                t.total FROM t JOIN city c ON c.id = t.city_id ORDER BY 2 DESC
                """,
            rows: [
                "Омск|1851.00",
                "Казань|1552.50",
                "Москва|1321.50",
            ]),
        Answer(
            sql: """
                WITH t AS (SELECT city_id, sum(sum) AS total FROM sale GROUP BY city_id) SELECT \
                a.city_id FROM t a JOIN t b ON a.total > b.total GROUP BY a.city_id ORDER BY count(*) \
                DESC, 1
                """,
            rows: [
                "3",
                "2",
                "1",
            ]),
        Answer(
            sql: """
                WITH a AS (SELECT 1 AS n), b AS MATERIALIZED (SELECT n + 1 AS m FROM a) SELECT * FROM a, \
                b
                """,
            rows: [
                "1|2"
            ]),
        Answer(
            sql: """
                SELECT city_id FROM sale UNION SELECT id FROM city ORDER BY 1
                """,
            rows: [
                "1",
                "2",
                "3",
                "4",
                "∅",
            ]),
        Answer(
            sql: """
                SELECT 'x', NULL UNION ALL SELECT 'y', 2 ORDER BY 1
                """,
            rows: [
                "x|∅",
                "y|2",
            ]),
        Answer(
            sql: """
                SELECT city_id FROM sale INTERSECT SELECT id FROM city WHERE id < 3 ORDER BY 1
                """,
            rows: [
                "1",
                "2",
            ]),
        Answer(
            sql: """
                SELECT id FROM city EXCEPT SELECT city_id FROM sale ORDER BY 1
                """,
            rows: [
                "4"
            ]),
        Answer(
            sql: """
                SELECT city_id FROM sale EXCEPT SELECT id FROM city
                """,
            rows: [
                "∅"
            ]),
        Answer(
            sql: """
                VALUES (1.5, 'a'), (2.5, NULL) ORDER BY 1 DESC
                """,
            rows: [
                "2.5|∅",
                "1.5|a",
            ]),
        Answer(
            sql: """
                SELECT column2, column1 * 2 FROM (VALUES (1, 'a'), (2, 'b')) AS v ORDER BY 1
                """,
            rows: [
                "a|2",
                "b|4",
            ]),
        Answer(
            sql: """
                SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (n, t) WHERE n > 1
                """,
            rows: [
                "2|b"
            ]),
        Answer(
            sql: """
                SELECT DISTINCT product_id, paid FROM sale ORDER BY 1, 2
                """,
            rows: [
                "10|f",
                "10|t",
                "10|∅",
                "11|t",
                "11|∅",
                "12|t",
            ]),
        Answer(
            sql: """
                SELECT DISTINCT region FROM city ORDER BY region NULLS FIRST
                """,
            rows: [
                "∅",
                "Поволжье",
                "Центр",
            ]),
        Answer(
            sql: """
                SELECT * FROM city JOIN (SELECT city_id AS id, count(*) AS sales FROM sale GROUP BY 1) s \
                USING (id) ORDER BY id
                """,
            rows: [
                "1|Москва|Центр|3",
                "2|Казань|Поволжье|2",
                "3|Омск|∅|2",
            ]),
        Answer(
            sql: """
                SELECT id, name, n FROM city NATURAL JOIN (SELECT 2 AS id, 5 AS n) x
                """,
            rows: [
                "2|Казань|5"
            ]),
        Answer(
            sql: """
                SELECT id, a.name FROM city a FULL JOIN (VALUES (4), (9)) b (id) USING (id) ORDER BY id
                """,
            rows: [
                "1|Москва",
                "2|Казань",
                "3|Омск",
                "4|Тула",
                "9|∅",
            ]),
        Answer(
            sql: """
                SELECT coalesce(region, name), nullif(region, 'Центр'), greatest(id, 2) FROM city ORDER \
                BY id
                """,
            rows: [
                "Центр|∅|2",
                "Поволжье|Поволжье|2",
                "Омск|∅|3",
                "Центр|∅|4",
            ]),
        Answer(
            sql: """
                SELECT quantity::text || ' шт', sum::integer, CAST(discount AS numeric(4,1)), '5'::int + \
                1, true::int FROM sale ORDER BY id LIMIT 2
                """,
            rows: [
                "2 шт|300|0.1|6|1",
                "1 шт|701|∅|6|1",
            ]),
        Answer(
            sql: """
                SELECT count(*) FROM sale WHERE paid IS NOT TRUE
                """,
            rows: [
                "4"
            ]),
        Answer(
            sql: """
                SELECT count(*) FROM sale WHERE discount IS DISTINCT FROM 0.1
                """,
            rows: [
                "6"
            ]),
        Answer(
            sql: """
                SELECT count(*) FROM sale WHERE NOT (discount > 0.1)
                """,
            rows: [
                "3"
            ]),
        Answer(
            sql: """
                SELECT (quantity, city_id) = (2, 1), (quantity, city_id) < (2, 3) FROM sale ORDER BY id \
                LIMIT 3
                """,
            rows: [
                "t|t",
                "f|t",
                "f|f",
            ]),
        Answer(
            sql: """
                SELECT id FROM sale WHERE (city_id, product_id) IN ((1, 10), (3, 11)) ORDER BY id
                """,
            rows: [
                "1",
                "5",
            ]),
        Answer(
            sql: """
                SELECT id FROM sale WHERE (city_id, quantity) IN (SELECT city_id, max(quantity) FROM \
                sale GROUP BY city_id) ORDER BY id
                """,
            rows: [
                "4",
                "7",
                "8",
            ]),
        Answer(
            sql: """
                SELECT product.name, sum(quantity) * price FROM sale JOIN product ON product.id = \
                product_id GROUP BY product.name, price ORDER BY 1
                """,
            rows: [
                "Кофе|2101.50",
                "Сахар|1123.50",
                "Чай|1650.00",
            ]),
        Answer(
            sql: """
                SELECT sum(quantity * price) / sum(quantity) FROM sale, product p WHERE p.id = \
                sale.product_id
                """,
            rows: [
                "174.1071428571428571"
            ]),
        Answer(
            sql: """
                SELECT count(*) FROM sale WHERE 1 = 0
                """,
            rows: [
                "0"
            ]),
        Answer(
            sql: """
                SELECT sum(sum), count(*) FROM sale WHERE false
                """,
            rows: [
                "∅|0"
            ]),
        Answer(
            sql: """
                SELECT max(n) FROM (SELECT city_id, count(*) AS n FROM sale GROUP BY city_id) AS t
                """,
            rows: [
                "3"
            ]),
        Answer(
            sql: """
                SELECT quantity / 3, quantity % 3, quantity * 1.5, quantity / 4.0::float8 FROM sale \
                WHERE id = 3
                """,
            rows: [
                "1|2|7.5|1.25"
            ]),
        Answer(
            sql: """
                SELECT region, count(*) FROM city GROUP BY region HAVING region = 'Центр' OR region IS \
                NULL ORDER BY 1
                """,
            rows: [
                "Центр|2",
                "∅|1",
            ]),
        Answer(
            sql: """
                SELECT upper(name), length(name), substring(name FROM 2 FOR 2), position('а' IN name) \
                FROM city ORDER BY id
                """,
            rows: [
                "МОСКВА|6|ос|6",
                "КАЗАНЬ|6|аз|2",
                "ОМСК|4|мс|0",
                "ТУЛА|4|ул|4",
            ]),
        Answer(
            sql: """
                SELECT p.folder, c.region, sum(s.sum) FROM sale s JOIN product p ON p.id = s.product_id \
                JOIN city c ON c.id = s.city_id WHERE s.day >= '2024-01-15' GROUP BY 1, 2 ORDER BY 3 \
                DESC LIMIT 3
                """,
            rows: [
                "Напитки|∅|1851.00",
                "∅|Поволжье|802.50",
                "Напитки|Поволжье|750.00",
            ]),
        Answer(
            sql: """
                SELECT count(*) FROM city a, city b, city c WHERE a.id = b.id AND b.id = c.id
                """,
            rows: [
                "4"
            ]),
        Answer(
            sql: """
                SELECT s.id FROM sale s LEFT JOIN city c ON c.id = s.city_id WHERE c.region = 'Центр' \
                ORDER BY 1
                """,
            rows: [
                "1",
                "2",
                "7",
            ]),
        Answer(
            sql: """
                SELECT s.id FROM sale s LEFT JOIN city c ON c.id = s.city_id WHERE c.id IS NULL ORDER BY \
                1
                """,
            rows: [
                "6"
            ]),
        Answer(
            sql: """
                SELECT id FROM sale WHERE (city_id = 1 AND quantity > 1) OR (city_id = 1 AND paid AND \
                sum > 500) ORDER BY id
                """,
            rows: [
                "1",
                "2",
                "7",
            ]),
        Answer(
            sql: """
                SELECT string_agg(name, ', ') FROM (SELECT name FROM city ORDER BY name) t
                """,
            rows: [
                "Казань, Москва, Омск, Тула"
            ]),
        Answer(
            sql: """
                SELECT bool_or(paid), bool_and(quantity > 0), count(*) FILTER (WHERE discount > 0) FROM \
                sale
                """,
            rows: [
                "t|t|4"
            ]),
        Answer(
            sql: """
                SELECT to_char(moment, 'YYYY-MM') AS m, round(avg(sum), 2) FROM sale GROUP BY 1 ORDER BY \
                1
                """,
            rows: [
                "2024-01|500.25",
                "2024-02|776.25",
                "2024-03|775.50",
                "2024-12|321.00",
                "2025-01|450.00",
            ]),
        Answer(
            sql: """
                SELECT length(name) FROM city GROUP BY length(name) ORDER BY length(name) + 0
                """,
            rows: [
                "4",
                "6",
            ]),
        Answer(
            sql: """
                SELECT id + 1 FROM city GROUP BY id + 1 HAVING id + 1 > 2 ORDER BY (id + 1) * -1
                """,
            rows: [
                "5",
                "4",
                "3",
            ]),
        Answer(
            sql: """
                SELECT city_id, sum(sum) FROM sale GROUP BY city_id HAVING sum(sum) > (SELECT avg(sum) \
                FROM sale) ORDER BY 1
                """,
            rows: [
                "1|1321.50",
                "2|1552.50",
                "3|1851.00",
            ]),
        Answer(
            sql: """
                SELECT sum FROM sale ORDER BY discount DESC, id LIMIT 3
                """,
            rows: [
                "700.50",
                "1401.00",
                "321.00",
            ]),
        Answer(
            sql: """
                SELECT id AS name FROM city ORDER BY name DESC LIMIT 1
                """,
            rows: [
                "4"
            ]),
        Answer(
            sql: """
                SELECT a.region FROM city a JOIN city b ON a.region = b.region GROUP BY a.region ORDER \
                BY 1
                """,
            rows: [
                "Поволжье",
                "Центр",
            ]),
        Answer(
            sql: """
                SELECT s.id FROM sale s WHERE NOT EXISTS (SELECT 1 FROM sale t WHERE t.city_id = \
                s.city_id AND t.id <> s.id) ORDER BY 1
                """,
            rows: [
                "6"
            ]),
        Answer(
            sql: """
                SELECT avg(sum)::numeric(12,4), stddev(quantity)::numeric(12,6), sum(discount) FROM sale
                """,
            rows: [
                "609.3750|2.976095|0.95"
            ]),
    ]
}
