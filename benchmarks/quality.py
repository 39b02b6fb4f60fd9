#!/usr/bin/env python3
"""How many of the visible items are accepted, and how often something wrong is.

usage: quality.py --data DIR --out DIR --program PROGRAM [--against PROGRAM] [--features METHOD]
                  [--page]

All catalogues of the data sets and the distractors are one gallery. Each photo is asked in it; in
the gallery without the half of the items that its own are in, where a sibling may be taken for
them; and in the gallery without the photo's whole set. With --against, another build is asked the
same. --page writes a page with the photos of which an item was not accepted or a wrong one was.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from program_runs import Answer, Database, run, write_table
from quality_truth import SETS, Photo, catalogue, halves, read_photos
from tables_common import made

Counts = dict[str, dict[str, float]]
IDS_A_CALL = 500
PHOTOS_A_CALL = 200


def index_with(database: Database, table: Path, method: str) -> None:
    """Makes the database of a table from scratch, on all processors."""
    shutil.rmtree(database.path, ignore_errors=True)
    command = [database.program, "index", str(table), "--db", str(database.path)]
    subprocess.run([*command, "--features", method, "--quiet"], check=True)


def ask_all(database: Database, photos: list[Photo], options: list[str]) -> tuple[list[str], float]:
    """The answers as lines of JSON, in the order of the photos, and CPU seconds."""
    lines: list[str] = []
    cpu_s = 0.0
    for begin in range(0, len(photos), PHOTOS_A_CALL):
        command = [database.program, "query", "--db", str(database.path), "--quiet"]
        command += ["--format", "jsonl", *options]
        asked = run([*command, *(p.path for p in photos[begin : begin + PHOTOS_A_CALL])])
        lines += asked.text.splitlines()
        cpu_s += asked.cpu_s
    return lines, cpu_s


class Measured:
    """One build of the program, its databases and its answers."""

    def __init__(self, program: Path, out: Path, method: str) -> None:
        self.program, self.out = program, out
        self.whole = Database(program, out / f"{method}.db")
        self.method = method
        usage = run([str(program), "query", "--help"]).text
        self.options = ["--all", "--top", "20"] + ["--evidence"] * ("--evidence" in usage)

    def index(self, table: Path) -> None:
        index_with(self.whole, table, self.method)

    def without(self, ids: Iterable[str]) -> Database:
        """A copy of the database without these items."""
        reduced = Database(self.program, self.out / f"{self.method}-reduced.db")
        shutil.rmtree(reduced.path, ignore_errors=True)
        shutil.copytree(self.whole.path, reduced.path)
        rest = sorted(ids)
        while rest:
            command = [str(self.program), "remove", *rest[:IDS_A_CALL], "--db", str(reduced.path)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            rest = rest[IDS_A_CALL:]
        return reduced

    def ask(self, database: Database, photos: list[Photo], name: str) -> dict[str, Answer]:
        """The answers by the photos' paths, which are kept in OUT."""
        lines, cpu_s = ask_all(database, photos, self.options)
        (self.out / f"{self.method}-{name}.jsonl").write_text("\n".join(lines) + "\n")
        print(f"{name}: {1000 * cpu_s / max(len(photos), 1):.1f} ms of CPU a photo", flush=True)
        return {answer["photo"]: answer for answer in map(json.loads, lines)}


def count(build: Measured, photos: list[Photo], table: Path, data: Path) -> Counts:
    """What is accepted, by set."""
    rows = catalogue(data)
    build.index(table)
    counts: Counts = {
        name: dict.fromkeys(("photos", "visible", "first", "accepted", "wrong"), 0.0)
        | dict.fromkeys(("sibling", "stranger"), 0.0)
        for name in SETS
    }
    answers = build.ask(build.whole, photos, "present")
    for photo in photos:
        outcome = photo.judge(answers[photo.path], present=True)
        of_set = counts[photo.dataset]
        of_set["photos"] += 1
        of_set["visible"] += len(photo.visible)
        of_set["first"] += outcome.first
        of_set["accepted"] += len(outcome.accepted)
        of_set["wrong"] += bool(outcome.wrong)
    for number, half in enumerate(halves(rows)):
        of_half = [p for p in photos if p.visible and p.visible <= half and not p.others]
        answers = build.ask(build.without(half), of_half, f"half{number}")
        for photo in of_half:
            outcome = photo.judge(answers[photo.path], present=False)
            counts[photo.dataset]["sibling"] += bool(outcome.wrong)
    for name in SETS:
        of_set_photos = [p for p in photos if p.dataset == name and p.visible and not p.others]
        ids = {row["id"] for row in rows if row["id"].startswith(name + "/")}
        answers = build.ask(build.without(ids), of_set_photos, f"without-{name}")
        for photo in of_set_photos:
            outcome = photo.judge(answers[photo.path], present=False)
            counts[name]["stranger"] += bool(outcome.wrong)
    shutil.rmtree(build.out / f"{build.method}-reduced.db", ignore_errors=True)
    return counts


def write_page(build: Measured, photos: list[Photo]) -> None:
    """The program's own report about the photos that were not answered as they should be."""
    text = (build.out / f"{build.method}-present.jsonl").read_text()
    answers = {answer["photo"]: answer for answer in map(json.loads, text.splitlines())}
    wanted = []
    for photo in photos:
        outcome = photo.judge(answers[photo.path], present=True)
        if outcome.accepted != photo.visible or outcome.wrong:
            wanted.append(photo.path)
    page = build.out / f"{build.method}.html"
    command = [str(build.program), "query", *wanted, "--db", str(build.whole.path), "--all"]
    run([*command, "--top", "3", "--report", str(page), "--quiet"])
    print(f"{page}: {len(wanted)} photos")


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--features", default="sift")
    parser.add_argument("--page", action="store_true")
    arguments = parser.parse_args()
    data = arguments.data.resolve()
    photos = read_photos(data)
    builds = {"this": arguments.program, "against": arguments.against}
    kept = arguments.out / f"quality-{arguments.features}.json"
    figures: dict[str, Any] = {"made": made()}
    for name, program in builds.items():
        if program is None:
            continue
        out = arguments.out / name
        out.mkdir(parents=True, exist_ok=True)
        table = write_table(out / "catalogue.csv", catalogue(data))
        build = Measured(program.resolve(), out, arguments.features)
        figures[name] = count(build, photos, table, data)
        if arguments.page:
            write_page(build, photos)
        kept.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
