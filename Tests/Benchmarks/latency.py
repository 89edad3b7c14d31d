"""Latency of short queries over HTTP: what one store took in one month, asked by several clients at once over connections that stay open.

A copy of the retail store is served by `ambar serve`; each client is a process with a socket of its own. Answers are compared with DuckDB's first."""
import argparse, json, multiprocessing, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time, urllib.request

import duckdb

from queries import RETAIL, DuckDB, prepare
from report import Report

PASSWORD = "benchmark-password"


def statement(store, month):
    first = f"{2023 + month // 12}-{month % 12 + 1:02}-01"
    after = f"{2023 + (month + 1) // 12}-{(month + 1) % 12 + 1:02}-01"
    return (f"SELECT count(*) AS n, sum(sum_kop) AS total FROM sale_positions "
            f"WHERE store_id = {store} AND moment >= timestamp '{first}' AND moment < timestamp '{after}'")


class Server:
    def __init__(self, options, data):
        environment = dict(os.environ, AMBAR_ADMIN_PASSWORD=PASSWORD)
        self.child = subprocess.Popen([options.ambar, "serve", "--data", data, "--no-sync", "--port", "0"], env=environment,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.child.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        else:
            raise RuntimeError("the server ended before it had an address")
        threading.Thread(target=self.child.stdout.read, daemon=True).start()  # a full pipe would stop the server
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/auth/token", headers={"Content-Type": "application/json"},
                                         data=json.dumps({"login": "admin", "password": PASSWORD}).encode())
        self.token = json.load(urllib.request.urlopen(request))["accessToken"]

    def close(self):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait()


class Client:
    """One connection; `ask` gives the body of the answer."""

    def __init__(self, port, token):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (f"POST /api/v1/query HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                     "Accept: text/csv\r\nContent-Type: text/plain\r\nContent-Length: ")

    def ask(self, sql):
        self.socket.sendall(f"{self.head}{len(sql)}\r\n\r\n{sql}".encode())
        answer = b""
        while not self.is_whole(answer):
            more = self.socket.recv(65536)
            if not more:
                raise RuntimeError(f"the connection ended after {answer!r}")
            answer += more
        head, body = answer.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode()[:400])
        return body

    @staticmethod
    def is_whole(answer):
        head, found, body = answer.partition(b"\r\n\r\n")
        if not found:
            return False
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return len(body) >= int(length.group(1)) if length else body.endswith(b"0\r\n\r\n")


def client(port, token, seed, seconds, results):
    chance = random.Random(seed)
    connection = Client(port, token)
    for _ in range(20):
        connection.ask(statement(chance.randint(1, 8), chance.randint(0, 35)))
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        sql = statement(chance.randint(1, 8), chance.randint(0, 35))
        started = time.perf_counter()
        connection.ask(sql)
        times.append((time.perf_counter() - started) * 1e3)
    results.put(times)


def check(server, home):
    peer = duckdb.connect(os.path.join(home, "peer.duckdb"), read_only=True)
    connection = Client(server.port, server.token)
    for month in range(0, 36, 5):
        sql = statement(month % 8 + 1, month)
        wanted = ",".join("" if v is None else str(v) for v in peer.execute(sql).fetchone())
        answer = connection.ask(sql).decode()
        if wanted not in answer:
            raise RuntimeError(f"{sql}: {answer!r} has no {wanted}")


def measure(report, server, clients, seconds):
    results = multiprocessing.Queue()
    processes = [multiprocessing.Process(target=client, args=(server.port, server.token, seed, seconds, results)) for seed in range(clients)]
    for process in processes:
        process.start()
    times = sorted(t for _ in processes for t in results.get(timeout=seconds + 60))
    for process in processes:
        process.join()
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))]
    report.add(f"one month of one store, {clients} client{'s' if clients > 1 else ''}",
               f"p50 {at(0.5):.2f} ms, p90 {at(0.9):.2f}, p99 {at(0.99):.2f}, most {times[-1]:.1f}; {len(times) / seconds:,.0f} requests/s")


def main():
    arguments = argparse.ArgumentParser()
    for name in ("--ambar", "--retail", "--work", "--stores"):
        arguments.add_argument(name, required=name == "--ambar")
    arguments.add_argument("--seconds", type=int, default=10)
    options = arguments.parse_args()
    home = prepare(options, "retail", RETAIL, options.retail or "", "sale_positions", [DuckDB])
    report = Report("Short queries over HTTP, retail star schema, warm")
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        os.chmod(folder, 0o755)  # the server's PostgreSQL may run as another user
        data = os.path.join(folder, "data")
        shutil.copytree(os.path.join(home, "ambar"), data)
        server = Server(options, data)
        try:
            check(server, home)
            for clients in (1, 8):
                measure(report, server, clients, options.seconds)
        finally:
            server.close()
    report.print()


if __name__ == "__main__":
    sys.exit(main())
