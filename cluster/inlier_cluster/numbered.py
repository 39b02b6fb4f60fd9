"""Names of objects that are numbered: roots and changes. Numbers are padded, so that names sort as
numbers do."""

from __future__ import annotations

import re
from typing import Any

from inlier_cluster.errors import DamagedError
from inlier_cluster.sealed import unseal
from inlier_cluster.store import Store


class Numbered:
    """The objects of one folder of a collection."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._name = re.compile(rf"{folder}/(\d{{12}})\.json")

    def name_of(self, number: int) -> str:
        return f"{self._folder}/{number:012d}.json"

    def unsealed(self, kind: str, number: int, content: bytes) -> dict[str, Any]:
        """What the sealed object of this number says. Raises DamagedError, also when it is that of
        another number, and IncompatibleError."""
        name = self.name_of(number)
        row = unseal(name, kind, content)
        if row["number"] != number:
            text = f"it is {kind} {row['number']} under the name of another one"
            raise DamagedError(name, text)
        return row

    def numbers(self, store: Store, after: int = 0) -> list[int]:
        """The numbers behind one that objects have, ascending."""
        names = store.names(self._folder, f"{after:012d}.json" if after else "")
        return [int(match[1]) for name in names if (match := self._name.fullmatch(name))]
