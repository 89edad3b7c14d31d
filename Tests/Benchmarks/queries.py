#!/usr/bin/env python3
"""Analytical queries beside DuckDB and ClickHouse on one machine in one run: TPC-H and the retail star schema.

Every engine runs in a process of its own on the same data, warm. The answers are compared first (TPC-H also with the published
ones); then the engines take turns, query by query, and the median counts. Prints a Markdown table a data set and thread count.
"""
import argparse, csv, datetime, decimal, json, math, os, re, subprocess, sys, time

from report import Report, median, normal
from storage import Ambar as AmbarStore, ClickHouse as ClickHouseStore, DataSet, DuckDB as DuckDBStore
from tables import RETAIL, TPCH

REPEATS = 5
HERE = os.path.dirname(os.path.abspath(__file__))
TPCH_TEXTS = os.path.join(os.path.dirname(HERE), "SQLLogicTests", "TPCH", "queries")


class Query:
    def __init__(self, name, texts, published=None):
        self.name, self.texts, self.published = name, texts, published

    def text(self, engine):
        return self.texts.get(engine, self.texts["sql"])


def tpch_queries(folder):
    queries = []
    for number in range(1, 23):
        name = f"q{number:02}"
        texts = {"sql": open(f"{TPCH_TEXTS}/{name}.sql").read()}
        if os.path.exists(f"{folder}/{name}.clickhouse.sql"):
            texts["clickhouse"] = open(f"{folder}/{name}.clickhouse.sql").read()
        with open(f"{folder}/answers_sf1/{name}.csv") as answer:
            published = [tuple(row) for row in csv.reader(answer, delimiter="|")][1:]
        queries.append(Query(name, texts, published))
    return queries


def retail_queries(path, document):
    queries = []
    for block in re.split(r"^-- name: ", open(path).read(), flags=re.M)[1:]:
        name, _, body = block.partition("\n")
        parts = re.split(r"^-- dialect: (\w+)\n", body, flags=re.M)
        texts = {"sql": parts[0]} | dict(zip(parts[1::2], parts[2::2]))
        queries.append(Query(name.strip(), {k: v.replace(":doc_id", document) for k, v in texts.items()}))
    return queries


class Engine:
    """A child process that answers one statement a line; `ask` gives rows and seconds."""

    def ask(self, sql):
        text = re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", sql)).strip().rstrip(";")
        started = time.monotonic()
        self.child.stdin.write(text + ";\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        while line.isspace():  # a progress bar that has ended
            line = self.child.stdout.readline()
        elapsed = time.monotonic() - started
        if not line:
            raise RuntimeError(f"{self.name} ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {str(answer['error'])[:300]}")
        return answer["rows"], answer.get("seconds", elapsed)

    def peak(self):
        with open(f"/proc/{self.child.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) * 1024

    def close(self):
        self.child.stdin.close()
        self.child.wait()


class Ambar(Engine):
    name, dialect = "Ambar", "ambar"

    def __init__(self, options, home, threads):
        self.child = subprocess.Popen(
            [options.ambar, "sql", "--data", f"{home}/ambar", "--threads", str(threads), "--format", "json", "--continue",
             "--cache", str(options.cache)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


class Peer(Engine):
    def start(self, opening):
        body = opening + """
import sys, json, time
for line in sys.stdin:
    started = time.monotonic()
    try:
        rows = ask(line)
        answer = {"seconds": time.monotonic() - started, "rows": rows}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer, default=str), flush=True)
"""
        self.child = subprocess.Popen([sys.executable, "-c", body], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)


class DuckDB(Peer):
    name, dialect = "DuckDB", "duckdb"

    def __init__(self, options, home, threads):
        self.start(f"import duckdb\ndb = duckdb.connect({home + '/peer.duckdb'!r}, read_only=True)\ndb.execute('SET threads = {threads}')\n"
                   "db.execute('SET enable_progress_bar = false')\n"
                   "def ask(sql): return db.execute(sql).fetchall()\n")


class ClickHouse(Peer):
    name, dialect = "ClickHouse", "clickhouse"

    def __init__(self, options, home, threads):
        self.start(f"import json\nfrom chdb import session\ndb = session.Session({home + '/peer.clickhouse'!r})\n"
                   f"db.query('SET max_threads = {threads}')\n"
                   "def ask(sql):\n    text = str(db.query(sql, 'JSONCompact'))\n    return json.loads(text)['data'] if text.strip() else []\n")


def number(cell):
    try:
        return float(cell)
    except (TypeError, ValueError):
        return None


def same_cell(one, other, tolerance):
    if {str(one), str(other)} <= {"none", ""}:  # ClickHouse's columns have no NULLs: they hold empty texts
        return True
    first, second = number(one), number(other)
    if first is not None and second is not None:
        return math.isclose(first, second, rel_tol=tolerance, abs_tol=0.0101 if tolerance > 1e-6 else 1e-9)
    return re.sub(r"[T ]00:00:00(\.0+)?$", "", str(one)) == re.sub(r"[T ]00:00:00(\.0+)?$", "", str(other))


def same(ours, theirs, tolerance=1e-9):
    """Whether two answers agree: in order, or as sets of rows where the order has ties."""
    def agree(first, second):
        return len(first) == len(second) and all(
            len(a) == len(b) and all(same_cell(x, y, tolerance) for x, y in zip(a, b)) for a, b in zip(first, second))
    def key(row):
        return [re.sub(r"[T ]00:00:00(\.0+)?$", "", str(c)) if number(c) is None else f"{number(c):.4g}" for c in row]
    ours, theirs = normal(ours), normal(theirs)
    return agree(ours, theirs) or agree(sorted(ours, key=key), sorted(theirs, key=key))


def geometric_mean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values)) if values else float("nan")


def measure(options, label, home, queries, threads, peers):
    report = Report(f"{label}, {threads} thread{'s' if threads > 1 else ''}, milliseconds, warm")
    engines = [kind(options, home, threads) for kind in [Ambar] + peers]
    ratios = {peer.name: [] for peer in peers}
    wanted = re.compile(options.only or "")
    for query in queries:
        if not wanted.search(query.name):
            continue
        times = {}
        try:
            answers = {e.name: e.ask(query.text(e.dialect))[0] for e in engines}
        except RuntimeError as error:
            answers = {}
            report.add(query.name, "no answer", str(error).replace("|", "/")[:160], "")
            if not str(error).startswith("Ambar"):
                answers = {"Ambar": engines[0].ask(query.text("ambar"))[0]}
        for name, rows in answers.items():
            if not same(answers["Ambar"], rows):
                report.add(query.name, "ANSWERS DIFFER", f"{name}: {str(normal(rows)[:2])[:150]} ours {str(normal(answers['Ambar'])[:2])[:150]}", "")
        if query.published is not None and "Ambar" in answers and not same(answers["Ambar"], query.published, 1e-5):
            report.add(query.name, "NOT THE PUBLISHED ANSWER", str(query.published[:2])[:150], str(normal(answers["Ambar"])[:2])[:150])
        answering = [e for e in engines if e.name in answers]
        for _ in range(REPEATS):
            for engine in answering:
                times.setdefault(engine.name, []).append(engine.ask(query.text(engine.dialect))[1] * 1e3)
        if "Ambar" not in times:
            continue
        mine = median(times["Ambar"])
        shown, shares = [], []
        for peer in peers:
            if peer.name in times:
                theirs = median(times[peer.name])
                ratios[peer.name].append(mine / theirs)
                shown.append(f"{peer.name} {theirs:.1f}")
                shares.append(f"{mine / theirs:.2f}")
        report.add(query.name, f"{mine:.1f}", ", ".join(shown), ", ".join(shares))
    for name, values in ratios.items():
        if values:
            report.add(f"geometric mean of time / {name}'s", f"{geometric_mean(values):.2f}", f"{len(values)} queries",
                       f"worst {max(values):.2f}")
    report.add("peak memory", *[", ".join(f"{e.name} {e.peak() / 1e6:,.0f} MB" for e in engines)])
    for engine in engines:
        engine.close()
    report.print()


def prepare(options, name, tables, folder, fact, peers):
    """The stores of a data set, loaded once and kept."""
    home = os.path.join(options.stores, name) if options.stores else os.path.join(options.work, "queries", os.path.basename(folder))
    os.makedirs(home, exist_ok=True)
    data = DataSet(name, tables, folder, fact)
    stores = {"ambar": AmbarStore, "peer.duckdb": DuckDBStore, "peer.clickhouse": ClickHouseStore}
    for folder_name, kind in stores.items():
        if not os.path.exists(os.path.join(home, folder_name)) and (folder_name == "ambar" or kind.__name__ in [p.__name__ for p in peers]):
            print(f"loading {name} into {kind.name}", flush=True)
            kind(options, data, home).load()
    return home


def main():
    arguments = argparse.ArgumentParser()
    for name in ("--ambar", "--tpch", "--retail", "--work"):
        arguments.add_argument(name, required=name == "--ambar")
    arguments.add_argument("--stores", help="directory with loaded stores; made in --work otherwise")
    arguments.add_argument("--queries", default=os.path.join(HERE, "queries"), help="directory with tpch/ and retail_queries.sql")
    arguments.add_argument("--sets", default="retail,tpch")
    arguments.add_argument("--threads", default="1,2")
    arguments.add_argument("--peers", default="DuckDB,ClickHouse")
    arguments.add_argument("--only", help="regular expression of query names")
    arguments.add_argument("--cache", type=int, default=512, help="megabytes of Ambar's block cache")
    options = arguments.parse_args()
    peers = [kind for kind in (DuckDB, ClickHouse) if kind.name in options.peers.split(",")]
    for name in options.sets.split(","):
        if name == "tpch":
            home = prepare(options, name, TPCH, options.tpch or "", "lineitem", peers)
            queries, label = tpch_queries(os.path.join(options.queries, "tpch")), "TPC-H at scale factor 1"
        else:
            home = prepare(options, name, RETAIL, options.retail or "", "sale_positions", peers)
            probe = Ambar(options, home, 2)
            rows = probe.ask("SELECT count(*) FROM sale_positions")[0][0][0]
            document = probe.ask(f"SELECT doc_id FROM sale_positions WHERE position_id = {int(rows) // 2}")[0][0][0]
            probe.close()
            queries = retail_queries(os.path.join(options.queries, "retail_queries.sql"), document)
            label = f"Retail star schema, {int(rows):,} lines"
        for threads in options.threads.split(","):
            measure(options, label, home, queries, int(threads), peers)


if __name__ == "__main__":
    sys.exit(main())
