"""Changes become generations, and what nobody needs goes; verify and restore."""

from __future__ import annotations

import json
from pathlib import Path

import inlier
import pytest
from conftest import ORB, drawn, put_drawn
from inlier_cluster import (
    Collection,
    DamagedError,
    IncompatibleError,
    InvalidRequestError,
    Payload,
    SupersededError,
    TakenError,
    merge_metadata,
    put_item,
    remove_item,
)
from inlier_cluster.cli import main
from inlier_cluster.compact import compact, compact_all, remove_unneeded
from inlier_cluster.generations import download, ids_of, manifest_of, upload
from inlier_cluster.restore import restore
from inlier_cluster.verify import verify


@pytest.fixture
def shop(url: str) -> Collection:
    """Two shards with three items, as changes, and no pictures kept for long."""
    made = Collection.create(url, recipe=ORB, vocabulary=b"", shards=2, payload_window=2)
    made.append([put_drawn(made, 0, "mug", 1, brand="Acme"), put_drawn(made, 1, "tea", 2)])
    made.append([put_drawn(made, 0, "cup", 3)])
    return made


def items(shop: Collection, shard: int, folder: Path) -> dict[str, dict[str, str]]:
    """The items of a shard's generation with their metadata."""
    download(shop, shard, folder)
    with inlier.open(folder) as database:
        assert database.check() == []
        return {item.id: dict(item.metadata) for item in database.items()}


def test_changes_become_a_generation(shop: Collection, tmp_path: Path) -> None:
    compact_all(shop)
    assert shop.root.number == 2 and shop.root.covered_change == 2
    assert items(shop, 0, tmp_path / "a") == {"mug": {"brand": "Acme"}, "cup": {}}
    assert ids_of(shop, shop.root.shards[1]) == ["tea"]
    shop.append([merge_metadata(0, "mug", {"brand": None, "price": "3"}), remove_item(1, "tea")])
    shop.append([remove_item(0, "cup"), put_drawn(shop, 1, "cup", 4), remove_item(0, "none")])
    made = compact_all(shop)
    assert [one.operations for one in made] == [3, 2] and not any(one.refused for one in made)
    assert items(shop, 0, tmp_path / "b") == {"mug": {"price": "3"}}
    assert items(shop, 1, tmp_path / "c") == {"cup": {}}
    with inlier.open(tmp_path / "c") as database:
        assert database.query(drawn(4))[0].id == "cup"
    # Without anything new the files stay, and so does the root.
    before = shop.root
    compact_all(shop)
    assert shop.root == before


def test_the_same_generation_is_not_stored_twice(shop: Collection, tmp_path: Path) -> None:
    compact_all(shop)
    first = manifest_of(shop, shop.root.shards[0])
    shop.append([put_drawn(shop, 0, "pot", 5)])
    compact_all(shop)
    second = manifest_of(shop, shop.root.shards[0])
    shared = {file.sha256 for file in first.files} & {file.sha256 for file in second.files}
    assert shared  # a database adds files
    objects = {one.sha256: one.pieces for one in first.files}
    assert all(
        file.pieces == objects[file.sha256] for file in second.files if file.sha256 in shared
    )


def test_of_two_compactions_one_wins(url: str, shop: Collection, tmp_path: Path) -> None:
    other = Collection.open(url)
    mine = compact(shop, shop.root, 0, tmp_path / "a")
    theirs = compact(other, other.root, 0, tmp_path / "b")
    beside = compact(other, other.root, 1, tmp_path / "b")
    base = other.root
    shop.swap([mine.generation], shop.root)
    with pytest.raises(SupersededError, match="shard 0"):
        other.swap([theirs.generation, beside.generation], base)
    other.swap([beside.generation], base)
    newest = Collection.open(url).root
    assert newest.shards[0] == mine.generation and newest.shards[1] == beside.generation
    # What the loser stored goes, and nothing else.
    remove_unneeded(shop)
    left = shop.store.names("generations")
    assert theirs.generation.manifest not in left and mine.generation.manifest in left
    assert verify(shop).problems == {}


def test_a_compaction_under_way_keeps_what_it_has_stored(
    url: str, shop: Collection, tmp_path: Path
) -> None:
    made = compact(shop, shop.root, 0, tmp_path / "a")
    base = shop.root
    compact_all(Collection.open(url), [1])
    shop.swap([made.generation], base)
    assert items(shop, 0, tmp_path / "b").keys() == {"mug", "cup"}


def test_a_paused_compaction_is_fenced(url: str, shop: Collection, tmp_path: Path) -> None:
    paused = Collection.open(url)
    base = paused.root
    for i in range(6):
        shop.append([put_drawn(shop, 0, f"item{i}", i)])
        compact_all(shop)
    with pytest.raises(SupersededError, match="meanwhile"):
        compact(paused, base, 0, tmp_path / "a")


def test_a_reader_keeps_what_its_root_names_for_three_more(
    url: str, shop: Collection, tmp_path: Path
) -> None:
    compact_all(shop)
    reader, slow = Collection.open(url), Collection.open(url)
    for i in range(3):
        shop.append([put_drawn(shop, 0, f"item{i}", i)])
        compact_all(shop)
    assert reader.root.number == 2 and shop.root.number == 5
    generation = download(reader, 0, tmp_path / "a")
    assert generation.number == 1
    assert [one.number for one in reader.changes_after(generation.covered_change)] == [3, 4, 5]
    # Then it goes, and the reader takes the newest one in its place.
    shop.append([put_drawn(shop, 0, "last", 9)])
    compact_all(shop)
    assert download(slow, 0, tmp_path / "b").number == 5
    assert verify(shop).unnamed == []


def test_old_objects_go(shop: Collection) -> None:
    for i in range(8):
        shop.append([put_drawn(shop, 0, "mug", i)])
        compact_all(shop)
    names = shop.store.names
    assert [int(name[6:-5]) for name in names("roots")] == [6, 7, 8, 9]
    assert [int(name[8:-5]) for name in names("changes")] == [7, 8, 9, 10]
    assert [int(name.split("/")[1]) for name in names("payloads")] == [6, 7, 8, 9]
    assert len([name for name in names("generations") if name.endswith("manifest.json")]) == 5
    assert verify(shop, databases=True).problems == {}


def test_an_operation_that_the_engine_refuses_does_not_stop_the_log(
    shop: Collection, tmp_path: Path
) -> None:
    shop.append(
        [put_item(0, "bad", [shop.put_payload(b"no picture")]), put_drawn(shop, 0, "pot", 5)]
    )
    made = compact_all(shop)
    assert len(made[0].refused) == 1 and "put 'bad'" in made[0].refused[0]
    assert items(shop, 0, tmp_path / "a").keys() == {"mug", "cup", "pot"}


def test_a_damaged_picture_stops_a_compaction(url: str, shop: Collection) -> None:
    picture = next(shop.changes_after(0)).operations[0].pictures[0]
    (Path(url) / picture.object).write_bytes(b"other")
    with pytest.raises(DamagedError, match=picture.sha256):
        compact_all(shop)
    assert Collection.open(url).root.number == 1


def test_a_database_of_another_recipe_is_refused(shop: Collection, tmp_path: Path) -> None:
    with inlier.open(tmp_path / "sift", create=True):
        pass
    with pytest.raises(IncompatibleError, match=r"extract\.method = orb, and here it is sift"):
        upload(shop, 0, tmp_path / "sift")


def test_shards_share_the_vocabulary(tmp_path: Path) -> None:
    features = [inlier.extract(drawn(seed), "orb") for seed in range(3)]
    inlier.Vocabulary.train(features, cells=64).save(tmp_path / "words")
    words = (tmp_path / "words").read_bytes()
    shop = Collection.create(str(tmp_path / "shop"), recipe=ORB, vocabulary=words, shards=1)
    shop.append([put_drawn(shop, 0, "mug", 1)])
    compact_all(shop)
    download(shop, 0, tmp_path / "a")
    with inlier.open(tmp_path / "a", vocabulary=tmp_path / "words") as database:
        assert database.query(drawn(1))[0].id == "mug"
        database.write_vocabulary(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == words
    with inlier.open(tmp_path / "b", create=True, options=ORB):
        pass
    with pytest.raises(IncompatibleError, match="vocabulary"):
        upload(shop, 0, tmp_path / "b")


def test_a_download_needs_a_new_folder(shop: Collection, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="there already"):
        download(shop, 0, tmp_path)


@pytest.mark.parametrize("damage", ["flip", "missing", "moved"])
def test_a_damaged_generation_is_named(
    url: str, shop: Collection, tmp_path: Path, damage: str
) -> None:
    compact_all(shop)
    file = max(manifest_of(shop, shop.root.shards[0]).files, key=lambda one: one.bytes)
    path = Path(url) / file.pieces[0].object
    if damage == "flip":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "missing":
        path.unlink()
    else:  # by hand, into the place of another shard
        path.parent.rename(path.parents[1].with_name("00001") / path.parent.name)
    with pytest.raises(DamagedError) as raised:
        download(shop, 0, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    found = verify(shop)
    assert raised.value.object in found.problems
    expected = shop.root.shards[0].manifest if damage == "moved" else file.pieces[0].object
    assert raised.value.object == expected
    assert main(["verify", url]) == 1
    # The other shard is whole.
    assert download(shop, 1, tmp_path / "b").number == 1


def test_verify_names_every_damage(url: str, shop: Collection) -> None:
    compact_all(shop)
    for item in "abc":
        shop.append([put_drawn(shop, 0, item, 7)])
    log = [Path(url) / "changes" / f"{n:012d}.json" for n in (3, 4, 5)]
    log[0].write_text("{}")
    picture = next(shop.changes_after(4)).operations[0].pictures[0]
    (Path(url) / picture.object).unlink()
    (Path(url) / "payloads" / "000000000004" / "stray").write_text("left behind")
    found = verify(shop)
    assert set(found.problems) == {"changes/000000000003.json", picture.object}
    # The picture of the first one is named by nothing that can be read.
    assert [name.split("/")[1] for name in found.unnamed] == ["000000000002", "000000000004"]
    assert found.unnamed[1] == "payloads/000000000004/stray"


def test_a_copy_is_a_collection_of_its_own(url: str, shop: Collection, tmp_path: Path) -> None:
    compact_all(shop)
    shop.append([put_drawn(shop, 0, "pot", 5)])
    shop.append([remove_item(1, "tea")])
    made = restore(shop, str(tmp_path / "copy"))
    assert (made.latest_change, made.lost) == (4, "")
    copy = Collection.open(str(tmp_path / "copy"))
    assert copy.root.collection != shop.root.collection and copy.version() == 4
    assert verify(copy, databases=True).problems == {}
    assert copy.append([remove_item(0, "mug")]) == 5
    compact_all(copy)
    assert items(copy, 0, tmp_path / "a").keys() == {"cup", "pot"}
    with pytest.raises(TakenError):
        restore(shop, str(tmp_path / "copy"))
    earlier = restore(shop, str(tmp_path / "earlier"), until=3)
    assert earlier.latest_change == 3
    with pytest.raises(InvalidRequestError, match="2 to 4"):
        restore(shop, str(tmp_path / "none"), until=1)


def test_a_copy_without_changes_goes_on_with_the_next_number(
    shop: Collection, tmp_path: Path
) -> None:
    compact_all(shop)
    restore(shop, str(tmp_path / "copy"))
    copy = Collection.open(str(tmp_path / "copy"))
    assert copy.version() == 2 and list(copy.changes_after(2)) == []
    assert copy.append([remove_item(0, "mug")]) == 3
    assert [
        change.number for change in Collection.open(str(tmp_path / "copy")).changes_after(2)
    ] == [3]


def test_what_is_whole_can_be_restored(url: str, shop: Collection, tmp_path: Path) -> None:
    compact_all(shop)
    for item in "abc":
        shop.append([remove_item(0, item)])
    (Path(url) / "changes" / "000000000004.json").write_text("")
    made = restore(shop, str(tmp_path / "copy"))
    assert made.latest_change == 3 and "changes/000000000004.json" in made.lost
    # A generation that is damaged is no copy at all; an older root may do.
    compact_all(Collection.open(str(tmp_path / "copy")))
    newest = manifest_of(shop, shop.root.shards[1])
    (Path(url) / newest.files[0].pieces[0].object).write_bytes(b"")
    with pytest.raises(DamagedError):
        restore(shop, str(tmp_path / "second"))
    assert not (tmp_path / "second" / "roots").exists()
    assert restore(shop, str(tmp_path / "second"), root_number=1).latest_change == 3


def test_the_commands(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create", url, "--shards", "2", "--option", "extract.method=orb"]) == 0
    shop = Collection.open(url)
    shop.append([put_drawn(shop, 0, "mug", 1)])
    assert main(["compact", url, "--work", str(tmp_path)]) == 0
    assert main(["verify", url, "--databases"]) == 0
    assert main(["restore", url, str(tmp_path / "copy")]) == 0
    capsys.readouterr()
    assert main(["status", str(tmp_path / "copy")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["version"] == 1 and told["items_of_generations"] == 1
    assert main(["status", str(tmp_path / "none")]) == 1
    assert "no such folder" in capsys.readouterr().err
    assert main(["create", str(tmp_path / "x"), "--option", "extract.method"]) == 2


def test_a_payload_of_another_content_is_refused(shop: Collection) -> None:
    picture = shop.put_payload(b"abc")
    with pytest.raises(DamagedError):
        shop.get_payload(Payload(picture.object, "0" * 64, 3))
