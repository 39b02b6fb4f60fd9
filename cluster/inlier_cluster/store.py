"""Durable objects with names: a folder of this machine or NFS (a path or ``file:``), or a bucket
(``s3://bucket/prefix``).

Objects are only ever created, never changed. ``create`` is atomic, of two that create one name
exactly one wins, and when it returns the object survives a loss of power. It is also idempotent: an
object that is there already with exactly the same bytes counts as created, so that an attempt whose
answer was lost may be made again. Callers put an id of their own into objects whose winner matters.

A bucket is asked through obstore, whose conditional put is If-None-Match. A folder is read through
obstore too, but written here: obstore does not sync. A file is written beside the objects, synced,
and then linked to its name, which fails when the name is taken, also over NFS; the folder is synced
last.

Every call ends within about ``deadline_s``, with a typed error when there is no answer. No clock is
compared with another one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import obstore
from obstore import exceptions as refused
from obstore.store import LocalStore, from_url

from inlier_cluster.errors import (
    DamagedError,
    InvalidRequestError,
    MissingObjectError,
    StorageError,
    StorageFullError,
    StorageRefusedError,
    StorageUnavailableError,
    TakenError,
    UncertainError,
)

DEADLINE_S = 30.0
_PARTIAL = ".partial"
_TRIES = 4
_NO_BUCKET = "NoSuchBucket"  # obstore has no type for it
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Entry(NamedTuple):
    """What a storage says of an object without giving it out."""

    name: str
    size: int
    etag: str


class Store:
    """The objects below one address. Safe to use from many threads."""

    def __init__(self, url: str, objects: Any, deadline_s: float) -> None:
        self.url, self.deadline_s = url, deadline_s
        self._objects = objects

    def get(self, name: str) -> bytes:
        """The content of an object. Raises MissingObjectError."""
        with typed(name):
            return bytes(obstore.get(self._objects, name).bytes())

    def get_range(self, name: str, start: int, length: int) -> bytes:
        """A part of an object, which ends where the object does. Raises MissingObjectError."""
        with typed(name):
            return bytes(obstore.get_range(self._objects, name, start=start, length=length))

    def entry(self, name: str) -> Entry:
        """Raises MissingObjectError."""
        with typed(name):
            return _entry(obstore.head(self._objects, name))

    def get_checked(self, name: str, sha256: str) -> bytes:
        """The content of an object whose hash is known. Raises DamagedError, also when it is
        missing."""
        try:
            content = self.get(name)
        except MissingObjectError as error:
            raise DamagedError(name, "it is missing") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DamagedError(name, "its content does not have the hash that it was written with")
        return content

    def create(self, name: str, content: bytes) -> None:
        """Creates an object that survives. Raises TakenError when there is another one of that
        name, and UncertainError when nobody can say whether it was created."""
        for left in reversed(range(_TRIES)):
            try:
                self._put(name, content)
            except (TakenError, StorageUnavailableError) as error:
                # The storage may have kept the object although the answer was lost, or obstore
                # tried twice and met its own first attempt. What is there now tells.
                try:
                    self._settle(name, content, error)
                except UncertainError:
                    # A server that is about to create a rival's object calls the name taken, and
                    # shows nothing there yet. It does no harm to try again.
                    if left and isinstance(error, TakenError):
                        continue
                    raise
            return

    def _settle(self, name: str, content: bytes, error: TakenError | StorageError) -> None:
        try:
            there = self.get(name)
            if there != content:
                raise TakenError(f"{name}: there is another object of that name") from error
            self._sync(name)
        except (MissingObjectError, StorageError) as second:
            # Also when it is missing: a request that is still on its way could yet arrive. Only a
            # rival's object makes it certain that ours was not created.
            raise UncertainError(f"{name}: it is not known whether it was written") from second

    def _sync(self, name: str) -> None:
        """Makes sure that an object which is there survives."""

    def _put(self, name: str, content: bytes) -> None:
        with typed(name):
            obstore.put(self._objects, name, content, mode="create", use_multipart=False)

    def names(self, folder: str, after: str = "") -> list[str]:
        """The names of all objects below a folder, sorted; those behind ``after`` when it is
        given."""
        with typed(folder):
            pages = obstore.list(
                self._objects, prefix=folder, offset=f"{folder}/{after}" if after else None
            )
            return sorted(row["path"] for page in pages for row in page)

    def sizes(self, folder: str) -> dict[str, int]:
        """The same with the bytes of each object."""
        return {one.name: one.size for one in self.entries(folder)}

    def entries(self, folder: str) -> list[Entry]:
        """The same with all that the storage says of each object."""
        with typed(folder):
            pages = obstore.list(self._objects, prefix=folder or None)
            return sorted(_entry(row) for page in pages for row in page)

    def delete(self, names: Iterable[str]) -> None:
        """Deletes objects. One that is not there is no error."""
        for name in names:
            with suppress(MissingObjectError), typed(name):
                obstore.delete(self._objects, name)


def _entry(row: Any) -> Entry:
    return Entry(row["path"], row["size"], row["e_tag"] or "")


class _FolderStore(Store):
    def __init__(self, url: str, folder: Path, deadline_s: float) -> None:
        super().__init__(url, LocalStore(folder), deadline_s)
        self._folder = folder

    def _put(self, name: str, content: bytes) -> None:
        target = self._folder / name
        with typed(name):
            _make_folder(target.parent)
            _make_folder(self._folder / _PARTIAL)
            partial = self._folder / _PARTIAL / secrets.token_hex(8)
            try:
                with open(partial, "xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.link(partial, target)
            except FileExistsError as error:
                raise TakenError(f"{name}: there is another object of that name") from error
            finally:
                partial.unlink(missing_ok=True)
            _sync(target.parent)

    def _sync(self, name: str) -> None:
        with typed(name):
            _sync(self._folder / name)
            _sync((self._folder / name).parent)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def typed(name: str) -> Iterator[None]:
    """Gives the errors of obstore and of the system their type. Their texts begin with a line for
    people and go on with source code."""
    try:
        yield
    except FileNotFoundError as error:
        if _NO_BUCKET in str(error):
            raise StorageRefusedError(f"{name}: there is no such bucket") from error
        raise MissingObjectError(f"{name}: there is no such object") from error
    except refused.AlreadyExistsError as error:
        raise TakenError(f"{name}: there is an object of that name") from error
    except (refused.PermissionDeniedError, refused.UnauthenticatedError, PermissionError) as error:
        raise StorageRefusedError(f"{name}: the storage refuses: {_first_line(error)}") from error
    except OSError as error:
        full = error.errno in _FULL
        text = f"{name}: {error.strerror or error}"
        raise (StorageFullError(text) if full else StorageUnavailableError(text)) from error
    except (refused.BaseError, ValueError) as error:
        raise _of_answer(str(error))(f"{name}: {_first_line(error)}") from error


def _of_answer(text: str) -> type[StorageError]:
    """The type of an error of which obstore only gives the text of the answer."""
    if any(word in text for word in (_NO_BUCKET, "401 Unauthorized", "403 Forbidden")):
        return StorageRefusedError
    if any(word in text for word in ("507 Insufficient", "QuotaExceeded")):
        return StorageFullError
    return StorageUnavailableError


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def open_store(url: str, *, create: bool = False, deadline_s: float = DEADLINE_S) -> Store:
    """Opens the storage at an address; nothing is asked of a bucket yet. ``create`` makes the
    folder when it is not there; a bucket has to be there. The keys, the region and the address of
    an S3-compatible service are those of the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
    AWS_REGION, AWS_ENDPOINT."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return open_bucket(url, deadline_s)
    if parts.scheme not in ("", "file") or parts.netloc:
        raise InvalidRequestError(f"{url}: a folder, file:///… or s3://bucket/prefix is wanted")
    folder = Path(unquote(parts.path) if parts.scheme else url).absolute()
    with typed(url):
        if create:
            _make_folder(folder)
    if not folder.is_dir():
        raise MissingObjectError(f"{url}: there is no such folder")
    return _FolderStore(url, folder, deadline_s)


def open_bucket(url: str, deadline_s: float = DEADLINE_S) -> Store:
    """Opens a bucket, or a part of it, of any storage that obstore knows: s3, gs or az. All of it
    can be read; that it can be written as a collection needs has been tried with s3 alone."""
    endpoint = os.environ.get("AWS_ENDPOINT", "") or os.environ.get("AWS_ENDPOINT_URL", "")
    client: Any = {
        "timeout": timedelta(seconds=deadline_s / 2),
        "connect_timeout": timedelta(seconds=min(5.0, deadline_s / 4)),
        "allow_http": url.startswith("s3:") and endpoint.startswith("http://"),
    }
    retries: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=deadline_s / 2)}
    try:
        objects = from_url(url, client_options=client, retry_config=retries)
    except (refused.BaseError, ValueError) as error:
        raise InvalidRequestError(f"{url}: {_first_line(error)}") from error
    return Store(url, objects, deadline_s)
