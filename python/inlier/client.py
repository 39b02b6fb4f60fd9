"""A database behind `inlier serve`, with the methods of a local one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, Unpack, overload
from urllib.parse import quote

import httpx

from inlier._arguments import (
    Metadata,
    ProgressCallback,
    Record,
    ServedQuestion,
    Where,
    check_count,
    check_id,
    check_pairs,
    check_text,
    ids_of,
    progress_of,
)
from inlier._http import Http, Make
from inlier._many import ask_in_order
from inlier._opened import Opened
from inlier._upload import Upload
from inlier.errors import (
    BadImageError,
    ClosedError,
    ConflictError,
    Error,
    InvalidArgumentError,
    NoSuchItemError,
    NotFoundError,
)
from inlier.items import IndexReport, Item, TwinGroup
from inlier.pictures import Order, PictureLike, is_array
from inlier.sources import read_catalogue
from inlier.values import Answer, Json, Match

_PAGE = 1000
_CONFLICTS = 5  # how often a change is made again when somebody else was quicker


class Client(Opened):
    """A database behind a server (docs/SERVER.md). It answers with the values, and fails with the
    errors, of a local :class:`~inlier.Database`.

    ``key`` is sent as a bearer token. ``timeout`` is the deadline of each call in seconds, tries
    included; ``retries`` is how often a call is tried again when the server was too busy to begin
    with it, or could not be reached. Safe to use from many threads.
    """

    def __init__(
        self, url: str, *, key: str | None = None, timeout: float = 60.0, retries: int = 4
    ) -> None:
        check_text(url, "the address of a server")
        self._http = Http(url.rstrip("/"), key, timeout, check_count(retries, "retries", 0, 100))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    @property
    def closed(self) -> bool:
        return self._http.closed

    @property
    def _place(self) -> str:
        return self._http.url

    # Changes.

    def add(
        self,
        id: str,
        picture: PictureLike | list[PictureLike],
        metadata: Metadata | None = None,
        *,
        order: Order | None = None,
    ) -> None:
        """As :meth:`inlier.Database.add`."""
        self._put(
            check_id(id),
            picture if isinstance(picture, list) else [picture],
            dict(check_pairs(metadata, "metadata")),
            order,
        )

    def _put(
        self, id: str, pictures: list[PictureLike], metadata: dict[str, str], order: Order | None
    ) -> bool:
        """True when the item is new."""
        if not pictures:
            raise ValueError("an item needs a picture")
        sources = [Upload(one, order if is_array(one) else None, "picture") for one in pictures]
        text = json.dumps(metadata, ensure_ascii=False)

        def make() -> Mapping[str, Any]:
            opened = [source.open() for source in sources]
            files: list[tuple[str, Any]] = [
                ("picture", ("picture", file, "application/octet-stream")) for file in opened
            ]
            return {"files": files, "data": {"metadata": text}, "opened": opened}

        return self._ask("PUT", _path(id), make).status_code == 201

    def add_picture(self, id: str, picture: PictureLike, *, order: Order | None = None) -> None:
        """As :meth:`inlier.Database.add_picture`."""
        source = Upload(picture, order, "picture")
        self._ask("POST", _path(check_id(id)) + "/pictures", source.body)

    def remove_picture(self, id: str, picture: int | str) -> None:
        """As :meth:`inlier.Database.remove_picture`."""
        item = self[id]
        names = [one.name for one in item.pictures]
        if isinstance(picture, str):
            if picture not in names:
                raise NotFoundError(f"{id}: it has no picture '{picture}'", "not there", 404)
            number = names.index(picture)
        else:
            number = check_count(picture, "the number of a picture", 0, len(names) - 1)
        headers = {"If-Match": f'"{item.version}"'}
        self._ask(
            "DELETE",
            f"{_path(id)}/pictures/{number}",
            lambda: {"headers": headers},
            repeatable=False,
        )

    def remove(self, ids: str | Iterable[str]) -> None:
        """Removes an item, or several. None is removed if one of them is not there at the start."""
        gone = ids_of(ids)
        if len(gone) > 1:
            for id in gone:
                self._ask("GET", _path(id))
        for id in gone:
            self._ask("DELETE", _path(id), repeatable=False)

    def set_metadata(self, id: str, metadata: Metadata) -> None:
        """As :meth:`inlier.Database.set_metadata`."""
        wanted = dict(check_pairs(metadata, "metadata"))
        for attempt in range(_CONFLICTS):
            item = self[id]
            patch: dict[str, str | None] = dict.fromkeys(item.metadata)
            body = json.dumps({"metadata": patch | wanted}, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json", "If-Match": f'"{item.version}"'}
            try:
                self._ask(
                    "PATCH",
                    _path(id),
                    partial(dict, content=body, headers=headers),
                    repeatable=False,
                )
            except ConflictError:
                if attempt == _CONFLICTS - 1:
                    raise
            else:
                return

    def index(
        self,
        source: str | os.PathLike[str] | Iterable[Record],
        *,
        columns: Mapping[str, str] | None = None,
        images: str | os.PathLike[str] | None = None,
        prune: bool = False,
        threads: int = 2,
        progress: bool | ProgressCallback | None = None,
    ) -> IndexReport:
        """As :meth:`inlier.Database.index`, with a request an item, ``threads`` at a time. The
        server does not know the paths, so pictures are named by their content, and every item is
        sent, also one that has not changed."""
        catalogue = read_catalogue(source, columns, images)
        records = catalogue.records
        failures = list(catalogue.rejected)
        show = progress_of(progress)
        counts = {"added": 0, "updated": 0, "unchanged": 0, "removed": 0}

        def put(record: tuple[str, list[bytes], list[tuple[str, str]]]) -> bool:
            id, paths, metadata = record
            try:
                return self._put(id, [os.fsdecode(path) for path in paths], dict(metadata), None)
            except (BadImageError, InvalidArgumentError, NotFoundError) as error:
                names = ", ".join(os.fsdecode(path) for path in paths)
                raise type(error)(f"{names}: {error.message}", error.cause) from error

        replies = ask_in_order(put, records, check_count(threads, "threads"), "return", _nothing)
        causes: dict[str, int] = {"unusable entry": len(failures)} if failures else {}
        for done, reply in enumerate(replies, start=1):
            if isinstance(reply, BadImageError | InvalidArgumentError | NotFoundError):
                failures.append(reply.message)
                causes[reply.cause] = causes.get(reply.cause, 0) + 1
            elif isinstance(reply, Error):
                raise reply
            else:
                counts["added" if reply else "updated"] += 1
            if show is not None:
                show("send", done, len(records))
        if prune:
            kept = {id for id, _, _ in records}
            gone = [id for id in self if id not in kept]
            for id in gone:
                self.remove(id)
            counts["removed"] = len(gone)
        return IndexReport(
            {**counts, "failed": len(failures), "causes": causes, "failures": failures}
        )

    # What there is.

    def __len__(self) -> int:
        return int(self.stats()["items"])

    def __contains__(self, id: object) -> bool:
        try:
            self._ask("GET", _path(check_id(id)))
        except NotFoundError:
            return False
        return True

    def __getitem__(self, id: str) -> Item:
        try:
            return Item(self._ask("GET", _path(check_id(id))).json())
        except NotFoundError as error:
            raise NoSuchItemError(f"no item '{id}'", error.cause, error.status) from error

    def items(self, *, where: Where | None = None, id_part: str = "") -> Iterator[Item]:
        """As :meth:`inlier.Database.items`."""
        conditions = _conditions(where)
        part = check_text(id_part, "id_part")
        after: str | None = ""
        while after is not None:
            parameters: list[tuple[str, str]] = [("limit", str(_PAGE)), *conditions]
            parameters += [("id", part)] if part else []
            parameters += [("after", after)] if after else []
            page = self._ask("GET", "/v1/items", partial(dict, params=parameters)).json()
            yield from map(Item, page["items"])
            after = page["next"]

    def count(self, where: Where | None = None) -> int:
        """How many items satisfy the conditions."""
        return sum(1 for _ in self.items(where=where)) if where else len(self)

    def preview(self, id: str, picture: int = 0) -> bytes:
        """As :meth:`inlier.Database.preview`."""
        number = check_count(picture, "the number of a picture", 0, 1_000_000)
        return self._ask("GET", f"{_path(check_id(id))}/pictures/{number}/preview").content

    def stats(self) -> Json:
        """The figures of the database."""
        return dict(self._ask("GET", "/v1/stats").json())

    def twins(self) -> list[TwinGroup]:
        """As :meth:`inlier.Database.twins`."""
        groups: list[TwinGroup] = []
        while True:
            parameters = {"offset": len(groups), "limit": _PAGE}
            page = self._ask("GET", "/v1/twins", partial(dict, params=parameters)).json()
            groups += map(TwinGroup, page["groups"])
            if len(groups) >= page["total"] or not page["groups"]:
                return groups

    # Questions.

    def query(
        self,
        photo: PictureLike,
        *,
        order: Order | None = None,
        top: int = 10,
        where: Where | None = None,
        all: bool = False,
        exact: bool = False,
        explain: bool = False,
        partial: bool = False,
        at_least: int = 0,
    ) -> Answer:
        """As :meth:`inlier.Database.query`. Files are streamed; pixels are sent as PNG.

        ``partial`` lets a service over several shards answer from those that are there, see
        ``Answer.coverage``; without it a missing shard is an OverloadedError. ``at_least`` is the
        number of a change that the answer has to include, such as another's ``last_change``."""
        source = Upload(photo, order, "photo")
        parameters = _question(top, where, all, exact, explain)
        parameters += [("partial", "true")] if partial else []
        number = check_count(at_least, "at_least", 0, 2**31 - 1)
        parameters += [("at_least", str(number))] if number else []
        answer = self._ask("POST", "/v1/query", lambda: {**source.body(), "params": parameters})
        return Answer({**answer.json(), "photo": source.name}, photo, order)

    @overload
    def query_many(
        self,
        photos: Iterable[PictureLike],
        *,
        threads: int = 2,
        order: Order | None = None,
        on_error: Literal["raise"] = "raise",
        **question: Unpack[ServedQuestion],
    ) -> Iterator[Answer]: ...
    @overload
    def query_many(
        self,
        photos: Iterable[PictureLike],
        *,
        threads: int = 2,
        order: Order | None = None,
        on_error: Literal["return"],
        **question: Unpack[ServedQuestion],
    ) -> Iterator[Answer | Error]: ...
    def query_many(
        self,
        photos: Iterable[PictureLike],
        *,
        threads: int = 2,
        order: Order | None = None,
        on_error: Literal["raise", "return"] = "raise",
        **question: Unpack[ServedQuestion],
    ) -> Iterator[Answer | Error] | Iterator[Answer]:
        """As :meth:`inlier.Database.query_many`, with a request a photo, ``threads`` at a time."""

        def ask(photo: PictureLike) -> Answer:
            answer = self.query(photo, order=order if is_array(photo) else None, **question)
            name = photo if isinstance(photo, str | os.PathLike) else None
            return Answer(answer.to_dict(), name)

        workers = check_count(threads, "threads", most=1024)
        return ask_in_order(ask, photos, workers, on_error, _nothing)

    def match(
        self,
        photo: PictureLike,
        item: PictureLike,
        *,
        order: Order | None = None,
        item_order: Order | None = None,
    ) -> Match:
        """As :meth:`inlier.Database.match`."""
        first = Upload(photo, order, "photo")
        second = Upload(item, item_order or order, "item")

        def make() -> Mapping[str, Any]:
            opened = [first.open(), second.open()]
            files = {"photo": ("photo", opened[0]), "item": ("item", opened[1])}
            return {"files": files, "opened": opened}

        found = self._ask("POST", "/v1/match", make).json()
        return Match({**found, "photo": first.name, "item": second.name})

    def _ask(
        self, method: str, path: str, make: Make | None = None, *, repeatable: bool = True
    ) -> httpx.Response:
        if self.closed:
            raise ClosedError("the client is closed")
        return self._http.ask(method, path, make, repeatable=repeatable)


def _path(id: str) -> str:
    return "/v1/items/" + quote(id, safe="")


def _conditions(where: Where | None) -> list[tuple[str, str]]:
    return [("where", f"{name}={value}") for name, value in check_pairs(where, "where")]


def _question(
    top: int, where: Where | None, all: bool, exact: bool, explain: bool
) -> list[tuple[str, str]]:
    switches = {"all": all, "exact": exact, "explain": explain}
    parameters = [("top", str(check_count(top, "top"))), *_conditions(where)]
    return parameters + [(name, "true") for name, on in switches.items() if on]


def _nothing() -> None:
    pass
