"""What the benchmarks share: a table of figures, child processes with their time and memory, and answers made comparable."""
import os, platform, re, resource, statistics, subprocess, sys, time

import duckdb


class Report:
    """Lines of a Markdown table, printed as they come and once more at the end with the machine."""

    def __init__(self, title):
        self.title = title
        self.rows = []

    def add(self, what, ours, peer="", ratio=""):
        self.rows.append((what, ours, peer, ratio))
        print(f"  {what}: {ours} | {peer} | {ratio}", flush=True)

    def print(self):
        memory = next((l for l in open("/proc/meminfo") if l.startswith("MemTotal")), "MemTotal: 0").split()[1]
        model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
        build = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
        print(f"\n### {self.title}\n\n{time.strftime('%Y-%m-%d')}, build {build}, {os.cpu_count()} × {model}, "
              f"{int(memory) // 1_048_576} GiB, DuckDB {duckdb.__version__}, load {os.getloadavg()[0]:.1f}\n")
        print("| what | Ambar | peer | ratio |\n|---|---|---|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


class Child:
    """A finished child process: wall seconds, CPU seconds, peak resident bytes, output."""

    def __init__(self, words, stdin=None, check=True):
        started = time.monotonic()
        process = subprocess.Popen(words, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # wait4 gives the figures of this child alone; its few lines of output fit the pipes.
        if stdin is not None:
            process.stdin.write(stdin)
            process.stdin.close()
        self.stdout = process.stdout.read()
        self.stderr = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - started
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss * 1024
        if check and process.returncode != 0:
            raise RuntimeError(f"{words[0]} failed ({process.returncode}): {self.stderr[-2000:]}{self.stdout[-2000:]}")


def folder_size(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    seen = {}
    for folder, _, names in os.walk(path):
        for name in names:
            status = os.lstat(os.path.join(folder, name))
            seen[status.st_ino] = status.st_size
    return sum(seen.values())


def drop_from_page_cache(path):
    """Makes the next read of every file below `path` go to the disk."""
    os.sync()
    for folder, _, names in os.walk(path) if os.path.isdir(path) else [(os.path.dirname(path), [], [os.path.basename(path)])]:
        for name in names:
            descriptor = os.open(os.path.join(folder, name), os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def normal(rows):
    """Rows with numbers as text without trailing zeros."""
    def cell(value):
        if isinstance(value, bool) or value is None:
            return str(value).lower()
        text = str(value)
        if re.fullmatch(r"-?\d+(\.\d+)?", text):
            return text.rstrip("0").rstrip(".") if "." in text else text
        return text
    return [tuple(cell(v) for v in row) for row in rows]


def median(times):
    return statistics.median(times)
