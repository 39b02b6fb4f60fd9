"""Measures what pictures cost: a query with a photo of 12 megapixels, indexing, and starting.

Runs the program in turn with another build of it, if one is given, each on one thread, and prints
medians of CPU time. See scripts/bench.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PHOTOS = 12
ROUNDS = 5
SETS = ("smvs-dvd", "smvs-book", "grocery")


def cpu_s(command: list[str]) -> tuple[float, int]:
    """CPU seconds and peak kilobytes of a command."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{' '.join(command[:2])} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


class Build:
    """One build of the program, with a database of its own."""

    def __init__(self, program: Path, out: Path, name: str) -> None:
        self.program, self.db, self.name = str(program), out / f"{name}.db", name

    def index_ms_an_item(self, catalogue: Path) -> float:
        subprocess.run(["rm", "-rf", str(self.db)], check=True)
        command = [self.program, "index", str(catalogue), "--db", str(self.db), "--threads", "1"]
        seconds, _ = cpu_s(command)
        run = subprocess.run(
            [self.program, "stats", "--db", str(self.db), "--format", "jsonl"],
            capture_output=True,
            check=True,
        )
        return 1000 * seconds / int(json.loads(run.stdout)["items"])

    def query_ms(self, photos: list[Path]) -> float:
        """CPU of one photo more: what it costs to start is in both runs, and cancels out."""
        base = [self.program, "query", "--db", str(self.db), "--threads", "1", "--quiet"]
        many, _ = cpu_s(base + [str(p) for p in photos])
        one, _ = cpu_s([*base, str(photos[0])])
        return 1000 * (many - one) / (len(photos) - 1)

    def start_ms(self) -> float:
        return 1000 * min(cpu_s([self.program, "version"])[0] for _ in range(5))

    def peak_mb(self, photo: Path) -> float:
        """Peak memory of the program that answers a photo from a small database."""
        command = [self.program, "query", str(photo), "--db", str(self.db), "--threads", "1"]
        return cpu_s(command)[1] / 1024


def sampled_photos(data: Path) -> list[str]:
    chosen = []
    for name in SETS:
        with (data / name / "queries.csv").open(encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
        each = PHOTOS // len(SETS)
        chosen += [str(data / name / rows[i * len(rows) // each]["image"]) for i in range(each)]
    return chosen


def measure(builds: list[Build], data: Path, photos: Path) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, list[float]]] = {b.name: {} for b in builds}

    def note(build: Build, what: str, value: float) -> None:
        results[build.name].setdefault(what, []).append(value)

    for name in SETS:
        for _ in range(ROUNDS):
            for build in builds:
                ms = build.index_ms_an_item(data / name / "catalogue.csv")
                note(build, f"index {name}, ms an item", ms)
    for _ in range(ROUNDS):
        for ending in ("jpg", "png"):
            files = [photos / f"{i}.{ending}" for i in range(PHOTOS)]
            for build in builds:
                note(build, f"query of a 12-MP {ending.upper()}, ms", build.query_ms(files))
        for build in builds:
            note(build, "start, ms", build.start_ms())
    for build in builds:
        note(build, "peak memory, 12-MP JPG, MB", build.peak_mb(photos / "0.jpg"))
    return {
        name: {what: round(statistics.median(values), 1) for what, values in by.items()}
        for name, by in results.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--large-photos", type=Path, required=True)
    parser.add_argument("--against", type=Path, help="another build of the program")
    arguments = parser.parse_args()
    photos = arguments.out / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    if not (photos / f"{PHOTOS - 1}.png").exists():
        command = [str(arguments.large_photos), str(photos), *sampled_photos(arguments.data)]
        subprocess.run(command, check=True)
    builds = [Build(arguments.program, arguments.out, "this")]
    if arguments.against:
        builds.append(Build(arguments.against, arguments.out, "other"))
    results = measure(builds, arguments.data, photos)
    (arguments.out / "pictures.json").write_text(json.dumps(results, indent=2) + "\n")
    for what in results["this"]:
        print(f"{what:36}", *(f"{by[what]:8}" for by in results.values()))


if __name__ == "__main__":
    main()
