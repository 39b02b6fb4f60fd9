"""Parquet files through pyarrow, which is an optional part of the package: what their columns can
be, and what lies in the cells of a picture column."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from inlier_cluster.errors import ClusterError, InvalidRequestError
from inlier_cluster.range_file import BLOCK_BYTES, bucket_of, open_range_file
from inlier_cluster.records import is_address, split

_LENGTH_BYTES = 8  # of the end of a file: how long the footer is, and the signature
_ROWS_AT_ONCE = 16  # of a picture column, whose cells are large


class Found(NamedTuple):
    """A picture of a cell: its bytes, or its path or URL, with what its file was called."""

    content: bytes | str
    name: str


def arrow() -> Any:
    """The module pyarrow, with its part for Parquet."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise InvalidRequestError(
            "a catalogue in Parquet needs pyarrow, here and on all nodes: "
            "pip install 'inlier-cluster[parquet]'"
        ) from error
    return pyarrow


@contextmanager
def open_parquet(place: str) -> Iterator[Any]:
    """The file as pyarrow's ParquetFile. Raises InvalidRequestError when it is none, or damaged."""
    pa = arrow()
    with open_range_file(place) as file, _named(place):
        # Without its own read-ahead, pyarrow holds a block of a column and not all of it.
        yield pa.parquet.ParquetFile(file, pre_buffer=False, buffer_size=BLOCK_BYTES)


@contextmanager
def _named(place: str) -> Iterator[None]:
    try:
        yield
    except ClusterError:
        raise
    except (arrow().ArrowException, OSError) as error:
        text = str(error).splitlines()[0]
        raise InvalidRequestError(f"{place}: it cannot be read as Parquet: {text}") from error


def identity_of(place: str, metadata: Any) -> str:
    """What tells a file from another one: its name and size, the hash of its footer, which has the
    sizes of all columns and bounds of their values, and in a bucket its etag."""
    etag, path = "", place
    if is_address(place):
        bucket, path = split(place)
        etag = bucket_of(bucket).entry(path).etag
    with open_range_file(place) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LENGTH_BYTES - metadata.serialized_size))
        footer = hashlib.sha256(file.read()).hexdigest()
    return f"{os.path.basename(path)} {size} {footer} {etag}"


def is_text(kind: Any) -> bool:
    """Whether it is a type of texts, or of lists of texts."""
    types = arrow().types
    kind = _element(kind)
    kind = kind.value_type if types.is_dictionary(kind) else kind
    is_plain = types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind)
    return bool(is_plain or _is_view(kind, "string"))


def has_pictures(kind: Any) -> bool:
    """Whether it is a type of pictures, of structs that hold them, or of lists of these."""
    types = arrow().types
    kind = _element(kind)
    if types.is_struct(kind):
        return any(field.name in ("bytes", "path") for field in kind)
    fixed = types.is_fixed_size_binary(kind)
    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or fixed or _is_view(kind, "binary")
    )


def is_scalar(kind: Any) -> bool:
    """Whether its values are single ones that have a text."""
    pa = arrow()
    if pa.types.is_nested(kind) or has_pictures(kind):
        return False
    try:
        pa.array([], kind).cast(pa.string())
    except pa.ArrowException:
        return False
    return True


def texts_of(column: Any) -> list[str | None]:
    """The values of a scalar column as pyarrow writes them into a CSV file. What is no number is
    left out of a column of numbers, as are nulls."""
    pa = arrow()
    texts: list[str | None] = column.cast(pa.string()).to_pylist()
    if pa.types.is_floating(column.type):
        return [None if text == "nan" else text for text in texts]
    return texts


def cells(
    place: str, column: str, rows: Collection[int]
) -> Iterator[tuple[int, list[Found] | InvalidRequestError]]:
    """The pictures in these rows, or why a row cannot be read. Only the groups of rows are read
    that have one of them, and a group that is damaged does not cost the others."""
    wanted = sorted(rows)
    with open_parquet(place) as file:
        start = 0
        for group in range(file.metadata.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            left = {row - start for row in wanted if start <= row < end}
            try:
                with _named(place):
                    for row, value in _values(file, group, column, left) if left else ():
                        left.remove(row)
                        yield start + row, _found(value)
            except InvalidRequestError as error:
                yield from ((start + row, error) for row in sorted(left))
            start = end


def _values(file: Any, group: int, column: str, rows: set[int]) -> Iterator[tuple[int, Any]]:
    at = 0
    batches = file.iter_batches(
        _ROWS_AT_ONCE, row_groups=[group], columns=[column], use_threads=False
    )
    for batch in batches:
        inside = [row for row in range(at, at + batch.num_rows) if row in rows]
        yield from ((row, batch.column(column)[row - at].as_py()) for row in inside)
        at += batch.num_rows


def _found(value: Any) -> list[Found]:
    if value is None:
        return []
    if isinstance(value, list):
        return [one for each in value for one in _found(each)]
    if not isinstance(value, dict):
        return [Found(value, "")] if value else []
    path = value.get("path") or ""
    content = value.get("bytes") or path
    return [Found(content, os.path.basename(path))] if content else []


def _element(kind: Any) -> Any:
    types = arrow().types
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return kind.value_type if is_list else kind


def _is_view(kind: Any, of: str) -> bool:
    return bool(getattr(arrow().types, f"is_{of}_view")(kind))
