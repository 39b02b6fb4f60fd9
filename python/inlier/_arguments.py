"""Checks of what callers give, which a local database and a server's client share."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypedDict

Metadata: TypeAlias = Mapping[str, str]
Where: TypeAlias = Mapping[str, str]
ProgressCallback: TypeAlias = Callable[[str, int, int], object]
Pairs: TypeAlias = list[tuple[str, str]]
Record: TypeAlias = Mapping[str, Any]


class Question(TypedDict, total=False):
    """What may be asked of a photo; see :meth:`inlier.Database.query`."""

    top: int
    where: Where | None
    all: bool
    exact: bool
    explain: bool


class ServedQuestion(Question, total=False):
    """What only a service can be asked."""

    partial: bool
    at_least: int


class LocalQuestion(Question, total=False):
    """What only a local database can be asked."""

    without: Iterable[str]


Options: TypeAlias = Mapping[str, str | int | float | bool]


def check_text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} has to be text, got {_named(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{what} is not Unicode text: {value!r}") from error
    return value


def check_id(value: object) -> str:
    return check_text(value, "an id")


def check_pairs(values: Mapping[str, str] | None, what: str) -> Pairs:
    """The columns and values of metadata, or of conditions, in their order."""
    if values is None:
        return []
    if not isinstance(values, Mapping):
        raise TypeError(f"{what} has to map text to text, got {_named(values)}")
    return [
        (check_text(name, f"a name in {what}"), check_text(value, f"{what}[{name!r}]"))
        for name, value in values.items()
    ]


def option_pairs(options: Options | None, stage: str = "") -> Pairs:
    """The options as text, with the name of their stage in front."""
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options have to be a mapping, got {_named(options)}")
    pairs: Pairs = []
    for name, value in (options or {}).items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        pairs.append((stage + check_text(name, "the name of an option"), text))
    return pairs


def check_count(value: object, what: str, least: int = 1, most: int = 10_000) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} has to be a whole number, got {_named(value)}")
    if not least <= value <= most:
        raise ValueError(f"{what} has to be from {least} to {most}, got {value}")
    return value


def ids_of(ids: str | Iterable[str]) -> list[str]:
    if isinstance(ids, str):
        return [check_id(ids)]
    if not isinstance(ids, Iterable):
        raise TypeError(f"an id has to be text, got {_named(ids)}")
    return [check_id(one) for one in ids]


def progress_of(progress: bool | ProgressCallback | None) -> ProgressCallback | None:
    if progress is None or progress is False:
        return None
    if progress is True:
        return _Line()
    if not callable(progress):
        raise TypeError(f"progress has to be True or a callable, got {_named(progress)}")
    return progress


def records_of(source: Iterable[Record]) -> list[tuple[str, list[bytes], Pairs]]:
    """Records with ``id``, ``image`` (a path or several) and metadata, or the rows of a data frame,
    whose cells become text as in a table."""
    frame: Any = source
    is_frame = hasattr(frame, "to_dict") and hasattr(frame, "columns")
    rows: Iterable[Record] = frame.to_dict("records") if is_frame else source
    return [_record(row, number, is_frame) for number, row in enumerate(rows, start=1)]


def _record(row: Record, number: int, is_frame: bool) -> tuple[str, list[bytes], Pairs]:
    what = f"record {number}"
    if not isinstance(row, Mapping):
        raise TypeError(f"{what} has to be a mapping with id and image, got {_named(row)}")
    for name in ("id", "image"):
        if name not in row:
            raise ValueError(f"{what} has no {name}")
    fields = dict(row)
    identity, images = fields.pop("id"), fields.pop("image")
    if isinstance(images, str | os.PathLike):
        images = [images]
    if not isinstance(images, list | tuple) or not images:
        raise TypeError(f"{what}: image has to be a path or a list of paths, got {_named(images)}")
    if is_frame:
        identity = _cell(identity)
        fields = {str(name): _cell(cell) for name, cell in fields.items()}
        fields = {name: text for name, text in fields.items() if text is not None}
    paths = [os.path.abspath(check_text(os.fspath(image), f"{what}: a path")) for image in images]
    return (
        check_text(identity, f"{what}: an id"),
        [os.fsencode(path) for path in paths],
        check_pairs(fields, f"{what}: metadata"),
    )


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value if isinstance(value, str) else str(value)


def _named(value: object) -> str:
    return "None" if value is None else type(value).__name__


class _Line:
    """Shows how far work is in one line on stderr."""

    def __init__(self) -> None:
        self._last = ("", 0.0)

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._last[0] and done < total and now - self._last[1] < 0.1:
            return
        self._last = (stage, now)
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r{stage}: {done} of {total}{end}")
        sys.stderr.flush()
