"""The recipe of a collection: what its databases are made with, so that they can be searched as
one."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import inlier

from inlier_cluster.errors import IncompatibleError, InvalidRequestError

Recipe = Mapping[str, str]


def recipe_of(database: inlier.Database) -> dict[str, str]:
    """What a database is made with: its options of the stage extract, as flags have them."""
    options = database.options()["extract"]
    return {f"extract.{name}": _text_of(value) for name, value in options.items()}


def complete(options: Mapping[str, Any]) -> dict[str, str]:
    """The recipe of a database that is made with these options, the defaults among them. Raises
    InvalidRequestError, naming an option that does not exist or is out of range."""
    return dict(_complete(tuple((name, _text_of(value)) for name, value in options.items())))


@lru_cache(maxsize=16)  # it makes a database, which is synced to disk
def _complete(options: tuple[tuple[str, str], ...]) -> Recipe:
    with tempfile.TemporaryDirectory() as folder:
        try:
            with inlier.open(
                Path(folder) / "empty", create=True, options=dict(options)
            ) as database:
                return recipe_of(database)
        except inlier.InvalidArgumentError as error:
            raise InvalidRequestError(str(error)) from error


def check_same(of_collection: Recipe, other: Recipe) -> None:
    """Raises IncompatibleError with the first difference."""
    for name in sorted({*of_collection, *other}):
        ours, theirs = of_collection.get(name), other.get(name)
        if ours != theirs:
            raise IncompatibleError(
                f"the collection has {name} = {ours}, and here it is {theirs}: "
                "all shards of a collection are made with one recipe"
            )


def _text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
