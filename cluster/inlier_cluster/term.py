"""The term of a directory: a number that no directory of this collection has had before.

It is an object of the collection's storage, created only if absent, so of two directories that
begin at once each gets its own, whatever their clocks say.
"""

from __future__ import annotations

import secrets

from inlier_cluster.errors import TakenError, UncertainError
from inlier_cluster.store import open_store

_FOLDER = "terms"


def take_term(url: str) -> int:
    """The next term of the collection at `url`. Raises ClusterError of the storage."""
    store = open_store(url)
    taken = [int(name.rsplit("/", 1)[1]) for name in store.names(_FOLDER)]
    term = max(taken, default=0) + 1
    mine = secrets.token_hex(16).encode()  # of two objects with one content both would count
    while True:
        try:
            store.create(f"{_FOLDER}/{term:08}", mine)
        except (TakenError, UncertainError):
            term += 1  # a number that may be ours is left out
        else:
            return term
