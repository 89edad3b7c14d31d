#!/usr/bin/env python3
"""The store beside DuckDB and ClickHouse on one machine in one run: load, size, cold and cached scans, opening, updates.

Each engine loads the same CSV files in a process of its own with two threads. Every column of every table is summed up and the
three answers compared before a figure counts. Prints a Markdown table.
"""
import argparse, json, os, shutil, subprocess, sys, time

from report import Child, Report, drop_from_page_cache, folder_size, median, normal
from tables import CLICKHOUSE, RETAIL, SQL, TPCH, checksum, columns, definition

THREADS = 2
REPEATS = 3


class DataSet:
    def __init__(self, name, tables, folder, fact):
        self.name, self.tables, self.folder, self.fact = name, tables, folder, fact
        self.is_pipe = tables is TPCH
        self.bytes = sum(os.path.getsize(self.path(table)) for table in tables)

    def path(self, table):
        return os.path.join(self.folder, table + (".tbl" if self.is_pipe else ".csv"))


class Ambar:
    name = "Ambar"

    def __init__(self, options, data, home):
        self.binary, self.data, self.home = options.ambar, data, os.path.join(home, "ambar")

    def load(self):
        form = "FORMAT csv, DELIMITER '|', TRAILING_DELIMITER true" if self.data.is_pipe else "FORMAT csv, HEADER true"
        bloom = {"sale_positions": " WITH (bloom = (doc_id))"}
        script = "".join(f"CREATE TABLE {t} ({definition(self.data.tables, t, SQL)}){bloom.get(t, '')};\n"
                         f"COPY {t} FROM '{self.data.path(t)}' WITH ({form});\n" for t in self.data.tables)
        os.makedirs(self.home)
        return Child([self.binary, "sql", "--data", self.home, "--write", "--threads", str(THREADS)], stdin=script)

    def size(self):
        return folder_size(self.home)

    def answers(self):
        script = "".join(checksum(self.data.tables, t, "octet_length") + ";\n" for t in self.data.tables)
        child = Child([self.binary, "sql", "--data", self.home, "--format", "json"], stdin=script)
        return [normal(json.loads(line)["rows"]) for line in child.stdout.splitlines()]

    def cold(self, sql):
        drop_from_page_cache(self.home)
        return Child([self.binary, "sql", "--data", self.home, "--threads", str(THREADS), "-c", sql]).seconds

    def hot(self, sql, threads):
        child = Child([self.binary, "sql", "--data", self.home, "--threads", str(threads), "--format", "json"],
                      stdin=f"{sql};\n" * (2 * REPEATS))
        return median([json.loads(line)["elapsedMilliseconds"] for line in child.stdout.splitlines()][1:]) / 1e3


class Peer:
    """A peer runs in Python child processes, which print what they measured inside: importing the library does not count."""

    def __init__(self, options, data, home):
        self.data, self.home = data, os.path.join(home, self.folder)

    def run(self, body):
        return Child([sys.executable, "-c", f"import time, json\n{self.opening}\n{body}"])

    def measured(self, sql, repeats):
        child = self.run(f"times = []\nfor _ in range({repeats}):\n    started = time.monotonic()\n    ask({sql!r})\n"
                         "    times.append(time.monotonic() - started)\nprint(json.dumps(times))")
        return json.loads(child.stdout.splitlines()[-1])

    def cold(self, sql):
        drop_from_page_cache(self.home)
        child = self.run(f"ask({sql!r})\nprint(time.monotonic() - opened)")
        return float(child.stdout.splitlines()[-1])

    def hot(self, sql, threads):
        return median(self.measured(f"{sql}", 2 * REPEATS)[1:])

    def answers(self):
        queries = [checksum(self.data.tables, t, self.octets) for t in self.data.tables]
        child = self.run(f"for sql in {queries!r}:\n    print(json.dumps(ask(sql), default=str))")
        return [normal(json.loads(line)) for line in child.stdout.splitlines()]


class DuckDB(Peer):
    name, folder, octets = "DuckDB", "peer.duckdb", "strlen"

    @property
    def opening(self):
        return (f"import duckdb\nopened = time.monotonic()\ndb = duckdb.connect({self.home!r})\ndb.execute('SET threads = {THREADS}')\n"
                "def ask(sql): return db.execute(sql).fetchall()")

    def load(self):
        form = "delim='|', header=false" if self.data.is_pipe else "header=true"
        statements = []
        for table in self.data.tables:
            kinds = columns(self.data.tables, table)
            types = "{" + ", ".join(f"'{c}': '{SQL[k]}'" for c, k in kinds) + "}"
            statements += [f"CREATE TABLE {table} ({definition(self.data.tables, table, SQL)})",
                           f"INSERT INTO {table} SELECT * FROM read_csv('{self.data.path(table)}', {form}, columns={types})"]
        return self.run(f"for sql in {statements + ['CHECKPOINT']!r}: ask(sql)\ndb.close()")

    def size(self):
        return folder_size(self.home)


class ClickHouse(Peer):
    name, folder, octets = "ClickHouse", "peer.clickhouse", "length"

    @property
    def opening(self):
        return (f"from chdb import session\nopened = time.monotonic()\ndb = session.Session({self.home!r})\n"
                f"db.query('SET max_threads = {THREADS}')\n"
                "def ask(sql):\n    text = str(db.query(sql, 'JSONCompact'))\n    return json.loads(text)['data'] if text.strip() else []")

    def load(self):
        statements = []
        for table, (_, order) in self.data.tables.items():
            types = definition(self.data.tables, table, CLICKHOUSE)
            statements.append(f"CREATE TABLE {table} ({types}) ENGINE = MergeTree ORDER BY ({order})")
            names = ", ".join(c for c, _ in columns(self.data.tables, table))
            form = f"'CSV', '{types}, trailing Nullable(String)'" if self.data.is_pipe else f"'CSVWithNames', '{types}'"
            delimiter = " SETTINGS format_csv_delimiter = '|', input_format_csv_trim_whitespaces = 0" if self.data.is_pipe else ""
            statements.append(f"INSERT INTO {table} SELECT {names} FROM file('{self.data.path(table)}', {form}){delimiter}")
        return self.run(f"for sql in {statements!r}: db.query(sql)")

    def size(self):
        self.run(f"for table in {list(self.data.tables)!r}: db.query(f'OPTIMIZE TABLE {{table}} FINAL')")
        sql = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase()"
        return int(json.loads(self.run(f"print(json.dumps(ask({sql!r})))").stdout.splitlines()[-1])[0][0])


def measure(report, options, data, home):
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    engines = [engine(options, data, home) for engine in (Ambar, DuckDB, ClickHouse)]
    ambar, duckdb, clickhouse = engines
    loads = [engine.load() for engine in engines]
    answers = [engine.answers() for engine in engines]
    for engine, answer in zip(engines[1:], answers[1:]):
        for table, ours, theirs in zip(data.tables, answers[0], answer):
            if ours != theirs:
                raise RuntimeError(f"sums of {table} differ: Ambar {ours}, {engine.name} {theirs}")
    rows = sum(int(answer[0][0]) for answer in answers[0])
    sizes = [engine.size() for engine in engines]
    shown = lambda values, unit: ", ".join(f"{e.name} {v:{unit}}" for e, v in zip(engines[1:], values[1:]))
    rates = [rows / load.seconds for load in loads]
    report.add(f"{data.name}: CSV load, {THREADS} threads", f"{rates[0]:,.0f} rows/s ({data.bytes / 1e6 / loads[0].seconds:,.0f} MB/s)",
               shown(rates, ",.0f") + " rows/s", f"{rates[0] / rates[1]:.2f} of DuckDB")
    cpu = [load.cpu for load in loads]
    report.add(f"{data.name}: CPU of the load", f"{cpu[0]:.1f} s", shown(cpu, ".1f") + " s", f"{cpu[0] / cpu[1]:.2f}")
    peaks = [load.peak / 1e6 for load in loads]
    report.add(f"{data.name}: peak memory of the load", f"{peaks[0]:,.0f} MB", shown(peaks, ",.0f") + " MB", f"{peaks[0] / peaks[1]:.2f}")
    megabytes = [size / 1e6 for size in sizes]
    report.add(f"{data.name}: size on disk (CSV {data.bytes / 1e6:,.0f} MB)", f"{megabytes[0]:,.1f} MB", shown(megabytes, ",.1f") + " MB",
               f"{megabytes[0] / min(megabytes[1:]):.2f} of the smaller")
    cold = [median([engine.cold(checksum(data.tables, data.fact, octets)) for _ in range(REPEATS)])
            for engine, octets in zip(engines, ("octet_length", "strlen", "length"))]
    report.add(f"{data.name}: cold scan of every column of {data.fact}", f"{cold[0] * 1e3:,.0f} ms", shown([c * 1e3 for c in cold], ",.0f") + " ms",
               f"{cold[0] / cold[1]:.2f} of DuckDB")
    return ambar


def cached_scan(report, ambar, table, column):
    rows = int(ambar_rows(ambar, f"SELECT count(*) FROM {table}")[0][0])
    seconds = ambar.hot(f"SELECT sum({column}) FROM {table}", threads=1)
    report.add(f"cached sum of {table}.{column} (BIGINT), 1 thread", f"{rows * 8 / seconds / 1e9:.1f} GB/s ({seconds * 1e3:.1f} ms)", "at least 3 GB/s")


def ambar_rows(ambar, sql):
    child = Child([ambar.binary, "sql", "--data", ambar.home, "--format", "json", "-c", sql])
    return json.loads(child.stdout.splitlines()[-1])["rows"]


def update(report, ambar):
    """100,000 rows by key, spread over the table."""
    run = lambda sql: Child([ambar.binary, "sql", "--data", ambar.home, "--write", "-c", sql])
    run("CREATE TABLE new_price AS SELECT position_id, price_kop + 1 AS price FROM sale_positions WHERE position_id % 100 = 7")
    before = ambar_rows(ambar, "SELECT sum(price_kop), count(*) FROM sale_positions")[0]
    child = run("UPDATE sale_positions SET price_kop = n.price FROM new_price n WHERE n.position_id = sale_positions.position_id")
    after = ambar_rows(ambar, "SELECT sum(price_kop), count(*) FROM sale_positions")[0]
    changed = ambar_rows(ambar, "SELECT count(*) FROM new_price")[0][0]
    if after != [before[0] + changed, before[1]]:
        raise RuntimeError(f"the update changed {before} to {after}")
    report.add(f"update {changed:,} rows by key of {before[1]:,}", f"{child.seconds:.2f} s, peak {child.peak / 1e6:,.0f} MB",
               "under 2 s, under 400 MB")
    point = ambar_rows(ambar, "SELECT doc_id FROM sale_positions WHERE position_id = 5000000")[0][0]
    seconds = ambar.hot(f"SELECT count(*), sum(sum_kop) FROM sale_positions WHERE doc_id = '{point}'", threads=1)
    report.add("one document by its id in a column without order", f"{seconds * 1e3:.2f} ms", "", "")


def opening(report, options, home):
    """Stores of many row groups, made by as many commits in memory, where a sync costs nothing."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else home
    for groups, limit in ((100, 50), (10_000, 300)):
        store = os.path.join(base, f"ambar-open-{os.getpid()}-{groups}")
        shutil.rmtree(store, ignore_errors=True)
        os.makedirs(store)
        try:
            insert = "INSERT INTO t VALUES (1, 'a', 1.5);\n" * groups
            Child([options.ambar, "sql", "--data", store, "--write"],
                  stdin="CREATE TABLE t (id bigint, name text, x double precision);\n" + insert)
            times = [Child([options.ambar, "sql", "--data", store, "-c", "SELECT 1"]).seconds for _ in range(2 * REPEATS + 1)]
            report.add(f"start, open a store of {groups:,} row groups, SELECT 1", f"{median(times) * 1e3:.0f} ms", f"under {limit} ms")
        finally:
            shutil.rmtree(store, ignore_errors=True)


def main():
    arguments = argparse.ArgumentParser()
    for name in ("--ambar", "--tpch", "--retail", "--work"):
        arguments.add_argument(name, required=True)
    options = arguments.parse_args()
    report = Report("The store, beside DuckDB and ClickHouse")
    try:
        measure(report, options, DataSet("TPC-H SF1", TPCH, options.tpch, "lineitem"), os.path.join(options.work, "store-tpch"))
        retail = measure(report, options, DataSet("retail", RETAIL, options.retail, "sale_positions"),
                         os.path.join(options.work, "store-retail"))
        cached_scan(report, retail, "sale_positions", "sum_kop")
        update(report, retail)
        opening(report, options, options.work)
    finally:
        report.print()


if __name__ == "__main__":
    main()
