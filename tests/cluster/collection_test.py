"""Roots and the log of a collection in a folder: who wins, what is fenced, what is damage."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from conftest import ORB, items_of, put_drawn
from inlier_cluster import (
    Collection,
    DamagedError,
    GoneError,
    IncompatibleError,
    InvalidRequestError,
    MissingObjectError,
    Payload,
    StorageUnavailableError,
    SupersededError,
    TakenError,
    UncertainError,
    Write,
    merge_metadata,
    put_item,
    remove_item,
)
from inlier_cluster.root import Generation
from inlier_cluster.sealed import seal


def advance(shop: Collection, covered: int) -> None:
    """Publishes a root whose shards contain the changes up to one, as a compaction does."""
    base = shop.refresh()
    shop.swap([Generation(one.shard, covered_change=covered) for one in base.shards], base)


def forget(shop: Collection) -> None:
    """Removes the changes that nobody needs, as a compaction does."""
    floor = shop.refresh().floor_change
    names = shop.store.names("changes")
    shop.store.delete(name for name in names if int(name[8:-5]) < floor)


def test_what_is_created_is_opened(url: str, shop: Collection) -> None:
    again = Collection.open(url)
    assert again.root == shop.root and again.root.number == 1 and len(again.root.shards) == 3
    assert again.root.recipe["extract.method"] == "orb"
    assert again.root.recipe["extract.max_features"] == "1500"  # defaults are kept as well
    assert again.vocabulary() == b"words"
    assert again.version() == 0 and list(again.changes_after(0)) == []
    assert {again.shard_of(f"{n:032x} 320x240x3 of 320x240") for n in range(40)} == {0, 1, 2}
    with pytest.raises(TakenError, match="collection already"):
        Collection.create(url, recipe=ORB, vocabulary=b"", shards=3)


def test_what_cannot_be_created(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="shards"):
        Collection.create(str(tmp_path / "a"), recipe={}, vocabulary=b"", shards=0)
    with pytest.raises(InvalidRequestError, match=r"extract\.none"):
        Collection.create(str(tmp_path / "a"), recipe={"extract.none": 1}, vocabulary=b"", shards=1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingObjectError, match="no collection"):
        Collection.open(str(tmp_path / "empty"))


def test_another_recipe_is_refused_with_its_reason(url: str, shop: Collection) -> None:
    Collection.open(url, recipe=ORB)
    with pytest.raises(
        IncompatibleError, match=r"extract\.max_features = 1500, and here it is 700"
    ):
        Collection.open(url, recipe={**ORB, "extract.max_features": 700})


def test_another_format_is_refused_with_its_reason(url: str, shop: Collection) -> None:
    path = Path(url) / "roots" / "000000000001.json"
    row = json.loads(path.read_text())
    del row["seal"]
    sealed = json.loads(seal("root", row))
    assert json.loads(path.read_text()) == sealed
    row["format"] = 2
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n"
    import hashlib

    row["seal"] = hashlib.sha256(canonical.encode()).hexdigest()
    path.write_text(json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n")
    with pytest.raises(IncompatibleError, match="format 2, and this program reads format 1"):
        Collection.open(url)


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "swap"])
def test_a_damaged_newest_root_is_named_and_the_one_before_it_is_used(
    url: str, shop: Collection, damage: str
) -> None:
    advance(shop, 0)
    newest = Path(url) / "roots" / "000000000002.json"
    whole = newest.read_bytes()
    first = (Path(url) / "roots" / "000000000001.json").read_bytes()
    newest.write_bytes(
        {
            "flip": whole.replace(b'"shard":1', b'"shard":2'),
            "cut": whole[: len(whole) // 2],
            "empty": b"",
            "swap": first,
        }[damage]
    )
    again = Collection.open(url)
    assert again.root.number == 1
    assert [error.object for error in again.damaged] == ["roots/000000000002.json"]
    # The next one goes behind it, and everybody finds that.
    advance(again, 0)
    assert again.root.number == 3
    assert Collection.open(url).root.number == 3 and Collection.open(url).damaged == []
    assert shop.refresh().number == 3


def test_when_no_root_is_whole_the_newest_is_named(url: str, shop: Collection) -> None:
    (Path(url) / "roots" / "000000000001.json").write_text("{}")
    with pytest.raises(DamagedError, match=r"roots/000000000001\.json"):
        Collection.open(url)


def test_changes_are_numbered_and_come_back(url: str, shop: Collection) -> None:
    assert shop.append([put_drawn(shop, 1, "mug", 1, brand="Acme"), remove_item(2, "mug")]) == 1
    assert shop.append([merge_metadata(1, "mug", {"brand": None, "größe": "ü"})]) == 2
    again = Collection.open(url)
    assert again.version() == 2
    first, second = again.changes_after(0)
    assert [(one.kind, one.shard, one.item) for one in first.operations] == [
        ("put", 1, "mug"),
        ("remove", 2, "mug"),
    ]
    picture = first.operations[0].pictures[0]
    assert again.get_payload(picture)[:4] == b"\x89PNG"
    assert second.operations[0].metadata == {"brand": None, "größe": "ü"}
    assert [change.number for change in again.changes_after(1)] == [2]
    assert again.append([remove_item(0, "x")]) == 3 and shop.append([remove_item(0, "y")]) == 4


@pytest.mark.parametrize(
    "operation",
    [
        remove_item(3, "a"),
        remove_item(0, ""),
        remove_item(0, "x" * 1025),
        remove_item(0, "\ud800"),
        put_item(0, "a", []),
        merge_metadata(0, "a", {"b": "\ud800"}),
        merge_metadata(0, "a", {"b": 1}),  # type: ignore[dict-item]
        put_item(0, "a", [Payload("elsewhere", "", 1)]),
    ],
)
def test_what_no_shard_could_apply_is_refused(shop: Collection, operation: object) -> None:
    with pytest.raises(InvalidRequestError):
        shop.append([operation])  # type: ignore[list-item]
    assert shop.version() == 0


def test_two_writers_lose_nothing(url: str) -> None:
    Collection.create(url, recipe=ORB, vocabulary=b"", shards=3)
    numbers: dict[str, int] = {}

    def write(who: str) -> None:
        mine = Collection.open(url)
        for i in range(20):
            numbers[f"{who}{i}"] = mine.append([remove_item(0, f"{who}{i}")])

    threads = [threading.Thread(target=write, args=(who,)) for who in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers.values()) == list(range(1, 61))
    log = items_of(Collection.open(url))
    assert all(log[number - 1] == item for item, number in numbers.items())


def test_a_plan_is_made_again_when_another_writer_was_first(url: str, shop: Collection) -> None:
    other = Collection.open(url)
    shop.append([remove_item(0, "before")])
    seen: list[int] = []

    def plan(latest: int) -> list[Write]:
        if not seen:
            other.append([remove_item(0, "other")])
        seen.append(latest)
        return [Write("w", (remove_item(0, f"behind {latest}"),))]

    assert shop.commit(plan) == 3
    assert seen == [1, 2] and items_of(shop) == ["before", "other", "behind 2"]
    assert shop.commit(lambda latest: []) == 3  # nothing to write


def test_a_write_of_unknown_outcome_is_applied_once(
    url: str, shop: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost after the object was written, and the same write is tried again."""
    create = shop.store.create

    def losing(name: str, content: bytes) -> None:
        create(name, content)
        raise UncertainError("the answer was lost")

    monkeypatch.setattr(shop.store, "create", losing)
    with pytest.raises(UncertainError):
        shop.append([remove_item(0, "mug")], write_id="w1")
    monkeypatch.undo()
    Collection.open(url).append([remove_item(0, "other")])
    assert shop.append([remove_item(0, "mug")], write_id="w1") == 1
    assert Collection.open(url).append([remove_item(0, "mug")], write_id="w1") == 1
    assert items_of(shop) == ["mug", "other"]


def test_storage_that_fails_behind_a_change_leaves_it_uncertain(
    url: str, shop: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is there, and whether it lies in a gap cannot be looked up."""
    names = shop.store.names

    def failing(folder: str, after: str = "") -> list[str]:
        if folder == "roots":
            raise StorageUnavailableError("no answer")
        return names(folder, after)

    monkeypatch.setattr(shop.store, "names", failing)
    with pytest.raises(UncertainError):
        shop.append([remove_item(0, "mug")])
    monkeypatch.undo()
    assert items_of(shop) == ["mug"]


def test_a_writer_that_was_paused_takes_the_next_free_number(url: str, shop: Collection) -> None:
    paused = Collection.open(url)
    paused.append([remove_item(0, "first")])
    for i in range(5):
        shop.append([remove_item(0, str(i))])
    assert paused.append([remove_item(0, "late")]) == 7
    assert items_of(shop)[-1] == "late"


def test_a_writer_that_was_paused_past_a_compaction_is_fenced(url: str, shop: Collection) -> None:
    """It was about to create a number that others have created and removed meanwhile."""
    paused, reader = Collection.open(url), Collection.open(url)
    paused.append([remove_item(0, "first")])

    def plan(latest: int) -> list[Write]:
        if latest == 1:
            for i in range(9):
                shop.append([remove_item(0, str(i))])
            for _ in range(4):
                advance(shop, 9)
            forget(shop)
        return [Write("w", (remove_item(0, f"late, behind {latest}"),))]

    with pytest.raises(UncertainError, match="change 2 lies before 9"):
        paused.commit(plan)
    assert shop.store.names("changes") == [f"changes/{n:012d}.json" for n in (9, 10)]
    # Who reads from there is told as well, also when such a writer ended before it had looked.
    shop.store.create("changes/000000000002.json", b"left behind")
    with pytest.raises(GoneError, match="changes before 9"):
        list(reader.changes_after(1))
    with pytest.raises(GoneError):
        list(reader.changes_after(0))
    assert [change.number for change in reader.changes_after(9)] == [10]
    assert paused.commit(plan) == 11
    assert items_of(shop, 9) == ["8", "late, behind 10"]


def test_a_root_that_was_prepared_too_long_ago_is_fenced(url: str, shop: Collection) -> None:
    paused = Collection.open(url)
    base = paused.root
    advance(shop, 0)
    with pytest.raises(SupersededError):
        paused.publish(base.replacing([Generation(1, covered_change=0)]))
    shop.swap([Generation(1, number=1, manifest="m")], shop.root)
    with pytest.raises(SupersededError, match="shard 1 has another generation"):
        paused.swap([Generation(1, number=1, manifest="other")], base)
    assert Collection.open(url).root.shards[1].manifest == "m"
    # Another shard of the same base is not in its way.
    assert paused.swap([Generation(2, number=1, manifest="n")], base).number == 4
    assert [one.manifest for one in Collection.open(url).root.shards] == ["", "m", "n"]


def test_a_root_in_a_gap_does_not_win(url: str, shop: Collection) -> None:
    """A publisher that slept while its number was created and removed again."""
    paused = Collection.open(url)
    for _ in range(6):
        advance(shop, 0)
    shop.store.delete([f"roots/{n:012d}.json" for n in (1, 2, 3)])
    with pytest.raises(SupersededError, match="root 7 was published"):
        paused.publish(paused.root)
    assert Collection.open(url).root.number == 7


def test_pictures_that_were_stored_too_long_ago_are_refused(url: str) -> None:
    shop = Collection.create(url, recipe=ORB, vocabulary=b"", shards=1, payload_window=3)
    old = shop.put_payload(b"picture")
    for i in range(3):
        shop.append([remove_item(0, str(i))])
    with pytest.raises(SupersededError, match="more than 3 changes ago"):
        shop.append([put_item(0, "mug", [old])])
    assert shop.append([put_item(0, "mug", [shop.put_payload(b"picture")])]) == 4


@pytest.mark.parametrize("damage", ["flip", "missing", "swap"])
def test_a_damaged_change_is_named(url: str, shop: Collection, damage: str) -> None:
    for item in "abc":
        shop.append([remove_item(0, item)])
    second = Path(url) / "changes" / "000000000002.json"
    if damage == "missing":
        second.unlink()
    elif damage == "flip":
        second.write_bytes(second.read_bytes().replace(b'"item":"b"', b'"item":"x"'))
    else:
        # Whole, and of that number, but of another log.
        other = Collection.create(url + "2", recipe=ORB, vocabulary=b"", shards=3)
        for item in "abc":
            other.append([remove_item(0, item)])
        second.write_bytes((Path(url + "2") / "changes" / "000000000002.json").read_bytes())
    with pytest.raises(DamagedError) as raised:
        list(Collection.open(url).changes_after(0))
    # What two objects say of each other cannot tell which of them is wrong, so the first is named.
    number = 1 if damage == "swap" else 2
    assert raised.value.object == f"changes/{number:012d}.json"


def test_a_damaged_picture_or_vocabulary_is_named(url: str, shop: Collection) -> None:
    picture = shop.put_payload(b"picture")
    (Path(url) / picture.object).write_bytes(b"Picture")
    with pytest.raises(DamagedError, match="hash"):
        shop.get_payload(picture)
    (Path(url) / picture.object).unlink()
    with pytest.raises(DamagedError, match="missing"):
        shop.get_payload(picture)
    (words,) = (Path(url) / "vocabulary").iterdir()
    words.write_bytes(b"wards")
    with pytest.raises(DamagedError, match=f"vocabulary/{words.name}"):
        shop.vocabulary()
