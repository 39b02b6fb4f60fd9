#!/usr/bin/env python3
"""Holds what the program prints as JSON to the schema that wire/ publishes.

usage: schema_test.py INLIER DRAW_IMAGES SCHEMA    exit 77: skipped

The schema lets later versions add fields. Here every object is closed as well, so that a field
which the program prints and the schema does not describe fails the test.
"""

import copy
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

SKIPPED = 77
try:
    from jsonschema import Draft202012Validator as Validator
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIPPED)

INLIER, DRAW_IMAGES, SCHEMA = sys.argv[1:4]
Json = dict[str, Any]


def closed(schema: Any) -> Any:
    """The schema without room for fields that it does not describe."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: closed(part) for name, part in schema.items()}
    return {**parts, "additionalProperties": False} if "properties" in parts else parts


class Schema(unittest.TestCase):
    """Runs the program in a folder with two drawn items and a photo of the second."""

    schema: Json
    folder: Path
    temporary: "tempfile.TemporaryDirectory[str]"

    @classmethod
    def setUpClass(cls) -> None:
        cls.schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name)
        subprocess.run([DRAW_IMAGES, str(cls.folder)], check=True)
        table = 'id,image,category\nfirst,first.png,tea\nsecond,second.png,"mugs, blue"\n'
        (cls.folder / "items" / "catalogue.csv").write_text(table, encoding="utf-8")
        (cls.folder / "text.jpg").write_text("no picture", encoding="utf-8")
        cls.run_inlier("index", "items", "--db", "db")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.temporary.cleanup()

    @classmethod
    def run_inlier(cls, *arguments: str, status: int = 0) -> str:
        run = subprocess.run([INLIER, *arguments], cwd=cls.folder, capture_output=True, text=True)
        if run.returncode != status:
            raise AssertionError(f"{arguments} exits {run.returncode}: {run.stderr}")
        return run.stdout

    def lines(self, definition: str, *arguments: str, status: int = 0) -> list[Json]:
        """The lines that a command prints, each of them valid as `definition`."""
        output = self.run_inlier(*arguments, "--format", "jsonl", status=status)
        values = [json.loads(line) for line in output.splitlines()]
        self.assertTrue(values, arguments)
        for value in values:
            self.assert_valid(value, definition, self.schema)
            self.assert_valid(value, definition, closed(self.schema))
        return values

    def assert_valid(self, value: Json, definition: str, schema: Json) -> None:
        part = {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
        problems = [f"{e.json_path}: {e.message}" for e in Validator(part).iter_errors(value)]
        self.assertEqual(problems, [], json.dumps(value))

    def test_the_schema_is_one(self) -> None:
        Validator.check_schema(self.schema)

    def test_every_field_is_described(self) -> None:
        for name, definition in self.schema["$defs"].items():
            for field, described in definition.get("properties", {}).items():
                with self.subTest(f"{name}.{field}"):
                    referred = described.get("$ref", "").removeprefix("#/$defs/")
                    target = self.schema["$defs"].get(referred, {})
                    self.assertTrue(described.get("description") or target.get("description"))

    def test_answers(self) -> None:
        found, missed = self.lines("answer", "query", "photo.png", "items/first.png", "--db", "db",
                                   "--where", "category=mugs, blue")  # fmt: skip
        self.assertEqual([hit["id"] for hit in found["hits"]], ["second"])
        self.assertEqual(missed["hits"], [])
        (everything,) = self.lines("answer", "query", "photo.png", "--db", "db", "--all")
        accepted = [hit["accepted"] for hit in everything["hits"]]
        self.assertEqual(accepted, [True, False])
        self.assertEqual([bool(hit["reason"]) for hit in everything["hits"]], [False, True])
        (explained,) = self.lines("answer", "query", "photo.png", "--db", "db", "--evidence")
        evidence = explained["hits"][0]["evidence"]
        self.assertEqual(evidence["inliers"], explained["hits"][0]["inliers"])
        described = self.schema["$defs"]["evidence"]["properties"]
        self.assertEqual(list(evidence), list(described))

    def test_a_photo_that_cannot_be_read(self) -> None:
        for photo in ("text.jpg", "gone.jpg"):
            (line,) = self.lines("failure", "query", photo, "--db", "db", status=1)
            self.assertEqual(line["photo"], photo)

    def test_a_line_is_an_answer_or_a_failure(self) -> None:
        output = self.run_inlier("query", "photo.png", "text.jpg", "--db", "db", "--format",
                                 "jsonl", status=1)  # fmt: skip
        for line in output.splitlines():
            self.assertTrue(Validator(self.schema).is_valid(json.loads(line)), line)
        self.assertFalse(Validator(self.schema).is_valid({"photo": "p.jpg"}))

    def test_match(self) -> None:
        (found,) = self.lines("match", "match", "photo.png", "items/second.png")
        self.assertTrue(found["accepted"])
        (none,) = self.lines("match", "match", "photo.png", "items/first.png")
        self.assertFalse(none["accepted"])

    def test_items(self) -> None:
        shown = self.lines("item", "show", "first", "second", "--db", "db")
        self.assertEqual([item["id"] for item in shown], ["first", "second"])
        self.assertEqual(self.lines("item", "list", "--db", "db"), shown)

    def test_stats_and_plan(self) -> None:
        (stats,) = self.lines("stats", "stats", "--db", "db")
        self.assertEqual(stats["items"], 2)
        self.lines("plan", "plan", "--items", "1000")
        self.lines("plan", "plan", "--items", "1000", "--nodes", "4")
        self.lines("plan", "plan", "--items", "1000000", "--node-memory-gb", "8")
        (sampled,) = self.lines("plan", "plan", "items")
        self.assertTrue(sampled["sampled"])

    def test_a_database_of_colours(self) -> None:
        self.run_inlier("index", "items", "--db", "look.db", "--features", "look")
        self.run_inlier("check", "--db", "look.db")
        (stats,) = self.lines("stats", "stats", "--db", "look.db")
        self.assertEqual((stats["method"], stats["features"]), ("look", 2))
        (answer,) = self.lines("answer", "query", "photo.png", "--db", "look.db", "--all")
        self.assertEqual({hit["id"] for hit in answer["hits"]}, {"first", "second"})
        self.lines("plan", "plan", "--items", "1000", "--features", "look")

    def test_twins(self) -> None:
        folder = self.folder / "twice"
        shutil.copytree(self.folder / "items", folder)
        (folder / "catalogue.csv").unlink()
        shutil.copy(folder / "second.png", folder / "third.png")
        self.run_inlier("index", "twice", "--db", "twice.db")
        (group,) = self.lines("twins", "twins", "--db", "twice.db")
        self.assertEqual(group["kind"], "copies")
        self.assertEqual(group["likeness"], 1)
        self.assertEqual(group["ids"], ["second", "third"])
        self.assertEqual([Path(p).name for p in group["pictures"]], ["second.png", "third.png"])

    def test_indexing(self) -> None:
        folder = self.folder / "more"
        shutil.copytree(self.folder / "items", folder)
        (folder / "catalogue.csv").unlink()
        (folder / "text.jpg").write_text("no picture", encoding="utf-8")
        (folder / "notes.txt").write_text("no picture", encoding="utf-8")
        (folder / "first.bmp").write_text("a second file of one id", encoding="utf-8")
        output = self.run_inlier("index", "more", "--db", "more.db", "--format", "jsonl", status=1)
        *outcomes, totals = [json.loads(line) for line in output.splitlines()]
        for outcome in outcomes:
            self.assert_valid(outcome, "outcome", closed(self.schema))
        self.assert_valid(totals, "index_totals", closed(self.schema))
        self.assertEqual(
            [(line["id"], line["outcome"], line["cause"]) for line in outcomes],
            [
                (None, "failed", "unusable entry"),
                ("first", "added", None),
                ("second", "added", None),
                ("text", "failed", "not a picture"),
            ],
        )
        self.assertEqual(totals["failed"], 2)
        self.assertEqual(totals["left_out"], [{"kind": ".txt", "files": 1}])

    def test_fields_may_be_added_but_not_changed(self) -> None:
        (answer,) = self.lines("answer", "query", "photo.png", "--db", "db")
        later = copy.deepcopy(answer)
        later["generation"] = 7
        later["hits"][0]["facings"] = 2
        later["hits"][0]["shelf"] = None
        self.assert_valid(later, "answer", self.schema)
        for field, wrong in {"rank": 0, "probability": 1.5, "polygon": [[0, 0]] * 3}.items():
            broken = copy.deepcopy(answer)
            broken["hits"][0][field] = wrong
            self.assertFalse(Validator(self.schema).is_valid(broken), field)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
