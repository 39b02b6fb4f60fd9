#!/usr/bin/env python3
"""Fits how sure a hit of method look or deep is, and says how that holds on photos left out.

usage: calibrate_embedding.py --data DIR --out DIR [--features METHOD] [--sets LIST]

OUT is a folder in which scripts/bench has made METHOD's databases. Every photo is asked in the
joint gallery and in its own catalogue. Its first hit is one sample, right or wrong, and the first
hit that is not its own item, as if that were not in the catalogue, is another, always wrong. The
log-odds are linear in the hit's cosine and in its margin over the next (deep/calibrate.cc). They
are fitted to the sets of LIST (default: fashion), and judged by five folds by item ("items") and by
each other set. Needs python3-numpy and a build (scripts/build).
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from calibrate import FOLDS, fit, held_out, print_reliability, probability
from program_runs import run
from quality_truth import Photo, read_photos

Array = Any  # numpy.ndarray
PROGRAM = Path(__file__).parent.parent / "build/release/inlier"
GALLERIES = ("smvs-dvd", "smvs-book", "smvs-museum", "smvs-landmark", "grocery", "fashion")
THRESHOLDS = (0.5, 0.7, 0.85, 0.9, 0.95)


class Samples:
    """First hits: constant, cosine and margin; whether they are right; their set and item."""

    def __init__(self) -> None:
        self.x: list[list[float]] = []
        self.right: list[bool] = []
        self.sets: list[str] = []
        self.items: list[str] = []
        self.present: list[bool] = []

    def add(self, photo: Photo, hits: list[dict[str, Any]], present: bool) -> None:
        """Hits come best first, one of each item."""
        cosines = [hit["evidence"]["similarity"] for hit in hits]
        if len(cosines) < 2 or hits[0]["id"] in photo.excused:
            return
        self.x.append([1.0, cosines[0], cosines[0] - cosines[1]])
        self.right.append(present and hits[0]["id"] in photo.visible)
        self.sets.append(photo.dataset)
        self.items.append(min(photo.visible, default=photo.path))
        self.present.append(present)


def ask(samples: Samples, database: Path, photos: list[Photo], prefix: str) -> None:
    options = ["--all", "--top", "20", "--format", "jsonl", "--evidence", "--quiet"]
    paths = [photo.path for photo in photos]
    text = run([str(PROGRAM), "query", *paths, "--db", str(database), *options]).text
    by_path = {photo.path: photo for photo in photos}
    for line in text.splitlines():
        answer = json.loads(line)
        photo = by_path[answer["photo"]]
        hits = answer.get("hits", [])
        hits.sort(key=lambda hit: -hit["evidence"]["similarity"])
        for hit in hits:
            hit["id"] = prefix + hit["id"] if "/" not in hit["id"] else hit["id"]
        samples.add(photo, hits, present=True)
        samples.add(photo, [hit for hit in hits if hit["id"] not in photo.visible], present=False)


def print_thresholds(p: Array, right: Array, present: Array) -> None:
    for threshold in THRESHOLDS:
        accepted = p >= threshold
        wrong = (accepted & ~present).sum()
        print(
            f"  at {threshold}: accepted {int((accepted & present & right).sum())} right and "
            f"{int((accepted & present & ~right).sum())} wrong of {int(present.sum())} with the "
            f"item there, and {int(wrong)} of {int((~present).sum())} without it"
        )


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--features", default="look")
    parser.add_argument("--sets", default="fashion")
    arguments = parser.parse_args()
    samples = Samples()
    photos = [p for p in read_photos(arguments.data.resolve()) if p.dataset in GALLERIES]
    ask(samples, arguments.out / f"db-{arguments.features}", photos, "")
    for name in GALLERIES:
        own = [photo for photo in photos if photo.dataset == name]
        ask(samples, arguments.out / f"db-{arguments.features}-own" / name, own, name + "/")
    x, right = np.array(samples.x), np.array(samples.right)
    scale = x.std(axis=0) + (x.std(axis=0) == 0)  # so that the ridge shrinks no weight by its unit
    x /= scale
    sets, present = np.array(samples.sets), np.array(samples.present)
    fitted = np.isin(sets, arguments.sets.split(","))
    y = right[fitted].astype(float)
    folds = np.array([zlib.crc32(item.encode()) % FOLDS for item in samples.items])[fitted]
    p = probability(held_out(x[fitted], y, folds))
    print_reliability("items", p, y)
    print_thresholds(p, right[fitted], present[fitted])
    weights = fit(x[fitted], y)
    for name in GALLERIES:
        other = sets == name
        if fitted[other].any():
            continue
        p = probability(x[other] @ weights)
        print_reliability(name, p, right[other].astype(float))
        print_thresholds(p, right[other], present[other])
    names = ("offset", "similarity", "margin")
    print(", ".join(f".{n} = {w:.1f}" for n, w in zip(names, weights / scale, strict=True)))


if __name__ == "__main__":
    main()
