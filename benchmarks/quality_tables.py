"""Tables of what benchmarks/quality.py and benchmarks/calibrate.py measured."""

import os

from tables_common import Json, body, head, read, row

METHODS = ("sift", "surf", "orb", "brief", "xfeat")
BUILDS = {"against": "before", "this": "now"}
WRONG = ("wrong", "sibling", "stranger")


def counts(figures: Json) -> list[str]:
    """By set, and all of them together: what each build accepts."""
    builds = [build for build in BUILDS if build in figures]
    lines = head(
        "",
        "photos",
        "visible",
        *(f"first, {BUILDS[b]}" for b in builds),
        *(f"accepted, {BUILDS[b]}" for b in builds),
        *(f"wrong / sibling / stranger, {BUILDS[b]}" for b in builds),
    )
    names = list(figures[builds[0]])
    for name in [*names, "all"]:
        chosen = names if name == "all" else [name]

        def total(build: str, key: str, chosen: list[str] = chosen) -> int:
            return sum(int(figures[build][of][key]) for of in chosen)

        visible = total(builds[0], "visible")
        accepted = [total(b, "accepted") for b in builds]
        lines.append(
            row(
                name,
                total(builds[0], "photos"),
                visible,
                *(total(b, "first") for b in builds),
                *(f"{a} ({a / visible:.2f})" for a in accepted),
                *(" / ".join(str(total(b, key)) for key in WRONG) for b in builds),
            )
        )
    return lines


def quality(out: str) -> str:
    """The figures of each method that was measured."""
    lines = []
    for method in METHODS:
        if not os.path.exists(os.path.join(out, f"quality-{method}.json")):
            continue
        figures = read(out, f"quality-{method}.json")
        lines += [f"**{method}**. {figures.pop('made')}.", "", *counts(figures), ""]
    return body(lines[:-1])


def calibration(out: str) -> str:
    """What calibrate.py printed for each method, without the weights."""
    lines = []
    for method in METHODS:
        path = os.path.join(out, f"calibration-{method}.txt")
        if os.path.exists(path):
            with open(path) as file:
                printed = [line.rstrip() for line in file if not line.startswith("{")]
            lines += [f"**{method}**", "", "```", *printed, "```", ""]
    return body(lines[:-1])


def galleries(out: str) -> str | None:
    """How sure answers are in galleries of several sizes."""
    lines = []
    for method in METHODS:
        if not os.path.exists(os.path.join(out, f"galleries-{method}.json")):
            continue
        figures = read(out, f"galleries-{method}.json")
        lows = [b["low"] for b in figures["sizes"][0]["bins"]]
        ends = [*(f"{low:.2f}" for low in lows[1:]), "1"]
        said = [f"said {low:.2f}–{end}" for low, end in zip(lows, ends, strict=True)]
        lines += [
            f"**{method}**. {figures['made']}. In the columns of what was said: hits, what was "
            "said on average, and the share that is right.",
            "",
            *head("items", "photos", "first", "accepted", "wrong", "sibling", *said),
        ]
        for r in figures["sizes"]:
            cells = [
                f"{b['hits']}: {b['said']:.2f}, {b['right']:.2f}" if b["hits"] else ""
                for b in r["bins"]
            ]
            counted = (r[key] for key in ("photos", "first", "accepted", "wrong", "sibling"))
            size = "as they are" if r["items"] == "sets" else f"{int(r['items']):,}"
            lines.append(row(size, *counted, *cells))
        lines.append("")
    return body(lines[:-1]) if lines else None
