"""Objects in a folder: created once, durable, or refused with a typed error."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from inlier_cluster import (
    InvalidRequestError,
    MissingObjectError,
    StorageFullError,
    StorageUnavailableError,
    TakenError,
    UncertainError,
)
from inlier_cluster.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "objects"), create=True)


def test_an_object_is_created_once(store: Store) -> None:
    store.create("a/b/1", b"first")
    store.create("a/b/1", b"first")  # the same again, as after an answer that was lost
    with pytest.raises(TakenError, match="a/b/1"):
        store.create("a/b/1", b"second")
    assert store.get("a/b/1") == b"first"
    with pytest.raises(MissingObjectError, match="a/b/2"):
        store.get("a/b/2")


def test_of_many_that_create_one_name_one_wins(store: Store) -> None:
    start, won = threading.Barrier(8), []

    def create(who: int) -> None:
        start.wait()
        try:
            store.create("root", b"%d" % who)
            won.append(who)
        except TakenError:
            pass

    threads = [threading.Thread(target=create, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and store.get("root") == b"%d" % won[0]


def test_names_are_sorted_and_begin_behind_one(store: Store, tmp_path: Path) -> None:
    for number in (3, 1, 10, 2):
        store.create(f"changes/{number:04d}", b"x" * number)
    store.create("changes-of-others/0001", b"")
    assert store.names("changes") == [f"changes/{n:04d}" for n in (1, 2, 3, 10)]
    assert store.names("changes", "0002") == ["changes/0003", "changes/0010"]
    assert store.sizes("changes")["changes/0010"] == 10
    assert store.names("nothing") == []
    store.delete(["changes/0003", "changes/none"])
    assert store.names("changes", "0002") == ["changes/0010"]
    assert not list((tmp_path / "objects" / ".partial").iterdir())


def test_an_object_is_synced_before_it_has_its_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of the calls of the system is what survives a loss of power."""
    calls: list[str] = []
    fsync, link = os.fsync, os.link

    def noted_sync(handle: int) -> None:
        calls.append("sync " + os.readlink(f"/proc/self/fd/{handle}").rsplit("/", 2)[-2])
        fsync(handle)

    def noted_link(source: Path, target: Path) -> None:
        calls.append("link")
        link(source, target)

    store.create("changes/1", b"")
    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "link", noted_link)
    store.create("changes/2", b"content")
    assert calls == ["sync .partial", "link", "sync objects"]


def test_a_full_disk_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFullError, match="No space left"):
        store.create("changes/1", b"content")
    assert store.names("changes") == []


def test_an_error_behind_the_link_is_settled_by_looking(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is there, but its folder could not be synced: the bytes decide, or nobody knows."""
    fsync = os.fsync

    def failing(handle: int) -> None:
        if os.readlink(f"/proc/self/fd/{handle}").endswith("changes"):
            raise OSError(5, "Input/output error")
        fsync(handle)

    store.create("changes/0", b"")
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(UncertainError, match="changes/1"):
        store.create("changes/1", b"content")


def test_a_folder_has_an_address(tmp_path: Path) -> None:
    folder = tmp_path / "größe und mehr"
    open_store(folder.as_uri(), create=True).create("a", b"content")
    assert open_store(str(folder)).get("a") == b"content"


def test_addresses_that_make_no_sense(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="ftp"):
        open_store("ftp://host/folder")
    with pytest.raises(MissingObjectError, match="no such folder"):
        open_store(str(tmp_path / "none"))
    with pytest.raises(InvalidRequestError):
        open_store("file://host/folder")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailableError):
        open_store(str(tmp_path / "file" / "folder"), create=True)
