"""Reads the catalogue of a build: a folder of pictures, a table, or files of Parquet, on this
machine or in a bucket. Whatever it is, the items have the same ids and metadata as `inlier index`
would give them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import inlier
from inlier.sources import read_catalogue

from inlier_cluster.bucket_catalogue import read_pictures, read_table
from inlier_cluster.errors import InvalidRequestError, MissingObjectError
from inlier_cluster.parquet_catalogue import read_parquet
from inlier_cluster.range_file import bucket_of
from inlier_cluster.records import Catalogue, is_address, local_path, split

_TABLES = ("catalogue.csv", "catalogue.jsonl")  # as engine/catalogue.cc
_PARQUET = ".parquet"


def read(
    source: str,
    columns: Mapping[str, str] | None = None,
    images: str | None = None,
    work: str = "",
) -> Catalogue:
    """Raises InvalidRequestError when it is no catalogue, MissingObjectError when it is not there,
    and StorageError. `work` is a folder for what lies here only while it is read."""
    columns = columns or {}
    if images is not None and not is_address(images):
        images = os.path.abspath(local_path(images))
    try:
        if is_address(source):
            return _in_bucket(source, columns, images, work)
        return _on_disk(os.path.abspath(local_path(source)), columns, images, work)
    except inlier.Error as error:
        raise InvalidRequestError(str(error)) from error


def _on_disk(source: str, columns: Mapping[str, str], images: str | None, work: str) -> Catalogue:
    files = [source] if _is_parquet(source) else []
    if os.path.isdir(source):
        names = os.listdir(source)
        has_table = any(name in names for name in _TABLES)
        files = [] if has_table else [os.path.join(source, one) for one in _parquet_of(names)]
    if files:
        return read_parquet(files, columns, images, work)
    if images is not None and is_address(images):
        raise InvalidRequestError(f"{images}: a table on disk has its pictures on disk, too")
    made = read_catalogue(source, columns or None, images)
    return Catalogue(made.records, list(made.rejected))


def _in_bucket(source: str, columns: Mapping[str, str], images: str | None, work: str) -> Catalogue:
    url, name = split(source)
    bucket = bucket_of(url)
    if name and not source.endswith("/"):
        try:
            entry = bucket.entry(name)
        except MissingObjectError:
            pass  # it is a folder, or nothing
        else:
            if _is_parquet(name):
                return read_parquet([source], columns, images, work)
            return read_table(url, entry, columns, images, work)
    above = f"{name}/" if name else ""
    entries = bucket.entries(name)
    here = {one.name.removeprefix(above): one for one in entries if one.name != name}
    if not here:
        raise MissingObjectError(f"{source}: there is nothing")
    for table in _TABLES:
        if table in here:
            return read_table(url, here[table], columns, images, work)
    files = [f"{url}/{here[one].name}" for one in _parquet_of(list(here))]
    if files:
        return read_parquet(files, columns, images, work)
    try:
        return read_pictures(url, here, work)
    except inlier.Error as error:
        # The engine names the folder in which it was shown the names.
        text = str(error).partition(": ")[2]
        raise InvalidRequestError(f"{source}: {text}") from error


def _parquet_of(names: Sequence[str]) -> list[str]:
    """The files that are directly in the folder, and not hidden."""
    return sorted(
        name for name in names if _is_parquet(name) and "/" not in name and not name.startswith(".")
    )


def _is_parquet(name: str) -> bool:
    return name.lower().endswith(_PARQUET)
