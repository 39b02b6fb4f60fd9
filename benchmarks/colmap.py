#!/usr/bin/env python3
"""Asks Inlier and COLMAP 3.8 the same photos of the same catalogue and compares first hits and CPU time.

usage: colmap.py --inlier PROGRAM --data DIR --out DIR [--set NAME] [--photos N] [--items N] [--features N] [--words N]
                 [--strict] [--json]

NAME (default smvs-dvd) is a folder of DIR with catalogue.csv (id,image,…) and queries.csv (image,id,…). --photos N asks
N of its photos, evenly spread over the table (default: all). --items N fills the catalogue up to N items from the other
folders of DIR, evenly as well (default: the set's own items). --features N is COLMAP's limit of features an image
(default 1500). --words N is the size of its vocabulary; by default the largest power of two that leaves 16 features of
the catalogue a word, and 65,536 at most. COLMAP's extractor goes beyond its limit; --strict holds the photos to it when
they are searched, the largest scales first. Writes OUT/colmap.json; --json prints it as one line in place of the table.

Both work on one thread and on images reduced to 800 px. All times are CPU times, user and system. COLMAP does
    feature_extractor     catalogue, then photos (SIFT on the CPU)
    vocab_tree_builder    on features of the catalogue alone, before the photos are in the database
    vocab_tree_retriever  once to index the catalogue and store the index, then on that index with the photos: 5 words a
                          feature, the best 100 images of the votes verified by geometry
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

LARGEST_SIDE = 800  # px, Inlier's default too
FEATURES_A_WORD = 16  # of the catalogue, at least
MOST_WORDS = 65536  # COLMAP's default
TRAINED_ON = 1000  # images at most that the vocabulary is made of; enough for 64k words, and it takes its time
VERIFIED = 100  # images a photo, the default of COLMAP's own vocabulary tree matcher
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "QT_QPA_PLATFORM": "offscreen",
}  # one thread, no screen


def run(command, lines=()):
    """Runs the command with the lines on its stdin; what it printed, and its CPU seconds."""

    def spent():
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
            )
        except OSError as error:
            sys.exit(f"colmap.py: cannot run {command[0]}: {error.strerror}")
        if done.returncode:
            complaints.seek(0)
            said = [line.strip() for line in (done.stdout + "\n" + complaints.read()).splitlines()]
            said = [
                line for line in said if line and not re.match(r"(@|PC: @|\*\*\*) ", line)
            ]  # no stack trace
            sys.exit(
                f"colmap.py: {' '.join(command[:2])} failed ({done.returncode}): {' | '.join(said[-4:])[-600:]}"
            )
    return done.stdout, spent() - before


def note(text):
    print(f"colmap.py: {text}", file=sys.stderr, flush=True)


def table(path):
    try:
        with open(path, newline="") as rows:
            return list(csv.DictReader(rows))
    except OSError as error:
        sys.exit(f"colmap.py: {path}: {error.strerror}")


def spread(rows, count):
    """That many of the rows, evenly spaced; all of them when there are no more."""
    return rows if count >= len(rows) else [rows[i * len(rows) // count] for i in range(count)]


def catalogue(data, name, count):
    """Image, relative to data, and id of each item; the set's own first, then others until there are count."""

    def items(folder):
        rows = table(f"{data}/{folder}/catalogue.csv")
        return [(f"{folder}/{row['image']}", f"{folder}/{row['id']}") for row in rows]

    own = items(name)
    others = [
        f
        for f in sorted(os.listdir(data))
        if f != name and os.path.exists(f"{data}/{f}/catalogue.csv")
    ]
    return dict(own + spread([item for f in others for item in items(f)], max(0, count - len(own))))


def ask_colmap(data, work, items, photos, max_features, words, strict):
    database, vocabulary, index = (
        os.path.join(work, f) for f in ("database.db", "vocabulary.bin", "index.bin")
    )

    def write(name, lines):
        path = os.path.join(work, name)
        with open(path, "w") as out:
            out.writelines(line + "\n" for line in lines)
        return path

    def colmap(command, *options):
        return run(["colmap", command, "--database_path", database, *options])

    def features_stored():
        return sqlite3.connect(database).execute("SELECT SUM(rows) FROM descriptors").fetchone()[0]

    def extract(images):
        return colmap(
            "feature_extractor",
            "--image_path",
            data,
            "--image_list_path",
            images,
            "--SiftExtraction.use_gpu",
            "0",
            "--SiftExtraction.num_threads",
            "1",
            "--SiftExtraction.max_image_size",
            str(LARGEST_SIDE),
            "--SiftExtraction.max_num_features",
            str(max_features),
        )[1]

    def retrieve(vocabulary, *options):
        return colmap(
            "vocab_tree_retriever",
            "--vocab_tree_path",
            vocabulary,
            "--database_image_list_path",
            all_items,
            *options,
        )

    all_items, all_photos = write("items.txt", items), write("photos.txt", photos)
    one_photo = write("photo.txt", list(photos)[:1])
    colmap("database_creator")
    build_s = extract(all_items)
    note(f"COLMAP extracted {len(items)} items, {build_s:.0f} s")
    features = features_stored()
    trained_on = min(TRAINED_ON, len(items))
    ample = features * trained_on // len(items) // FEATURES_A_WORD
    words = words or min(MOST_WORDS, max(256, 1 << ample.bit_length() - 1))
    said, seconds = colmap(
        "vocab_tree_builder",
        "--vocab_tree_path",
        vocabulary,
        "--num_visual_words",
        str(words),
        "--max_num_images",
        str(trained_on),
    )
    build_s += seconds
    words = int(re.search(r"using (\d+) visual words", said)[1])
    note(f"COLMAP built a vocabulary of {words} words, {seconds:.0f} s")
    extract_s = extract(all_photos)
    asked = features_stored() - features
    note(f"COLMAP extracted {len(photos)} photos, {extract_s:.0f} s")
    # Given a place for the index and no list of photos, it only indexes.
    build_s += retrieve(vocabulary, "--output_index_path", index)[1]
    # What a run costs besides the photos (reading the index, preparing it) is the same for one photo as for all of
    # them; so the difference is what the others cost: reading their features, votes and verification, nothing else.
    verified = ["--num_images", str(VERIFIED), "--num_images_after_verification", str(VERIFIED)]
    if strict:
        verified += ["--max_num_features", str(max_features)]
    said, all_s = retrieve(index, "--query_image_list_path", all_photos, *verified)
    one_s = retrieve(index, "--query_image_list_path", one_photo, *verified)[1]
    note(f"COLMAP retrieved, {all_s:.1f} s with all photos, {one_s:.1f} s with one")
    right, photo = set(), None
    for line in said.splitlines():
        query = re.match(r"Querying for image (.*) \[\d+/\d+\]", line)
        hit = re.match(r"  image_id=\d+, image_name=(.*), score=", line)
        if query:
            photo = query[1]
        elif hit and photo:  # the first of this photo
            if items[hit[1]] == photos[photo]:
                right.add(photo)
            photo = None
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


def ask_inlier(inlier, data, work, items, photos):
    listed, database = os.path.join(work, "catalogue.csv"), os.path.join(work, "inlier.db")
    with open(listed, "w", newline="") as out:
        csv.writer(out).writerow(("id", "image"))
        csv.writer(out).writerows(
            (item, os.path.join(data, image)) for image, item in items.items()
        )
    build_s = run([inlier, "index", listed, "--db", database, "--threads", "1", "--quiet"])[1]
    note(f"Inlier indexed {len(items)} items, {build_s:.0f} s")
    query = [
        inlier,
        "query",
        "-",
        "--db",
        database,
        "--all",
        "--top",
        "1",
        "--format",
        "jsonl",
        "--threads",
        "1",
        "--quiet",
    ]
    said, all_s = run(query, [os.path.join(data, photo) for photo in photos])
    one_s = run(query, [os.path.join(data, next(iter(photos)))])[1]
    note(f"Inlier answered, {all_s:.1f} s with all photos, {one_s:.1f} s with one")
    answers = dict(zip(photos, map(json.loads, said.splitlines())))
    right = {
        photo for photo, a in answers.items() if a["hits"] and a["hits"][0]["id"] == photos[photo]
    }
    # As above, the difference is the CPU time of the other photos, from decoding to the answer. The stages are timed by
    # the wall clock, which other processes stretch; so they only say how that CPU time is shared out.
    wall = {
        s: sum(a["timings_ms"][s] for a in answers.values())
        for s in ("decode", "extract", "shortlist", "verify")
    }
    cpu = 1000 * (all_s - one_s) / (len(photos) - 1) / sum(wall.values())
    return {
        "first_hit": len(right) / len(photos),
        "search_ms": cpu * (wall["shortlist"] + wall["verify"]),
        "extract_ms": cpu * (wall["decode"] + wall["extract"]),
        "build_s": build_s,
        "shortlist_ms": cpu * wall["shortlist"],
        "verify_ms": cpu * wall["verify"],
        "features_a_photo": sum(a["features"] for a in answers.values()) / len(photos),
        "missed": sorted(set(photos) - right),
    }


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    for name in ("inlier", "data", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--set", default="smvs-dvd")
    for name, default in (("photos", sys.maxsize), ("items", 0), ("features", 1500), ("words", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name in ("strict", "json"):
        parser.add_argument(f"--{name}", action="store_true")
    arguments = parser.parse_args()
    data, out = os.path.abspath(arguments.data), os.path.abspath(arguments.out)
    items = catalogue(data, arguments.set, arguments.items)
    rows = spread(table(f"{data}/{arguments.set}/queries.csv"), max(1, arguments.photos))
    photos = {f"{arguments.set}/{row['image']}": f"{arguments.set}/{row['id']}" for row in rows}
    if len(photos) < 2:
        sys.exit("colmap.py: needs at least two photos")
    version = re.search(r"COLMAP ([\w.]+)", run(["colmap", "help"])[0])[1]
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="colmap-", dir=out) as work:
        sides = {
            "inlier": ask_inlier(arguments.inlier, data, work, items, photos),
            "colmap": ask_colmap(
                data, work, items, photos, arguments.features, arguments.words, arguments.strict
            ),
        }
    result = {"set": arguments.set, "photos": len(photos)}
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
    with open(os.path.join(out, "colmap.json"), "w") as written:
        json.dump(result, written, indent=1)
    if arguments.json:
        print(json.dumps(result, separators=(",", ":")))
        return
    print(
        f"{result['set']}: {len(photos)} photos, {len(items)} items, CPU time, one thread\n\n{'':22}{'Inlier':>10}"
        f"{'COLMAP ' + version:>14}"
    )
    for label, key, form in (
        ("first hit", "first_hit", ".3f"),
        ("search, ms a photo", "search_ms", ".1f"),
        ("extraction, ms a photo", "extract_ms", ".1f"),
        ("build, s", "build_s", ".1f"),
    ):
        print(f"{label:22}{result['inlier_' + key]:>10{form}}{result['colmap_' + key]:>14{form}}")
    print(f"\nCOLMAP's search takes {result['ratio']:.1f} times the CPU time of Inlier's.")


if __name__ == "__main__":
    main()
