#!/usr/bin/env python3
"""Runs a file of tests of a Python package, or skips it where there is no package.

run.py BUILD TEST.py [--cluster]    BUILD is the folder that holds python/, the environment of the
                                    tools, and cluster/, that of the package of the cluster
"""

import subprocess
import sys
from pathlib import Path

SKIPPED = 77


def lacks(build: Path, outcome: str, script: str) -> str:
    """Why what a script makes is not there; nothing when it is."""
    file = build / outcome
    said = file.read_text().strip() if file.exists() else f"{script} was not run"
    return "" if said == "installed" else said


def main() -> int:
    build, test, cluster = Path(sys.argv[1]), Path(sys.argv[2]), "--cluster" in sys.argv
    reason = lacks(build, "python-package.txt", "scripts/python-package")
    if reason:
        print(f"skipped: no Python package: {reason}")
        return SKIPPED
    reason = lacks(build, "cluster-env.txt", "scripts/cluster-env") if cluster else ""
    if reason:
        print(f"skipped: no environment for the cluster: {reason}")
        return SKIPPED
    python = str(build / ("cluster" if cluster else "python") / "bin" / "python")
    command = [python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", str(test)]
    return subprocess.run(command, cwd=test.parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
