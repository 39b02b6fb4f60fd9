#!/usr/bin/env python3
"""Runs a file of tests of the Python package, or skips it where there is no package.

run.py BUILD TEST.py    BUILD is the folder that holds python/, the environment of the tools
"""

import subprocess
import sys
from pathlib import Path

SKIPPED = 77


def main() -> int:
    build, test = Path(sys.argv[1]), Path(sys.argv[2])
    outcome = build / "python-package.txt"
    said = outcome.read_text().strip() if outcome.exists() else "scripts/python-package was not run"
    if said != "installed":
        print(f"skipped: no Python package: {said}")
        return SKIPPED
    python = str(build / "python" / "bin" / "python")
    command = [python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", str(test)]
    return subprocess.run(command, cwd=test.parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
