// Generated table: queries over the shop with their plans.

enum PlanSnapshots {
    static let all: [(sql: String, plan: String)] = [
        (
            sql: """
            SELECT p.name, sum(s.sum) FROM city c, product p, sale s WHERE s.city_id = c.id AND p.id \
            = s.product_id AND c.name = 'Омск' GROUP BY p.name
            """,
            plan: """
            Aggregate by name: sum(sum)
              Hash join (inner) on product_id = id
                Hash join (inner) on city_id = id
                  Scan sale s: city_id, product_id, sum
                  Scan city c: id, name where (name = 'Омск')
                Scan product p: id, name
            """
        ),
        (
            sql: """
            SELECT count(*) FROM sale
            """,
            plan: """
            Aggregate: count(*)
              Scan sale
            """
        ),
        (
            sql: """
            SELECT c.name, count(s.id) FROM city c LEFT JOIN sale s ON s.city_id = c.id GROUP BY \
            c.name
            """,
            plan: """
            Aggregate by name: count(id)
              Hash join (right) on city_id = id
                Scan sale s: id, city_id
                Scan city c: id, name
            """
        ),
        (
            sql: """
            SELECT c.name FROM city c LEFT JOIN sale s ON s.city_id = c.id AND s.paid WHERE s.sum > \
            5 AND c.id < 3
            """,
            plan: """
            Project name
              Hash join (inner) on city_id = id
                Scan sale s: city_id, sum, paid where ((sum > 5.00) AND paid)
                Scan city c: id, name where (id < 3)
            """
        ),
        (
            sql: """
            SELECT name FROM city WHERE id IN (SELECT city_id FROM sale WHERE paid)
            """,
            plan: """
            Project name
              Hash join (right semi) on city_id = id
                Project city_id
                  Scan sale: city_id, paid where paid
                Scan city: id, name
            """
        ),
        (
            sql: """
            SELECT name FROM city WHERE id NOT IN (SELECT city_id FROM sale)
            """,
            plan: """
            Project name
              Hash join (null-aware anti) on id = city_id
                Scan city: id, name
                Scan sale: city_id
            """
        ),
        (
            sql: """
            SELECT name FROM city c WHERE NOT EXISTS (SELECT 1 FROM sale s WHERE s.city_id = c.id \
            AND s.sum > 100)
            """,
            plan: """
            Project name
              Hash join (right anti) on city_id = id
                Project city_id
                  Scan sale s: city_id, sum where (sum > 100.00)
                Scan city c: id, name
            """
        ),
        (
            sql: """
            SELECT c.name FROM city c WHERE 1000 < (SELECT sum(s.sum) FROM sale s WHERE s.city_id = \
            c.id)
            """,
            plan: """
            Project name
              Hash join (inner) on id = city_id
                Scan city c: id, name
                Filter (sum(sum) > 1000.00)
                  Aggregate by city_id: sum(sum)
                    Scan sale s: city_id, sum
            """
        ),
        (
            sql: """
            SELECT id FROM sale WHERE sum > (SELECT avg(sum) FROM sale)
            """,
            plan: """
            Project id
              Filter (sum::decimal(38,20) > (avg(sum)))
                Append scalar
                  Scan sale: id, sum
                  Aggregate: avg(sum)
                    Scan sale: sum
            """
        ),
        (
            sql: """
            SELECT n FROM (SELECT city_id AS n, sum(sum) AS total FROM sale GROUP BY city_id UNION \
            ALL SELECT id, 0 FROM city) u WHERE n = 3
            """,
            plan: """
            Union all
              Aggregate by city_id
                Scan sale: city_id where (city_id = 3)
              Scan city: id where (id = 3)
            """
        ),
        (
            sql: """
            WITH t AS (SELECT city_id, sum(sum) AS x FROM sale GROUP BY 1) SELECT * FROM t a JOIN t \
            b ON a.x > b.x AND a.city_id <> b.city_id
            """,
            plan: """
            Materialize 1
              Aggregate by city_id: sum(sum)
                Scan sale: city_id, sum
              Cross join on ((sum(sum) > sum(sum)) AND (city_id <> city_id))
                Read materialized 1
                Read materialized 1
            """
        ),
        (
            sql: """
            SELECT id FROM (SELECT id, sum * 2 AS twice FROM sale) t WHERE twice > 10 AND 2 > 1
            """,
            plan: """
            Project id
              Scan sale: id, sum filter ((sum * 2) > 10.00)
            """
        ),
        (
            sql: """
            SELECT id FROM sale WHERE (paid AND quantity > 1) OR (paid AND sum > 10)
            """,
            plan: """
            Project id
              Scan sale: id, quantity, sum, paid where paid filter ((quantity > 1) OR (sum > 10.00))
            """
        ),
        (
            sql: """
            SELECT DISTINCT region FROM city ORDER BY region LIMIT 2 OFFSET 1
            """,
            plan: """
            Sort by region, limit 2, offset 1
              Distinct
                Scan city: region
            """
        ),
        (
            sql: """
            SELECT id FROM sale WHERE false
            """,
            plan: """
            Values: 0 × 1
            """
        ),
        (
            sql: """
            SELECT id FROM product WHERE name LIKE 'abc%' AND price = 5
            """,
            plan: """
            Project id
              Scan product: id, name, price where ((name ~~ 'abc%') AND (price = 5.00))
            """
        ),
    ]
}
