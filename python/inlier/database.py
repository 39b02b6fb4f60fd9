"""A database of this machine."""

from __future__ import annotations

import atexit
import json
import os
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, Unpack, overload

from inlier import _inlier
from inlier._arguments import (
    LocalQuestion,
    Metadata,
    ProgressCallback,
    Record,
    Where,
    check_count,
    check_id,
    check_pairs,
    check_text,
    ids_of,
    option_pairs,
    progress_of,
)
from inlier._many import ask_in_order
from inlier._opened import Opened
from inlier.errors import Error, NoSuchItemError
from inlier.items import IndexReport, Item, TwinGroup
from inlier.pictures import Order, PictureLike, as_picture, is_array
from inlier.sources import read_catalogue
from inlier.stages import Features
from inlier.standalone import plan
from inlier.values import Answer, Json, Match

_PAGE = 1000
_open_databases: weakref.WeakSet[Database] = weakref.WeakSet()


class Database(Opened):
    """A database that :func:`inlier.open` has opened.

    All methods may be called from many threads at once: queries wait for nobody, and changes take
    place one at a time. The work is done without the GIL. Ctrl-C ends any call.
    """

    def __init__(self, engine: _inlier.Engine, path: str) -> None:
        self._engine = engine
        self._path = path
        _open_databases.add(self)

    # The life of the database.

    def close(self) -> None:
        """Waits for calls that run, writes what is left, and releases the lock. May be called
        again."""
        self._engine.close()

    @property
    def closed(self) -> bool:
        return self._engine.closed

    @property
    def _place(self) -> str:
        return self._path

    # Changes.

    def add(
        self,
        id: str,
        picture: PictureLike | list[PictureLike],
        metadata: Metadata | None = None,
        *,
        order: Order | None = None,
    ) -> None:
        """Adds an item with its picture or pictures, or replaces the item of that id. When this
        returns, it is on disk and can be found. ``order`` is that of pictures which are arrays.

        Raises BadImageError, NotFoundError (no such file), TypeError and ValueError.
        """
        pictures = picture if isinstance(picture, list) else [picture]
        if not pictures:
            raise ValueError("an item needs a picture")
        checked = [as_picture(one, order if is_array(one) else None, "picture") for one in pictures]
        self._engine.add(check_id(id), checked, check_pairs(metadata, "metadata"))

    def add_picture(self, id: str, picture: PictureLike, *, order: Order | None = None) -> None:
        """Adds a picture to an item, or replaces the one of the same path or content."""
        self._engine.add_picture(check_id(id), as_picture(picture, order, "picture"))

    def remove_picture(self, id: str, picture: int | str) -> None:
        """Removes a picture of an item, by its number from 0 or its name. An item keeps its last
        one."""
        if not isinstance(picture, str):
            pictures = self[id].pictures
            number = check_count(picture, "the number of a picture", 0, len(pictures) - 1)
            picture = pictures[number].name
        self._engine.remove_picture(check_id(id), picture)

    def remove(self, ids: str | Iterable[str]) -> None:
        """Removes an item, or several: all of them or, if one is not there, none."""
        self._engine.remove(ids_of(ids))

    def set_metadata(self, id: str, metadata: Metadata) -> None:
        """Replaces the metadata of an item. Its pictures are not looked at."""
        self._engine.set_metadata(check_id(id), check_pairs(metadata, "metadata"))

    def index(
        self,
        source: str | os.PathLike[str] | Iterable[Record],
        *,
        columns: Mapping[str, str] | None = None,
        images: str | os.PathLike[str] | None = None,
        prune: bool = False,
        threads: int = 1,
        progress: bool | ProgressCallback | None = None,
    ) -> IndexReport:
        """Brings the database up to date with a catalogue; only what changed is touched.

        ``source`` is a folder of pictures (the id is the path without its ending), a table (CSV,
        TSV, JSON, JSON Lines, XML), an iterable of records with ``id``, ``image`` (a path or
        several) and metadata as text, or a data frame with such columns. ``columns`` maps our
        names to the table's, and ``images`` is the folder with the pictures of URLs. ``prune``
        removes what the catalogue no longer has. ``progress`` is True for a line on stderr, or a
        callable that is given a stage, how much is done, and of how much; an exception that it
        raises ends the call.

        What is counted is on disk, whatever happens next; the same call goes on after an interrupt.
        A picture that cannot be read is no error, see ``IndexReport.failures``.
        """
        catalogue = read_catalogue(source, columns, images)
        failures = list(catalogue.rejected)

        def note(line: str) -> None:
            outcome = json.loads(line)
            if outcome["outcome"] == "failed":
                failures.append(f"{outcome['image']}: {outcome['error']}")

        threads = check_count(threads, "threads", most=1024)
        text = self._engine.index(catalogue, threads, prune, progress_of(progress), note)
        return IndexReport({**json.loads(text), "failures": failures})

    # What there is.

    def __len__(self) -> int:
        return self._engine.count([])

    def __contains__(self, id: object) -> bool:
        return self._engine.find(check_id(id)) is not None

    def __getitem__(self, id: str) -> Item:
        text = self._engine.find(check_id(id))
        if text is None:
            raise NoSuchItemError(f"no item '{id}'", "not there")
        return Item(json.loads(text))

    def items(self, *, where: Where | None = None, id_part: str = "") -> Iterator[Item]:
        """All items by id, or those that satisfy ``where`` and whose id contains ``id_part``.
        Items that are added or removed meanwhile neither repeat nor hide others."""
        after: str | None = ""
        pairs, part = check_pairs(where, "where"), check_text(id_part, "id_part")
        while after is not None:
            page = json.loads(self._engine.items(_inlier.ListOptions(after, _PAGE, part, pairs)))
            yield from map(Item, page["items"])
            after = page["next"]

    def count(self, where: Where | None = None) -> int:
        """How many items satisfy the conditions."""
        return self._engine.count(check_pairs(where, "where"))

    def preview(self, id: str, picture: int = 0) -> bytes:
        """The small picture that is stored, as a JPEG file whose long side has at most 256 px."""
        number = check_count(picture, "the number of a picture", 0, 1_000_000)
        return self._engine.preview(check_id(id), number)

    def stats(self) -> Json:
        """The figures of the database, as ``inlier stats`` prints them."""
        return dict(json.loads(self._engine.stats()))

    def twins(self) -> list[TwinGroup]:
        """The items that cannot be told apart by their pictures."""
        return [TwinGroup(group) for group in json.loads(self._engine.twins())["groups"]]

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
        without: Iterable[str] = (),
    ) -> Answer:
        """Which items does a photo show?

        ``photo`` is a path, the bytes of a file, a PIL image or an array of uint8 with its
        ``order``. ``where`` maps columns of metadata to conditions: "Acme", "tea|coffee", "Ac*",
        "10..20". ``all`` also returns items that were examined and not accepted, with their
        reasons. ``exact`` compares the photo with every item. ``explain`` gives hits their
        evidence, homography and matched points. ``without`` are ids that are left out.

        Raises BadImageError, NotFoundError, InvalidArgumentError (conditions that make no sense).
        """
        text = self._ask(
            as_picture(photo, order),
            None,
            top=top,
            where=where,
            all=all,
            exact=exact,
            explain=explain,
            without=without,
        )
        return Answer(json.loads(text), photo, order)

    @overload
    def query_many(
        self,
        photos: Iterable[PictureLike],
        *,
        threads: int = 1,
        order: Order | None = None,
        on_error: Literal["raise"] = "raise",
        **question: Unpack[LocalQuestion],
    ) -> Iterator[Answer]: ...
    @overload
    def query_many(
        self,
        photos: Iterable[PictureLike],
        *,
        threads: int = 1,
        order: Order | None = None,
        on_error: Literal["return"],
        **question: Unpack[LocalQuestion],
    ) -> Iterator[Answer | Error]: ...
    def query_many(
        self,
        photos: Iterable[PictureLike],
        *,
        threads: int = 1,
        order: Order | None = None,
        on_error: Literal["raise", "return"] = "raise",
        **question: Unpack[LocalQuestion],
    ) -> Iterator[Answer | Error] | Iterator[Answer]:
        """Asks many photos on several threads, and yields the answers in the order of the photos.

        Photos are taken from the iterable as they are needed. With ``on_error="return"`` the error
        of a photo that cannot be used stands in its place; otherwise it is raised. When the
        iterator is closed or interrupted, photos that are being asked are given up.
        """
        token = _inlier.CancelToken()
        question["without"] = list(question.get("without", ()))

        def ask(photo: PictureLike) -> Answer:
            picture = as_picture(photo, order if is_array(photo) else None)
            text = self._ask(picture, token, **question)
            name = photo if isinstance(photo, str | os.PathLike) else None
            return Answer(json.loads(text), name)

        threads = check_count(threads, "threads", most=1024)
        return ask_in_order(ask, photos, threads, on_error, token.cancel)

    def _ask(
        self,
        picture: _inlier.Picture,
        token: _inlier.CancelToken | None,
        *,
        top: int = 10,
        where: Where | None = None,
        all: bool = False,
        exact: bool = False,
        explain: bool = False,
        without: Iterable[str] = (),
    ) -> str:
        return self._engine.query(
            picture,
            check_count(top, "top"),
            all,
            exact,
            explain,
            check_pairs(where, "where"),
            ids_of(without),
            token,
        )

    def extract(self, picture: PictureLike, *, order: Order | None = None) -> Features:
        """The features of a picture, with the options of this database."""
        options = option_pairs(self.options()["extract"], "extract.")
        return Features(_inlier.extract(as_picture(picture, order, "picture"), options))

    def shortlist(
        self,
        photo: PictureLike | Features,
        *,
        order: Order | None = None,
        top: int = 50,
        where: Where | None = None,
        without: Iterable[str] = (),
    ) -> list[tuple[str, float]]:
        """The first stage of a query alone: the ids that the photo's features vote for, best first,
        with their votes. Features of another library are taken when their descriptors have the
        shape of this database's."""
        features = photo if isinstance(photo, Features) else self.extract(photo, order=order)
        rows = self._engine.shortlist(
            features._features,
            check_count(top, "top"),
            check_pairs(where, "where"),
            ids_of(without),
        )
        return [(id, votes) for id, _, votes in rows]

    def match(
        self,
        photo: PictureLike,
        item: PictureLike,
        *,
        order: Order | None = None,
        item_order: Order | None = None,
    ) -> Match:
        """Compares two pictures, with the options of this database and without its items."""
        text = self._engine.match(
            as_picture(photo, order), as_picture(item, item_order or order, "item")
        )
        return Match(json.loads(text))

    # Care.

    def checkpoint(self, *, progress: bool | ProgressCallback | None = None) -> None:
        """Writes what is new of the index to disk, so that the next opening is quick."""
        self._engine.checkpoint(progress_of(progress))

    def rebuild(self, *, progress: bool | ProgressCallback | None = None) -> None:
        """Builds the index again from the stored features."""
        self._engine.rebuild(progress_of(progress))

    def check(self) -> list[str]:
        """Reads and checks everything that is stored. Returns a sentence for each problem; an empty
        list means that all is well."""
        return self._engine.check()[1]

    def refresh(self) -> bool:
        """Takes in what another process has written. True when there was something new."""
        return self._engine.refresh()

    def write_vocabulary(self, file: str | os.PathLike[str]) -> None:
        """Writes the vocabulary to a file, for :func:`inlier.open` of other databases. Raises
        NotFoundError when there is none: a database of few pictures, or of embeddings."""
        self._engine.write_vocabulary(os.fsencode(file))

    def snapshot(self, folder: str | os.PathLike[str]) -> None:
        """Copies the database into a new folder, as it is at one moment."""
        self._engine.snapshot(os.fsencode(folder))

    def options(self) -> Json:
        """The options of the database, by stage."""
        return dict(json.loads(self._engine.options()))

    def plan(
        self,
        items: int,
        *,
        threads: int = 1,
        sample: str | os.PathLike[str] | Iterable[Record] | None = None,
    ) -> Json:
        """What a catalogue of this many items would need with the features of this database."""
        method = self.options()["extract"]["method"]
        return plan(items, features=method, threads=threads, sample=sample)


os.register_at_fork(after_in_child=_inlier.after_fork)


@atexit.register
def _close_all() -> None:
    for database in list(_open_databases):
        database.close()
