"""What can go wrong with a collection. Each error has a word for programs, ``cause``, and a
sentence for people; what a client over HTTP is told of it is in problems.py."""

from __future__ import annotations


class ClusterError(Exception):
    """The parent of all errors of this package."""

    cause = "failed"


class InvalidRequestError(ClusterError, ValueError):
    """Something was asked for that makes no sense."""

    cause = "invalid"


class IncompatibleError(ClusterError):
    """The collection has another format, recipe or vocabulary than the caller expects."""

    cause = "incompatible"


class SupersededError(ClusterError):
    """Somebody else was first, and what was prepared here is out of date: it has not happened, and
    has to be prepared again from what is there now."""

    cause = "superseded"


class GoneError(ClusterError):
    """These changes have been folded into generations and removed: load the generation again."""

    cause = "gone"


class DamagedError(ClusterError):
    """An object is not what was once written: its hash differs, or it is missing though another
    object names it. ``object`` is its name in the collection."""

    cause = "damaged"

    def __init__(self, object_name: str, reason: str) -> None:
        super().__init__(f"{object_name}: {reason}")
        self.object = object_name


class StorageError(ClusterError):
    """The storage did not do what was asked of it, and nothing of it has happened."""

    cause = "storage_failed"


class StorageUnavailableError(StorageError):
    """The storage cannot be reached, or does not answer in time. It may be tried again."""

    cause = "storage_unavailable"


class StorageRefusedError(StorageError):
    """The storage refuses: a wrong key, no permission, no such bucket."""

    cause = "storage_refused"


class StorageFullError(StorageError):
    """The storage has no room."""

    cause = "storage_full"


class UncertainError(StorageError):
    """A write may or may not have happened, and the storage cannot be asked which. The same write
    may be tried again with the same id: it will not be applied twice."""

    cause = "uncertain"


class MissingObjectError(ClusterError, LookupError):
    """There is no such object, or no collection at that address."""

    cause = "not_there"


class TakenError(ClusterError):
    """There is an object of that name already, with other content."""

    cause = "taken"
