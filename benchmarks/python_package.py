#!/usr/bin/env python3
"""Measures the Python package: what it adds to the engine, and whether anything grows.

python_package.py INLIER CATALOGUE PHOTOS WORK [--rounds N]
    INLIER is the command of the same build, beside which inlier-bench-clock was built, CATALOGUE
    and PHOTOS are folders of pictures, WORK is an empty folder. Run it with the Python that has
    the package: build/python/bin/python.

Prints a table for docs/evaluation/results.md. Times are medians by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import inlier
import numpy as np
from inlier.pictures import as_picture, read_picture

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
TURNS = 5
ENDINGS = {".jpg", ".jpeg", ".png"}
# The command line makes the allocator keep freed memory (engine/threads.h); a library leaves that
# to its process. The rates are compared with equal allocators.
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_MAX_": "0"}


def median_ms(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(taken)


def overhead_ms(shop: inlier.Database, pixels: Pixels, times: int = 300) -> list[float]:
    """What a query of pixels takes beyond the engine's own clock, in ascending order."""
    beyond = []
    for _ in range(times):
        begun = time.perf_counter()
        answer = shop.query(pixels, order="bgr")
        beyond.append(1e3 * (time.perf_counter() - begun) - answer.timings_ms["total"])
    return sorted(beyond)


def cxx_overhead_ms(program: str, database: Path, photo: Path) -> list[float]:
    """The same of a query in C++, in ascending order."""
    clock = Path(program).parent / "benchmarks/inlier-bench-clock"
    shown = subprocess.check_output([clock, "--db", database, "--photo", photo])
    beyond: list[float] = json.loads(shown)["beyond_ms"]
    return beyond


def least_ms(work: Callable[[], object]) -> float:
    """The shortest of many times, since other programs have disturbed it the least."""
    return min(median_ms(work, 1) for _ in range(300))


def parts_ms(shop: inlier.Database, pixels: Pixels) -> tuple[float, float, float]:
    """What the package itself does for a query: takes in the pixels, hands a call to the engine and
    gets its result (here of an item that is not there), and makes an answer of the text."""
    text = json.dumps(shop.query(pixels, order="bgr").to_dict())
    return (
        least_ms(lambda: as_picture(pixels, "bgr")),
        least_ms(lambda: "nobody" in shop),
        least_ms(lambda: inlier.Answer(json.loads(text))),
    )


class Rate:
    """Photos a second by the clock, and what a photo takes of the processors."""

    def __init__(self, photos: int, wall_s: float, cpu_s: float) -> None:
        self.per_s = photos / wall_s
        self.cpu_ms = 1e3 * cpu_s / photos


def package_rate(shop: inlier.Database, photos: list[Path], threads: int) -> Rate:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in shop.query_many(photos, threads=threads):
        pass
    return Rate(len(photos), time.perf_counter() - wall, time.process_time() - cpu)


def command_rate(program: str, database: Path, photos: list[Path], threads: int) -> Rate:
    def run(asked: list[Path]) -> tuple[float, float]:
        command = [program, "query", *map(str, asked), "--db", str(database), "--quiet"]
        command += ["--threads", str(threads), "--format", "jsonl"]
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Opening the database is no part of the rate, in neither of the two.
    start_wall, start_cpu = run(photos[:threads])
    wall, cpu = run(photos)
    return Rate(len(photos) - threads, wall - start_wall, cpu - start_cpu)


def import_ms() -> tuple[float, float]:
    """By the clock, and of the processor."""
    clocks = "t = time.perf_counter(), time.process_time()"
    code = f"import time; {clocks}; import inlier; print(time.perf_counter() - t[0], "
    code += "time.process_time() - t[1])"
    taken = []
    for _ in range(11):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        taken.append([1e3 * float(number) for number in run.stdout.split()])
    return statistics.median(one[0] for one in taken), statistics.median(one[1] for one in taken)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def growth(database: Path, photo: Path, rounds: int) -> tuple[float, int]:
    """MB and descriptors by which the process grows over these rounds of open, ask, close.
    The first tenth is not counted: caches fill."""
    small = read_picture(photo)[::16, ::16].copy()
    quick = {"photo.max_features": 0, "decide.second_looks": 0}
    before = (0.0, 0)
    for number in range(rounds + rounds // 10):
        if number == rounds // 10:
            before = resident_mb(), len(os.listdir("/proc/self/fd"))
        with inlier.open(database, options=quick) as shop:
            shop.query(small, order="bgr")
    return resident_mb() - before[0], len(os.listdir("/proc/self/fd")) - before[1]


def extracted(photo: Path) -> str:
    features = inlier.extract(photo)
    rows = features.descriptors
    in_place = np.shares_memory(rows, features.descriptors)
    took = median_ms(lambda: features.descriptors, 100)
    return f"{rows.shape[0]} × {rows.shape[1]}, {'in place' if in_place else 'COPIED'}, {took:.4f}"


def row(figure: str, aim: str, measured: str) -> None:
    print(f"| {figure} | {aim} | {measured} |")


def show_overhead(shop: inlier.Database, photo: Path, program: str, database: Path) -> None:
    pixels = read_picture(photo)
    beyond = overhead_ms(shop, pixels)
    with ThreadPoolExecutor(1) as pool:
        elsewhere = pool.submit(overhead_ms, shop, pixels).result()
    in_cxx = cxx_overhead_ms(program, database, photo)
    most = statistics.median(beyond) - statistics.median(in_cxx)
    row("`query` of pixels, beyond the same call in C++ (medians)", "≤ 0.3 ms", f"{most:.2f} ms")
    row(
        "of both, beyond the engine's own clock",
        "",
        f"{statistics.median(beyond):.2f} and {statistics.median(in_cxx):.2f} ms; in the quickest "
        f"tenth {beyond[len(beyond) // 10]:.2f} and {in_cxx[len(in_cxx) // 10]:.2f} ms",
    )
    takes_in, hands_over, makes = parts_ms(shop, pixels)
    row(
        "of the query in the package: pixels in, the call, the answer",
        "≤ 0.3 ms",
        f"{takes_in:.3f} + {hands_over:.3f} + {makes:.3f} = {takes_in + hands_over + makes:.3f} ms",
    )
    row(
        "the same on a thread that is not the main one",
        "≤ 0.3 ms",
        f"{elsewhere[len(elsewhere) // 10]:.2f} ms, median {statistics.median(elsewhere):.2f} ms",
    )


def show_rate(
    shop: inlier.Database, photos: list[Path], program: str, database: Path, threads: int
) -> None:
    turns = []
    part = len(photos) // TURNS
    for turn in range(TURNS):  # since a machine is not equally busy at all times
        asked = photos[turn * part : (turn + 1) * part]
        own = package_rate(shop, asked, threads)
        turns.append((own, command_rate(program, database, asked, threads)))
    of_rate = statistics.median(own.per_s / theirs.per_s for own, theirs in turns)
    of_cpu = statistics.median(own.cpu_ms / theirs.cpu_ms for own, theirs in turns)
    row(
        f"`query_many` on {threads} threads, of the command's rate",
        "≥ 0.95",
        f"{of_rate:.2f}; processor time of a photo {of_cpu:.3f} of the command's",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("inlier")
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ALLOCATOR.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})

    database = chosen.work / "shop.db"
    photos = [path for path in sorted(chosen.photos.iterdir()) if path.suffix.lower() in ENDINGS]
    with inlier.open(database, create=True) as shop:
        shop.index(chosen.catalogue, threads=chosen.threads)
    print("| figure | aim | measured |")
    print("|---|---|---|")
    with inlier.open(database) as shop:
        list(shop.query_many(photos[:20], threads=chosen.threads))  # the first ones read the index
        show_overhead(shop, photos[0], chosen.inlier, database)
        show_rate(shop, photos, chosen.inlier, database, chosen.threads)
    row("`extract`: descriptors, and ms to show them", "in place", f"{extracted(photos[0])} ms")
    by_clock, of_processor = import_ms()
    row(
        "import",
        "≤ 150 ms",
        f"{by_clock:.0f} ms by the clock, {of_processor:.0f} ms of the processor",
    )
    megabytes, descriptors = growth(database, photos[0], chosen.rounds)
    row(
        f"growth in {chosen.rounds:,} rounds of open, query, close",
        "none",
        f"{megabytes:+.1f} MB, {descriptors:+d} descriptors",
    )


if __name__ == "__main__":
    main()
