"""The notebook is run from its first cell to its last, and says what its text says."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "python/tutorial.ipynb"


def test_the_tutorial(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "clear the outputs"
    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = [
        (output.get("data", {}).get("text/html", ""), output.get("data", {}).get("text/plain", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    assert any("<polygon" in page for page, _ in shown)
    texts = [text for _, text in shown]
    assert "'not_in_catalogue'" in texts
    assert "['card-0', 'card-1', 'card-2', 'card-3']" in texts
    [figures] = [text for text in texts if text.startswith("{'sift'")]
    assert ast.literal_eval(figures)["sift"] == 1.0
