#!/usr/bin/env python3
"""Writes the tables of docs/EVALUATION.md and of README.md from a bench run.

usage: tables.py OUT

OUT is the folder that `inlier bench --out` filled. The text between the markers <!-- tables --> and <!-- summary --> is
replaced. An item that is accepted with the photo's own item left out counts as wrong unless benchmarks/visible.csv says
that it is truly in the photo.
"""
import csv
import json
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def machine():
    model = platform.machine()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} processors"


def wrong_photos(path, visible):
    """Photos, by data set, in which some item was accepted that is not in them, own item left out."""
    wrong = {}
    for row in csv.DictReader(open(path)):
        photo = row["dataset"] + "/" + os.path.basename(row["photo"])
        if row["left_out"] == "1" and row["accepted"] == "1" and visible.get((photo, row["id"])) != "visible":
            wrong.setdefault(row["dataset"], set()).add(photo)
    return wrong


def tables(out):
    results = json.load(open(os.path.join(out, "results.json")))
    visible = {(photo, item): verdict for photo, item, verdict in csv.reader(open(os.path.join(HERE, "visible.csv")))}
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    lines = [f"Measured at commit {commit} on {machine()}, {results['threads']} thread(s), default options "
             f"(OpenCV, FAISS and BLAS held to one thread).", ""]
    for method, result in results["methods"].items():
        wrong = wrong_photos(os.path.join(out, f"candidates-{method}.csv"), visible)
        lines += [f"### {method}", "",
                  "| set | photos | first hit | in the first ten | in the shortlist | accepted | wrong when left out | query, CPU ms |",
                  "|---|---|---|---|---|---|---|---|"]
        photos = mistakes = 0
        for name, d in result["datasets"].items():
            count = len(wrong.get(name, ()))
            photos += d["photos"]
            mistakes += count
            lines.append(f"| {name} | {d['photos']:.0f} | {d['first_hit']:.3f} | {d['recall_at_10']:.3f} | {d['shortlist_recall']:.3f} "
                         f"| {d['accepted']:.3f} | {count} | {d['query_cpu_ms']:.0f} |")
        index, build, opened = result["index"], result["build"], result["open"]
        lines += ["", f"Wrong when left out, over all {photos:.0f} photos: {mistakes} ({100 * mistakes / photos:.1f} %).", "",
                  "| what | measured |", "|---|---|",
                  f"| gallery | {index['items']} items, {index['features']} features, {index['cells']} cells |"]
        if "cpu_ms_per_item" in build:
            lines.append(f"| build, all of it | {build['cpu_ms_per_item']:.0f} ms CPU an item |")
        lines += [f"| open | {opened['wall_ms']:.0f} ms ({opened['cpu_ms']:.0f} ms CPU) |",
                  f"| index in memory | {index['memory_bytes_per_item'] / 1000:.1f} kB an item |",
                  f"| database on disk | {index['disk_bytes_per_item'] / 1000:.0f} kB an item |"]
        stages = [f"{s} {sorted(d[s + '_ms'] for d in result['datasets'].values())[-1]:.0f}" for s in ("decode", "extract", "shortlist", "verify")]
        lines += [f"| stages of a query, the slowest set's median, wall ms | {', '.join(stages)} |", ""]
    return "\n".join(lines)


def summary(out):
    """The few figures that the README shows, of the first method."""
    result = next(iter(json.load(open(os.path.join(out, "results.json")))["methods"].values()))
    sets = result["datasets"]
    lines = ["| | " + " | ".join(sets) + " |", "|---" * (len(sets) + 1) + "|"]
    for label, key, form in (("first hit", "first_hit", ".3f"), ("accepted", "accepted", ".3f"), ("CPU ms a query", "query_cpu_ms", ".0f")):
        lines.append(f"| {label} | " + " | ".join(format(d[key], form) for d in sets.values()) + " |")
    return "\n".join(lines) + "\n"


def replace(path, name, body):
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    text = open(path).read()
    head, rest = text.split(begin)
    open(path, "w").write(head + begin + body + end + rest.split(end)[1])


def main():
    replace(os.path.join(HERE, "..", "docs", "EVALUATION.md"), "tables", tables(sys.argv[1]))
    replace(os.path.join(HERE, "..", "README.md"), "summary", summary(sys.argv[1]))


if __name__ == "__main__":
    main()
