"""Reads a catalogue of Parquet files, as the engine reads a table.

The rows are written into a table of JSON lines, which the engine reads: so columns have the roles,
rows of one id become one item, and rows are rejected for the reasons that they would in any other
table. In place of its pictures a row has tokens, of which this module knows the references. Columns
that hold pictures themselves are not read here at all.
"""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import inlier
from inlier.sources import read_catalogue

from inlier_cluster import parquet_files
from inlier_cluster.errors import InvalidRequestError
from inlier_cluster.records import (
    Catalogue,
    Cell,
    Picture,
    Record,
    folder_of,
    is_address,
    resolve,
)
from inlier_cluster.scratch import scratch

_TABLE = "items.jsonl"
_TOKEN = ".picture-"
_ROWS_AT_ONCE = 1024
_URL = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+://|//")


def read_parquet(
    files: Sequence[str], columns: Mapping[str, str], images: str | None, work: str = ""
) -> Catalogue:
    """Reads all of the files as one table. Raises InvalidRequestError when they cannot be one."""
    with scratch(work) as folder:
        rows = _Rows(folder / _TABLE, columns)
        identity = [rows.write(file, images or folder_of(file)) for file in files]
        return rows.catalogue("\n".join(identity))


class _Rows:
    """The table that the engine reads, and what its tokens mean."""

    def __init__(self, table: Path, columns: Mapping[str, str]) -> None:
        self._table, self._columns = table, columns
        self._names: list[str] = []  # of the columns, which all files share
        self._image_columns: set[str] = set()
        self._pictures: list[Picture] = []  # by the number of the token
        self._files: list[str] = []
        self._starts: list[int] = []  # the first line of each file, counted from 0
        self._lines = 0

    def write(self, file: str, folder: str) -> str:
        """Adds the rows of a file, and says what tells it from another one. Paths in it begin at
        the folder."""
        self._files.append(file)
        self._starts.append(self._lines)
        with parquet_files.open_parquet(file) as opened:
            self._look_at(opened.schema_arrow.names, file)
            kinds = {one: opened.schema_arrow.field(one).type for one in self._names}
            read = [one for one in self._names if self._is_read(file, one, kinds[one])]
            row = 0
            with self._table.open("a", encoding="utf-8") as table:
                for batch in opened.iter_batches(_ROWS_AT_ONCE, columns=read, use_threads=False):
                    self._write_batch(table, batch, read, (file, row, folder))
                    row += batch.num_rows
            return parquet_files.identity_of(file, opened.metadata)

    def _look_at(self, names: list[str], file: str) -> None:
        """Learns from the first file which columns there are. The engine says which of them have
        pictures: it reads a row in which each column has its own number."""
        if self._names:
            if set(names) != set(self._names):
                raise InvalidRequestError(f"{file}: its columns are not those of {self._files[0]}")
            return
        if len(set(names)) != len(names):
            raise InvalidRequestError(f"{file}: there are two columns of one name")
        self._names = names
        probe = {name: f"{_TOKEN}{number}" for number, name in enumerate(names)}
        self._table.write_text(json.dumps(probe))
        for _, paths, _ in self._read(file).records:
            self._image_columns = {names[_number(path)] for path in paths}
        self._table.unlink()

    def _is_read(self, file: str, column: str, kind: Any) -> bool:
        """Whether the values are wanted here: texts, and no pictures."""
        if column not in self._image_columns:
            return parquet_files.is_scalar(kind)
        if parquet_files.is_text(kind):
            return True
        if parquet_files.has_pictures(kind):
            return False
        raise InvalidRequestError(f"{file}: column '{column}' is {kind}, which is no picture")

    def _write_batch(
        self, table: IO[str], batch: Any, read: list[str], at: tuple[str, int, str]
    ) -> None:
        file, start, folder = at
        values = {
            name: batch.column(name).to_pylist()
            if name in self._image_columns
            else parquet_files.texts_of(batch.column(name))
            for name in read  # in another file they may have another order
        }
        for row in range(batch.num_rows):
            # A text that is empty names the column, and is no value: all rows have all columns.
            cells: dict[str, Any] = {name: values[name][row] or "" for name in read}
            for name in self._image_columns:
                if name in values:
                    cells[name] = self._texts(cells[name], folder)
                else:
                    cells[name] = [self._token(Cell(file, start + row, name, folder))]
            table.write(json.dumps(cells, ensure_ascii=False) + "\n")
        self._lines += batch.num_rows

    def _texts(self, cell: Any, folder: str) -> list[str]:
        texts = [one.strip() for one in (cell if isinstance(cell, list) else [cell]) if one]
        # What is on the web is left to the engine, which rejects it and says why.
        return [
            one if _URL.match(one) and not is_address(one) else self._token(resolve(one, folder))
            for one in texts
            if one
        ]

    def _token(self, picture: Picture) -> str:
        self._pictures.append(picture)
        return f"{_TOKEN}{len(self._pictures) - 1}"

    def catalogue(self, identity: str) -> Catalogue:
        if not self._lines:
            return Catalogue([], [], identity)
        read = self._read(self._files[0])
        records: list[Record] = [
            (item, list(dict.fromkeys(self._pictures[_number(path)] for path in paths)), metadata)
            for item, paths, metadata in read.records
        ]
        return Catalogue(records, [self._renamed(one) for one in read.rejected], identity)

    def _read(self, file: str) -> Any:
        try:
            return read_catalogue(self._table, self._columns or None)
        except inlier.Error as error:
            text = str(error).replace(str(self._table), file).replace(_TABLE, file)
            raise InvalidRequestError(text) from error

    def _renamed(self, rejected: str) -> str:
        """A sentence about a line of the table, as one about a row of a file."""
        found = re.match(rf"{re.escape(_TABLE)}, line (\d+)", rejected)
        if not found:
            return rejected
        line = int(found[1]) - 1
        number = bisect_right(self._starts, line) - 1
        where = f"{os.path.basename(self._files[number])}, row {line - self._starts[number]}"
        return where + rejected[found.end() :]


def _number(path: bytes) -> int:
    return int(os.path.basename(path)[len(_TOKEN) :])
