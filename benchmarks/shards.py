#!/usr/bin/env python3
"""Whether a gateway to shards answers as one server does, and what that costs.

usage: shards.py --data DIR --out DIR --program PROGRAM [--shards LIST] [--photos N]
                 [--distractors N]

All catalogues of the data sets, and N distractors (default: 416), are one database, and are cut
into shards with its vocabulary by the bytes of the pictures. For each number of shards (default:
1,4,8) servers and a gateway are started on this machine, each with one worker, and N photos
(default: 108) are asked in turn of the one server and of the gateway, all hits, over HTTP. Counted
are the photos whose answers are the same but for timings, and the CPU time of each process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from footprint import photos_of
from program_runs import Database, Row, run, write_table
from quality_truth import catalogue
from served import Server
from tables_common import made

Answer = dict[str, Any]
QUIET = ("--log", "none", "--workers", "1")
OF_THE_PLACE = ("timings_ms", "coverage", "last_change", "generation")


def cut(rows: list[Row], shards: int) -> list[list[Row]]:
    """Copies of a picture come into one shard."""
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


def compare(program: Path, out: Path, rows: list[Row], shards: int, photos: list[str]) -> Answer:
    """The one server and a gateway to so many shards, asked in turn."""
    servers = [Server(program, *QUIET, "--db", str(out / "one.db"))]
    try:
        table = []
        for number, part in enumerate(cut(rows, shards)):
            name = out / f"shard-{number}-of-{shards}"
            write_table(name.with_suffix(".csv"), part)
            database = name.with_suffix(".db")
            run(["rm", "-rf", str(database)])
            command = [str(program), "index", str(name.with_suffix(".csv")), "--db", str(database)]
            run([*command, "--vocabulary", str(out / "vocabulary"), "--quiet"])
            servers.append(Server(program, *QUIET, "--db", str(database)))
            url = f"http://127.0.0.1:{servers[-1].port}"
            table.append({"shard": number, "items": len(part), "replicas": [{"url": url}]})
        placement = out / "placement.json"
        placement.write_text(json.dumps({"version": 1, "shards": table}))
        for server in servers:
            server.wait()
        gateway = Server(program, *QUIET, "--cluster", str(placement))
        servers.append(gateway)
        gateway.wait()
        one, parts = servers[0], servers[1:-1]
        answer_of(one, Path(photos[0]).read_bytes())
        answer_of(gateway, Path(photos[0]).read_bytes())
        before = [server.cpu_ms() for server in servers]
        same = 0
        for photo in photos:
            body = Path(photo).read_bytes()
            same += answer_of(one, body) == answer_of(gateway, body)
        spent = [
            (server.cpu_ms() - start) / len(photos)
            for server, start in zip(servers, before, strict=True)
        ]
        return {
            "shards": len(parts),
            "same": same,
            "one_cpu_ms": spent[0],
            "gateway_cpu_ms": spent[-1],
            "shards_cpu_ms": sum(spent[1:-1]),
        }
    finally:
        for server in reversed(servers):
            server.stop()


def main() -> None:
    """Measures, and writes OUT/shards.json."""
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("--data", "--out", "--program"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--shards", default="1,4,8")
    parser.add_argument("--photos", type=int, default=108)
    parser.add_argument("--distractors", type=int, default=416)
    chosen = parser.parse_args()
    out: Path = chosen.out / "shards"
    out.mkdir(parents=True, exist_ok=True)
    rows = catalogue(chosen.data)
    others = [item for item in rows if item["id"].startswith("distractors/")]
    rows = [item for item in rows if item not in others] + others[: chosen.distractors]
    one = Database(chosen.program, out / "one.db")
    one.index(write_table(out / "all.csv", rows))
    run([one.program, "vocabulary", "--db", str(one.path), "--out", str(out / "vocabulary")])
    photos = photos_of(chosen.data, chosen.photos)
    runs = [
        compare(chosen.program, out, rows, int(shards), photos)
        for shards in chosen.shards.split(",")
    ]
    figures = {"made": made(), "items": len(rows), "photos": len(photos), "runs": runs}
    (chosen.out / "shards.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
