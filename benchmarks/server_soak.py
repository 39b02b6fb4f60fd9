#!/usr/bin/env python3
"""Lets `inlier serve` run under mixed traffic, and checks that its answers stay right and that
neither memory nor open files grow: two clients ask photos, one puts, changes and removes items, and
one makes snapshots, downloads and deletes them.

server_soak.py INLIER [--seconds N] [--snapshot-every N] [--no-memory]
    --no-memory: memory is not judged, since a sanitizer keeps what is freed
The data are smvs-book of $INLIER_DATA, or of ../shared/data. Exits with 0 when all checks passed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from served import Server

ROOT = Path(__file__).parents[1]

SAMPLE_S = 5.0
MOST_GROWTH = 1.05  # of the most memory in the last quarter to that in the second one
SPARE_MB = 10.0


class Traffic:
    """What the clients of one server have done so far."""

    def __init__(self, server: Server, data: Path, snapshots: Path) -> None:
        self.server, self.snapshots = server, snapshots
        with (data / "catalogue.csv").open() as table:
            self.items = {
                row["id"]: (data / row["image"]).read_bytes() for row in csv.DictReader(table)
            }
        with (data / "queries.csv").open() as table:
            self.photos = [
                ((data / row["image"]).read_bytes(), row["id"]) for row in csv.DictReader(table)
            ]
        # These come and go; the others stay, and every photo of theirs has to find them.
        self.coming = sorted(self.items)[::5]
        self.over = threading.Event()
        self.count: Counter[str] = Counter()
        self.wrong: list[str] = []

    def ask(self, method: str, path: str, body: bytes | None = None, *good: int) -> bytes:
        """A request that has to be answered with one of these statuses, or with 503, which a busy
        server may give."""
        status, content = self.server.answer(method, path, body)
        self.count[f"{method} {status}"] += 1
        if status not in (*good, 503):
            self.wrong.append(f"{method} {path}: {status} {content[:200]!r}")
        return content if status in good else b""

    def query(self, turn: int) -> None:
        photo, shown = self.photos[turn % len(self.photos)]
        answer = self.ask("POST", "/v1/query", photo, 200)
        if not answer or shown in self.coming:
            return
        first = [hit["id"] for hit in json.loads(answer)["hits"]][:1]
        self.count["photos found" if first == [shown] else "photos not found"] += 1
        if first and first != [shown]:
            self.wrong.append(f"a photo of {shown} shows {first[0]}")

    def change(self, turn: int) -> None:
        name = self.coming[turn % len(self.coming)]
        path = f"/v1/items/{name}"
        self.ask("PUT", path, self.items[name], 200, 201)
        self.ask("GET", path, None, 200)
        self.ask("DELETE", path, None, 200, 204)
        self.ask("GET", path, None, 404)

    def snapshot(self, _turn: int) -> None:
        accepted = self.ask("POST", "/v1/snapshots", None, 202)
        if not accepted:
            return
        job = json.loads(accepted)
        while job["state"] not in ("done", "failed"):
            time.sleep(0.1)
            job = json.loads(self.ask("GET", f"/v1/jobs/{job['id']}", None, 200) or json.dumps(job))
        if job["state"] == "failed":
            self.wrong.append(f"a snapshot failed: {job}")
            return
        size = sum(file.stat().st_size for file in self.snapshots.glob("*.tar"))
        if len(self.ask("GET", job["result"], None, 200)) != size:
            self.wrong.append(f"{job['result']} is not what was downloaded")
        for file in self.snapshots.glob("*.tar"):
            file.unlink()

    def keep(self, work: Callable[[int], None], pause_s: float) -> threading.Thread:
        """Does the work over and over in a thread of its own."""

        def run() -> None:
            turn = 0
            while not self.over.is_set():
                try:
                    work(turn)
                except Exception as error:  # whatever it is, it is a finding
                    self.wrong.append(f"{work.__name__}: {error!r}")
                    self.over.wait(1)
                turn += 1
                self.over.wait(pause_s)

        thread = threading.Thread(target=run)
        thread.start()
        return thread


def run(inlier: str, data: Path, seconds: float, snapshot_every_s: float, memory: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        snapshots = Path(folder) / "snapshots"
        snapshots.mkdir()
        server = Server(
            inlier, "--db", f"{folder}/db", "--log", "none", "--snapshots", str(snapshots)
        )
        server.wait()
        traffic = Traffic(server, data, snapshots)
        for name, picture in traffic.items.items():
            if name not in traffic.coming:
                traffic.ask("PUT", f"/v1/items/{name}", picture, 201)
        files = server.open_files()
        threads = [traffic.keep(traffic.query, 0.05), traffic.keep(traffic.query, 0.05)]
        threads += [
            traffic.keep(traffic.change, 0.05),
            traffic.keep(traffic.snapshot, snapshot_every_s),
        ]
        samples = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(min(SAMPLE_S, max(0.1, until - time.monotonic())))
            samples.append(server.memory_mb())
        traffic.over.set()
        for thread in threads:
            thread.join()
        time.sleep(1)
        more_files = server.open_files()
        more_files.subtract(files)
        server.stop()
    quarter = max(1, len(samples) // 4)
    early, late = max(samples[quarter : 2 * quarter] or samples), max(samples[-quarter:])
    for what, count in sorted(traffic.count.items()):
        print(f"soak: {what}: {count:,}")
    print(f"soak: memory: {early:.0f} MB in the second quarter of the time, {late:.0f} in the last")
    changed = ", ".join(f"{n:+d} {kind}" for kind, n in sorted(more_files.items()) if n)
    print(f"soak: open files: {changed or 'as before'}")
    if memory and late > MOST_GROWTH * early + SPARE_MB:
        traffic.wrong.append("memory grows")
    # RocksDB keeps the tables open that there are, and a snapshot makes small ones, until it merges
    # them.
    del more_files[".sst"]
    if more_files.total() > 4:
        traffic.wrong.append("open files grow")
    for line in traffic.wrong[:20]:
        print(f"soak: WRONG: {line}")
    print(f"soak: {'failed' if traffic.wrong else 'passed'} after {seconds:.0f} s")
    return 1 if traffic.wrong else 0


def main() -> int:
    data = Path(os.environ.get("INLIER_DATA", ROOT.parent / "shared/data")) / "smvs-book"
    parser = argparse.ArgumentParser()
    parser.add_argument("inlier")
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--snapshot-every", type=float, default=20)
    parser.add_argument("--no-memory", action="store_true")
    chosen = parser.parse_args()
    return run(chosen.inlier, data, chosen.seconds, chosen.snapshot_every, not chosen.no_memory)


if __name__ == "__main__":
    sys.exit(main())
