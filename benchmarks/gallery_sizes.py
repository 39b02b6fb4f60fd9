#!/usr/bin/env python3
"""How sure answers are in galleries of other sizes than the one that the score was fitted in.

usage: gallery_sizes.py --data DIR --out DIR --program PROGRAM [--made-pictures PROGRAM]
                        [--features METHOD] [--sizes LIST]

OUT is a folder in which scripts/quality has asked this build. All items are shuffled and cut into
galleries of each size of LIST; "sets" are the sets as they are, each with the siblings of its
items. A photo is asked in the gallery that holds its item, and in the same gallery without the half
of the items that its own is in. Larger galleries than all items are filled up with made pictures,
by --made-pictures. The probability of a hit is by a fit to the answers of scripts/quality about the
other sets. Needs python3-numpy.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from calibrate import (
    Hits,
    bent,
    calibrate,
    fit_evidence,
    held_out,
    probability,
    read_hits,
    reliability,
    scaled,
)
from program_runs import Answer, Database, Row, write_table
from quality import ask_all, index_with
from quality_truth import SAME_FRONT, SETS, Photo, catalogue, halves, read_photos
from tables_common import made

Array = Any  # numpy.ndarray
Figures = dict[str, Any]
ASKED = ["--all", "--top", "20", "--evidence"]


class Scores:
    """Fits to the answers of scripts/quality, each without one of the sets."""

    def __init__(self, data: Path, out: Path, method: str) -> None:
        hits = read_hits(data, out, method)
        x, y, self.scale = scaled(hits)
        fitted = partial(fit_evidence, scale=self.scale, method=method)
        of_set = np.array([SETS.index(photo.dataset) for photo in hits.photos])
        self.weights, self.curves = {}, {}
        for number, name in enumerate(SETS):
            others = of_set != number
            self.weights[name] = fitted(x[others], y[others])
            folds = of_set[others]
            self.curves[name] = calibrate(held_out(x[others], y[others], folds, fitted), y[others])

    def probabilities(self, hits: Hits) -> Array:
        x = np.array(hits.features) / self.scale
        p = np.zeros(len(x))
        for name in SETS:
            rows = np.array([photo.dataset == name for photo in hits.photos])
            if rows.any():
                score = x[rows] @ self.weights[name]
                p[rows] = probability(bent(score) @ self.curves[name])
        return p


def shuffled(rows: list[Row]) -> list[Row]:
    """In an order of their own; items with the same front come first, and so stay together."""
    return sorted(
        rows, key=lambda row: (row["id"] not in SAME_FRONT, zlib.crc32(row["id"].encode()))
    )


def with_halves(rows: list[Row]) -> list[Row]:
    even, odd = halves(rows)
    of = dict.fromkeys(even, "even") | dict.fromkeys(odd - even, "odd")
    return [row | {"half": of.get(row["id"], "none")} for row in rows]


def made_rows(program: Path, data: Path, folder: Path, count: int) -> list[Row]:
    """Generated pictures that show nothing of the sets."""
    command = [str(program), "--count", str(count), "--data", str(data), "--out", str(folder)]
    subprocess.run(command, check=True)
    pictures = sorted(folder.glob("*.jpg"))[:count]
    return [{"id": f"made/{p.stem}", "image": str(p), "half": "none"} for p in pictures]


def answers_of(database: Database, photos: list[Photo], *options: str) -> list[Answer]:
    return [json.loads(line) for line in ask_all(database, photos, [*ASKED, *options])[0]]


def measure(
    galleries: list[list[Row]], photos: list[Photo], database: Database, method: str
) -> tuple[Hits, Figures]:
    """Asks all photos in galleries of one size, one after the other in the same place."""
    hits = Hits()
    counts: Figures = dict.fromkeys(("photos", "first", "accepted", "wrong", "sibling"), 0)
    for rows in galleries:
        half_of = {row["id"]: row["half"] for row in rows}
        here = [photo for photo in photos if photo.visible and photo.visible <= half_of.keys()]
        if not here:
            continue
        index_with(database, write_table(database.path.with_suffix(".csv"), rows), method)
        for photo, answer in zip(here, answers_of(database, here), strict=True):
            hits.add(photo, answer, True)
            outcome = photo.judge(answer, present=True)
            counts["photos"] += 1
            counts["first"] += outcome.first
            counts["accepted"] += bool(outcome.accepted)
            counts["wrong"] += bool(outcome.wrong)
        for half, other in (("even", "odd"), ("odd", "even")):
            gone = [
                photo
                for photo in here
                if not photo.others and {half_of[item] for item in photo.visible} == {half}
            ]
            if not gone or not {other, "none"} & set(half_of.values()):
                continue
            answers = answers_of(database, gone, "--where", f"half={other}|none")
            for photo, answer in zip(gone, answers, strict=True):
                hits.add(photo, answer, False)
                counts["sibling"] += bool(photo.judge(answer, present=False).wrong)
    return hits, counts


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("data", "out", "program"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--made-pictures", type=Path)
    parser.add_argument("--features", default="sift")
    parser.add_argument("--sizes", default="20,200,2000")
    arguments = parser.parse_args()
    data, out = arguments.data.resolve(), arguments.out
    photos = read_photos(data)
    scores = Scores(data, out, arguments.features)
    rows = with_halves(shuffled(catalogue(data)))
    figures: Figures = {"made": made(), "features": arguments.features, "sizes": []}

    database = Database(arguments.program.resolve(), out / "gallery.db")
    for size in arguments.sizes.split(","):
        if size == "sets":
            galleries = [[r for r in rows if r["id"].startswith(f"{name}/")] for name in SETS]
        elif int(size) <= len(rows):
            galleries = [rows[i : i + int(size)] for i in range(0, len(rows), int(size))]
        else:
            more = made_rows(arguments.made_pictures, data, out / "made", int(size) - len(rows))
            galleries = [rows + more]
        hits, counts = measure(galleries, photos, database, arguments.features)
        p = scores.probabilities(hits)
        of_size = (
            {"items": "sets" if size == "sets" else int(size)}
            | counts
            | {"bins": reliability(p, np.array(hits.right))}
        )
        print(json.dumps(of_size), flush=True)
        figures["sizes"].append(of_size)
        kept = out / f"galleries-{arguments.features}.json"
        kept.write_text(json.dumps(figures, indent=1) + "\n")
    shutil.rmtree(database.path, ignore_errors=True)


if __name__ == "__main__":
    main()
