#!/usr/bin/env python3
"""Writes the tables of docs/EVALUATION.md and of README.md from a bench run.

usage: tables.py retrieval|extract|colmap|scale|live OUT

OUT is the folder that the bench filled. The text between the markers of docs/EVALUATION.md and README.md is replaced.
An item that is accepted with the photo's own item left out counts as wrong unless benchmarks/visible.csv says
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


def made():
    """How the figures came to be: commit and machine."""
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return f"Measured at commit {commit} on {machine()}"


def tables(out):
    results = json.load(open(os.path.join(out, "results.json")))
    visible = {(photo, item): verdict for photo, item, verdict in csv.reader(open(os.path.join(HERE, "visible.csv")))}
    lines = [f"{made()}, {results['threads']} thread(s), default options (OpenCV, FAISS and BLAS held to one thread).", ""]
    lines += overview(results["methods"])
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
        lines += [f"| stages of a query, the slowest set's median, CPU ms | {', '.join(stages)} |", ""]
    return "\n".join(lines)


def overview(methods):
    """All methods side by side; an oracle's row stands beside ours."""
    sets = list(next(iter(methods.values()))["datasets"])
    lines = ["First hit (in the first ten) of each method on the joint gallery:", "",
             "| method | " + " | ".join(sets) + " | query, CPU ms | index, bytes an item | disk, kB an item |", "|---" * (len(sets) + 4) + "|"]
    for method, result in methods.items():
        d, index = result["datasets"], result["index"]
        cells = [f"{d[s]['first_hit']:.3f} ({d[s]['recall_at_10']:.3f})" for s in sets]
        ms = sorted(d[s]["query_cpu_ms"] for s in sets)
        lines.append(f"| {method} | " + " | ".join(cells) + f" | {ms[0]:.0f} to {ms[-1]:.0f} | {index['memory_bytes_per_item']:.0f} "
                     f"| {index['disk_bytes_per_item'] / 1000:.0f} |")
    return lines + [""]


def extract(out):
    results = json.load(open(os.path.join(out, "extract.json")))
    lines = [f"{made()}, one thread, {results['features']} features, CPU ms an image: the mean over {results['photos']:.0f} photos "
             f"of all sets of the median of several runs, the two sides in turn. Right matches: the sum over all pairs.", "",
             "| ours | theirs | side, px | ours, ms | theirs, ms | ratio | right matches, ours | theirs | precision, ours | theirs |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    for m in results["methods"]:
        for s in m["sides"]:
            lines.append(f"| {m['method']} | {m['theirs']} | {s['side']} | {s['ours_ms']:.1f} | {s['theirs_ms']:.1f} "
                         f"| {s['ours_ms'] / s['theirs_ms']:.2f} | {s['correct_matches']} | {s['theirs_correct_matches']} "
                         f"| {s['precision']:.3f} | {s['theirs_precision']:.3f} |")
    lines += ["", "Right matches (precision) on each pair of Oxford's affine scenes, ours against theirs:", "",
              "| pair | " + " | ".join(f"{m['method']} | {m['theirs']}" for m in results["methods"]) + " |",
              "|---" * (1 + 2 * len(results["methods"])) + "|"]
    for i, pair in enumerate(results["methods"][0]["pairs"]):
        cells = []
        for m in results["methods"]:
            p = m["pairs"][i]
            cells += [f"{p['correct_matches']} ({p['precision']:.2f})", f"{p['theirs_correct_matches']} ({p['theirs_precision']:.2f})"]
        lines.append(f"| {pair['scene']} {pair['pair']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def colmap(out):
    r = json.load(open(os.path.join(out, "colmap.json")))
    lines = [f"{made()}, one thread: {r['photos']} photos of {r['set']}, a catalogue of {r['items']} items, COLMAP {r['colmap_version']} "
             f"with {r['colmap_words']} words and {r['colmap_features_an_item']:.0f} features an item (limit "
             f"{r['colmap_max_features']}{', strict' if r['strict'] else ''}). CPU times, means.", "",
             "| | first hit | search, ms a photo | decoding and extraction, ms a photo | features extracted of a photo | build of the catalogue, s |",
             "|---|---|---|---|---|---|"]
    for label, side in (("Inlier", "inlier"), ("COLMAP", "colmap")):
        lines.append(f"| {label} | {r[side + '_first_hit']:.3f} | {r[side + '_search_ms']:.1f} | {r[side + '_extract_ms']:.0f} "
                     f"| {r[side + '_features_a_photo']:.0f} | {r[side + '_build_s']:.0f} |")
    return "\n".join(lines + ["", f"COLMAP's search takes {r['ratio']:.1f} times the CPU time of Inlier's (shortlist "
                              f"{r['inlier_shortlist_ms']:.1f} ms, verification {r['inlier_verify_ms']:.1f} ms)."]) + "\n"


def exact(out):
    """What the index loses against looking at every item."""
    methods = json.load(open(os.path.join(out, "results.json")))["methods"]
    if not any("exact" in d for m in methods.values() for d in m["datasets"].values()):
        return None
    lines = [f"{made()}.", "",
             "| method | set | photos | exact voting's first is in the first 100 | and is right | first hit, exact | first hit, index "
             "| exact voting, CPU ms |", "|---" * 8 + "|"]
    for method, result in methods.items():
        sums = [0, 0.0]
        for name, d in result["datasets"].items():
            if "exact" not in d:
                continue
            e = d["exact"]
            sums = [sums[0] + e["photos"], sums[1] + e["photos"] * e["voted_first_in_100"]]
            lines.append(f"| {method} | {name} | {e['photos']} | {e['voted_first_in_100']:.3f} | {e['voted_first_is_right']:.3f} "
                         f"| {e['first_hit_exact']:.3f} | {e['first_hit_index']:.3f} | {e['cpu_ms']:.0f} |")
        if sums[0]:
            lines.append(f"| {method} | all | {sums[0]} | {sums[1] / sums[0]:.4f} | | | | |")
    return "\n".join(lines) + "\n"


def scale(out):
    lines = []
    for method in ("sift", "surf", "orb", "brief"):
        path = os.path.join(out, f"scale-{method}.json")
        if not os.path.exists(path):
            continue
        rows = json.load(open(path))
        sets = list(rows[0]["sets"])
        lines += [f"{made()}: {method}, one thread a photo, CPU ms; recall of the photo's own item in the first 100 of the shortlist.", "",
                  "| items | features | cells | shortlist, ms | " + " | ".join(sets) + " | bytes a feature | load, s | opened lazily, s "
                  "| training, s | filling, s |", "|---" * (len(sets) + 9) + "|"]
        for r in rows:
            recall = " | ".join(f"{r['sets'][s]['recall_at_100']:.3f}" for s in sets)
            lines.append(f"| {r['items']:,} | {r['features']:,} | {r['cells']:,} | {r['shortlist_ms']:.1f} | {recall} "
                         f"| {r['bytes_per_feature']:.2f} | {r['load_s']:.2f} | {r['map_s']:.3f} | {r['train_s']:.0f} | {r['fill_s']:.0f} |")
        lines.append("")
    lines.append("![The shortlist's time, recall and memory as the catalogue grows](scale.svg)")
    return "\n".join(lines) + "\n"


def plot_scale(out):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "inlier"
    import matplotlib.pyplot as plt
    rows = json.load(open(os.path.join(out, "scale-sift.json")))
    items = [r["items"] for r in rows]
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for axis, label, values in zip(axes, ("shortlist, CPU ms a photo", "recall of DVDs and books in the first 100", "index in memory, GB"),
                                   ([r["shortlist_ms"] for r in rows], [r["recall_at_100"] for r in rows],
                                    [r["bytes_per_feature"] * r["features"] / 1e9 for r in rows])):
        axis.plot(items, values, marker="o", color="#2b6cb0")
        axis.set_xscale("log")
        axis.set_xlabel("items")
        axis.set_title(label, fontsize=10)
        axis.grid(alpha=0.3)
        if "recall" in label:
            axis.set_ylim(0.9, 1.005)
        else:
            axis.set_ylim(bottom=0)
    figure.savefig(os.path.join(HERE, "..", "docs", "scale.svg"), metadata={"Date": None})


def live(out):
    r = json.load(open(os.path.join(out, "live.json")))
    return "\n".join([
        f"{made()}: {r['items']} items at the start, {r['changes_meanwhile']} changes acknowledged meanwhile.", "",
        "| | answers | median, ms | 99th percentile, ms | first hit |", "|---|---|---|---|---|",
        f"| idle | {r['queries_idle']} | {r['idle_p50_ms']:.1f} | {r['idle_p99_ms']:.1f} | {r['first_hit_idle']:.3f} |",
        f"| while indexing | {r['queries_busy']} | {r['busy_p50_ms']:.1f} | {r['busy_p99_ms']:.1f} | {r['first_hit_busy']:.3f} |", "",
        f"The 99th percentile is {r['p99_ratio']:.2f} times the idle one."]) + "\n"


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
    what, out = sys.argv[1:3]
    evaluation = os.path.join(HERE, "..", "docs", "EVALUATION.md")
    if what != "retrieval":
        if what == "scale":
            plot_scale(out)
        replace(evaluation, what, {"extract": extract, "colmap": colmap, "scale": scale, "live": live}[what](out))
        return
    compared = exact(out)
    if compared:
        replace(evaluation, "exact", compared)
    replace(evaluation, "tables", tables(out))
    replace(os.path.join(HERE, "..", "README.md"), "summary", summary(out))


if __name__ == "__main__":
    main()
