#!/usr/bin/env python3
"""What an item and a query cost, in turn with another build of the program.

usage: footprint.py --data DIR --out DIR --program PROGRAM --against PROGRAM [--rounds N]
                    [--photos N] [--keep]

Both builds index all catalogues of the data sets as one, on one thread. Then they are asked the
same photos in turn, N rounds (default: 5), on one thread; what is given is the median over rounds
of the mean over photos of the stages after decoding and extraction. The instructions are those that
valgrind's callgrind counts for every tenth of these photos, less those of one photo alone. The rate
of two threads is that for all photos of the data sets, so that the end, where one of them has
nothing left to do, counts little. --keep uses databases that an earlier run has left in OUT.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from program_runs import Database, write_table
from quality_truth import SETS, catalogue, read_photos
from tables_common import made

Figures = dict[str, Any]
BEFORE_SEARCH = ("decode", "extract", "total")


def photos_of(data: Path, count: int) -> list[str]:
    """The same number from each set, evenly."""
    photos = read_photos(data)
    chosen = []
    for name in SETS:
        of_set = [photo.path for photo in photos if photo.dataset == name]
        wanted = max(1, count // len(SETS))
        chosen += [of_set[i * len(of_set) // wanted] for i in range(min(wanted, len(of_set)))]
    return chosen


def size(database: Database) -> Figures:
    """Bytes of a face, in the units of the program's own statistics."""
    stats = database.stats()
    memory = stats["index_bytes"] + stats["mapped_bytes"]
    return {
        "items": stats["items"],
        "memory_item_bytes": memory / stats["items"],
        "disk_item_bytes": stats["disk_bytes"] / stats["items"],
    }


def search_ms(database: Database, photos: list[str]) -> tuple[float, float]:
    """Milliseconds of a photo after decoding and extraction, and CPU milliseconds of all of it."""
    answers, cpu_ms = database.ask(photos)
    searched = [
        sum(ms for stage, ms in answer["timings_ms"].items() if stage not in BEFORE_SEARCH)
        for answer in answers
    ]
    return statistics.mean(searched), cpu_ms


def instructions(database: Database, photos: list[str], out: Path) -> float:
    """Millions of instructions of a photo."""

    def counted(asked: list[str]) -> int:
        trace = out / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={trace}"]
        command += [database.program, "query", "--db", str(database.path), "--threads", "1"]
        subprocess.run(
            [*command, "--quiet", *asked],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        summary = [
            s for s in trace.read_text().splitlines() if s.startswith(("summary:", "totals:"))
        ]
        trace.unlink()
        return int(summary[0].split()[1])

    return (counted(photos) - counted(photos[:1])) / (len(photos) - 1) / 1e6


def asking_s(database: Database, photos: list[str], threads: int) -> float:
    """Seconds for all of the photos, without what it takes to start and open."""

    def taken(asked: list[str]) -> float:
        command = [database.program, "query", "--db", str(database.path), "--quiet"]
        command += ["--threads", str(threads), "--format", "jsonl", *asked]
        begin = time.monotonic()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        return time.monotonic() - begin

    return taken(photos) - taken(photos[:1])


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--against", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", type=int, default=90)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    data, out = arguments.data.resolve(), arguments.out
    out.mkdir(parents=True, exist_ok=True)
    table = write_table(out / "catalogue.csv", catalogue(data))
    photos = photos_of(data, arguments.photos)
    everything = [photo.path for photo in read_photos(data)]
    programs = {"against": arguments.against, "this": arguments.program}
    databases = {
        name: Database(program.resolve(), out / f"footprint-{name}.db")
        for name, program in programs.items()
    }
    figures: Figures = {"made": made(), "photos": len(photos), "rounds": arguments.rounds}
    for name, database in databases.items():
        of_build: Figures = {}
        if not (arguments.keep and database.path.exists()):
            of_build["index_cpu_s"] = database.index(table).cpu_s
        figures[name] = of_build | size(database)
        print(name, figures[name], flush=True)
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in databases}
    for _ in range(arguments.rounds):
        for name, database in databases.items():
            rounds[name].append(search_ms(database, photos))
    for name, database in databases.items():
        figures[name]["search_ms"] = statistics.median(searched for searched, _ in rounds[name])
        figures[name]["photo_cpu_ms"] = statistics.median(cpu for _, cpu in rounds[name])
        figures[name]["photo_minstructions"] = instructions(database, photos[::10], out)
        pairs = [[asking_s(database, everything, threads) for threads in (1, 2)] for _ in range(3)]
        figures[name]["two_threads"] = statistics.median(one / two for one, two in pairs)
        print(name, figures[name], flush=True)
    (out / "footprint.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
