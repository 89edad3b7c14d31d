"""The tables of both data sets, with the types that each engine gives them."""

SQL = {"int": "INTEGER", "big": "BIGINT", "text": "TEXT", "date": "DATE", "time": "TIMESTAMP", "bool": "BOOLEAN",
       "money": "DECIMAL(15,2)", "milli": "DECIMAL(18,3)"}
CLICKHOUSE = {"int": "Int32", "big": "Int64", "text": "String", "date": "Date32", "time": "DateTime64(0)", "bool": "Bool",
              "money": "Decimal(15,2)", "milli": "Decimal(18,3)"}

# Table: columns, and the columns by which ClickHouse sorts it: the order in which the file has them already.
TPCH = {
    "lineitem": ("l_orderkey big, l_partkey int, l_suppkey int, l_linenumber int, l_quantity money, l_extendedprice money, "
                 "l_discount money, l_tax money, l_returnflag text, l_linestatus text, l_shipdate date, l_commitdate date, "
                 "l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text", "l_orderkey, l_linenumber"),
    "orders": ("o_orderkey big, o_custkey int, o_orderstatus text, o_totalprice money, o_orderdate date, o_orderpriority text, "
               "o_clerk text, o_shippriority int, o_comment text", "o_orderkey"),
    "partsupp": ("ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost money, ps_comment text", "ps_partkey, ps_suppkey"),
    "customer": ("c_custkey int, c_name text, c_address text, c_nationkey int, c_phone text, c_acctbal money, c_mktsegment text, "
                 "c_comment text", "c_custkey"),
    "part": ("p_partkey int, p_name text, p_mfgr text, p_brand text, p_type text, p_size int, p_container text, "
             "p_retailprice money, p_comment text", "p_partkey"),
    "supplier": ("s_suppkey int, s_name text, s_address text, s_nationkey int, s_phone text, s_acctbal money, s_comment text",
                 "s_suppkey"),
    "nation": ("n_nationkey int, n_name text, n_regionkey int, n_comment text", "n_nationkey"),
    "region": ("r_regionkey int, r_name text, r_comment text", "r_regionkey"),
}
RETAIL = {
    "sale_positions": ("position_id big, moment time, doc_id text, doc_type text, product_id int, counterparty_id int, store_id int, "
                       "employee_id int, sales_channel text, quantity milli, price_kop big, discount_kop big, cost_kop big, "
                       "sum_kop big, is_return bool", "position_id"),
    "stock_snapshots": ("day date, product_id int, store_id int, stock milli, reserve milli, cost_value_kop big",
                        "day, product_id, store_id"),
    "product": ("product_id int, name text, folder_path text, article text, uom text, price_kop big, buy_price_kop big, archived bool",
                "product_id"),
    "counterparty": ("counterparty_id int, name text, company_type text, city text, tags text, phone text", "counterparty_id"),
    "store": ("store_id int, name text, city text", "store_id"),
    "employee": ("employee_id int, name text", "employee_id"),
}


def columns(tables, name):
    """Pairs of a column's name and its kind."""
    return [tuple(entry.split()) for entry in tables[name][0].split(", ")]


def definition(tables, name, types):
    return ", ".join(f"{column} {types[kind]}" for column, kind in columns(tables, name))


def checksum(tables, name, octets):
    """A query over every column, whose answer is the same number in each engine. `octets` is the length of a text in bytes."""
    parts = ["count(*)"]
    for column, kind in columns(tables, name):
        if kind == "text":
            parts.append(f"sum({octets}({column}))")
        elif kind == "bool":
            parts.append(f"sum(CASE WHEN {column} THEN 1 ELSE 0 END)")
        elif kind in ("date", "time"):
            parts.append(f"count(DISTINCT {column})" if kind == "date" else f"count({column})")
        else:
            parts.append(f"sum({column})")
    return f"SELECT {', '.join(f'{part} AS c{index}' for index, part in enumerate(parts))} FROM {name}"
