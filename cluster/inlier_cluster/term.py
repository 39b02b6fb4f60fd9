"""The term of a directory: a number that no directory of this collection has had before.

It is an object of the collection's storage, created only if absent, so of two directories that
begin at once each gets its own, whatever their clocks say.
"""

from __future__ import annotations

from inlier_cluster.collection import Collection
from inlier_cluster.errors import AlreadyExistsError

_PREFIX = "terms/"


def take_term(url: str) -> int:
    """The next term of the collection at `url`. Raises ClusterError of the storage."""
    store = Collection.open(url).store
    taken = [int(name.removeprefix(_PREFIX)) for name in store.list(_PREFIX)]
    term = max(taken, default=0) + 1
    while True:
        try:
            store.put_if_absent(f"{_PREFIX}{term:08}", b"")
        except AlreadyExistsError:
            term += 1
        else:
            return term
