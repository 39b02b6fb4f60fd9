"""What the photos of the data sets show, and whether an answer agrees with that."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from program_runs import Answer, Row, read_table

SETS = (
    "smvs-dvd",
    "smvs-book",
    "smvs-museum",
    "smvs-landmark",
    "grocery",
    "fashion",
    "beer",
    "conveyor",
    "estense",
)
# Their fronts are the same; they differ in the colour of the top and in a small flag.
SAME_FRONT = {"grocery/Alpro-Fresh-Soy-Milk", "grocery/Alpro-Shelf-Soy-Milk"}
VERDICTS = Path(__file__).parent.parent / "bench" / "visible.csv"


@dataclass
class Photo:
    """A photo and the items that it shows."""

    path: str
    dataset: str
    visible: set[str] = field(default_factory=set)
    others: bool = False  # items that nobody wrote down may be visible too
    excused: set[str] = field(default_factory=set)  # seen in it, or nobody can say

    def judge(self, answer: Answer, present: bool) -> Outcome:
        """`present`: the items that it shows are in the catalogue."""
        outcome = Outcome()
        for rank, hit in enumerate(answer["hits"]):
            named = {hit["id"], *hit.get("twins", ())}
            seen = named & self.visible if present else set()
            outcome.first |= rank == 0 and bool(seen)
            if not hit["accepted"]:
                continue
            outcome.accepted |= seen
            if not seen and not named & self.excused and not self.others:
                outcome.wrong.append(hit["id"])
        return outcome


@dataclass
class Outcome:
    """The visible items of one photo that were accepted, and what was accepted wrongly."""

    first: bool = False
    accepted: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def catalogue(data: Path) -> list[Row]:
    """All catalogues and the distractors as one table."""
    rows = []
    for name in (*SETS, "distractors"):
        for row in read_table(data / name / "catalogue.csv"):
            rows.append({"id": f"{name}/{row['id']}", "image": row["image"]})
    return rows


def read_photos(data: Path) -> list[Photo]:
    photos: dict[str, Photo] = {}
    with VERDICTS.open(encoding="utf-8") as file:
        verdicts = list(csv.reader(file))
    for name in SETS:
        for row in read_table(data / name / "queries.csv"):
            photo = photos.setdefault(row["image"], Photo(row["image"], name))
            if row["id"] == "?":
                photo.others = True
            elif row["id"]:
                photo.visible.add(f"{name}/{row['id']}")
    by_name = {f"{photo.dataset}/{Path(photo.path).name}": photo for photo in photos.values()}
    for name, item, _ in verdicts:
        if name in by_name:
            by_name[name].excused.add(item)
    return list(photos.values())


def halves(rows: list[Row]) -> tuple[set[str], set[str]]:
    """The items of the sets in two halves; items with the same front are in one."""
    even: set[str] = set()
    odd: set[str] = set()
    for name in SETS:
        ids = sorted({row["id"] for row in rows if row["id"].startswith(name + "/")} - SAME_FRONT)
        even |= set(ids[::2])
        odd |= set(ids[1::2])
    return even | SAME_FRONT, odd
