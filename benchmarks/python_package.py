#!/usr/bin/env python3
"""Measures the Python package: what it adds to the engine, and whether anything grows.

python_package.py INLIER CATALOGUE PHOTOS WORK [--rounds N]
    INLIER is the command of the same build, CATALOGUE and PHOTOS are folders of pictures, WORK is
    an empty folder. Run it with the Python that has the package: build/python/bin/python.

Prints a table for docs/evaluation/results.md. Times are medians by the clock.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import inlier
import numpy as np
from inlier.pictures import read_picture

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


def overhead_ms(shop: inlier.Database, photos: list[Path]) -> tuple[float, float]:
    """What a query takes beyond the engine's own clock: of a file, and of an array."""
    files: list[float] = []
    arrays: list[float] = []
    for path in photos:
        pixels = read_picture(path)
        for photo, order, into in ((path, None, files), (pixels, "bgr", arrays)):
            begun = time.perf_counter()
            answer = shop.query(photo, order=order)  # type: ignore[arg-type]
            into.append(1e3 * (time.perf_counter() - begun) - answer.timings_ms["total"])
    return statistics.median(files), statistics.median(arrays)


def copy_ms(photos: list[Path]) -> float:
    """What copying the pixels of a photo takes, which a program in C++ pays as well."""
    pixels = read_picture(photos[0])
    return median_ms(pixels.copy, 20)


def rate(work: Callable[[], object], photos: int) -> float:
    begun = time.perf_counter()
    work()
    return photos / (time.perf_counter() - begun)


def command_rate(program: str, database: Path, photos: list[Path], threads: int) -> float:
    def run(asked: list[Path]) -> float:
        command = [program, "query", *map(str, asked), "--db", str(database), "--quiet"]
        command += ["--threads", str(threads), "--format", "jsonl"]
        begun = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begun

    # Opening the database is no part of the rate, in neither of the two.
    start = statistics.median(run(photos[:threads]) for _ in range(3))
    return (len(photos) - threads) / (run(photos) - start)


def import_ms() -> float:
    code = "import time; t = time.perf_counter(); import inlier; print(time.perf_counter() - t)"
    taken = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(11)
    ]
    return 1e3 * statistics.median(taken)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def growth(database: Path, photo: Path, rounds: int) -> tuple[float, int]:
    """MB and descriptors by which the process grows in so many rounds of opening, asking, closing.
    The first tenth is not counted: caches fill."""
    small = read_picture(photo)[::4, ::4].copy()
    before = (0.0, 0)
    for number in range(rounds + rounds // 10):
        if number == rounds // 10:
            before = resident_mb(), len(os.listdir("/proc/self/fd"))
        with inlier.open(database) as shop:
            shop.query(small, order="bgr")
    return resident_mb() - before[0], len(os.listdir("/proc/self/fd")) - before[1]


def extracted(photo: Path) -> str:
    features = inlier.extract(photo)
    rows = features.descriptors
    in_place = np.shares_memory(rows, features.descriptors)
    took = median_ms(lambda: features.descriptors, 100)
    return f"{rows.shape[0]} × {rows.shape[1]}, {'in place' if in_place else 'COPIED'}, {took:.4f}"


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
    with inlier.open(database) as shop:
        list(
            shop.query_many(photos[:20], threads=chosen.threads)
        )  # the first queries read the index
        of_file, of_array = overhead_ms(shop, photos)
        copied = copy_ms(photos)

        def ask_all() -> None:
            for _ in shop.query_many(photos, threads=chosen.threads):
                pass

        rates = []
        for _ in range(3):  # in turns, since a machine is not equally busy at all times
            own = rate(ask_all, len(photos))
            theirs = command_rate(chosen.inlier, database, photos, chosen.threads)
            rates.append((own, theirs))
    own, theirs = (statistics.median(pair[i] for pair in rates) for i in (0, 1))
    megabytes, descriptors = growth(database, photos[0], chosen.rounds)
    print("| figure | wanted | measured |")
    print("|---|---|---|")
    print(f"| `query` beyond the engine's clock, a file | ≤ 0.3 ms | {of_file:.2f} ms |")
    print(
        f"| `query` beyond the engine's clock, an array | ≤ 0.3 ms | {of_array:.2f} ms, of which "
        f"copying the pixels, as in C++: {copied:.2f} ms |"
    )
    print(
        f"| `query_many` on {chosen.threads} threads, of the command's rate | ≥ 0.95 | "
        f"{own / theirs:.2f} ({own:.1f} and {theirs:.1f} photos a second) |"
    )
    print(
        "| `extract`, descriptors; ms to show them | 1,500 × 128 in place | "
        f"{extracted(photos[0])} ms |"
    )
    print(f"| import | ≤ 150 ms | {import_ms():.0f} ms |")
    print(
        f"| growth in {chosen.rounds:,} rounds of open, query, close | none | {megabytes:+.1f} MB, "
        f"{descriptors:+d} descriptors |"
    )


if __name__ == "__main__":
    main()
