#!/usr/bin/env python3
"""Whether a gateway to shards answers as one server does, and what that costs.

usage: shards.py --data DIR --out DIR --program PROGRAM [--shards LIST] [--photos N]
                 [--distractors N] [--simulate [--simulated LIST] [--load SHARE] [--queries N]]

All catalogues of the data sets, and N distractors (default: 416), are one database, and are cut
into shards with its vocabulary by the bytes of the pictures. For each number of shards (default:
1,4,8) servers and a gateway are started on this machine, each with one worker, and N photos
(default: 108) are asked in turn of the one server and of the gateway, all hits, over HTTP. Counted
are the photos whose answers are the same but for timings and, when they are asked once more and
nothing has to be read for the first time, the CPU time of each process. With 4
shards, what each round takes at a shard is recorded as well.

With --simulate nothing is measured: those times are what a simulation of many shards begins with
(shard_simulation.py), and `inlier plan` says what a hundred million items would need.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from footprint import photos_of
from program_runs import Database, Row, run, write_table
from quality_truth import catalogue
from served import Server
from tables_common import made

Answer = dict[str, Any]
QUIET = ("--log", "none", "--workers", "1")
RECORDED = "4"
# As engine/shards/messages.h numbers them.
ROUNDS = {3: "count", 4: "rank", 7: "keypoints", 8: "descriptors"}
PAPER_ITEMS = 100_000_000
PAPER_MEMORY_GB = (64, 256)
OF_THE_PLACE = ("timings_ms", "coverage", "last_change", "generation")


def cut(rows: list[Row], shards: int) -> list[list[Row]]:
    """The rows of each shard. Copies of a picture go to the same shard."""
    parts: list[list[Row]] = [[] for _ in range(shards)]
    for item in rows:
        digest = hashlib.sha256(Path(item["image"]).read_bytes()).hexdigest()
        parts[int(digest[:8], 16) % shards].append(item)
    return parts


def answer_of(server: Server, photo: bytes) -> Answer:
    status, content = server.answer("POST", "/v1/query?all=true&top=50", photo)
    assert status == 200, content
    answer: Answer = json.loads(content)
    return {name: value for name, value in answer.items() if name not in OF_THE_PLACE}


def index(program: Path, out: Path, rows: list[Row], shards: int) -> list[Answer]:
    """Makes a database of each shard; its items and where it is."""
    made_of = []
    for number, part in enumerate(cut(rows, shards)):
        name = out / f"shard-{number}-of-{shards}"
        table = write_table(name.with_suffix(".csv"), part)
        database = name.with_suffix(".db")
        run(["rm", "-rf", str(database)])
        command = [str(program), "index", str(table), "--db", str(database)]
        run([*command, "--vocabulary", str(out / "vocabulary"), "--quiet"])
        made_of.append({"items": len(part), "database": database})
    return made_of


@contextmanager
def served(
    program: Path, out: Path, parts: list[Answer], log: Path | None = None
) -> Iterator[tuple[list[Server], Server]]:
    """A server of each shard, which may log into the folder `log`, and their gateway."""
    servers: list[Server] = []
    try:
        table = []
        for number, part in enumerate(parts):
            where = "none" if log is None else str(log / f"{number}.jsonl")
            flags = ("--log", where, "--workers", "1", "--db", str(part["database"]))
            servers.append(Server(program, *flags))
            url = f"http://127.0.0.1:{servers[-1].port}"
            table.append({"shard": number, "items": part["items"], "replicas": [{"url": url}]})
        placement = out / "placement.json"
        placement.write_text(json.dumps({"version": 1, "shards": table}))
        for server in servers:
            server.wait()
        gateway = Server(program, *QUIET, "--cluster", str(placement))
        servers.append(gateway)
        gateway.wait()
        yield servers[:-1], gateway
    finally:
        for server in reversed(servers):
            server.stop()


def compare(program: Path, out: Path, parts: list[Answer], photos: list[str]) -> Answer:
    """The one server and a gateway to the shards, asked in turn."""
    one = Server(program, *QUIET, "--db", str(out / "one.db"))
    try:
        with served(program, out, parts) as (shards, gateway):
            servers = [one, *shards, gateway]
            one.wait()
            bodies = [Path(photo).read_bytes() for photo in photos]
            same = sum(answer_of(one, body) == answer_of(gateway, body) for body in bodies)
            before = [server.cpu_ms() for server in servers]
            for body in bodies:
                answer_of(one, body)
                answer_of(gateway, body)
            spent = [
                (server.cpu_ms() - start) / len(photos)
                for server, start in zip(servers, before, strict=True)
            ]
    finally:
        one.stop()
    return {
        "shards": len(parts),
        "same": same,
        "one_cpu_ms": spent[0],
        "gateway_cpu_ms": spent[-1],
        "shards_cpu_ms": sum(spent[1:-1]),
    }


def record(program: Path, out: Path, parts: list[Answer], photos: list[str]) -> Answer:
    """What each round takes at a shard, from the logs of the shards: the time of every request,
    and the requests and bytes of a photo."""
    logs = out / "logs"
    run(["rm", "-rf", str(logs)])
    logs.mkdir()
    with served(program, out, parts, logs) as (_, gateway):
        for photo in photos:
            answer_of(gateway, Path(photo).read_bytes())
    rounds: dict[str, Answer] = {}
    for file in logs.glob("*.jsonl"):
        for line in file.read_text().splitlines():
            told = json.loads(line)
            name = ROUNDS.get(told.get("round", 0))
            if name is None:
                continue
            one = rounds.setdefault(name, {"service_ms": [], "requests": 0.0, "bytes": 0.0})
            one["service_ms"].append(round(told["total_ms"], 3))
            one["requests"] += 1 / len(photos)
            one["bytes"] += (told.get("bytes_in", 0) + told.get("bytes_out", 0)) / len(photos)
    return {"shards": len(parts), "items": parts[0]["items"], "rounds": rounds}


def paper(program: Path, items: int, node_memory_gb: int) -> Answer:
    """What `inlier plan` says about a cluster for this many items."""
    command = [str(program), "plan", "--items", str(items), "--format", "jsonl"]
    plan: Answer = json.loads(run([*command, "--node-memory-gb", str(node_memory_gb)]).text)
    return {"items": items, "node_memory_gb": node_memory_gb, **plan["cluster"]}


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("--data", "--out", "--program"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--shards", default="1,4,8")
    parser.add_argument("--photos", type=int, default=108)
    parser.add_argument("--distractors", type=int, default=416)
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--simulated", default="1,4,16,64,256,1000")
    parser.add_argument("--load", type=float, default=0.2)
    parser.add_argument("--queries", type=int, default=2000)
    chosen = parser.parse_args()
    if chosen.simulate:
        write_simulation(chosen)
    else:
        measure(chosen)


def measure(chosen: argparse.Namespace) -> None:
    """Measures, and writes OUT/shards.json."""
    out: Path = chosen.out / "shards"
    out.mkdir(parents=True, exist_ok=True)
    rows = catalogue(chosen.data)
    others = [item for item in rows if item["id"].startswith("distractors/")]
    rows = [item for item in rows if item not in others] + others[: chosen.distractors]
    one = Database(chosen.program, out / "one.db")
    one.index(write_table(out / "all.csv", rows))
    run([one.program, "vocabulary", "--db", str(one.path), "--out", str(out / "vocabulary")])
    photos = photos_of(chosen.data, chosen.photos)
    runs, recorded = [], {}
    for shards in chosen.shards.split(","):
        parts = index(chosen.program, out, rows, int(shards))
        runs.append(compare(chosen.program, out, parts, photos))
        if shards == RECORDED:
            recorded = record(chosen.program, out, parts, photos)
    figures = {"made": made(), "items": len(rows), "photos": len(photos), "runs": runs}
    if recorded:
        figures["recorded"] = recorded
    (chosen.out / "shards.json").write_text(json.dumps(figures))


def write_simulation(chosen: argparse.Namespace) -> None:
    """Simulates many shards with the times that OUT/shards.json has recorded, and writes
    OUT/shard-simulation.json."""
    from shard_simulation import simulate

    measured = json.loads((chosen.out / "shards.json").read_text())
    recorded = measured["recorded"]
    numbers = [int(number) for number in chosen.simulated.split(",")]
    figures = {
        "made": made(),
        "measured": measured["made"],
        "items": recorded["items"],
        "load": chosen.load,
        "queries": chosen.queries,
        "rows": simulate(recorded, numbers, chosen.load, chosen.queries),
        "paper": [paper(chosen.program, PAPER_ITEMS, gb) for gb in PAPER_MEMORY_GB],
    }
    (chosen.out / "shard-simulation.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
