#!/usr/bin/env python3
"""Fits the score of engine/decision.cc: a logistic regression on the evidence that a bench run wrote.

usage: calibrate.py CANDIDATES.csv [VISIBLE.csv]

A candidate is right when it is the photo's own item, or when VISIBLE.csv (photo, id, verdict) says that it is
truly visible; pairs with the verdict "unclear" are left out. Photos are split in five folds by their own item, so
that the figures printed are of photos whose items the fit has not seen. Needs python3-numpy.
"""

import csv
import os
import sys

import numpy as np

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


def evidence(row):
    v = {
        k: float(row[k])
        for k in (
            "item_coverage",
            "photo_share",
            "agreement",
            "colour",
            "colour_shift",
            "colour_error",
            "visible",
            "vote_margin",
        )
    }
    return [
        1.0,
        v["item_coverage"],
        np.log(v["photo_share"] + 0.003),
        v["agreement"] * v["visible"],
        v["colour"],
        v["colour_shift"],
        v["colour_error"],
        max(-2.0, min(2.0, v["vote_margin"])),
    ]


def fit(x, y, weight, ridge=0.1):
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (y - p)) - ridge * w
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w))
        step = np.linalg.solve(hessian, gradient)
        w += step
        if np.abs(step).max() < 1e-8:
            break
    return w


def main():
    visible = {}
    if len(sys.argv) > 2:
        for photo, item, verdict in csv.reader(open(sys.argv[2])):
            visible[photo, item] = verdict
    rows = []
    for row in csv.DictReader(open(sys.argv[1])):
        row["key"] = row["dataset"] + "/" + os.path.basename(row["photo"])
        row["verdict"] = visible.get((row["key"], row["id"]))
        # Left out or not, a candidate's evidence is the same but for the votes: one copy of each pair.
        if (
            int(row["inliers"]) > 0
            and row["verdict"] != "unclear"
            and (row["left_out"] == "1" or row["id"] == row["own"])
        ):
            rows.append(row)
    x = np.array([evidence(r) for r in rows])
    y = np.array([float(r["id"] == r["own"] or r["verdict"] == "visible") for r in rows])
    owns = sorted({r["own"] for r in rows})
    fold = np.array([owns.index(r["own"]) % 5 for r in rows])
    # Every data set has the same say, whatever its number of photos.
    sets = np.array([r["dataset"] for r in rows])
    weight = np.ones(len(rows))
    scale = np.abs(x).max(axis=0)
    x /= scale
    held_out = np.zeros(len(rows))
    for k in range(5):
        w = fit(x[fold != k], y[fold != k], weight[fold != k])
        held_out[fold == k] = x[fold == k] @ w
    p = 1 / (1 + np.exp(-held_out))
    print(
        f"{len(rows)} candidates, {int(y.sum())} right; log loss {-np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12)):.4f}"
    )
    for low, high in zip(
        (0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97), (0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.001)
    ):
        m = (p >= low) & (p < high)
        if m.any():
            print(
                f"  said {low:.2f}-{min(high, 1):.2f}: {m.sum():5d} candidates, {p[m].mean():.3f} on average, {y[m].mean():.3f} right"
            )
    for threshold in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95):
        accepted = {
            d: {
                r["key"]
                for r, q in zip(rows, p)
                if q >= threshold and r["dataset"] == d and r["id"] == r["own"]
            }
            for d in set(sets)
        }
        wrong = {
            d: {
                r["key"]
                for r, q, t in zip(rows, p, y)
                if q >= threshold and r["dataset"] == d and not t
            }
            for d in set(sets)
        }
        print(
            f"at {threshold}: wrong photos {sum(map(len, wrong.values()))}, "
            + ", ".join(
                f"{d}: own {len(accepted[d])} wrong {len(wrong[d])}" for d in sorted(accepted)
            )
        )
    for name, value in zip(FEATURES, fit(x, y, weight) / scale):
        print(f"  {name:18s} {value:+.4f}")


if __name__ == "__main__":
    main()
