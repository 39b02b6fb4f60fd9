"""What can be read as a catalogue, and how options are given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from inlier import _inlier
from inlier._arguments import (
    Options,
    Pairs,
    Record,
    check_pairs,
    check_text,
    option_pairs,
    records_of,
)


def options_of(features: str | None, options: Options | None) -> Pairs:
    chosen: Pairs = []
    if features is not None:
        chosen.append(("extract.method", check_text(features, "features")))
    return chosen + option_pairs(options)


def read_catalogue(
    source: str | os.PathLike[str] | Iterable[Record],
    columns: Mapping[str, str] | None = None,
    images: str | os.PathLike[str] | None = None,
) -> _inlier.Catalogue:
    if isinstance(source, str | os.PathLike):
        folder = b"" if images is None else os.fsencode(images)
        pairs = check_pairs(columns, "columns")
        return _inlier.Catalogue.read(os.fsencode(source), pairs, None, folder, "")
    if isinstance(source, bytes) or not isinstance(source, Iterable):
        raise TypeError(
            "index: wanted the path of a folder or a table, records, or a data frame, got "
            f"{type(source).__name__}"
        )
    return _inlier.Catalogue.of(records_of(source))
