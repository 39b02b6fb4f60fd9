"""The tables and the plot about large and changing catalogues."""

import os
from typing import Any

from tables_common import body, head, made, read, row

METHODS = ("sift", "surf", "orb", "brief")


FILLINGS = {"": "filled up with drawn postings", "-pictures": "filled up with made pictures"}


def scale_rows(sizes: list[dict[str, Any]]) -> list[str]:
    sets = list(sizes[0]["sets"])
    lines = head(
        "items",
        "features",
        "cells",
        "shortlist, ms",
        *sets,
        "bytes a feature",
        "load, s",
        "opened lazily, s",
        "training, s",
        "filling, s",
    )
    for r in sizes:
        lines.append(
            row(
                f"{r['items']:,}",
                f"{r['features']:,}",
                f"{r['cells']:,}",
                f"{r['shortlist_ms']:.1f}",
                *(f"{r['sets'][s]['recall_at_100']:.3f}" for s in sets),
                f"{r['bytes_per_feature']:.2f}",
                f"{r['load_s']:.2f}",
                f"{r['map_s']:.3f}",
                f"{r['train_s']:.0f}",
                f"{r['fill_s']:.0f}",
            )
        )
    return lines


def extrapolated(drawn: list[dict[str, Any]], made_up: list[dict[str, Any]]) -> str:
    """What the largest catalogue would take if its lists were those of pictures."""
    times = {r["items"]: r["shortlist_ms"] for r in drawn}
    both = max((r for r in made_up if r["items"] in times), key=lambda r: r["items"], default=None)
    largest = max(times)
    if both is None or both["items"] == largest:
        return ""
    ratio = both["shortlist_ms"] / times[both["items"]]
    return (
        f"With {both['items']:,} items, pictures take {ratio:.2f} of the time of drawn postings; "
        f"by that, {largest:,} would take {ratio * times[largest]:.1f} ms."
    )


def scale(out: str) -> str:
    """The shortlist as the catalogue grows, for the methods that were measured."""
    lines = []
    for method in METHODS:
        found = {}
        for ending, filled in FILLINGS.items():
            name = f"scale-{method}{ending}.json"
            if not os.path.exists(os.path.join(out, name)):
                continue
            found[ending] = read(out, name)
            lines += [
                f"{made()}: {method}, {filled}, one thread a photo, CPU ms; recall of the photo's "
                "own item in the first 100 of the shortlist.",
                "",
                *scale_rows(found[ending]),
                "",
            ]
        if len(found) == len(FILLINGS):
            lines += [extrapolated(*found.values()), ""]
    lines.append("![The shortlist's time, recall and memory as the catalogue grows](scale.svg)")
    return body(lines)


def opening(out: str) -> str:
    """How long a large database takes to open."""
    ways = {
        "all lists are read": "opening.json",
        "lists are read when asked for": "opening-lazily.json",
    }
    figures = {way: read(out, name) for way, name in ways.items()}
    one = next(iter(figures.values()))
    lines = [
        f"{made()}: {one['items']:,} items of {one['features']} features, by the wall clock.",
        "",
        *head("", "open, s", "resident then, MB", "first answer, s", "second answer, s"),
    ]
    for way, r in figures.items():
        lines.append(
            row(
                way,
                f"{r['open_s']:.2f}",
                f"{r['open_mb']:.0f}",
                f"{r['answer_s']:.2f}",
                f"{r['again_s']:.3f}",
            )
        )
    return body(lines)


def pictures(out: str) -> str:
    """What pictures cost this build, and another one beside it."""
    builds = read(out, "pictures.json")
    lines = [
        f"{made()}: one thread, medians of CPU time, the builds in turn. A query is the whole of "
        "it without starting the program.",
        "",
        *head("", *("this build" if b == "this" else "e342cac" for b in builds)),
    ]
    lines += [row(what, *(f"{by[what]:.1f}" for by in builds.values())) for what in builds["this"]]
    return body(lines)


def plot_scale(out: str, path: str) -> None:
    """Draws what happens to SIFT's shortlist into an SVG file, once that has been measured."""
    if not os.path.exists(os.path.join(out, "scale-sift.json")):
        return
    # Only this needs matplotlib, and the backend is chosen before pyplot is imported.
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "inlier"
    import matplotlib.pyplot as plt

    sizes = read(out, "scale-sift.json")
    items = [r["items"] for r in sizes]
    plots = (
        ("shortlist, CPU ms a photo", [r["shortlist_ms"] for r in sizes]),
        ("recall of DVDs and books in the first 100", [r["recall_at_100"] for r in sizes]),
        (
            "index in memory, GB",
            [r["bytes_per_feature"] * r["features"] / 1e9 for r in sizes],
        ),
    )
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for axis, (label, values) in zip(axes, plots, strict=True):
        axis.plot(items, values, marker="o", color="#2b6cb0")
        axis.set_xscale("log")
        axis.set_xlabel("items")
        axis.set_title(label, fontsize=10)
        axis.grid(alpha=0.3)
        if "recall" in label:
            axis.set_ylim(0.9, 1.005)
        else:
            axis.set_ylim(bottom=0)
    figure.savefig(path, metadata={"Date": None})


def live(out: str) -> str:
    """How long answers take while the catalogue changes."""
    r = read(out, "live.json")
    lines = [
        f"{made()}: {r['items']} items at the start, {r['changes_meanwhile']} changes "
        "acknowledged meanwhile.",
        "",
        "| | answers | median, ms | 99th percentile, ms | first hit |",
        "|---" * 5 + "|",
    ]
    for label, when in (("idle", "idle"), ("while indexing", "busy")):
        lines.append(
            row(
                label,
                r["queries_" + when],
                f"{r[when + '_p50_ms']:.1f}",
                f"{r[when + '_p99_ms']:.1f}",
                f"{r['first_hit_' + when]:.3f}",
            )
        )
    lines += ["", f"The 99th percentile is {r['p99_ratio']:.2f} times the idle one."]
    return body(lines)
