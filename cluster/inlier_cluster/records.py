"""The items of a catalogue, and where their pictures are: as files of this machine, as objects in
buckets, or in the cells of Parquet files. A record says where they are and never holds them, so
that whoever runs a build has room for any catalogue."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

_SCHEMES = ("s3", "gs", "az")
_FILE = "file://"


class Stored(NamedTuple):
    """A picture that is an object in a bucket."""

    address: str


class Cell(NamedTuple):
    """The pictures in a cell of a Parquet file: one, several, or none."""

    file: str  # a path, or an address in a bucket
    row: int  # from 0, as the tools of Parquet count
    column: str
    folder: str  # where the paths begin that a cell may hold instead of a picture


# Bytes are the path of a file that all nodes find.
Picture: TypeAlias = bytes | Stored | Cell
# Id, pictures, metadata.
Record: TypeAlias = tuple[str, Sequence[Picture], list[tuple[str, str]]]


@dataclass
class Catalogue:
    """What a build is made of."""

    records: Sequence[Record]
    rejected: list[str]  # a sentence for each row that cannot be used
    identity: str = ""  # what tells it from another one beside its records


def is_address(text: str) -> bool:
    """Whether it names something in a bucket."""
    return text.startswith(tuple(f"{scheme}://" for scheme in _SCHEMES))


def split(address: str) -> tuple[str, str]:
    """The bucket, and the name in it. A name is taken as it is written, without %HH."""
    scheme, _, rest = address.partition("://")
    bucket, _, name = rest.partition("/")
    return f"{scheme}://{bucket}", "/".join(part for part in name.split("/") if part)


def local_path(text: str) -> str:
    """The path of a text that may be a file:// URL."""
    return unquote(urlsplit(text).path) if text.startswith(_FILE) else text


def folder_of(place: str) -> str:
    """The folder of a file, on this machine or in a bucket."""
    if not is_address(place):
        return os.path.dirname(os.path.abspath(place))
    bucket, name = split(place)
    return f"{bucket}/{posixpath.dirname(name)}"


def resolve(text: str, folder: str) -> bytes | Stored:
    """The picture that a path or URL means. A path is relative to the folder."""
    if is_address(text):
        return Stored(text)
    path = local_path(text)
    if os.path.isabs(path) or not is_address(folder):
        return os.fsencode(os.path.normpath(os.path.join(folder, path)))
    bucket, name = split(folder)
    return Stored(bucket + posixpath.normpath(posixpath.join("/", name, path)))
