#!/usr/bin/env python3
"""Writes OUT/report.html from what 'inlier bench --out OUT' measured: one file that needs nothing beside it.

usage: report.py OUT

Needs python3-matplotlib.
"""

import base64
import html
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report_plots as plots  # noqa: E402

ALL = "joint"
REFERENCES = ("exact", "opencv-tutorial")
NOTICED = 0.01  # share of first hits


def esc(text):
    return html.escape(str(text), quote=True)


def percent(share):
    return f"{100 * share:.1f} %"


def sureness(probability):
    """Never certain of what was only found very likely."""
    return "over 99.9 %" if probability > 0.999 else percent(probability)


def kilobytes(count):
    return f"{count / 1000:,.1f}"


def table(head, rows):
    body = "".join(
        "<tr>"
        + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{"".join(f"<th>{esc(h)}</th>" for h in head)}</tr></thead><tbody>{body}</tbody></table></div>'


def image(out, file, alt):
    with open(os.path.join(out, file), "rb") as picture:
        return f'<img loading="lazy" alt="{esc(alt)}" src="data:image/jpeg;base64,{base64.b64encode(picture.read()).decode()}">'


class Page:
    def __init__(self, out):
        self.out = out
        with open(os.path.join(out, "results.json")) as file:
            self.r = json.load(file)
        self.methods = {
            m: s for m, s in self.r["methods"].items() if m not in REFERENCES and ALL in s
        }
        self.references = {m: s for m, s in self.r["methods"].items() if m in REFERENCES}
        self.sets = list(self.r["datasets"])
        self.names = self.sets + ([ALL] if len(self.sets) > 1 else [])

    # What a shop owner reads: which method, why, and what it costs.
    def verdict(self):
        joint = {m: s[ALL] for m, s in self.methods.items()}
        best = max(joint, key=lambda m: joint[m]["first_hit"])
        against = self.r.get("against_best", {})

        def behind(m):
            return joint[best]["first_hit"] - joint[m]["first_hit"]

        # As good for all that these photos can tell, or behind by less than anyone would notice.
        level = [
            m
            for m in joint
            if m == best
            or behind(m) <= NOTICED
            or (m in against and against[m]["behind_ci"][0] <= 0)
        ]
        cheapest = min(joint[m]["query_cpu_ms"] for m in level)
        advised = max(
            (m for m in level if joint[m]["query_cpu_ms"] <= 2 * cheapest),
            key=lambda m: joint[m]["first_hit"],
        )
        a, costs = joint[advised], self.r["costs"].get(advised, {})
        photos = self.r["gallery"]["photos"]
        points = [
            f"<b>{esc(advised)}</b> names the right item first for <b>{percent(a['first_hit'])}</b> of {photos} photos, in a catalogue of "
            f"{self.r['gallery']['items']:,} items, and takes {a['query_cpu_ms']:.0f} ms of one processor a photo."
        ]
        others = [m for m in level if m != advised]
        if others:
            points.append(
                "About as good: "
                + ", ".join(
                    f"{esc(m)} ({percent(joint[m]['first_hit'])}, {joint[m]['query_cpu_ms']:.0f} ms)"
                    for m in others
                )
                + "."
            )
        others = [m for m in joint if m not in level]
        if others:
            points.append(
                "Behind: "
                + ", ".join(f"{esc(m)} ({percent(joint[m]['first_hit'])})" for m in others)
                + "."
            )
        if "wrong" in a:
            points.append(
                f"When the item is not in the catalogue, {esc(advised)} still names something in {percent(a['wrong'])} of the photos; when it is, "
                f"it is sure enough to name it in {percent(a['accepted'])}. In between it lists candidates and says that it is not sure."
            )
        points += self.need_of_a_network(joint)
        if "index" in costs and self.r["gallery"]["items"] >= 1000:  # fewer say little of a million
            built = costs.get("build", {})
            points.append(
                f"A million items of this kind would take {costs['index']['memory_bytes_per_item'] / 1000:.0f} GB of memory and "
                f"{costs['index']['disk_bytes_per_item'] / 1000:.0f} GB of disk"
                + (
                    f", and {built['cpu_ms_per_item'] / 3.6:.0f} processor hours to index"
                    if "cpu_ms_per_item" in built
                    else ""
                )
                + ", reckoned from these items."
            )
        return (
            '<div class="verdict"><ul>' + "".join(f"<li>{p}</li>" for p in points) + "</ul></div>"
        )

    def need_of_a_network(self, joint):
        classical = [m for m in joint if not m.startswith("deep") and m != "hybrid"]
        if "deep" not in joint or not classical:
            return []
        best = max(classical, key=lambda m: joint[m]["first_hit"])
        ahead = [
            s
            for s in self.sets
            if self.methods["deep"][s]["first_hit_ci"][0] > self.methods[best][s]["first_hit_ci"][1]
        ]
        behind = [
            s
            for s in self.sets
            if self.methods["deep"][s]["first_hit_ci"][1] < self.methods[best][s]["first_hit_ci"][0]
        ]
        said = f"Do you need a network? This one alone finds {percent(joint['deep']['first_hit'])} where {esc(best)} finds {percent(joint[best]['first_hit'])}"
        said += (
            f"; it is ahead on {esc(', '.join(ahead))}"
            if ahead
            else "; it is ahead on none of these sets by more than chance"
        )
        said += f" and behind on {esc(', '.join(behind))}." if behind else "."
        if "hybrid" in self.r and "hybrid" in joint:
            h = self.r["hybrid"][ALL]
            gains = [s for s in self.sets if self.r["hybrid"][s]["difference_ci"][0] > 0]
            said += (
                f" Both together find {percent(h['first_hit'])} ({100 * h['difference']:+.1f} points on {esc(h['better_part'])} alone, 95 % interval "
                f"{100 * h['difference_ci'][0]:+.1f} to {100 * h['difference_ci'][1]:+.1f})"
                + (f", most of it on {esc(', '.join(gains))}" if gains else "")
                + f", for {joint['hybrid']['query_cpu_ms']:.0f} ms a photo."
            )
        return [
            said
            + " It is a small network, trained to detect everyday things; a larger one, trained to compare products, would do better and cost more."
        ]

    def figures(self, key, own=False):
        rows = []
        shown = {**self.methods, **(self.references if key == "first_hit" and not own else {})}
        tops = {
            n: max((s[n][key] for s in self.methods.values() if n in s), default=0)
            for n in self.names
        }
        for method, sets in shown.items():
            few = next(iter(sets.values()))
            row = [
                esc(method)
                + (
                    f'<span class="ci">{few["photos"]} photos a set{", own catalogue" if few["gallery"] == "own" else ""}</span>'
                    if method in REFERENCES
                    else ""
                )
            ]
            for name in self.names:
                d = sets.get(name)
                d = d.get("own_gallery") if d and own else d
                if not d:
                    row.append("")
                    continue
                ci = d.get(key + "_ci")
                interval = f'<span class="ci">{ci[0]:.3f} to {ci[1]:.3f}</span>' if ci else ""
                best = (
                    ' class="best"'
                    if not own and method in self.methods and d[key] == tops[name]
                    else ""
                )
                row.append(f"<td{best}>{d[key]:.3f}{interval}</td>")
            rows.append(row)
        return table(
            ["method"]
            + [
                f"{n} ({self.r['datasets'][n]['photos']})"
                if n in self.r["datasets"]
                else "all photos"
                for n in self.names
            ],
            rows,
        )

    def hybrid(self):
        if "hybrid" not in self.r:
            return ""
        rows = [
            [
                esc(n),
                f"{h['first_hit']:.3f}",
                f"{esc(h['better_part'])} {h['first_hit_of_part']:.3f}",
                f"{h['difference']:+.3f}",
                f"{h['difference_ci'][0]:+.3f} to {h['difference_ci'][1]:+.3f}",
                "yes"
                if h["difference"] >= 0
                else "within the interval"
                if h["not_worse"]
                else "no",
            ]
            for n, h in self.r["hybrid"].items()
        ]
        return "<h3>hybrid against the better of its parts</h3>" + table(
            ["set", "hybrid", "better part", "difference", "95 % interval", "at least as good"],
            rows,
        )

    def costs(self):
        rows = []
        for method, sets in self.methods.items():
            c, d = self.r["costs"].get(method, {}), sets[ALL]
            build, index, learn = c.get("build", {}), c.get("index", {}), c.get("learning", {})
            rows.append(
                [esc(method), f"{d['query_ms']:.0f}", f"{d['query_cpu_ms']:.0f}"]
                + [f"{d[s + '_ms']:.1f}" for s in ("decode", "extract", "shortlist", "verify")]
                + [
                    f"{build['cpu_ms_per_item']:.0f}" if "cpu_ms_per_item" in build else "",
                    f"{learn['cpu_s']:.0f}" if "cpu_s" in learn else "",
                    kilobytes(index["memory_bytes_per_item"]) if index else "",
                    kilobytes(index["disk_bytes_per_item"]) if index else "",
                    f"{c['query']['peak_memory_bytes'] / 1e6:,.0f}" if "query" in c else "",
                ]
            )
        return table(
            [
                "method",
                "photo, ms",
                "CPU ms",
                "decode",
                "extract",
                "shortlist",
                "verify",
                "index an item, CPU ms",
                "learning, CPU s",
                "memory an item, kB",
                "disk an item, kB",
                "peak memory, MB",
            ],
            rows,
        )

    def decisions(self):
        rows = [
            [esc(m)]
            + [
                f"{s[n]['accepted']:.3f} / {s[n].get('wrong', 0):.3f}" if n in s else ""
                for n in self.names
            ]
            for m, s in self.methods.items()
        ]
        return table(
            ["method"] + [n if n in self.r["datasets"] else "all photos" for n in self.names], rows
        )

    def stress(self):
        parts = []
        for dataset, sliders in self.r.get("stress", {}).items():
            methods = next(iter(sliders.values()))["methods"]
            parts.append(
                f"<h3>{esc(dataset)}</h3>{plots.legend(methods)}<div class='wide'>{plots.stress(dataset, sliders)}</div>"
            )
            strips = []
            for name, s in sliders.items():
                cells = "".join(
                    f"<div>{image(self.out, f, f'{name} {level:g}')}{level:g}</div>"
                    for level, f in zip(s["levels"], s["pictures"])
                    if f
                )
                unit = f" ({esc(s['unit'])})" if s["unit"] else ""
                strips.append(
                    f"<p class='soft'><b>{esc(name)}</b>{unit}: {esc(s['meaning'])}</p><div class='strip'>{cells}</div>"
                )
            rows = [
                [esc(name), esc(m)]
                + [
                    f"{f:.2f} / {'–' if i is None else format(i, '.2f')} / {w:.2f}"
                    for f, i, w in zip(c["found"], c["iou"], c["wrong"])
                ]
                for name, s in sliders.items()
                for m, c in s["methods"].items()
            ]
            parts.append(
                f"<details><summary>What the sliders look like, {esc(dataset)}</summary>{''.join(strips)}</details>"
            )
            parts.append(
                f"<details><summary>Found and accepted / overlap of the outline / wrong item accepted, {esc(dataset)}</summary>"
                + table(
                    ["slider", "method"]
                    + [
                        f"level {i}"
                        for i in range(1, 1 + max(len(s["levels"]) for s in sliders.values()))
                    ],
                    rows,
                )
                + "</details>"
            )
        return "".join(parts)

    def gallery(self):
        parts = []
        for method in self.methods:
            cards = []
            for p in self.r.get("pictures", []):
                if p["method"] != method:
                    continue
                verdict = (
                    '<span class="right">right</span>'
                    if p["right"]
                    else '<span class="wrong">wrong</span>'
                )
                sure = (
                    f"{'accepted' if p['accepted'] else 'not accepted'} at {sureness(p['probability'])}"
                    + (f", {p['inliers']} matches agree" if p["inliers"] else "")
                )
                shows = "" if p["right"] else f"; it shows {esc(p['own'])}"
                cards.append(
                    f"<figure>{image(self.out, p['file'], p['photo'])}<figcaption>{verdict} · {esc(p['dataset'])}, {esc(p['photo'])}: "
                    f"{esc(p['named'])}, {sure}{shows}</figcaption></figure>"
                )
            if cards:
                parts.append(f"<h3>{esc(method)}</h3><div class='cards'>{''.join(cards)}</div>")
        return "".join(parts)

    def made(self):
        run = self.r["run"]
        rows = [
            [esc(k), esc(v)]
            for k, v in (
                ("version", run["version"]),
                ("commit", run["commit"]),
                ("date", run["date"]),
                ("machine", run["machine"]),
                ("threads", run["threads"]),
                (
                    "data",
                    f"hash {run['data_hash']}, {self.r['gallery']['items']} items, {self.r['gallery']['photos']} photos",
                ),
                (
                    "this run took",
                    f"{run['seconds'] / 60:.0f} minutes (what was there from a run before was not done anew)",
                ),
            )
        ]
        return (
            table(["what", "value"], rows)
            + f"<pre>{esc(run['command'])}</pre><details><summary>All options</summary><pre>"
            + esc(json.dumps(self.r["options"], indent=1))
            + "</pre></details>"
        )

    def html(self):
        with open(
            os.path.join(os.path.dirname(os.path.abspath(__file__)), "report_style.css")
        ) as css:
            style = css.read()
        chosen = ALL if ALL in self.names else self.sets[0]
        stress = (
            f"""<h2 id="stress">Where each method breaks</h2>
<p>Items of the catalogue stand in real photos, one thing gets worse step by step, and everything else stays. First hits in the whole catalogue; the band
is the 95 % interval. {"deep has learned from synthetic photos too, of another kind, which may be in its favour." if "deep" in self.methods else ""}</p>{self.stress()}"""
            if self.r.get("stress")
            else ""
        )
        own = (
            f"<h3>In each set's own catalogue</h3>{self.figures('first_hit', own=True)}"
            if any("own_gallery" in d for s in self.methods.values() for d in s.values())
            else ""
        )
        return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Inlier: which method finds your items</title>
<style>{style}</style></head><body>
<nav class="soft"><a href="#found">Found</a><a href="#nothing">Not in the catalogue</a><a href="#cost">Cost</a>{'<a href="#stress">Stress</a>' if stress else ""}<a href="#gallery">Pictures</a><a href="#made">How it was made</a></nav>
<h1>Which method finds your items</h1>
{self.verdict()}
<h2 id="found">What is found</h2>
{plots.legend(self.methods)}<div class="wide">{plots.first_hits(self.methods, self.names)}</div>
<p><b>First hit</b>: share of the photos whose own item is named first, in one catalogue of all {self.r["gallery"]["items"]:,} items. Below each figure, its 95 % interval
over photos drawn anew by item; methods whose intervals overlap may be equally good.</p>
{self.figures("first_hit")}
<h3>Among the first ten</h3>{self.figures("recall_at_10")}
<h3>Mean average precision</h3>{self.figures("map")}{own}{self.hybrid()}
<h2 id="nothing">Saying "not in the catalogue"</h2>
{plots.legend(self.methods)}<div class="pair">{plots.detection(self.methods, chosen)}{plots.cost(self.methods, chosen)}</div>
<p>Left: how often an item that is there is missed, against how often something is named where nothing is, as the required probability moves. Right: what a hit costs.</p>
<h3>At the default probability: accepted when it is there / something wrong accepted when it is not</h3>{self.decisions()}
<h2 id="cost">What it costs</h2>
<p>Medians of a photo on one thread, stages in CPU milliseconds. The same photos, sizes and threads for all.</p>{self.costs()}
{stress}
<h2 id="gallery">Pictures</h2><p>Photo on the left, the item that was named first on the right, evenly picked from the right and the wrong answers.</p>{self.gallery()}
<h2 id="made">How it was made</h2>{self.made()}
<p class="soft">Definitions: docs/EVALUATION.md of Inlier.</p></body></html>
"""


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = sys.argv[1]
    path = os.path.join(out, "report.html")
    with open(path + ".part", "w") as page:
        page.write(Page(out).html())
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main()
