#!/usr/bin/env python3
"""Whether a gateway to N shards answers as one server does, bit for bit, for every method.

usage: shard_equality.py --data DIR --out DIR --program PROGRAM [--methods LIST] [--shards LIST]
                         [--others LIST] [--drawn N] [--photos N] [--distractors N]

There are two catalogues: all those of the data sets with N distractors (default: 416), and N items
that are drawn (default: 20,000). For each method a database is made of each, and the same items in
shards: sift in each number of its LIST (default: 1,2,3,8), the others in those of theirs (default:
3). Servers and a gateway to them are started, the gateway finds the twins in different shards and
is given them, and N photos (default: 108 of the data sets, as many of drawn items) are asked of the
one server and of the gateway: all hits with their evidence, those that satisfy a condition, and,
for a few photos, with exact search. Compared is every byte of the answers but for timings and what
says where they were made. Writes OUT/shard-equality.json after each comparison. A run that was
stopped goes on behind those that are there; remove the file to compare everything again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drawn_items import write_items, write_photos
from footprint import photos_of
from program_runs import Row, run, write_table
from quality_truth import catalogue
from served import Server
from shards import OF_THE_PLACE, QUIET, cut, served
from tables_common import made

FIRST = "sift"
JOINT = "joint"  # the other catalogue has no twins
EXACT_PHOTOS = 4
BUSY_TRIES = 20
WITHOUT_VOCABULARY = ("look", "deep")
ASKED = ("all=true&top=50&explain=true", "all=true&top=50&where=half%3Da")
EXACT = "all=true&top=50&explain=true&exact=true"


def halved(rows: list[Row]) -> list[Row]:
    """The rows with a column that has one value for half of the items and another for the rest."""
    return [
        {"id": item["id"], "image": item["image"], "half": "ab"[index % 2]}
        for index, item in enumerate(rows)
    ]


def index(program: Path, method: str, table: Path, database: Path, vocabulary: Path | None) -> None:
    run(["rm", "-rf", str(database)])
    command = [str(program), "index", str(table), "--db", str(database), "--quiet"]
    shared = ["--vocabulary", str(vocabulary)] if vocabulary else []
    run([*command, "--features", method, *shared])


def patiently(server: Server, method: str, target: str, body: bytes | None = None) -> Any:
    status, content = server.answer(method, target, body)
    for _ in range(BUSY_TRIES):
        if status != 503:
            break
        time.sleep(1.0)  # a server with one worker, on a machine that does other things
        status, content = server.answer(method, target, body)
    if status != 200:
        raise SystemExit(f"{status} {content!r}")
    return json.loads(content)


def answer_of(server: Server, photo: bytes, parameters: str) -> Any:
    answer = patiently(server, "POST", f"/v1/query?{parameters}", photo)
    return {name: value for name, value in answer.items() if name not in OF_THE_PLACE}


def pairs_of(gateway: Server, shards: int) -> list[str]:
    """The twins in different shards, as lines of a file."""
    lines: set[str] = set()
    for shard in range(shards):
        begin: int | None = 0
        while begin is not None:
            target = f"/v1/cluster/twins?shard={shard}&begin={begin}&limit=128"
            found = patiently(gateway, "GET", target)
            lines.update(json.dumps(pair) + "\n" for pair in found["pairs"])
            begin = found["next"]
    return sorted(lines)


def give_twins(gateway: Server, out: Path, shards: int) -> int:
    """Has the gateway find the twins, and waits until it knows them."""
    lines = pairs_of(gateway, shards)
    (out / "twins.jsonl").write_text("".join(lines))
    placement = json.loads((out / "placement.json").read_text())
    new = out / "placement.new"
    new.write_text(json.dumps({**placement, "twins": "twins.jsonl"}))
    new.rename(out / "placement.json")
    time.sleep(2.0)  # it looks five times a second
    return len(lines)


def compare(
    program: Path,
    out: Path,
    method: str,
    rows: list[Row],
    shards: int,
    photos: Sequence[str],
    seek_twins: bool,
) -> dict[str, Any]:
    """OUT/one.db and OUT/vocabulary are there."""
    vocabulary = None if method in WITHOUT_VOCABULARY else out / "vocabulary"
    parts = []
    for number, part in enumerate(cut(rows, shards)):
        database = out / f"shard-{number}.db"
        index(program, method, write_table(out / "shard.csv", part), database, vocabulary)
        parts.append({"items": len(part), "database": database})
    one = Server(program, *QUIET, "--db", str(out / "one.db"))
    asked = same = 0
    differ: list[str] = []
    try:
        with served(program, out, parts) as (_, gateway):
            one.wait()
            twins = give_twins(gateway, out, shards) if vocabulary and seek_twins else 0
            for place, photo in enumerate(photos):
                body = Path(photo).read_bytes()
                for parameters in (*ASKED, EXACT) if place < EXACT_PHOTOS else ASKED:
                    asked += 1
                    if answer_of(one, body, parameters) == answer_of(gateway, body, parameters):
                        same += 1
                    else:
                        differ.append(f"{photo} {parameters}")
    finally:
        one.stop()
    told = {"shards": shards, "asked": asked, "same": same, "twins_apart": twins}
    print(json.dumps({"method": method, **told, "differ": differ[:5]}), flush=True)
    return told


class Kept:
    """The comparisons in a file, each with where it was made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: list[dict[str, Any]] = []
        if path.exists():
            self.runs = json.loads(path.read_text())["runs"]

    def has(self, catalogue: str, method: str, shards: int) -> bool:
        wanted = (catalogue, method, shards)
        return any((r["catalogue"], r["method"], r["shards"]) == wanted for r in self.runs)

    def add(self, told: dict[str, Any]) -> None:
        self.runs.append({"made": made(), **told})
        text = json.dumps({"runs": self.runs}, indent=1)
        self.path.with_suffix(".new").write_text(text)
        self.path.with_suffix(".new").rename(self.path)


def of_catalogue(
    chosen: argparse.Namespace, name: str, rows: list[Row], photos: list[str], kept: Kept
) -> None:
    out: Path = chosen.out / "shard-equality" / name
    out.mkdir(parents=True, exist_ok=True)
    rows = halved(rows)
    table = write_table(out / "all.csv", rows)
    for method in chosen.methods.split(","):
        numbers = chosen.shards if method == FIRST else chosen.others
        wanted = [n for n in map(int, numbers.split(",")) if not kept.has(name, method, n)]
        if not wanted:
            continue
        one = out / "one.db"
        index(chosen.program, method, table, one, None)
        if method not in WITHOUT_VOCABULARY:
            words = str(out / "vocabulary")
            run([str(chosen.program), "vocabulary", "--db", str(one), "--out", words])
        for number in wanted:
            told = compare(chosen.program, out, method, rows, number, photos, name == JOINT)
            kept.add({"catalogue": name, "items": len(rows), "method": method, **told})


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("--data", "--out", "--program"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--methods", default="sift,surf,orb,brief,look,deep,hybrid")
    parser.add_argument("--shards", default="1,2,3,8")
    parser.add_argument("--others", default="3")
    parser.add_argument("--drawn", type=int, default=20_000)
    parser.add_argument("--photos", type=int, default=108)
    parser.add_argument("--distractors", type=int, default=416)
    chosen = parser.parse_args()
    rows = catalogue(chosen.data)
    others = [item for item in rows if item["id"].startswith("distractors/")]
    real = [item for item in rows if item not in others] + others[: chosen.distractors]
    kept = Kept(chosen.out / "shard-equality.json")
    of_catalogue(chosen, JOINT, real, photos_of(chosen.data, chosen.photos), kept)
    if chosen.drawn:
        folder = chosen.out / "shard-equality" / "pictures"
        drawn = write_items(folder, chosen.drawn)
        photos = write_photos(folder / "photos", chosen.drawn, chosen.photos)
        of_catalogue(chosen, "drawn", drawn, photos, kept)


if __name__ == "__main__":
    main()
