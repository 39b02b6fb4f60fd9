"""What the modules that write tables share: reading a result, and how it came to be."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

HERE = os.path.dirname(os.path.abspath(__file__))


def read(out: str, name: str) -> Any:
    """The content of a JSON file in the folder OUT."""
    with open(os.path.join(out, name)) as file:
        return json.load(file)


def row(*cells: object) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(*titles: object) -> list[str]:
    """The two rows that begin a Markdown table."""
    return [row(*titles), "|---" * len(titles) + "|"]


def body(lines: Sequence[str]) -> str:
    """Lines as a text that ends with a line break."""
    return "\n".join(lines) + "\n"


def machine() -> str:
    """The processor and how many of them there are."""
    model = platform.machine()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} processors"


def git(*arguments: str) -> str:
    """What git prints about the checkout that this file is in."""
    command = ["git", "-C", HERE, *arguments]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def made() -> str:
    """The beginning of a sentence that says at which commit and where figures were measured.

    Documents change nothing that is measured, and the tables of the measurement before may just
    have been written into them, so they do not make a checkout dirty.
    """
    changed = git("status", "--porcelain", "--untracked-files=no", ":/", ":!/docs", ":!/README.md")
    commit = git("describe", "--always") + ("-dirty" if changed else "")
    return f"Measured at commit {commit} on {machine()}"


def measured(results: Json) -> str:
    """A sentence that says when, at which commit and where a bench run was made."""
    run = results["run"]
    return (
        f"Measured on {run['date']} at commit {run['commit']} on {run['machine']}, "
        f"{run['threads']} thread(s) (OpenCV, FAISS and BLAS held to one thread each), data "
        f"{run['data_hash']}."
    )
