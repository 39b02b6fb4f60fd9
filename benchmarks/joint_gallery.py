"""What benchmarks/catalogues.py measures of all catalogues together."""

from __future__ import annotations

import json
import statistics
import subprocess

from program_runs import Row, read_table, run, write_table
from shop_catalogues import (
    PLANAR_SETS,
    Figures,
    Places,
    accepts,
    compare,
    median_ratio,
    with_views,
)

JOINT_SETS = (*PLANAR_SETS, "grocery", "fashion", "distractors")
FILTER_PHOTOS = 50


def joint_rows(places: Places) -> list[Row]:
    """All catalogues as one, in which the field "shelf" selects about 1 % of the items."""
    rows = []
    for name in JOINT_SETS:
        for row in read_table(places.data / name / "catalogue.csv"):
            rows.append({**row, "id": f"{name}/{row['id']}", "shelf": "other"})
    kept = {item for photo, item in filter_photos(places)[::2]}
    others = iter(rows[::-1])
    while len(kept) < len(rows) // 100:
        kept.add(next(others)["id"])
    for row in rows:
        if row["id"] in kept:
            row["shelf"] = "kept"
    return rows


def filter_photos(places: Places) -> list[tuple[str, str]]:
    """Photos, evenly drawn from those of DVDs, and their items, each of which appears once."""
    of_item = {
        f"smvs-dvd/{row['id']}": row["image"]
        for row in read_table(places.data / "smvs-dvd" / "queries.csv")
    }
    items = sorted(of_item)
    drawn = [items[i * len(items) // FILTER_PHOTOS] for i in range(FILTER_PHOTOS)]
    return [(of_item[item], item) for item in drawn]


def index(places: Places) -> Figures:
    """All catalogues as one: what indexing costs, and what it leaves. Goes on where it stopped."""
    table = write_table(places.out / "joint.csv", joint_rows(places))
    kept = places.out / "index.json"
    runs: dict[str, list[float]] = {build: [] for build in places.builds}
    if kept.exists():
        runs |= json.loads(kept.read_text())
    for number in range(places.rounds):
        for build in places.builds:
            if len(runs[build]) > number:
                continue
            runs[build].append(places.database(build, "joint").index(table).cpu_s)
            kept.write_text(json.dumps(runs) + "\n")
    figures: Figures = {}
    for build in places.builds:
        stats = places.database(build, "joint").stats()
        figures[build] = {
            "cpu_s": statistics.median(runs[build]),
            "ratio": median_ratio(runs["this"], runs[build]),
            "items": stats["items"],
            "memory_bytes_an_item": stats["index_bytes"] / stats["items"],
            "disk_bytes_an_item": stats["disk_bytes"] / stats["items"],
        }
    command = [str(places.tools / "inlier-bench-twins"), "--db", str(places.out / "joint-this.db")]
    found = json.loads(run(command).text.splitlines()[-1])
    figures["this"]["twins_cpu_s"] = found["cpu_ms_per_face"] * found["faces"] / 1000
    return figures


def joint_pictures(places: Places) -> Figures:
    """The joint gallery, in which the items of some sets also get rendered views."""
    views = [
        {**row, "id": f"{name}/{row['id']}", "shelf": "other"}
        for name in PLANAR_SETS
        for row in with_views(places, name)
    ]
    one, more = places.database("this", "joint"), places.database("this", "joint-3")
    subprocess.run(["rm", "-rf", str(more.path)], check=True)
    subprocess.run(["cp", "-r", str(one.path), str(more.path)], check=True)
    more.index(write_table(places.out / "joint-3.csv", views), from_scratch=False)
    figures: Figures = {}
    for name in PLANAR_SETS:
        queries = read_table(places.data / name / "queries.csv")
        for row in queries:
            row["id"] = f"{name}/{row['id']}"
        figures[name] = compare({"one": one, "three": more}, queries, places.rounds)
    return figures


def filters(places: Places) -> Figures:
    """Photos asked among all items and among 1 % of them, where every second one has its item."""
    photos = [photo for photo, _ in filter_photos(places)]
    items = [item for _, item in filter_photos(places)]
    figures: Figures = {}
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(places.rounds):
        for build in places.builds:
            for name, options in (("all", []), ("kept", ["--where", "shelf=kept"])):
                answers, ms = places.database(build, "joint").ask(photos, *options)
                times.setdefault((build, name), []).append(ms)
                right = [accepts(*a) for a in zip(answers, items, strict=True)]
                figures.setdefault(build, {})[name] = {
                    "accepted_of_kept": sum(right[::2]),
                    "answers_to_others": sum(bool(a["hits"]) for a in answers[1::2]),
                    "photos": len(photos),
                }
    for (build, name), values in times.items():
        figures[build][name] |= {
            "ms": statistics.median(values),
            "ratio": median_ratio(values, times[build, "all"]),
        }
    return figures
