#!/usr/bin/env python3
"""Fits how sure method hybrid is of what looks alike (engine/hybrid/hybrid_retrieval.cc).

usage: fit_hybrid.py --data DIR --out DIR [--program FILE]

OUT is a folder in which scripts/bench has made the databases of hybrid. Every photo is asked in the
joint gallery. Of an answer that accepts nothing, the item for which look and deep give the largest
sum of log-odds is one sample, right or wrong; the best other item, as if the photo's own were not
in the catalogue, is another, always wrong. Photos of which nobody has judged that item are left
out. The log-odds are a line in the sum. Each set is judged by the line that was fitted to the other
sets: first hits, how many are among the first ten, and how often the probability holds. Needs
python3-numpy and a build (scripts/build).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from calibrate import fit, print_reliability, probability
from calibrate_embedding import GALLERIES
from program_runs import run
from quality_truth import Photo, read_photos

Array = Any  # numpy.ndarray
PROGRAM = Path(__file__).parent.parent / "build/release/inlier"
OUTLINE_NATS = 2.0  # as in engine/hybrid/hybrid_retrieval.cc


class Listed:
    """The items of one answer, and what is known about them."""

    def __init__(self, photo: Photo, hits: list[dict[str, Any]], present: bool) -> None:
        self.photo = photo
        self.present = present
        self.right = np.array([present and hit["id"] in photo.visible for hit in hits])
        self.judged = self.right | np.array([hit["id"] not in photo.excused for hit in hits])
        self.accepted = np.array([hit["accepted"] for hit in hits])
        self.outlined = np.array([hit["polygon"] is not None for hit in hits])
        self.local = np.array([hit["evidence"]["local_log_odds"] for hit in hits])
        self.sum = np.array(
            [hit["evidence"]["look_log_odds"] + hit["evidence"]["deep_log_odds"] for hit in hits]
        )

    def ranked(self, line: Array) -> Array:
        """Whether the items are right, in the order in which the engine lists them."""
        similar = line[0] + line[1] * self.sum
        same = self.outlined & (self.local + OUTLINE_NATS >= similar)
        rank = np.where(same, self.local + OUTLINE_NATS, similar)
        return self.right[np.lexsort((-rank, ~self.accepted))]


def ask(database: Path, program: Path, photos: list[Photo]) -> list[Listed]:
    options = ["--all", "--top", "300", "--format", "jsonl", "--evidence", "--quiet"]
    paths = [photo.path for photo in photos]
    text = run([str(program), "query", *paths, "--db", str(database), *options]).text
    by_path = {photo.path: photo for photo in photos}
    answers = []
    for line in text.splitlines():
        answer = json.loads(line)
        photo = by_path[answer["photo"]]
        first: dict[str, dict[str, Any]] = {}
        for hit in answer.get("hits", []):
            first.setdefault(hit["id"], hit)
        for present in (True, False):
            hits = [h for h in first.values() if present or h["id"] not in photo.visible]
            if hits:
                answers.append(Listed(photo, hits, present))
    return answers


def samples(answers: list[Listed]) -> tuple[Array, Array]:
    """The best sum of each answer that accepts nothing, behind a constant; whether it is right."""
    x, right = [], []
    for answer in answers:
        best = int(answer.sum.argmax())
        if not answer.accepted.any() and answer.judged[best]:
            x.append([1.0, answer.sum[best]])
            right.append(float(answer.right[best]))
    return np.array(x), np.array(right)


def judge(name: str, answers: list[Listed], line: Array) -> None:
    ranked = [a.ranked(line) for a in answers if a.present and a.photo.visible]
    first = np.mean([r[0] for r in ranked])
    ten = np.mean([r[:10].any() for r in ranked])
    print(f"{name}: {len(ranked)} photos, first {first:.3f}, in ten {ten:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--program", type=Path, default=PROGRAM)
    arguments = parser.parse_args()
    photos = [p for p in read_photos(arguments.data.resolve()) if p.dataset in GALLERIES]
    answers = ask(arguments.out / "db-hybrid", arguments.program, photos)
    p, right = [], []
    for name in GALLERIES:
        line = fit(*samples([a for a in answers if a.photo.dataset != name]))
        own = [a for a in answers if a.photo.dataset == name]
        judge(f"{name} by {line[0]:.2f} + {line[1]:.2f} x", own, line)
        x, y = samples(own)
        p.append(probability(x @ line))
        right.append(y)
    print_reliability("sets left out", np.hstack(p), np.hstack(right))
    line = fit(*samples(answers))
    x, y = samples(answers)
    print_reliability("all", probability(x @ line), y)
    print(f"kOffset = {line[0]:.2f}, kSlope = {line[1]:.2f}")


if __name__ == "__main__":
    main()
