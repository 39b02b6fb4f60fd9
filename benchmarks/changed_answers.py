#!/usr/bin/env python3
"""Counts the photos that two bench runs answer differently.

usage: changed_answers.py REFERENCE.csv OTHER.csv

Both files are candidates-METHOD.csv of `inlier bench` on the same photos and the same gallery. For
photos whose own item is in the gallery, and for those whose own item is left out, it prints in how
many the accepted items differ, and in how many the own item is first in one run alone.
"""

import csv
import sys
from dataclasses import dataclass, field


@dataclass
class Answer:
    """What a run said about a photo."""

    accepted: set[str] = field(default_factory=set)
    own_is_first: bool = False


Answers = dict[tuple[str, str], Answer]  # by "left out" and photo


def read_answers(path: str) -> Answers:
    """The answers of a run."""
    answers: Answers = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            answer = answers.setdefault((row["left_out"], row["photo"]), Answer())
            if row["accepted"] == "1":
                answer.accepted.add(row["id"])
            if row["rank"] == "1" and row["id"] == row["own"]:
                answer.own_is_first = True
    return answers


def main() -> None:
    """Compares two runs."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    reference, other = read_answers(sys.argv[1]), read_answers(sys.argv[2])
    for left_out, label in (("0", "own item in the gallery"), ("1", "own item left out")):
        keys = [key for key in reference.keys() | other.keys() if key[0] == left_out]
        pairs = [(reference.get(key, Answer()), other.get(key, Answer())) for key in keys]
        accepted = sum(a.accepted != b.accepted for a, b in pairs)
        lost = sum(a.own_is_first and not b.own_is_first for a, b in pairs)
        won = sum(b.own_is_first and not a.own_is_first for a, b in pairs)
        print(
            f"{label}: accepted items differ in {accepted} photos; "
            f"own item first: {lost} lost, {won} won"
        )


if __name__ == "__main__":
    main()
