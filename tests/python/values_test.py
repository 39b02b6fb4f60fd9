"""Answers, hits and items: frozen, shown, and turned into other things."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
from pathlib import Path
from typing import Any

import inlier
import pytest
from conftest import draw, photo_of, write_png
from inlier._command import program


@pytest.fixture
def stocked(shop: inlier.Database) -> inlier.Database:
    shop.add("<b>mug</b>", draw(1), {"brand": "Acme & Co"}, order="bgr")
    return shop


@pytest.fixture
def answer(stocked: inlier.Database) -> inlier.Answer:
    return stocked.query(photo_of(draw(1)), order="bgr", explain=True)


def test_values_are_frozen(answer: inlier.Answer, stocked: inlier.Database) -> None:
    for value, name in ((answer, "photo"), (answer[0], "id"), (stocked["<b>mug</b>"], "metadata")):
        with pytest.raises(AttributeError):
            setattr(value, name, "other")
    metadata: Any = answer[0].metadata
    with pytest.raises(TypeError):
        metadata["brand"] = "Zeta"
    polygon = answer[0].polygon
    assert polygon is not None
    with pytest.raises(ValueError, match="read-only"):
        polygon[0] = 0
    changed = answer.to_dict()
    changed["hits"].clear()
    assert len(answer) == 1


def test_values_are_equal_when_their_content_is(answer: inlier.Answer) -> None:
    assert copy.copy(answer) == answer == pickle.loads(pickle.dumps(answer))
    assert answer[0] == answer.hits[0] and answer[:1] == answer.hits
    assert len({answer[0], answer.hits[0]}) == 1
    assert answer[0] != answer


def test_how_values_look(answer: inlier.Answer, stocked: inlier.Database) -> None:
    assert repr(answer).startswith("<Answer found: '<b>mug</b>' ")
    assert repr(answer[0]).startswith("<Hit '<b>mug</b>', probability ")
    assert repr(stocked["<b>mug</b>"]) == "<Item '<b>mug</b>', 1 picture>"
    assert "shop.db" in repr(stocked)


def test_how_values_look_in_a_notebook(
    answer: inlier.Answer, stocked: inlier.Database, tmp_path: Path
) -> None:
    page = answer._repr_html_()
    assert "<polygon" in page and "data:image/png;base64," in page
    assert "&lt;b&gt;mug&lt;/b&gt;" in page and "<b>mug" not in page
    assert "Acme &amp; Co" in page
    assert "<table>" in answer[0]._repr_html_()
    assert "Acme &amp; Co" in stocked["<b>mug</b>"]._repr_html_()
    path = write_png(tmp_path / "photo.png", photo_of(draw(1), 400))
    large = stocked.query(path)
    assert '<svg viewBox="-0.5 -0.5 1120 1040" width="480"' in large._repr_html_()
    path.unlink()
    assert "no longer there" in large._repr_html_()
    assert "Nothing" in stocked.query(draw(50), order="bgr")._repr_html_()


def test_data_frames(answer: inlier.Answer, stocked: inlier.Database) -> None:
    pytest.importorskip("pandas")
    frame = answer.to_frame()
    assert list(frame["id"]) == ["<b>mug</b>"]
    assert list(frame["metadata.brand"]) == ["Acme & Co"]
    assert frame["probability"].iloc[0] == answer[0].probability
    assert len(answer[0].to_frame()) == len(stocked["<b>mug</b>"].to_frame()) == 1


def test_the_numbers_are_those_of_the_command(stocked: inlier.Database, tmp_path: Path) -> None:
    photo = write_png(tmp_path / "photo.png", photo_of(draw(1)))
    stocked.close()
    with inlier.open(tmp_path / "shop.db") as reader:
        answer = reader.query(photo, explain=True).to_dict()
    run = subprocess.run(
        [
            program(),
            "query",
            str(photo),
            "--db",
            str(tmp_path / "shop.db"),
            "--format",
            "jsonl",
            "--evidence",
            "--quiet",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(run.stdout)
    for name in ("homography", "matches", "picture_number", "reason_text", "reason_hint"):
        answer["hits"][0].pop(name, None)  # of the service
    of_the_service = ("generation", "last_change", "accepted_count", "status")
    for name in (*of_the_service, "photo_width", "photo_height", "timings_ms"):
        answer.pop(name)
    told.pop("timings_ms")
    assert answer == told


def test_errors_carry_a_message_and_a_cause(stocked: inlier.Database, tmp_path: Path) -> None:
    path = tmp_path / "bad.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    with pytest.raises(inlier.BadImageError) as caught:
        stocked.query(path)
    error = caught.value
    run = subprocess.run(
        [program(), "query", str(path), "--db", str(tmp_path / "shop.db"), "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert error.message in run.stdout + run.stderr
    assert error.cause == "damaged"
    assert isinstance(error, inlier.Error) and isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.message, again.cause) == (type(error), error.message, error.cause)


def test_plan(shop: inlier.Database, folder: Path) -> None:
    plan = shop.plan(10_000)
    assert plan["items"] == 10_000 and plan["memory_bytes"] > 1e6
    assert inlier.plan(10_000, features="orb")["memory_bytes"] != plan["memory_bytes"]
    assert inlier.plan(10_000, sample=folder)["sampled"] is True


def test_care(stocked: inlier.Database, tmp_path: Path) -> None:
    stocked.checkpoint()
    stages: set[str] = set()
    stocked.rebuild(progress=lambda stage, done, total: stages.add(stage))
    assert stages
    assert stocked.check() == []
    stocked.snapshot(tmp_path / "copy.db")
    with inlier.open(tmp_path / "copy.db") as copied:
        assert list(copied) == list(stocked)
        stocked.add("cup", draw(2), order="bgr")
        assert not copied.refresh()
    with inlier.open(tmp_path / "shop.db") as reader:
        assert len(reader) == 2
        stocked.add("pot", draw(3), order="bgr")
        assert reader.refresh() and len(reader) == 3
