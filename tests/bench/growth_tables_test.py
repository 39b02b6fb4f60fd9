#!/usr/bin/env python3
"""Holds the tables of growing catalogues to runs that measured only a part.

usage: growth_tables_test.py BENCHMARKS
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, sys.argv[1])
from growth_tables import plot_scale, scale

SIZE: dict[str, Any] = {
    "items": 10_000,
    "features": 4_978_363,
    "cells": 4096,
    "shortlist_ms": 3.2,
    "recall_at_100": 1.0,
    "bytes_per_feature": 12.3,
    "load_s": 0.01,
    "map_s": 0.0,
    "train_s": 5.0,
    "fill_s": 22.0,
    "sets": {"smvs-dvd": {"recall_at_100": 1.0}},
}


def check_pictures_alone() -> None:
    """`scripts/bench scale --pictures` may be the first run in a folder."""
    with tempfile.TemporaryDirectory() as out:
        Path(out, "scale-sift-pictures.json").write_text(json.dumps([SIZE]))
        plot = Path(out, "scale.svg")
        plot_scale(out, str(plot))
        assert not plot.exists(), "there is nothing to plot"
        table = scale(out)
        assert "made pictures" in table, table
        assert "drawn postings" not in table, table
        assert "| 10,000 |" in table, table


check_pictures_alone()
