"""The types that the package ships: the stub of the module, and what checkers make of programs."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from pathlib import Path

import inlier
import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str) -> str:
    outcome = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


def test_the_stub_is_that_of_the_module(tmp_path: Path) -> None:
    written = tmp_path / "_inlier.pyi"
    run("nanobind.stubgen", "-q", "-m", "inlier._inlier", "-o", str(written))
    kept = ROOT / "python/inlier/_inlier.pyi"
    difference = difflib.unified_diff(
        kept.read_text().splitlines(), written.read_text().splitlines(), lineterm=""
    )
    assert not list(difference), (
        "build/python/bin/python -m nanobind.stubgen -m inlier._inlier -o python/inlier/_inlier.pyi"
    )


# How nanobind makes its classes and functions, which a stub cannot say.
OF_NANOBIND = (
    "metaclass differs",
    "isn't marked with @disjoint_base in the stub",
    "is not a function",
    "stub is a staticmethod but runtime is not",
    'stub does not have *args parameter "args"',
)


def test_the_stub_agrees_with_the_module() -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "inlier._inlier"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    said = (outcome.stdout + outcome.stderr).splitlines()
    errors = [line for line in said if line.startswith("error:")]
    assert [line for line in errors if not line.endswith(OF_NANOBIND)] == []
    # It has looked: either nothing was found, or it counts what was.
    assert re.search(r"^(Success|Found \d+ errors?)", said[-1])


def test_the_package_says_that_it_has_types() -> None:
    assert (Path(inlier.__file__).parent / "py.typed").exists()


def test_programs_pass_the_strict_check() -> None:
    folder = Path(__file__).parent
    files = [*(ROOT / "python/examples").glob("*.py"), folder / "typed_program.py"]
    run("mypy", "--strict", *map(str, files))


@pytest.mark.parametrize("name", inlier.__all__)
def test_everything_public_is_described(name: str) -> None:
    assert (getattr(inlier, name).__doc__ or "").strip()


def test_the_version_is_that_of_the_library() -> None:
    text = (ROOT / "CMakeLists.txt").read_text()
    version = re.search(r"project\(inlier VERSION ([\d.]+)", text)
    assert version is not None and version[1] == inlier.__version__
    assert f'version = "{inlier.__version__}"' in (ROOT / "pyproject.toml").read_text()
