#!/usr/bin/env python3
"""In how many photos two bench runs answer differently.

usage: compare.py REFERENCE.csv OTHER.csv

Both are candidates-METHOD.csv of `inlier bench` on the same photos and gallery. Says, with the photos' own items in the
gallery and with them left out, in how many photos the accepted items differ, and in how many the own item is first in
one run alone.
"""

import csv
import sys


def answers(path):
    photos = {}
    for row in csv.DictReader(open(path)):
        photo = photos.setdefault(
            (row["left_out"], row["photo"]), {"accepted": set(), "own_first": False}
        )
        if row["accepted"] == "1":
            photo["accepted"].add(row["id"])
        if row["rank"] == "1" and row["id"] == row["own"]:
            photo["own_first"] = True
    return photos


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    a, b = answers(sys.argv[1]), answers(sys.argv[2])
    nothing = {"accepted": set(), "own_first": False}
    for left_out, label in (("0", "own item in the gallery"), ("1", "own item left out")):
        pairs = [
            (a.get(k, nothing), b.get(k, nothing)) for k in a.keys() | b.keys() if k[0] == left_out
        ]
        accepted = sum(x["accepted"] != y["accepted"] for x, y in pairs)
        lost = sum(x["own_first"] and not y["own_first"] for x, y in pairs)
        won = sum(y["own_first"] and not x["own_first"] for x, y in pairs)
        print(
            f"{label}: accepted items differ in {accepted} photos; own item first: {lost} lost, {won} won"
        )


if __name__ == "__main__":
    main()
