"""Measures catalogues as shops have them: copies, several pictures an item, and filters.

Runs the program in turn with another build of it, if one is given, each on one thread. Its parts
may be measured one by one; each puts its figures into OUT/catalogues.json. See scripts/bench.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

from joint_gallery import filters, index, joint_pictures
from program_runs import Answer, Row, read_table, write_table
from shop_catalogues import (
    PLANAR_SETS,
    Figures,
    Places,
    compare,
    median_ratio,
    with_views,
)

Pair = tuple[Row, Row]

COPIES = (1, 12, 60, 200)
PAIRS = 10


def pairs_beside(places: Places, rows: list[Row]) -> tuple[list[Pair], list[str]]:
    """Pairs of items, and a photo of each pair side by side."""
    background = read_table(places.data / "smvs-landmark" / "queries.csv")[0]["image"]
    step = len(rows) // PAIRS
    pairs = [(rows[i * step], rows[i * step + step // 2]) for i in range(PAIRS)]
    photos = [str(places.out / "beside" / f"{i}.jpg") for i in range(PAIRS)]
    jobs = [
        [photo, str(i), background, first["image"], second["image"]]
        for i, (photo, (first, second)) in enumerate(zip(photos, pairs, strict=True))
    ]
    places.render(jobs)
    return pairs, photos


def with_copies(rows: list[Row], pairs: list[Pair], count: int) -> list[Row]:
    """A catalogue in which the picture of each pair's first item stands under many ids."""
    copied = {first["id"] for first, _ in pairs}
    return [
        {"id": f"{row['id']}#{n}", "image": row["image"]}
        for n in range(count)
        for row in rows
        if n == 0 or row["id"] in copied
    ]


def both_found(answers: list[Answer], pairs: list[Pair]) -> int:
    """In how many answers some copy of the first item and the second item are accepted."""
    found = [
        {hit["id"].split("#")[0] for hit in answer["hits"] if hit["accepted"]} for answer in answers
    ]
    return sum(
        {first["id"], second["id"]} <= ids
        for ids, (first, second) in zip(found, pairs, strict=True)
    )


def copies(places: Places) -> Figures:
    """Photos of two items side by side, of which one has many copies in the catalogue."""
    rows = read_table(places.data / "smvs-dvd" / "catalogue.csv")
    pairs, photos = pairs_beside(places, rows)
    figures: Figures = {build: {} for build in places.builds}
    times: dict[tuple[str, int], list[float]] = {}
    for count in COPIES:
        table = places.out / f"copies-{count}.csv"
        write_table(table, with_copies(rows, pairs, count))
        for build in places.builds:
            database = places.database(build, f"copies-{count}")
            database.index(table)
            figures[build][str(count)] = {
                "photos": PAIRS,
                "both": both_found(database.ask(photos)[0], pairs),
                "both_exact": both_found(database.ask(photos, "--exact")[0], pairs),
            }
    for _ in range(places.rounds):
        for build in places.builds:
            for count in COPIES:
                _, ms = places.database(build, f"copies-{count}").ask(photos)
                times.setdefault((build, count), []).append(ms)
    for (build, count), values in times.items():
        figures[build][str(count)] |= {
            "ms": statistics.median(values),
            "ratio": median_ratio(values, times[build, 1]),
        }
    return figures


def pictures(places: Places) -> Figures:
    """Each set alone, with one picture an item, and with rendered views in addition."""
    figures = {}
    for name in PLANAR_SETS:
        one, more = places.database("this", f"{name}-1"), places.database("this", f"{name}-3")
        one.index(places.data / name / "catalogue.csv")
        more.index(write_table(places.out / f"{name}-3.csv", with_views(places, name)))
        queries = read_table(places.data / name / "queries.csv")
        figures[name] = compare({"one": one, "three": more}, queries, places.rounds)
    return figures


def faces(places: Places) -> Figures:
    """Products with a picture of their front and of other sides, asked with photos of each."""
    rows = read_table(places.data / "conveyor" / "catalogue.csv")
    queries = read_table(places.data / "conveyor" / "queries.csv")
    fronts = [row for row in rows if row["id"].endswith("-F")]
    for row in rows + queries:
        row["id"] = row["id"].rsplit("-", 1)[0]  # of the product, without the side
    kinds = {
        "conveyor, front": [row for row in queries if row["tag"] == "front"],
        "conveyor, other sides": [row for row in queries if row["tag"] != "front"],
    }
    figures = ask_sides(places, "conveyor", fronts, rows, kinds)
    rows = read_table(places.data / "fashion" / "catalogue.csv")
    queries = read_table(places.data / "fashion" / "queries.csv")
    backs = {row["id"]: row["image"] for row in queries if row["tag"] == "back"}
    more = [{**row, "image": backs[row["id"]]} for row in rows if row["id"] in backs]
    asked = [row for row in queries if row["tag"] == "alt1" and row["id"] in backs]
    kinds = {"fashion, another view": asked}
    return figures | ask_sides(places, "fashion", rows, rows + more, kinds)


def ask_sides(
    places: Places, name: str, one: list[Row], more: list[Row], kinds: dict[str, list[Row]]
) -> Figures:
    """Asks each kind of photo with one picture an item and with more."""
    databases = {}
    for label, rows in (("one", one), ("more", more)):
        databases[label] = places.database("this", f"faces-{name}-{label}")
        databases[label].index(write_table(places.out / f"faces-{name}-{label}.csv", rows))
    return {kind: compare(databases, queries, places.rounds) for kind, queries in kinds.items()}


PARTS = {
    "copies": copies,
    "pictures": pictures,
    "faces": faces,
    "index": index,
    "filters": filters,
    "joint_pictures": joint_pictures,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--against", type=Path, help="another build of the program")
    parser.add_argument("--rounds", type=int, default=3, help="how often times are taken")
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all of them")
    arguments = parser.parse_args()
    builds = {"this": arguments.program}
    if arguments.against:
        builds["other"] = arguments.against
    out = arguments.out.resolve()
    places = Places(arguments.data, out, builds, arguments.tools, arguments.rounds)
    out.mkdir(parents=True, exist_ok=True)
    written = out / "catalogues.json"
    results = json.loads(written.read_text()) if written.exists() else {}
    for part in arguments.part or PARTS:
        results[part] = {"rounds": places.rounds, "figures": PARTS[part](places)}
        written.write_text(json.dumps(results, indent=2) + "\n")
        print(part, json.dumps(results[part], indent=1), flush=True)


if __name__ == "__main__":
    main()
