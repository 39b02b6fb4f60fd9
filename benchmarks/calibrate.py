#!/usr/bin/env python3
"""Fits the score of engine/decide.cc: a logistic regression on the evidence that a bench run wrote.

usage: calibrate.py CANDIDATES.csv [VISIBLE.csv]

A candidate is right when it is the photo's own item, or when VISIBLE.csv (photo, id, verdict) says
that it is truly visible; pairs with the verdict "unclear" are left out. Photos are split into five
folds by their own item, so the printed figures are of photos whose items the fit has not seen.
Needs python3-numpy.
"""

import csv
import os
import sys
from itertools import pairwise
from typing import Any

import numpy as np

Array = Any  # numpy.ndarray
Row = dict[str, str]

FOLDS = 5
FEATURES = [
    "1",
    "item_coverage",
    "log_photo_share",
    "agreement_visible",
    "colour",
    "colour_shift",
    "colour_error",
    "vote_margin",
]


def evidence(row: Row) -> list[float]:
    """The features of a candidate, in the order of FEATURES."""
    return [
        1.0,
        float(row["item_coverage"]),
        np.log(float(row["photo_share"]) + 0.003),
        float(row["agreement"]) * float(row["visible"]),
        float(row["colour"]),
        float(row["colour_shift"]),
        float(row["colour_error"]),
        max(-2.0, min(2.0, float(row["vote_margin"]))),
    ]


def fit(x: Array, y: Array, ridge: float = 0.1) -> Array:
    """The weights of a logistic regression, by Newton's method."""
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (y - p) - ridge * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w))
        step = np.linalg.solve(hessian, gradient)
        w += step
        if np.abs(step).max() < 1e-8:
            break
    return w


def read_verdicts(path: str) -> dict[tuple[str, str], str]:
    with open(path, encoding="utf-8") as file:
        return {(photo, item): verdict for photo, item, verdict in csv.reader(file)}


def photo_of(row: Row) -> str:
    return row["dataset"] + "/" + os.path.basename(row["photo"])


def read_candidates(path: str, verdicts: dict[tuple[str, str], str]) -> list[Row]:
    """The candidates that take part, with the names of their photos and their verdicts."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            row["key"] = photo_of(row)
            row["verdict"] = verdicts.get((row["key"], row["id"]), "")
            # Whether its own item was left out changes only the votes: one copy of each pair.
            once = row["left_out"] == "1" or row["id"] == row["own"]
            if int(row["inliers"]) > 0 and row["verdict"] != "unclear" and once:
                rows.append(row)
    return rows


def print_reliability(p: Array, y: Array) -> None:
    """How often candidates with about the same probability are right."""
    log_loss = -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))
    print(f"{len(y)} candidates, {int(y.sum())} right; log loss {log_loss:.4f}")
    for low, high in pairwise((0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.001)):
        m = (p >= low) & (p < high)
        if m.any():
            print(
                f"  said {low:.2f}-{min(high, 1):.2f}: {m.sum():5d} candidates, "
                f"{p[m].mean():.3f} on average, {y[m].mean():.3f} right"
            )


def print_thresholds(rows: list[Row], p: Array, y: Array) -> None:
    """How many photos get their own item, and how many a wrong one, if a threshold accepts."""
    datasets = sorted({row["dataset"] for row in rows})
    for threshold in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95):
        own: dict[str, set[str]] = {dataset: set() for dataset in datasets}
        wrong: dict[str, set[str]] = {dataset: set() for dataset in datasets}
        for row, probability, right in zip(rows, p, y, strict=True):
            if probability < threshold:
                continue
            if row["id"] == row["own"]:
                own[row["dataset"]].add(row["key"])
            if not right:
                wrong[row["dataset"]].add(row["key"])
        print(
            f"at {threshold}: wrong photos {sum(map(len, wrong.values()))}, "
            + ", ".join(f"{d}: own {len(own[d])} wrong {len(wrong[d])}" for d in datasets)
        )


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    rows = read_candidates(sys.argv[1], read_verdicts(sys.argv[2]) if len(sys.argv) > 2 else {})
    x = np.array([evidence(row) for row in rows])
    y = np.array([float(row["id"] == row["own"] or row["verdict"] == "visible") for row in rows])
    owns = sorted({row["own"] for row in rows})
    fold = np.array([owns.index(row["own"]) % FOLDS for row in rows])
    scale = np.abs(x).max(axis=0)
    x /= scale
    held_out = np.zeros(len(rows))
    for k in range(FOLDS):
        w = fit(x[fold != k], y[fold != k])
        held_out[fold == k] = x[fold == k] @ w
    p = 1 / (1 + np.exp(-held_out))
    print_reliability(p, y)
    print_thresholds(rows, p, y)
    for name, value in zip(FEATURES, fit(x, y) / scale, strict=True):
        print(f"  {name:18s} {value:+.4f}")


if __name__ == "__main__":
    main()
