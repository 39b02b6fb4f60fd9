#!/usr/bin/env python3
"""Writes a report from made-up figures and looks at it with a browser: light, dark and on paper.

usage: report_test.py REPORT_SCRIPT    exit 77: skipped
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import matplotlib  # noqa: F401
    from PIL import Image, ImageDraw
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIPPED)

SIFT, DEEP = (0, 114, 178), (213, 94, 0)  # of benchmarks/report_plots.py


def figures(first):
    low, high = max(0, first - 0.1), min(1, first + 0.1)
    return {
        "photos": 40,
        "first_hit": first,
        "first_hit_ci": [low, high],
        "recall_at_10": first,
        "recall_at_10_ci": [low, high],
        "map": first,
        "map_ci": [low, high],
        "map_at_5": first,
        "gallery": "joint",
        "listed": 1,
        "accepted": first,
        "accepted_ci": [low, high],
        "wrong": 0.01,
        "nothing_photos": 40,
        "detection_errors": [[t / 10, 1 - first + t / 50, 0.5 - t / 20] for t in range(11)],
        "query_ms": 40,
        "query_cpu_ms": 35,
        "decode_ms": 2,
        "extract_ms": 12,
        "shortlist_ms": 8,
        "verify_ms": 9,
        "failed": 0,
    }


def write_run(out):
    os.makedirs(os.path.join(out, "pictures"))
    for name in ("right.jpg", "level0.jpg", "level1.jpg"):
        picture = Image.new("RGB", (400, 300), (120, 160, 90))
        ImageDraw.Draw(picture).rectangle((60, 60, 300, 220), outline=(255, 212, 0), width=4)
        picture.save(os.path.join(out, "pictures", name))
    hits = {"sift": 0.9, "deep": 0.3}
    curve = {
        "first_hit": [1, 0.2],
        "first_hit_ci": [[0.9, 1], [0.1, 0.4]],
        "found": [1, 0.1],
        "found_ci": [[0.9, 1], [0, 0.3]],
        "iou": [0.95, None],
        "wrong": [0, 0.1],
    }
    run = {
        "schema": "inlier-bench 1",
        "methods": {
            m: {"shop <&>": figures(h), "books": figures(h), "joint": figures(h)}
            for m, h in hits.items()
        },
        "costs": {
            m: {
                "build": {"items": 2000, "cpu_ms_per_item": 20},
                "index": {"items": 2000, "memory_bytes_per_item": 2e4, "disk_bytes_per_item": 2e5},
                "query": {"peak_memory_bytes": 3e8},
            }
            for m in hits
        },
        "options": {m: {} for m in hits},
        "against_best": {"deep": {"best": "sift", "behind": 0.6, "behind_ci": [0.5, 0.7]}},
        "stress": {
            "books": {
                "darkness": {
                    "unit": "stops",
                    "meaning": "less light",
                    "levels": [0, 5],
                    "scenes_a_level": 6,
                    "pictures": ["pictures/level0.jpg", "pictures/level1.jpg"],
                    "methods": {"sift": curve, "deep": curve},
                }
            }
        },
        "pictures": [
            {
                "method": "sift",
                "dataset": "books",
                "right": True,
                "file": "pictures/right.jpg",
                "photo": "<b>.jpg",
                "named": "books/1",
                "own": "books/1",
                "accepted": True,
                "probability": 0.99,
                "inliers": 80,
            }
        ],
        "datasets": {
            "shop <&>": {"items": 1000, "photos": 40},
            "books": {"items": 1000, "photos": 40},
        },
        "gallery": {"items": 2000, "photos": 80},
        "run": {
            "version": "0",
            "commit": "none",
            "date": "2026-01-01",
            "machine": "made up",
            "threads": 1,
            "command": "inlier bench",
            "data_hash": "0",
            "seconds": 60,
        },
    }
    with open(os.path.join(out, "results.json"), "w") as file:
        json.dump(run, file)


def near(pixel, colour, within=12):
    return all(abs(p - c) <= within for p, c in zip(pixel, colour))


def shot(browser, folder, name, *flags):
    path = os.path.join(folder, name + ".png")
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=1200,4400",
            f"--user-data-dir={folder}/profile",
            *flags,
            f"--screenshot={path}",
            "file://" + os.path.join(folder, "report.html"),
        ],
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return Image.open(path).convert("RGB")


def main():
    with tempfile.TemporaryDirectory() as out:
        write_run(out)
        subprocess.run([sys.executable, "-B", sys.argv[1], out], check=True)
        page = open(os.path.join(out, "report.html")).read()
        assert "<b>.jpg" not in page and "&lt;b&gt;.jpg" in page, "names are text, not markup"
        assert not re.search(r'(?:src|href)="(?!data:|#)', page), (
            "the page refers to something outside itself"
        )
        assert page.count("<svg") > 4 and "<script" not in page
        assert (
            "sift</b> names the right item first for <b>90.0 %</b>" in page
            and "Behind: deep (30.0 %)" in page
        ), "the verdict"
        browser = shutil.which("chromium")
        if not browser:
            print("skipped: no chromium; the page's text was checked")
            sys.exit(SKIPPED)
        light = shot(browser, out, "light")
        dark = shot(
            browser, out, "dark", "--force-dark-mode", "--blink-settings=preferredColorScheme=0"
        )
        assert near(light.getpixel((5, 5)), (255, 255, 255)), "light paper"
        assert near(dark.getpixel((5, 5)), (20, 24, 28)), f"dark paper, not {dark.getpixel((5, 5))}"
        for name, picture in (("light", light), ("dark", dark)):
            colours = picture.getcolors(picture.width * picture.height)
            for method, colour in (("sift", SIFT), ("deep", DEEP)):
                assert sum(n for n, c in colours if near(c, colour)) > 2000, (
                    f"{name}: no bars of {method}"
                )
            # Text and axes stand out from the paper.
            ink = (27, 31, 36) if name == "light" else (228, 232, 236)
            assert sum(n for n, c in colours if near(c, ink, 30)) > 5000, f"{name}: no text"
        # The picture of a right answer, and nothing pushed out at the right edge.
        assert any(
            near(c, (120, 160, 90)) for _, c in light.getcolors(light.width * light.height)
        ), "the gallery's picture"
        assert all(
            near(light.getpixel((light.width - 3, y)), (255, 255, 255))
            for y in range(0, light.height, 7)
        ), "wider than the window"
        pdf = os.path.join(out, "report.pdf")
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={out}/profile",
                f"--print-to-pdf={pdf}",
                "file://" + os.path.join(out, "report.html"),
            ],
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert os.path.getsize(pdf) > 20000, "on paper"
    print("held: text, light, dark, paper")


if __name__ == "__main__":
    main()
