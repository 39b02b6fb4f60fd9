"""The figures of one run of 'inlier bench', as the other report modules read them."""

import json
import os
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ALL = "joint"  # the name under which figures stand for all photos together
REFERENCES = ("exact", "opencv-tutorial")  # methods that are asked about a few photos only


@dataclass(frozen=True)
class Run:
    """A results.json, whose schema docs/EVALUATION.md describes, with what is often asked of it."""

    out: str  # the folder
    results: Json
    methods: dict[str, Json]  # figures by data set; methods that searched the joint gallery
    references: dict[str, Json]  # the same of the reference methods
    sets: list[str]  # names of the data sets
    names: list[str]  # the same, and ALL when there are several

    def size_of(self, name: str) -> str:
        """The heading of a column for a data set or for all photos."""
        if name not in self.results["datasets"]:
            return "all photos"
        return f"{name} ({self.results['datasets'][name]['photos']})"

    def title_of(self, name: str) -> str:
        """The same without the number of photos."""
        return name if name in self.results["datasets"] else "all photos"


def read_run(out: str) -> Run:
    """Reads OUT/results.json."""
    with open(os.path.join(out, "results.json")) as file:
        results: Json = json.load(file)
    of_all = results["methods"].items()
    sets = list(results["datasets"])
    return Run(
        out=out,
        results=results,
        methods={m: s for m, s in of_all if m not in REFERENCES and ALL in s},
        references={m: s for m, s in of_all if m in REFERENCES},
        sets=sets,
        names=sets + ([ALL] if len(sets) > 1 else []),
    )
