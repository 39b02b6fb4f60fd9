#!/usr/bin/env python3
"""Writes the tables of docs/evaluation/results.md and README.md from what scripts/bench and
scripts/quality measured.

usage: tables.py WHAT OUT

WHAT is retrieval, extract, peers, scale, opening, live, pictures, catalogues, footprint, shards,
equality or quality.

OUT is the folder that the measurement wrote to. In both documents, the text between the markers of
a table is replaced. "scale" also draws docs/evaluation/scale.svg.
"""

import os
import sys

import catalogue_tables
import footprint_tables
import growth_tables
import peer_tables
import quality_tables
import retrieval_tables
import shard_tables
from tables_common import HERE

TOP = os.path.dirname(HERE)
RESULTS = os.path.join(TOP, "docs", "evaluation", "results.md")
README = os.path.join(TOP, "README.md")
SCALE_PLOT = os.path.join(TOP, "docs", "evaluation", "scale.svg")


def replace(path: str, name: str, table: str | None) -> None:
    """Puts a table between the markers of this name; nothing changes when there is no table."""
    if table is None:
        return
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    with open(path) as file:
        before, rest = file.read().split(begin)
    with open(path, "w") as file:
        file.write(before + begin + table + end + rest.split(end)[1])


def main() -> None:
    """Replaces the tables of one measurement."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    what, out = sys.argv[1:3]
    if what == "retrieval":
        replace(RESULTS, "exact", retrieval_tables.exact(out))
        replace(RESULTS, "stress", retrieval_tables.stress(out))
        replace(RESULTS, "tables", retrieval_tables.tables(out))
        replace(README, "summary", retrieval_tables.summary(out))
    elif what == "extract":
        replace(RESULTS, what, peer_tables.extract(out))
    elif what == "peers":
        replace(RESULTS, what, peer_tables.peers(out))
        replace(README, what, peer_tables.peers_summary(out))
    elif what == "scale":
        growth_tables.plot_scale(out, SCALE_PLOT)
        replace(RESULTS, what, growth_tables.scale(out))
    elif what == "opening":
        replace(RESULTS, what, growth_tables.opening(out))
    elif what == "live":
        replace(RESULTS, what, growth_tables.live(out))
    elif what == "pictures":
        replace(RESULTS, what, growth_tables.pictures(out))
    elif what == "catalogues":
        replace(RESULTS, what, catalogue_tables.catalogues(out))
    elif what == "footprint":
        replace(RESULTS, what, footprint_tables.footprint(out))
    elif what == "shards":
        replace(RESULTS, what, shard_tables.shards(out))
        replace(RESULTS, "shard-rounds", shard_tables.rounds(out))
        replace(RESULTS, "shard-simulation", shard_tables.simulation(out))
    elif what == "equality":
        replace(RESULTS, what, shard_tables.equality(out))
    elif what == "quality":
        replace(RESULTS, what, quality_tables.quality(out))
        replace(RESULTS, "calibration", quality_tables.calibration(out))
        replace(RESULTS, "galleries", quality_tables.galleries(out))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
