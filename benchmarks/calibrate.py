#!/usr/bin/env python3
"""Fits the score of engine/score.cc: a logistic regression on the evidence of answers.

usage: calibrate.py --data DIR --out DIR [--features METHOD]

OUT is a folder in which scripts/quality has asked this build. A hit is right when the photo shows
its item, and wrong otherwise; what nobody has judged is left out. Photos whose items were not in
the catalogue take part too, so that a sibling that fits alone is learned as well. Figures are of
photos that the fit has not seen: of five folds by item ("items"), and of each set left out
("sets").
Needs python3-numpy.
"""

from __future__ import annotations

import argparse
import json
import math
import zlib
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from program_runs import Answer
from quality_truth import SETS, Photo, read_photos

Array = Any  # numpy.ndarray

FOLDS = 5
BINS = (0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 1.001)
DEFAULT_THRESHOLD = 0.85
KNEE = 0.5
MANY_INLIERS = 15
MOST_RECOGNISED = 1.4
LEAST_AGREEMENT = 0.5
# What makes the probability of a method worse on data sets that the fit has not seen.
NO_EVIDENCE = {"sift": ("vote_margin",), "surf": ("vote_margin",)}
CURVE = ("offset", "gain", "gain_above")
FEATURES = (
    "constant",
    "item_coverage",
    "descriptor_agreement",
    "colour_shift",
    "colour_error",
    "colour_differs",
    "vote_margin",
    "few_inliers",
    "agreement_margin",
)


def evidence(e: dict[str, float]) -> list[float]:
    """The features of a hit, in the order of FEATURES; see Contribute in engine/score.cc."""
    recognised = e["item_coverage"] + e["descriptor_agreement"]
    return [
        1.0,
        e["item_coverage"],
        e["descriptor_agreement"],
        e["colour_shift"],
        e["colour_error"],
        e["colour_differs"] * e["agreement"] * min(MOST_RECOGNISED, recognised),
        max(-1.0, min(1.0, e["vote_margin"])),
        min(0.0, math.log(e["inliers"] / MANY_INLIERS)),
        max(-0.4, e["agreement_margin"]),
    ]


class Hits:
    """The hits that take part: their features, whether they are right, and what they belong to."""

    def __init__(self) -> None:
        self.features: list[list[float]] = []
        self.right: list[bool] = []
        self.present: list[bool] = []
        self.photos: list[Photo] = []

    def add(self, photo: Photo, answer: Answer, present: bool) -> None:
        for hit in answer["hits"]:
            named = {hit["id"], *hit.get("twins", ())}
            right = present and bool(named & photo.visible)
            unknown = photo.others or bool(named & photo.excused)
            if hit["polygon"] is None or (not right and unknown):
                continue
            self.features.append(evidence(hit["evidence"]))
            self.right.append(right)
            self.present.append(present)
            self.photos.append(photo)


def read_hits(data: Path, out: Path, method: str) -> Hits:
    photos = {photo.path: photo for photo in read_photos(data)}
    hits = Hits()
    for name in ("present", "half0", "half1"):
        for line in (out / "this" / f"{method}-{name}.jsonl").read_text().splitlines():
            answer = json.loads(line)
            hits.add(photos[answer["photo"]], answer, name == "present")
    return hits


def fit(x: Array, y: Array, ridge: float = 0.1, held: dict[int, float] | None = None) -> Array:
    """The weights of a logistic regression, by Newton's method. Those of columns `held` stay."""
    w = np.zeros(x.shape[1])
    for column, weight in (held or {}).items():
        w[column] = weight
    free = [column for column in range(len(w)) if column not in (held or {})]
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (y - p) - ridge * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w))
        step = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        w[free] += step
        if np.abs(step).max() < 1e-8:
            break
    return w


def fit_evidence(x: Array, y: Array, scale: Array, method: str) -> Array:
    """The weights of the evidence; x has been divided by `scale`. A hit that looks like the item
    must not become less likely because of that: where the few hits of a method would give it a
    smaller weight than LEAST_AGREEMENT, the weight is held there."""
    held = {FEATURES.index(name): 0.0 for name in NO_EVIDENCE.get(method, ())}
    column = FEATURES.index("descriptor_agreement")
    least = LEAST_AGREEMENT * scale[column]
    weights = fit(x, y, held=held)
    return weights if weights[column] >= least else fit(x, y, held=held | {column: least})


def held_out(
    x: Array, y: Array, fold: Array, fitted: Callable[[Array, Array], Array] = fit
) -> Array:
    """The score of each hit by the fit to the other folds."""
    score = np.zeros(len(y))
    for k in set(fold.tolist()):
        score[fold == k] = x[fold == k] @ fitted(x[fold != k], y[fold != k])
    return score


def held_out_probability(score: Array, y: Array, fold: Array) -> Array:
    """The probability of each hit by the curve that fits the other folds."""
    p = np.zeros(len(y))
    for k in set(fold.tolist()):
        p[fold == k] = probability(
            bent(score[fold == k]) @ calibrate(score[fold != k], y[fold != k])
        )
    return p


def bent(score: Array) -> Array:
    return np.column_stack([np.ones(len(score)), score, np.maximum(0, score - KNEE)])


def calibrate(score: Array, y: Array) -> Array:
    """The curve from scores to log-odds: offset, gain, and the gain that is added above the knee.
    Clear hits are surer than a linear fit says, which has to suit siblings too (Platt 1999)."""
    return fit(bent(score), y, ridge=1e-3)


def probability(log_odds: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


def scaled(hits: Hits) -> tuple[Array, Array, Array]:
    """The evidence of the hits, each piece divided by its largest value; which hits are right; and
    what the evidence was divided by."""
    x = np.array(hits.features)
    scale = np.maximum(np.abs(x).max(axis=0), 1e-9)
    return x / scale, np.array(hits.right, dtype=float), scale


def reliability(p: Array, y: Array) -> list[dict[str, float]]:
    """For each of BINS, how many hits have such a probability; where there are some, what was said
    on average and how often that was right."""
    bins = []
    for low, high in pairwise(BINS):
        m = (p >= low) & (p < high)
        means = {"said": float(p[m].mean()), "right": float(y[m].mean())} if m.any() else {}
        bins.append({"low": low, "high": min(high, 1), "hits": int(m.sum())} | means)
    return bins


def print_reliability(title: str, p: Array, y: Array) -> None:
    """How often hits with about the same probability are right."""
    log_loss = -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))
    print(f"{title}: {len(y)} hits, {int(y.sum())} right; log loss {log_loss:.4f}")
    for b in reliability(p, y):
        if b["hits"]:
            print(
                f"  said {b['low']:.2f}-{b['high']:.2f}: {b['hits']:5d} hits, "
                f"{b['said']:.3f} on average, {b['right']:.3f} right"
            )


def accepted(hits: Hits, p: Array, threshold: float, dataset: str | None = None) -> str:
    """How many photos, of one data set or of all, get a right item, a wrong one, or a sibling."""
    right: set[str] = set()
    wrong: set[str] = set()
    sibling: set[str] = set()
    for photo, probability, is_right, present in zip(
        hits.photos, p, hits.right, hits.present, strict=True
    ):
        if probability >= threshold and dataset in (None, photo.dataset):
            group = right if is_right else wrong if present else sibling
            group.add(photo.path)
    return f"right {len(right)}, wrong {len(wrong)}, sibling {len(sibling)}"


def print_thresholds(hits: Hits, p: Array) -> None:
    """How many photos get a right item, and how many a wrong one, if a threshold accepts."""
    for threshold in (0.5, 0.6, 0.7, 0.8, DEFAULT_THRESHOLD, 0.9, 0.95):
        print(f"  at {threshold}: {accepted(hits, p, threshold)}")


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--features", default="sift")
    arguments = parser.parse_args()
    hits = read_hits(arguments.data.resolve(), arguments.out, arguments.features)
    x, y, scale = scaled(hits)
    fitted = partial(fit_evidence, scale=scale, method=arguments.features)
    keys = [min(photo.visible, default=photo.path) for photo in hits.photos]
    folds = {
        "items": np.array([zlib.crc32(key.encode()) % FOLDS for key in keys]),
        "sets": np.array([SETS.index(photo.dataset) for photo in hits.photos]),
    }
    curve = calibrate(held_out(x, y, folds["items"], fitted), y)
    for name, fold in folds.items():
        p = held_out_probability(held_out(x, y, fold, fitted), y, fold)
        print_reliability(name, p, y)
        print_thresholds(hits, p)
    for name in SETS:
        print(f"  {name} at {DEFAULT_THRESHOLD}: {accepted(hits, p, DEFAULT_THRESHOLD, name)}")
    weights = fitted(x, y) / scale
    values = [f".{name} = {value:.4f}" for name, value in zip(FEATURES, weights, strict=True)]
    values += [f".{name} = {value:.4f}" for name, value in zip(CURVE, curve, strict=True)]
    print(f'{{"{arguments.features}", {{' + ", ".join(values) + "}},")


if __name__ == "__main__":
    main()
