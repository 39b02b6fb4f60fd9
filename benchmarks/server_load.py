#!/usr/bin/env python3
"""Measures `inlier serve` over loopback, as scripts/load says.

server_load.py INLIER [--seconds N] [--catalogue TABLE] [--photos FOLDER]
"""

import argparse
import json
import os
import random
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from served import Server

ROOT = Path(__file__).parents[1]
CORES = os.cpu_count() or 1
FLUSH_MS = 10


def share(values: list[float], part: float) -> float:
    """A quantile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def row(what: str, figure: str) -> None:
    """A row of the table."""
    print(f"| {what} | {figure} |", flush=True)


class LoggedServer(Server):
    """A server of a database, and what its log says."""

    def __init__(
        self, inlier: str, database: Path, *flags: str, variables: dict[str, str] | None = None
    ) -> None:
        self.log = database.with_suffix(".jsonl")
        self.log.unlink(missing_ok=True)
        flags = ("--db", str(database), "--log", str(self.log), *flags)
        super().__init__(inlier, *flags, variables=variables)
        self.wait()

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, float]:
        """The status and the milliseconds of one request."""
        begin = time.perf_counter()
        status, _ = self.answer(method, path, body)
        return status, 1000 * (time.perf_counter() - begin)

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        """The lines of the log that are about requests."""
        with self.log.open() as log:
            records = [json.loads(line) for line in log.readlines()[since:]]
        return [record for record in records if "status" in record]


def wrk(server: LoggedServer, photos: Path, connections: int, seconds: int) -> dict[str, float]:
    """Asks photos on this many connections, each as fast as it is answered."""
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s"]
    command += ["-s", str(ROOT / "benchmarks/server_load.lua")]
    command += [f"http://127.0.0.1:{server.port}"]
    environment = {**os.environ, "PHOTOS": str(photos)}
    shown = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, float] = json.loads(shown.stdout.splitlines()[-1])
    result["rate"] = result["ok"] / result["seconds"]
    return result


def engine_rate(inlier: str, database: Path, photos: list[str]) -> float:
    """Photos a second that the program answers with all cores, without its start."""

    def seconds(names: list[str]) -> float:
        begin = time.perf_counter()
        command = [inlier, "query", *names, "--db", str(database), "--quiet"]
        command += ["--threads", str(CORES)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begin

    few, many = photos[:2], photos * 3
    return (len(many) - len(few)) / (seconds(many) - seconds(few))


class Asking(threading.Thread):
    """One client that asks photos one after another, with a pause, until it is told to stop."""

    def __init__(self, server: LoggedServer, bodies: list[bytes], pause_s: float = 0) -> None:
        super().__init__()
        self.server, self.bodies, self.pause_s = server, bodies, pause_s
        self.ms: list[float] = []
        self.failed = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Keeps the times of the answers with 200."""
        turn = 0
        while not self.over.is_set():
            status, ms = self.server.ask("POST", "/v1/query", self.bodies[turn % len(self.bodies)])
            turn += 1
            if status == 200:
                self.ms.append(ms)
            else:
                self.failed += 1
            self.over.wait(self.pause_s)


def clients(
    server: LoggedServer, bodies: list[bytes], count: int, seconds: float, pause_s: float = 0
) -> list[float]:
    """The milliseconds of the answers to this many clients."""
    asking = [Asking(server, bodies, pause_s) for _ in range(count)]
    for client in asking:
        client.start()
    time.sleep(seconds)
    for client in asking:
        client.over.set()
    for client in asking:
        client.join()
    return [ms for client in asking for ms in client.ms]


def put_rate(
    server: LoggedServer, bodies: list[bytes], count: int, seconds: float, name: str
) -> float:
    """Items a second that this many clients put, each waiting for its acknowledgement."""
    done = [0] * count
    until = time.perf_counter() + seconds

    def put(client: int) -> None:
        while time.perf_counter() < until:
            path = f"/v1/items/{name}-{client}-{done[client]}"
            status, _ = server.ask("PUT", path, bodies[(client + done[client]) % len(bodies)])
            assert status == 201, status
            done[client] += 1

    threads = [threading.Thread(target=put, args=(client,)) for client in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def slow_clients(port: int, seconds: int) -> list[subprocess.Popen[bytes]]:
    """A thousand connections: a third each with a slow header, a slow body and slow reading."""
    common = ["slowhttptest", "-c", "334", "-r", "334", "-i", "5", "-l", str(seconds), "-p", "3"]
    url = f"http://127.0.0.1:{port}"
    header = ["-H", "-u", f"{url}/livez"]
    body = ["-B", "-s", "8192", "-t", "POST", "-u", f"{url}/v1/query"]
    reading = ["-X", "-w", "64", "-y", "128", "-n", "5", "-z", "32", "-k", "3"]
    reading += ["-u", f"{url}/openapi.json"]
    return [
        subprocess.Popen([*common, *kind], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for kind in (header, body, reading)
    ]


def main() -> None:
    """Runs the phases and prints the table."""
    data = Path(os.environ.get("INLIER_DATA", ROOT.parent / "shared/data")) / "smvs-book"
    parser = argparse.ArgumentParser()
    parser.add_argument("inlier")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--catalogue", type=Path, default=data / "catalogue.csv")
    parser.add_argument("--photos", type=Path, default=data / "queries")
    options = parser.parse_args()
    names = sorted(str(path.resolve()) for path in options.photos.iterdir())[:40]
    bodies = [Path(name).read_bytes() for name in names]
    with tempfile.TemporaryDirectory() as folder:
        database, listed = Path(folder) / "db", Path(folder) / "photos"
        listed.write_text("".join(f"{name}\n" for name in names))
        command = [options.inlier, "index", str(options.catalogue), "--db", str(database)]
        command += ["--quiet", "--threads", str(CORES)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print("| what | figure |\n|---|---|")
        alone = engine_rate(options.inlier, database, names)
        row(f"the engine alone, {CORES} threads", f"{alone:.1f} photos/s")
        measure_queries(options.inlier, database, listed, bodies, options.seconds, alone)
        measure_slow_clients(options.inlier, database, bodies, options.seconds)
        measure_writes(options.inlier, database, bodies, options.seconds)
        measure_flushes(options.inlier, database, options.seconds)


def measure_queries(
    inlier: str, database: Path, listed: Path, bodies: list[bytes], seconds: int, alone: float
) -> None:
    """Throughput, the cost of HTTP, and too much load."""
    server = LoggedServer(inlier, database)
    usual = wrk(server, listed, 2 * CORES, seconds)
    rate = usual["rate"]
    row("2 connections a core", f"{rate:.1f} photos/s, {rate / alone:.2f} of the engine")
    since = len(server.log.read_text().splitlines())
    idle = clients(server, bodies, 1, seconds)
    records = [r for r in server.lines(since) if r["status"] == 200]
    stages = ("decode_ms", "extract_ms", "shortlist_ms", "verify_ms", "second_look_ms")
    cost = [r["total_ms"] - sum(r.get(stage, 0) for stage in stages) for r in records]
    idle_p99 = share(idle, 0.99)
    row("one client", f"p50 {share(idle, 0.5):.1f} ms, p99 {idle_p99:.1f} ms")
    row("of that HTTP: header to end of answer, less the stages", f"p50 {share(cost, 0.5):.2f} ms")
    pause_s = max(2 * CORES / (0.8 * rate) - share(idle, 0.5) / 1000, 0)
    loaded = share(clients(server, bodies, 2 * CORES, seconds, pause_s), 0.99)
    row("at 80 % load", f"p99 {loaded:.1f} ms, {loaded / idle_p99:.2f} of one client's")
    since = len(server.log.read_text().splitlines())
    over = wrk(server, listed, 20 * CORES, seconds)
    busy = [r["total_ms"] for r in server.lines(since) if r["status"] == 503]
    row(
        "20 connections a core",
        f"{over['rate']:.1f} photos/s, {over['rate'] / rate:.2f} of the peak",
    )
    row("of these refused", f"{over['busy']:.0f} with 503, p99 {share(busy, 0.99):.1f} ms")
    row("of these broken", f"{over['other'] + over['broken']:.0f}")
    row("memory, most so far", f"{server.memory_mb('VmHWM'):.0f} MB")
    server.stop()


def measure_slow_clients(inlier: str, database: Path, bodies: list[bytes], seconds: int) -> None:
    """Two usual clients, alone and beside a thousand slow ones."""
    server = LoggedServer(inlier, database, "--max-connections-per-address", "0")
    before = share(clients(server, bodies, 2, seconds), 0.99)
    slow = slow_clients(server.port, seconds + 5)
    time.sleep(3)
    beside = share(clients(server, bodies, 2, seconds), 0.99)
    for process in slow:
        process.terminate()
        process.wait()
    row("2 clients", f"p99 {before:.1f} ms")
    row("beside 1,000 slow ones", f"p99 {beside:.1f} ms ({beside / before:.2f})")
    server.stop()


def measure_writes(inlier: str, database: Path, bodies: list[bytes], seconds: int) -> None:
    """Changes put one after another and at once, and reads beside them."""
    server = LoggedServer(inlier, database)
    one = put_rate(server, bodies, 1, seconds, "one")
    many = put_rate(server, bodies, 16, seconds, "many")
    row("items put by 1 client and by 16", f"{one:.1f} and {many:.1f} a second ({many / one:.1f})")
    quiet = share(clients(server, bodies, 1, seconds), 0.99)
    asking = Asking(server, bodies)
    asking.start()
    rate = put_rate(server, bodies, 2, seconds, "beside")
    asking.over.set()
    asking.join()
    beside = share(asking.ms, 0.99)
    row("one client", f"p99 {quiet:.1f} ms")
    row(f"beside 2 that put {rate:.1f} items/s", f"p99 {beside:.1f} ms ({beside / quiet:.2f})")
    row("memory, descriptors", f"{server.memory_mb():.0f} MB, {server.open_files().total()}")
    server.stop()


def measure_flushes(inlier: str, database: Path, seconds: int) -> None:
    """Changes that are put to a disk which needs time to flush. The pictures are tiny, so that
    flushing and not extraction is what takes long."""
    library = Path(inlier).parent / "benchmarks/libinlier_slow_disk.so"
    slow = {"LD_PRELOAD": str(library), "INLIER_FLUSH_MS": str(FLUSH_MS)}
    server = LoggedServer(inlier, database, variables=slow)
    noise = random.Random(1)
    bodies = [b"P5\n32 32\n255\n" + noise.randbytes(32 * 32) for _ in range(64)]
    one = put_rate(server, bodies, 1, seconds, "slow")
    many = put_rate(server, bodies, 32, seconds, "slowly")
    row(
        f"items of 32 × 32 px put by 1 client and by 32, {FLUSH_MS} ms a flush",
        f"{one:.1f} and {many:.1f} a second ({many / one:.1f})",
    )
    server.stop()


if __name__ == "__main__":
    main()
