"""A shard whose newest generation is damaged is made again from an earlier one and the log."""

from __future__ import annotations

import json
from pathlib import Path

import inlier
import pytest
from conftest import ORB, put_drawn
from inlier_cluster import (
    Collection,
    DamagedError,
    InvalidRequestError,
    MissingObjectError,
    SupersededError,
    remove_item,
)
from inlier_cluster.cli import main
from inlier_cluster.compact import compact, compact_all, remove_unneeded
from inlier_cluster.generations import download, manifest_of, upload
from inlier_cluster.set_back import set_back
from inlier_cluster.verify import verify


@pytest.fixture
def shop(url: str) -> Collection:
    """Roots 2 and 3 have a generation of both shards, and there is a change behind them."""
    made = Collection.create(url, recipe=ORB, vocabulary=b"", shards=2)
    made.append([put_drawn(made, 0, "mug", 1), put_drawn(made, 1, "tea", 2)])
    compact_all(made)
    made.append([put_drawn(made, 0, "cup", 3), put_drawn(made, 1, "pot", 4)])
    compact_all(made)
    made.append([remove_item(0, "mug")])
    return made


def damage(url: str, shop: Collection, shard: int) -> str:
    """Flips a bit of the newest generation, and returns the name of the object."""
    newest = shop.root.shards[shard]
    pieces = [one for file in manifest_of(shop, newest).files for one in file.pieces]
    # One that it does not share with the generation before it.
    piece = next(one for one in pieces if f"/{newest.number:08d}-" in one.object)
    path = Path(url) / piece.object
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return piece.object


def items(shop: Collection, shard: int, folder: Path) -> set[str]:
    download(shop, shard, folder)
    with inlier.open(folder) as database:
        assert database.check() == []
        return set(database)


def test_a_damaged_generation_is_made_again_without_losing_a_change(
    url: str, shop: Collection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = damage(url, shop, 0)
    untouched = shop.root.shards[1]
    assert name in verify(shop).problems
    assert main(["set-back", url, "--root", "2", "--shard", "0"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"root": 4, "shards": [0], "operations": 2, "refused": 0}
    again = Collection.open(url)
    assert again.root.shards[1] == untouched
    assert (again.root.shards[0].number, again.root.shards[0].covered_change) == (3, 3)
    assert items(again, 0, tmp_path / "a") == {"cup"}
    # The damaged one is named as long as its root is kept, and goes with it.
    assert set(verify(again).problems) == {name}
    for i in range(3):
        again.append([put_drawn(again, 0, f"item{i}", 10 + i)])
        compact_all(again)
    found = verify(again, databases=True)
    assert found.problems == {}
    assert not [one for one in found.unnamed if one.startswith("generations/")]


def test_whoever_works_on_the_damaged_generation_is_fenced(
    url: str, shop: Collection, tmp_path: Path
) -> None:
    paused = Collection.open(url)
    base = paused.root
    made = compact(paused, base, 0, tmp_path / "work")
    set_back(shop, 2)
    with pytest.raises(SupersededError, match="shard 0"):
        paused.swap([made.generation], base)
    # So is one that began with the generation to which the shard was set back.
    with pytest.raises(SupersededError):
        shop.swap([made.generation], base)
    remove_unneeded(shop)
    assert verify(shop, databases=True).problems == {}
    assert items(shop, 0, tmp_path / "a") == {"cup"} and items(shop, 1, tmp_path / "b") == {
        "tea",
        "pot",
    }


def test_it_needs_a_root_that_is_kept_older_and_whole(url: str, shop: Collection) -> None:
    with pytest.raises(InvalidRequestError, match="root 3 is not older than root 3"):
        set_back(shop, 3)
    with pytest.raises(MissingObjectError):
        set_back(shop, 0)
    (Path(url) / "roots" / "000000000002.json").write_text("{}")
    with pytest.raises(DamagedError, match=r"roots/000000000002\.json"):
        set_back(shop, 2)
    assert Collection.open(url).root.number == 3


def test_a_change_that_is_damaged_stops_it(url: str, shop: Collection) -> None:
    (Path(url) / "changes" / "000000000002.json").write_text("{}")
    with pytest.raises(DamagedError, match=r"changes/000000000002\.json"):
        set_back(shop, 2)
    assert Collection.open(url).root.number == 3


def test_a_root_from_before_a_build_is_refused(url: str, tmp_path: Path) -> None:
    """What a build brings is in no change, so the log could not bring it back."""
    shop = Collection.create(url, recipe=ORB, vocabulary=b"", shards=1)
    with inlier.open(tmp_path / "built", create=True, options=dict(shop.root.recipe)):
        pass
    shop.swap([upload(shop, 0, tmp_path / "built")], shop.root)
    shop.append([put_drawn(shop, 0, "mug", 1)])
    compact_all(shop)
    with pytest.raises(InvalidRequestError, match="root 2 brought items that no change names"):
        set_back(shop, 1)
    assert set_back(shop, 2)[0].operations == 1
