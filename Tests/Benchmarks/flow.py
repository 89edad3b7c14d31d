#!/usr/bin/env python3
"""Rates of the whole flow, side by side with psql and DuckDB on the same data. Prints a Markdown table.

Every answer is compared with the peer's before its time is taken. Times are wall-clock medians of `REPEATS` warm runs
unless the line says otherwise.
"""
import argparse, json, os, re, shutil, signal, socket, statistics, subprocess, sys, time

import duckdb

from report import Report, folder_size, normal

REPEATS = 5
QUERIES = {
    "filtered aggregate": "SELECT count(*) AS n, sum(sum_kop) AS revenue, sum(quantity) AS qty FROM {t} "
                          "WHERE discount_kop > 0 AND store_id <= 4 AND NOT is_return",
    "whole-table sums": "SELECT count(*) AS n, sum(sum_kop) AS revenue, sum(quantity) AS qty, sum(cost_kop) AS cost, "
                        "sum(discount_kop) AS disc FROM {t}",
    "one month": "SELECT count(*) AS n, sum(sum_kop) AS revenue, sum(sum_kop - cost_kop) AS margin FROM {t} "
                 "WHERE moment >= TIMESTAMP '2025-03-01 00:00:00' AND moment < TIMESTAMP '2025-04-01 00:00:00' "
                 "AND NOT is_return",
    "revenue by month": "SELECT date_trunc('month', moment) AS m, count(*) AS n, "
                        "sum(CASE WHEN is_return THEN -sum_kop ELSE sum_kop END) AS revenue FROM {t} GROUP BY 1 ORDER BY 1",
    "by city": "SELECT c.city, count(*) AS n, sum(s.sum_kop) AS revenue, sum(s.quantity) AS qty FROM {t} s "
               "JOIN {c} c ON s.counterparty_id = c.counterparty_id WHERE NOT s.is_return GROUP BY c.city ORDER BY revenue DESC",
}
POSTGRES_TYPES = {"BIGINT": "bigint", "INTEGER": "integer", "VARCHAR": "text", "TIMESTAMP": "timestamp", "BOOLEAN": "boolean",
                  "DATE": "date", "DOUBLE": "double precision"}


def main():
    arguments = argparse.ArgumentParser()
    for name in ("--ambar", "--data", "--work"):
        arguments.add_argument(name, required=True)
    arguments.add_argument("--rows", type=int, required=True)
    arguments.add_argument("--scale", type=int, default=200_000, help="lines of the simulated shop")
    options = arguments.parse_args()
    report = Report("The whole flow, beside psql and DuckDB")
    home = os.path.join(options.work, "run")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    try:
        sync(report, options, os.path.join(home, "shop"))
        mirror_and_query(report, options, os.path.join(home, "retail"))
    finally:
        report.print()


def ambar(options, *words, **kwargs):
    return subprocess.run([options.ambar, *words], check=True, capture_output=True, text=True, **kwargs)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sync(report, options, data):
    port = free_port()
    simulator = subprocess.Popen([options.ambar, "simulate", "--port", str(port), "--scale", str(options.scale), "--no-limits"],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        token = None
        for line in simulator.stdout:
            found = re.search(r"token:? +(\S+)", line)
            token = found.group(1) if found else token
            if "http://" in line and token:
                break
        environment = dict(os.environ, AMBAR_MOYSKLAD_URL=f"http://127.0.0.1:{port}/api/remap/1.2", AMBAR_MOYSKLAD_TOKEN=token,
                           AMBAR_MOYSKLAD_UNITS="1000000")
        started = time.monotonic()
        ambar(options, "sync", "--data", data, env=environment)
        elapsed = time.monotonic() - started
        lines = status_lines(options, data)
        report.add("full load from Moysklad", f"{lines / elapsed:,.0f} lines/s ({lines:,} lines, {elapsed:.1f} s)")
    finally:
        simulator.send_signal(signal.SIGTERM)
        simulator.wait()


def status_lines(options, data):
    status = json.loads(ambar(options, "status", "--data", data, "--format", "json").stdout)
    return status["record"]["document_line"]


def mirror_and_query(report, options, data):
    cluster = Cluster(os.path.join(data, "postgres"))
    peer = duckdb.connect(os.path.join(data, "peer.duckdb"))
    peer.execute("SET threads = 2")
    tables = ["sale_positions", "product", "counterparty", "store", "employee"]
    try:
        cluster.psql("CREATE SCHEMA retail")
        for table in tables:
            load(cluster, peer, options.data, table)
        cluster.psql("CHECKPOINT")
        rows = sum(peer.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables)
        started = time.monotonic()
        for table in tables:
            cluster.psql(f"\\copy retail.{table} TO '{data}/{table}.bin' WITH (FORMAT binary)")
        copied = time.monotonic() - started
        for table in tables:
            os.remove(f"{data}/{table}.bin")
        environment = dict(os.environ, AMBAR_POSTGRES_URL=cluster.url)
        store = os.path.join(data, "store")
        started = time.monotonic()
        ambar(options, "rebuild", "--data", store, *[w for t in tables for w in ("--mirror", f"retail.{t}")], env=environment)
        mirrored = time.monotonic() - started
        report.add("initial copy into the column store", f"{rows / mirrored:,.0f} rows/s ({rows:,} rows)",
                   f"psql COPY BINARY to a file {rows / copied:,.0f} rows/s", f"{copied / mirrored:.2f}")
        size = folder_size(os.path.join(store, "store"))
        report.add("size on disk", f"{size / 1e6:,.0f} MB", f"DuckDB {os.path.getsize(data + '/peer.duckdb') / 1e6:,.0f} MB", "")
        query(report, options, peer, store)
    finally:
        cluster.stop()


def load(cluster, peer, folder, table):
    path = os.path.join(folder, table + ".csv")
    peer.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{path}', header = true)")
    columns = peer.execute(f"DESCRIBE {table}").fetchall()
    if table == "sale_positions":
        peer.execute(f"ALTER TABLE {table} ALTER quantity TYPE DECIMAL(18,3)")
    types = {name: POSTGRES_TYPES.get(kind, "text") for name, kind, *_ in columns}
    types |= {"quantity": "numeric(18,3)"} if "quantity" in types else {}
    key = columns[0][0]
    cluster.psql(f"CREATE TABLE retail.{table} ({', '.join(f'{n} {t}' for n, t in types.items())}, PRIMARY KEY ({key}))")
    cluster.psql(f"\\copy retail.{table} FROM '{path}' WITH (FORMAT csv, HEADER true)")


def query(report, options, peer, store):
    """Runs every query REPEATS times in one process of each engine; compares the answers first."""
    shell = subprocess.Popen([options.ambar, "sql", "--data", store, "--format", "json"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)

    def ask(sql):
        started = time.monotonic()
        shell.stdin.write(sql.replace("\n", " ") + ";\n")
        shell.stdin.flush()
        answer = json.loads(shell.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{answer['error']} for {sql}")
        return answer["rows"], time.monotonic() - started

    for name, text in QUERIES.items():
        ours_sql = text.format(t="retail.sale_positions", c="retail.counterparty")
        peer_sql = text.format(t="sale_positions", c="counterparty")
        ours = [ask(ours_sql) for _ in range(REPEATS + 1)]
        peers = []
        for _ in range(REPEATS + 1):
            started = time.monotonic()
            rows = peer.execute(peer_sql).fetchall()
            peers.append((rows, time.monotonic() - started))
        if normal(ours[0][0]) != normal(peers[0][0]):
            raise RuntimeError(f"answers differ for {name}: {normal(ours[0][0])[:3]} and {normal(peers[0][0])[:3]}")
        mine, theirs = (statistics.median(t for _, t in runs[1:]) * 1e3 for runs in (ours, peers))
        rate = options.rows / mine * 1e3
        report.add(name, f"{mine:.1f} ms ({rate / 1e6:,.0f} M rows/s)", f"DuckDB {theirs:.1f} ms", f"{mine / theirs:.2f}")
    shell.stdin.close()
    shell.wait()


class Cluster:
    """A Postgres of this run's own, on a socket, ready for logical replication."""

    def __init__(self, directory):
        os.makedirs(directory, exist_ok=True)
        self.directory = directory
        self.binaries = sorted(p for p in os.listdir("/usr/lib/postgresql"))[-1]
        self.binaries = f"/usr/lib/postgresql/{self.binaries}/bin"
        self.sockets = f"/tmp/ambar-bench-{os.getpid()}"
        os.makedirs(self.sockets)
        self.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] if os.getuid() == 0 else []
        if self.user:
            for path in (directory, self.sockets):
                shutil.chown(path, "nobody", "nogroup")
            folder = os.path.dirname(directory)
            while folder != "/":
                os.chmod(folder, os.stat(folder).st_mode | 0o011)
                folder = os.path.dirname(folder)
        os.chmod(directory, 0o700)
        self.run("initdb", "-D", directory, "-U", "ambar", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        with open(os.path.join(directory, "postgresql.conf"), "a") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.sockets}'\nwal_level = logical\n"
                           "max_wal_size = 8GB\nshared_buffers = 512MB\nmax_wal_senders = 8\nmax_replication_slots = 8\n")
        self.run("pg_ctl", "-D", directory, "-w", "-l", os.path.join(self.sockets, "log"), "start")
        self.url = f"postgres:///postgres?host={self.sockets}&user=ambar"

    def run(self, program, *words):
        subprocess.run([*self.user, os.path.join(self.binaries, program), *words], check=True, stdout=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL, cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def psql(self, command):
        subprocess.run(["psql", "-h", self.sockets, "-U", "ambar", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-c", command],
                       check=True)

    def stop(self):
        self.run("pg_ctl", "-D", self.directory, "-m", "fast", "stop")
        shutil.rmtree(self.sockets, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
