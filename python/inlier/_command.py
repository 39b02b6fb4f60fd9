"""The command ``inlier``, which comes with the package: this runs the program in its place."""

import os
import sys
from pathlib import Path
from typing import NoReturn


def program() -> str:
    """The path of the program."""
    return str(Path(__file__).with_name("bin") / "inlier")


def main() -> NoReturn:
    # The program finds its files beside itself, and the pages of its bench need our Python.
    os.execv(program(), [program(), *sys.argv[1:]])
