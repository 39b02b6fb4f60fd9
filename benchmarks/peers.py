#!/usr/bin/env python3
"""Asks Inlier, COLMAP 3.8 and the way of OpenCV's tutorial the same photos of one catalogue.

usage: peers.py --inlier PROGRAM --data DIR --out DIR [--set NAME] [--photos N] [--items N]
                [--features N] [--words N] [--strict] [--tutorial N] [--json]

NAME (default: smvs-dvd) is a folder of DIR with catalogue.csv (id,image,…) and queries.csv
(image,id,…). --photos N asks N of its photos, evenly spread over the table (default: all of them).
--items N fills the catalogue up to N items from the other folders of DIR, evenly as well (default:
the set's own items). --features N is COLMAP's limit of features per image (default: 1500).
--words N is the size of its vocabulary; by default the largest power of two that leaves 16 features
of the catalogue per word, and 65,536 at most. COLMAP's extractor goes beyond its limit; --strict
holds the photos to it when they are searched, the largest scales first. --tutorial N asks N photos
of the set (default: 20) in the way of OpenCV's tutorial "Feature Matching + Homography", which is
slow: a photo is matched with each item of the set by FLANN (`inlier bench`, opencv-tutorial). The
result, first hits and CPU time, goes to OUT/peers.json; --json prints it as one line instead of the
table.

All of them work on one thread and on images reduced to 800 px. All times are CPU times, user and
system together. COLMAP runs
    feature_extractor     on the catalogue, then on the photos (SIFT on the CPU)
    vocab_tree_builder    on features of the catalogue only, before the photos are in the database
    vocab_tree_retriever  once to index the catalogue and store the index, then on that index with
                          the photos: 5 words per feature, and the 100 images with the most votes
                          are verified by geometry
"""

import argparse
import csv
import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from typing import Any, TypeVar

T = TypeVar("T")
Outcome = dict[str, Any]  # what is measured of one program, by name

LARGEST_SIDE = 800  # px, Inlier's default too
FEATURES_A_WORD = 16  # of the catalogue, at least
MOST_WORDS = 65536  # COLMAP's default
TRAINED_ON = 1000  # images at most; enough for a vocabulary of 64k words, and it takes its time
VERIFIED = 100  # images per photo, the default of COLMAP's own vocabulary tree matcher
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "QT_QPA_PLATFORM": "offscreen",
}  # one thread, no screen


def run(command: list[str], lines: Iterable[str] = ()) -> tuple[str, float]:
    """Runs the command with the lines on its stdin. Returns what it printed and its CPU seconds."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    with tempfile.TemporaryFile("w+") as complaints:
        try:
            done = subprocess.run(
                command,
                input="".join(line + "\n" for line in lines),
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                env={**os.environ, **ENVIRONMENT},
                check=False,
            )
        except OSError as error:
            sys.exit(f"peers.py: cannot run {command[0]}: {error.strerror}")
        if done.returncode:
            complaints.seek(0)
            said = [line.strip() for line in (done.stdout + "\n" + complaints.read()).splitlines()]
            stack_trace = re.compile(r"(@|PC: @|\*\*\*) ")
            said = [line for line in said if line and not stack_trace.match(line)]
            sys.exit(
                f"peers.py: {' '.join(command[:2])} failed ({done.returncode}): "
                f"{' | '.join(said[-4:])[-600:]}"
            )
    return done.stdout, spent() - before


def note(text: str) -> None:
    print(f"peers.py: {text}", file=sys.stderr, flush=True)


def table(path: str) -> list[dict[str, str]]:
    try:
        with open(path, newline="") as rows:
            return list(csv.DictReader(rows))
    except OSError as error:
        sys.exit(f"peers.py: {path}: {error.strerror}")


def spread(rows: list[T], count: int) -> list[T]:
    """`count` of the rows, evenly spaced, or all of them when there are no more."""
    return rows if count >= len(rows) else [rows[i * len(rows) // count] for i in range(count)]


def catalogue(data: str, name: str, count: int) -> dict[str, str]:
    """Ids by image, relative to `data`: the set's own items, then others up to `count`."""

    def items(folder: str) -> list[tuple[str, str]]:
        rows = table(f"{data}/{folder}/catalogue.csv")
        return [(f"{folder}/{row['image']}", f"{folder}/{row['id']}") for row in rows]

    own = items(name)
    others = [
        f
        for f in sorted(os.listdir(data))
        if f != name and os.path.exists(f"{data}/{f}/catalogue.csv")
    ]
    return dict(own + spread([item for f in others for item in items(f)], max(0, count - len(own))))


class Colmap:
    """One database of COLMAP in the folder `work`, and the commands that work on it."""

    def __init__(self, data: str, work: str, max_features: int) -> None:
        self.data = data
        self.work = work
        self.max_features = max_features
        self.database = os.path.join(work, "database.db")

    def write(self, name: str, lines: Iterable[str]) -> str:
        path = os.path.join(self.work, name)
        with open(path, "w") as out:
            out.writelines(line + "\n" for line in lines)
        return path

    def run(self, command: str, **options: object) -> tuple[str, float]:
        flags = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        return run(["colmap", command, "--database_path", self.database, *flags])

    def features_stored(self) -> int:
        rows = sqlite3.connect(self.database).execute("SELECT SUM(rows) FROM descriptors")
        return int(rows.fetchone()[0])

    def extract(self, images: str) -> float:
        """Extracts the listed images. Returns CPU seconds."""
        sift = {
            "SiftExtraction.use_gpu": 0,
            "SiftExtraction.num_threads": 1,
            "SiftExtraction.max_image_size": LARGEST_SIDE,
            "SiftExtraction.max_num_features": self.max_features,
        }
        places = {"image_path": self.data, "image_list_path": images}
        return self.run("feature_extractor", **places, **sift)[1]

    def build_vocabulary(self, vocabulary: str, words: int, images: int) -> tuple[int, float]:
        """Returns the number of words that COLMAP made, and CPU seconds."""
        said, seconds = self.run(
            "vocab_tree_builder",
            vocab_tree_path=vocabulary,
            num_visual_words=words,
            max_num_images=images,
        )
        return int(found(r"using (\d+) visual words", said)), seconds


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if not match:
        sys.exit(f"peers.py: COLMAP did not print {pattern}")
    return match[1]


def first_hits(said: str, items: dict[str, str], photos: dict[str, str]) -> set[str]:
    """The photos whose own item vocab_tree_retriever names first."""
    right = set()
    photo = None
    for line in said.splitlines():
        query = re.match(r"Querying for image (.*) \[\d+/\d+\]", line)
        hit = re.match(r"  image_id=\d+, image_name=(.*), score=", line)
        if query:
            photo = query[1]
        elif hit and photo:  # the first of this photo
            if items[hit[1]] == photos[photo]:
                right.add(photo)
            photo = None
    return right


def ask_colmap(
    colmap: Colmap, items: dict[str, str], photos: dict[str, str], words: int, strict: bool
) -> Outcome:
    vocabulary, index = (os.path.join(colmap.work, f) for f in ("vocabulary.bin", "index.bin"))
    all_items = colmap.write("items.txt", items)
    all_photos = colmap.write("photos.txt", photos)
    one_photo = colmap.write("photo.txt", list(photos)[:1])
    colmap.run("database_creator")
    build_s = colmap.extract(all_items)
    note(f"COLMAP extracted {len(items)} items, {build_s:.0f} s")
    features = colmap.features_stored()
    trained_on = min(TRAINED_ON, len(items))
    ample = features * trained_on // len(items) // FEATURES_A_WORD
    words = words or min(MOST_WORDS, max(256, 1 << ample.bit_length() - 1))
    words, seconds = colmap.build_vocabulary(vocabulary, words, trained_on)
    build_s += seconds
    note(f"COLMAP built a vocabulary of {words} words, {seconds:.0f} s")
    extract_s = colmap.extract(all_photos)
    asked = colmap.features_stored() - features
    note(f"COLMAP extracted {len(photos)} photos, {extract_s:.0f} s")

    def retrieve(tree: str, **options: object) -> tuple[str, float]:
        places = {"vocab_tree_path": tree, "database_image_list_path": all_items}
        return colmap.run("vocab_tree_retriever", **places, **options)

    # Given a place for the index and no list of photos, it only indexes.
    build_s += retrieve(vocabulary, output_index_path=index)[1]
    # What a run costs besides the photos (reading and preparing the index) is the same for one
    # photo as for all of them. So the difference is what the other photos cost: reading their
    # features, votes and verification, nothing else.
    verified = {"num_images": VERIFIED, "num_images_after_verification": VERIFIED}
    if strict:
        verified["max_num_features"] = colmap.max_features
    said, all_s = retrieve(index, query_image_list_path=all_photos, **verified)
    one_s = retrieve(index, query_image_list_path=one_photo, **verified)[1]
    note(f"COLMAP retrieved, {all_s:.1f} s with all photos, {one_s:.1f} s with one")
    right = first_hits(said, items, photos)
    return {
        "first_hit": len(right) / len(photos),
        "search_ms": 1000 * (all_s - one_s) / (len(photos) - 1),
        "extract_ms": 1000 * extract_s / len(photos),
        "build_s": build_s,
        "words": words,
        "features_an_item": features / len(items),
        "features_a_photo": asked / len(photos),
        "missed": sorted(set(photos) - right),
    }


def ask_inlier(
    inlier: str, data: str, work: str, items: dict[str, str], photos: dict[str, str]
) -> Outcome:
    listed, database = os.path.join(work, "catalogue.csv"), os.path.join(work, "inlier.db")
    with open(listed, "w", newline="") as out:
        csv.writer(out).writerow(("id", "image"))
        csv.writer(out).writerows(
            (item, os.path.join(data, image)) for image, item in items.items()
        )
    build_s = run([inlier, "index", listed, "--db", database, "--threads", "1", "--quiet"])[1]
    note(f"Inlier indexed {len(items)} items, {build_s:.0f} s")
    query = [inlier, "query", "-", "--db", database, "--threads", "1", "--quiet"]
    query += ["--all", "--top", "1", "--format", "jsonl"]
    said, all_s = run(query, [os.path.join(data, photo) for photo in photos])
    one_s = run(query, [os.path.join(data, next(iter(photos)))])[1]
    note(f"Inlier answered, {all_s:.1f} s with all photos, {one_s:.1f} s with one")
    answers = dict(zip(photos, map(json.loads, said.splitlines()), strict=True))
    right = {
        photo for photo, a in answers.items() if a["hits"] and a["hits"][0]["id"] == photos[photo]
    }
    # As above, the difference is the CPU time of the other photos, from decoding to the answer.
    # The stages are timed by the wall clock, which other processes stretch, so they only say how
    # that CPU time is shared out.
    wall = {
        s: sum(a["timings_ms"][s] for a in answers.values())
        for s in ("decode", "extract", "shortlist", "verify", "second_look")
    }
    cpu = 1000 * (all_s - one_s) / (len(photos) - 1) / sum(wall.values())
    return {
        "first_hit": len(right) / len(photos),
        "search_ms": cpu * (wall["shortlist"] + wall["verify"] + wall["second_look"]),
        "extract_ms": cpu * (wall["decode"] + wall["extract"]),
        "build_s": build_s,
        "shortlist_ms": cpu * wall["shortlist"],
        "verify_ms": cpu * wall["verify"],
        "features_a_photo": sum(a["features"] for a in answers.values()) / len(photos),
        "missed": sorted(set(photos) - right),
    }


def ask_tutorial(inlier: str, data: str, work: str, name: str, photos: int) -> Outcome:
    """Asks some photos in the set's own catalogue, which is all that this way can search."""
    out = os.path.join(work, "tutorial")
    command = [inlier, "bench", os.path.join(data, name), "--out", out, "--threads", "1"]
    command += ["--methods", "opencv-tutorial", "--reference", str(photos), "--no-report"]
    all_s = run(command)[1]
    with open(os.path.join(out, "results.json")) as results:
        figures = json.load(results)["methods"]["opencv-tutorial"][name]
    asked = figures["photos"]
    note(f"OpenCV's way answered {asked} photos, {all_s:.0f} s")
    return {
        "photos": asked,
        "first_hit": figures["first_hit"],
        "photo_ms": figures["query_cpu_ms"],
        "build_s": max(0.0, all_s - asked * figures["query_cpu_ms"] / 1000),
    }


def arguments_given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(usage=(__doc__ or "").split("usage: ")[1])
    for name in ("inlier", "data", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--set", default="smvs-dvd")
    for name, default in (
        ("photos", sys.maxsize),
        ("items", 0),
        ("features", 1500),
        ("words", 0),
        ("tutorial", 20),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name in ("strict", "json"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


def print_table(result: Outcome) -> None:
    version = "COLMAP " + result["colmap_version"]
    print(
        f"{result['set']}: {result['photos']} photos, {result['items']} items, "
        f"CPU time, one thread\n\n"
        f"{'':22}{'Inlier':>10}{version:>14}"
    )
    for label, key, form in (
        ("first hit", "first_hit", ".3f"),
        ("search, ms a photo", "search_ms", ".1f"),
        ("extraction, ms a photo", "extract_ms", ".1f"),
        ("build, s", "build_s", ".1f"),
    ):
        print(f"{label:22}{result['inlier_' + key]:>10{form}}{result['colmap_' + key]:>14{form}}")
    print(f"\nCOLMAP's search takes {result['ratio']:.1f} times the CPU time of Inlier's.")
    print(
        f"OpenCV's way takes {result['tutorial_photo_ms']:.0f} ms a photo, from decoding to the "
        f"answer; first hit {result['tutorial_first_hit']:.3f} of {result['tutorial_photos']}."
    )


def main() -> None:
    arguments = arguments_given()
    data, out = os.path.abspath(arguments.data), os.path.abspath(arguments.out)
    items = catalogue(data, arguments.set, arguments.items)
    rows = spread(table(f"{data}/{arguments.set}/queries.csv"), max(1, arguments.photos))
    photos = {f"{arguments.set}/{row['image']}": f"{arguments.set}/{row['id']}" for row in rows}
    if len(photos) < 2:
        sys.exit("peers.py: needs at least two photos")
    version = found(r"COLMAP ([\w.]+)", run(["colmap", "help"])[0])
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="peers-", dir=out) as work:
        sides = {
            "inlier": ask_inlier(arguments.inlier, data, work, items, photos),
            "colmap": ask_colmap(
                Colmap(data, work, arguments.features),
                items,
                photos,
                arguments.words,
                arguments.strict,
            ),
            "tutorial": ask_tutorial(
                arguments.inlier, data, work, arguments.set, arguments.tutorial
            ),
        }
    result: Outcome = {"set": arguments.set, "photos": len(photos)}
    result |= {f"{side}_{key}": value for side in sides for key, value in sides[side].items()}
    result |= {
        "ratio": result["colmap_search_ms"] / result["inlier_search_ms"],
        "items": len(items),
        "colmap_version": version,
        "colmap_max_features": arguments.features,
        "strict": arguments.strict,
    }
    result = {
        key: round(value, 4) if isinstance(value, float) else value for key, value in result.items()
    }
    with open(os.path.join(out, "peers.json"), "w") as written:
        json.dump(result, written, indent=1)
    if arguments.json:
        print(json.dumps(result, separators=(",", ":")))
    else:
        print_table(result)


if __name__ == "__main__":
    main()
