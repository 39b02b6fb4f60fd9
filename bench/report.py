#!/usr/bin/env python3
"""Writes OUT/report.html from what 'inlier bench --out OUT' measured.

usage: report.py OUT

The page is one file that needs nothing beside it: pictures and plots are embedded, and there are no
scripts. It needs Debian's python3-matplotlib.
"""

import os
import sys

import report_plots as plots
import report_tables as tables
from report_html import esc, image, sureness
from report_run import ALL, Json, Run, read_run
from report_verdict import verdict

HERE = os.path.dirname(os.path.abspath(__file__))


def found_section(run: Run) -> str:
    """How many items the methods find."""
    has_own = any("own_gallery" in d for s in run.methods.values() for d in s.values())
    own = tables.figures(run, "first_hit", own=True) if has_own else ""
    if own:
        own = f"<h3>In each set's own catalogue</h3>{own}"
    plot = plots.first_hits(run.methods, run.names)
    return f"""<h2 id="found">What is found</h2>
{plots.legend(run.methods)}<div class="wide">{plot}</div>
<p><b>First hit</b>: the share of the photos whose own item is named first, in one catalogue of all
{run.results["gallery"]["items"]:,} items. Below each figure is its 95 % interval, over photos that
are drawn again item by item; methods whose intervals overlap may be equally good.</p>
{tables.figures(run, "first_hit")}
<h3>Among the first ten</h3>{tables.figures(run, "recall_at_10")}
<h3>Mean average precision</h3>{tables.figures(run, "map")}{own}{tables.hybrid(run)}
"""


def nothing_section(run: Run) -> str:
    """How well the methods say that an item is not in the catalogue."""
    chosen = ALL if ALL in run.names else run.sets[0]
    detection, cost = plots.detection(run.methods, chosen), plots.cost(run.methods, chosen)
    return f"""<h2 id="nothing">Saying "not in the catalogue"</h2>
{plots.legend(run.methods)}<div class="pair">{detection}{cost}</div>
<p>Left: how often an item is missed that is there, against how often something is named where
nothing is there, as the required probability changes. Right: what a hit costs.</p>
<h3>At the default probability: accepted when it is there / wrongly accepted when it is not</h3>
{tables.decisions(run)}
"""


def cost_section(run: Run) -> str:
    """What the methods cost."""
    return f"""<h2 id="cost">What it costs</h2>
<p>Medians of a photo on one thread; stages are in CPU milliseconds. All methods have the same
photos, sizes and threads.</p>{tables.costs(run)}
"""


def severity_strips(run: Run, of_set: Json) -> str:
    """A row of pictures for each corruption, one picture for each severity."""
    strips = []
    for name, corruption in of_set.items():
        cells = "".join(
            f"<div>{image(run.out, file, f'{name} {severity:g}')}{severity:g}</div>"
            for severity, file in zip(corruption["levels"], corruption["pictures"], strict=True)
            if file
        )
        unit = f" ({esc(corruption['unit'])})" if corruption["unit"] else ""
        strips.append(
            f"<p class='soft'><b>{esc(name)}</b>{unit}: {esc(corruption['meaning'])}</p>"
            f"<div class='strip'>{cells}</div>"
        )
    return "".join(strips)


def corruption_section(run: Run) -> str:
    """Where the methods break as photos get worse; nothing when that was not measured."""
    if not run.results.get("stress"):
        return ""
    parts = []
    for dataset, of_set in run.results["stress"].items():
        methods = next(iter(of_set.values()))["methods"]
        parts.append(
            f"<h3>{esc(dataset)}</h3>{plots.legend(methods)}"
            f"<div class='wide'>{plots.corruptions(dataset, of_set)}</div>"
            f"<details><summary>What the corruptions look like, {esc(dataset)}</summary>"
            f"{severity_strips(run, of_set)}</details>"
            "<details><summary>Found and accepted / overlap of the outline / wrong item accepted, "
            f"{esc(dataset)}</summary>{tables.corruptions(of_set)}</details>"
        )
    caution = (
        "deep was trained on synthetic photos too, of another kind, which may help it here."
        if "deep" in run.methods
        else ""
    )
    return f"""<h2 id="stress">Where each method breaks</h2>
<p>Items of the catalogue are rendered into real photos. One thing gets worse step by step, and
everything else stays the same. The plots show first hits in the whole catalogue with their 95 %
intervals. {caution}</p>{"".join(parts)}
"""


def card(run: Run, answer: Json) -> str:
    """The picture of one answer with what was said."""
    if answer["right"]:
        judged, shows = '<span class="right">right</span>', ""
    else:
        judged = '<span class="wrong">wrong</span>'
        shows = f"; it shows {esc(answer['own'])}"
    accepted = "accepted" if answer["accepted"] else "not accepted"
    matches = f", {answer['inliers']} matches agree" if answer["inliers"] else ""
    return (
        f"<figure>{image(run.out, answer['file'], answer['photo'])}<figcaption>{judged} · "
        f"{esc(answer['dataset'])}, {esc(answer['photo'])}: {esc(answer['named'])}, {accepted} at "
        f"{sureness(answer['probability'])}{matches}{shows}</figcaption></figure>"
    )


def picture_section(run: Run) -> str:
    """Some right and some wrong answers of each method."""
    parts = []
    for method in run.methods:
        answers = [p for p in run.results.get("pictures", []) if p["method"] == method]
        if answers:
            cards = "".join(card(run, answer) for answer in answers)
            parts.append(f"<h3>{esc(method)}</h3><div class='cards'>{cards}</div>")
    return f"""<h2 id="gallery">Pictures</h2>
<p>The photo is on the left, and the item that was named first is on the right. Some right and some
wrong answers were picked evenly.</p>{"".join(parts)}
"""


def page(run: Run) -> str:
    """The whole page."""
    with open(os.path.join(HERE, "report_style.css")) as css:
        style = css.read()
    corruptions = corruption_section(run)
    links = [("found", "Found"), ("nothing", "Not in the catalogue"), ("cost", "Cost")]
    links += [("stress", "Stress")] if corruptions else []
    links += [("gallery", "Pictures"), ("made", "How it was made")]
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inlier: which method finds your items</title>
<style>{style}</style></head><body>
<nav class="soft">{"".join(f'<a href="#{name}">{title}</a>' for name, title in links)}</nav>
<h1>Which method finds your items</h1>
{verdict(run)}
{found_section(run)}{nothing_section(run)}{cost_section(run)}{corruptions}{picture_section(run)}
<h2 id="made">How it was made</h2>{tables.provenance(run)}
<p class="soft">Definitions: docs/EVALUATION.md of Inlier.</p></body></html>
"""


def main() -> None:
    """Writes the page so that a reader sees either the old one or the new one, and never a part."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = sys.argv[1]
    path = os.path.join(out, "report.html")
    with open(path + ".part", "w") as file:
        file.write(page(read_run(out)))
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main()
