#!/usr/bin/env python3
"""Counts the photos that two bench runs answer differently.

usage: compare.py REFERENCE.csv OTHER.csv

Both are candidates-METHOD.csv of `inlier bench` on the same photos and gallery. The counts are
printed twice, with the photos' own items in the gallery and with them left out: in how many photos
the accepted items differ, and in how many the own item comes first in one run only.
"""

import csv
import sys
from dataclasses import dataclass, field

PhotoKey = tuple[str, str]  # "1" when the own items were left out, and the photo


@dataclass
class Answer:
    accepted: set[str] = field(default_factory=set)
    own_first: bool = False


def answers(path: str) -> dict[PhotoKey, Answer]:
    photos: dict[PhotoKey, Answer] = {}
    with open(path, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            answer = photos.setdefault((row["left_out"], row["photo"]), Answer())
            if row["accepted"] == "1":
                answer.accepted.add(row["id"])
            if row["rank"] == "1" and row["id"] == row["own"]:
                answer.own_first = True
    return photos


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    a, b = answers(sys.argv[1]), answers(sys.argv[2])
    nothing = Answer()
    for left_out, label in (("0", "own item in the gallery"), ("1", "own item left out")):
        keys = [key for key in a.keys() | b.keys() if key[0] == left_out]
        pairs = [(a.get(key, nothing), b.get(key, nothing)) for key in keys]
        accepted = sum(x.accepted != y.accepted for x, y in pairs)
        lost = sum(x.own_first and not y.own_first for x, y in pairs)
        won = sum(y.own_first and not x.own_first for x, y in pairs)
        print(
            f"{label}: accepted items differ in {accepted} photos; "
            f"own item first: {lost} lost, {won} won"
        )


if __name__ == "__main__":
    main()
