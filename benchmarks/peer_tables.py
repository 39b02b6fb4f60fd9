"""The tables that compare Inlier with other people's programs."""

from tables_common import body, head, made, read, row


def extract(out: str) -> str:
    """Our extractors beside those of OpenCV and dlib."""
    results = read(out, "extract.json")
    methods = results["methods"]
    lines = [
        f"{made()}, one thread, {results['features']} features, CPU ms an image: the mean over "
        f"{results['photos']:.0f} photos of all sets of the median of several runs, the two sides "
        "in turn. Right matches: the sum over all pairs.",
        "",
        *head(
            "ours",
            "theirs",
            "side, px",
            "ours, ms",
            "theirs, ms",
            "ratio",
            "ours as a query, ms",
            "ratio",
            "right matches, ours",
            "theirs",
            "precision, ours",
            "theirs",
        ),
    ]
    for m in methods:
        for s in m["sides"]:
            lines.append(
                row(
                    m["method"],
                    m["theirs"],
                    s["side"],
                    f"{s['ours_ms']:.1f}",
                    f"{s['theirs_ms']:.1f}",
                    f"{s['ours_ms'] / s['theirs_ms']:.2f}",
                    f"{s['query_ms']:.1f}",
                    f"{s['query_ms'] / s['theirs_ms']:.2f}",
                    s["correct_matches"],
                    s["theirs_correct_matches"],
                    f"{s['precision']:.3f}",
                    f"{s['theirs_precision']:.3f}",
                )
            )
    names = [name for m in methods for name in (m["method"], m["theirs"])]
    lines += [
        "",
        "Right matches (precision) on each pair of Oxford's affine scenes, ours against theirs:",
        "",
        *head("pair", *names),
    ]
    for i, pair in enumerate(methods[0]["pairs"]):
        cells = []
        for m in methods:
            p = m["pairs"][i]
            for side in ("", "theirs_"):
                cells.append(f"{p[side + 'correct_matches']} ({p[side + 'precision']:.2f})")
        lines.append(row(f"{pair['scene']} {pair['pair']}", *cells))
    return body(lines)


def peers(out: str) -> str:
    """Whole queries beside COLMAP and beside the way of OpenCV's tutorial."""
    r = read(out, "peers.json")
    lines = [
        f"{made()}, one thread: {r['photos']} photos of {r['set']}, a catalogue of {r['items']} "
        f"items, COLMAP {r['colmap_version']} with {r['colmap_words']} words and "
        f"{r['colmap_features_an_item']:.0f} features an item (limit {r['colmap_max_features']}"
        f"{', strict' if r['strict'] else ''}). CPU times, means. OpenCV's way was asked "
        f"{r['tutorial_photos']} of the photos.",
        "",
        "| | first hit | search, ms a photo | decoding and extraction, ms a photo "
        "| in all, ms a photo | features extracted of a photo | build of the catalogue, s |",
        "|---" * 7 + "|",
    ]
    for label, side in (("Inlier", "inlier"), ("COLMAP", "colmap")):
        lines.append(
            row(
                label,
                f"{r[side + '_first_hit']:.3f}",
                f"{r[side + '_search_ms']:.1f}",
                f"{r[side + '_extract_ms']:.0f}",
                f"{r[side + '_search_ms'] + r[side + '_extract_ms']:.0f}",
                f"{r[side + '_features_a_photo']:.0f}",
                f"{r[side + '_build_s']:.0f}",
            )
        )
    lines += [
        row(
            "OpenCV's tutorial",
            f"{r['tutorial_first_hit']:.3f}",
            "",
            "",
            f"{r['tutorial_photo_ms']:.0f}",
            "",
            f"{r['tutorial_build_s']:.0f}",
        ),
        "",
        f"COLMAP's search takes {r['ratio']:.1f} times the CPU time of Inlier's (shortlist "
        f"{r['inlier_shortlist_ms']:.1f} ms, verification {r['inlier_verify_ms']:.1f} ms).",
    ]
    return body(lines)


def peers_summary(out: str) -> str:
    """The same figures in a shorter table, for the README."""
    r = read(out, "peers.json")
    ours = r["inlier_search_ms"] + r["inlier_extract_ms"]
    theirs = {
        f"COLMAP {r['colmap_version']}, vocabulary tree and verification": (
            r["colmap_first_hit"],
            r["colmap_search_ms"] + r["colmap_extract_ms"],
        ),
        "OpenCV's tutorial: FLANN and a homography for each item": (
            r["tutorial_first_hit"],
            r["tutorial_photo_ms"],
        ),
    }
    lines = head(f"{r['set']}, {r['items']} items", "first hit", "CPU ms a photo", "times ours")
    lines.append(row("Inlier", f"{r['inlier_first_hit']:.3f}", f"{ours:.0f}", ""))
    for label, (first_hit, photo_ms) in theirs.items():
        lines.append(row(label, f"{first_hit:.3f}", f"{photo_ms:.0f}", f"{photo_ms / ours:.0f}"))
    return body(lines)
