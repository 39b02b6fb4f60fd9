"""The catalogues that benchmarks/catalogues.py measures, and how their answers are judged."""

from __future__ import annotations

import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from program_runs import Answer, Database, Row, read_table

Figures = dict[str, Any]

PLANAR_SETS = ("smvs-dvd", "smvs-book", "smvs-museum", "smvs-landmark")
VIEWS = 2


@dataclass
class Places:
    """Where everything is."""

    data: Path
    out: Path
    builds: dict[str, Path]  # "this" and, if it is given, "other"
    tools: Path  # the folder of the developer's programs
    rounds: int  # how often times are taken

    def database(self, build: str, name: str) -> Database:
        return Database(self.builds[build], self.out / f"{name}-{build}.db")

    def render(self, jobs: list[list[str]]) -> None:
        """Renders the pictures that are not there; see benchmarks/shop_photos.cc."""
        missing = [job for job in jobs if not Path(job[0]).exists()]
        for job in missing:
            Path(job[0]).parent.mkdir(parents=True, exist_ok=True)
        text = "".join("\t".join(job) + "\n" for job in missing)
        subprocess.run([str(self.tools / "inlier-shop-photos")], input=text.encode(), check=True)


def first_is(answer: Answer, item: str) -> bool:
    return bool(answer["hits"]) and answer["hits"][0]["id"] == item


def accepts(answer: Answer, item: str) -> bool:
    return any(hit["accepted"] and hit["id"] == item for hit in answer["hits"])


def share(flags: list[bool]) -> float:
    return round(sum(flags) / len(flags), 4)


def median_ratio(values: list[float], others: list[float]) -> float:
    """The median ratio of measurements that were made in turn."""
    return statistics.median(a / b for a, b in zip(values, others, strict=True))


def compare(databases: dict[str, Database], queries: list[Row], rounds: int) -> Figures:
    """The same photos asked in several databases in turn, by the databases' names."""
    photos = [row["image"] for row in queries]
    times: dict[str, list[float]] = {}
    figures: Figures = {}
    for _ in range(rounds):
        for name, database in databases.items():
            answers, ms = database.ask(photos, "--all")
            times.setdefault(name, []).append(ms)
            ids = [row["id"] for row in queries]
            figures[name] = {
                "photos": len(photos),
                "first_hit": share([first_is(*a) for a in zip(answers, ids, strict=True)]),
                "accepted": share([accepts(*a) for a in zip(answers, ids, strict=True)]),
                "missed": [
                    os.path.basename(row["image"])
                    for answer, row in zip(answers, queries, strict=True)
                    if not first_is(answer, row["id"])
                ],
            }
    for name, values in times.items():
        figures[name]["ms"] = statistics.median(values)
    return figures


def with_views(places: Places, name: str) -> list[Row]:
    """A set's catalogue, in which each item has rendered views as well as its picture."""
    rows = read_table(places.data / name / "catalogue.csv")
    jobs = []
    for number, row in enumerate(rows):
        for view in range(VIEWS):
            path = str(places.out / "views" / name / f"{row['id']}-{view}.jpg")
            jobs.append([path, str(VIEWS * number + view), "-", row["image"]])
            row[f"image_{view + 2}"] = path
    places.render(jobs)
    return rows
