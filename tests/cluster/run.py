#!/usr/bin/env python3
"""Runs a file of tests of the cluster, or a program of them, or skips it where it cannot run.

run.py [--program] BUILD FILE [ARGUMENT…]    BUILD is the folder that has the environments

Ray asks for a route to the outside to find its own address, and starts servers that listen. So all
of it runs in a network namespace of its own with loopback only, where this machine lets it.
"""

import os
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
# What scripts have to have made, and where they say whether they have.
NEEDED = {"scripts/python-package": "python-package.txt", "scripts/cluster-env": "cluster-env.txt"}
_S3 = {"scripts/cluster-s3": "cluster-s3.txt"}
NEEDED_BY = {
    "bucket_catalogues_test.py": _S3,
    "network_test.py": _S3,
    "s3_test.py": _S3,
    "s3_writer_test.py": _S3,
}
ALONE = [
    "unshare",
    "--net",
    "--map-root-user",
    "--",
    "sh",
    "-c",
    'ip link set lo up && exec "$@"',
    "-",
]


def main() -> int:
    arguments = sys.argv[1:]
    program = arguments[0] == "--program"
    build, file, *rest = arguments[1:] if program else arguments
    python = Path(build).resolve() / "cluster" / "bin" / "python"
    for script, outcome in {**NEEDED, **NEEDED_BY.get(Path(file).name, {})}.items():
        said = Path(build) / outcome
        reason = said.read_text().strip() if said.exists() else "it was not run"
        if reason != "installed":
            print(f"skipped: {script}: {reason}")
            return SKIPPED
    alone = ALONE
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0:
        alone = []
        print("run: this machine gives us no network namespace")
    path = Path(file).resolve()
    command = [str(path), *rest]
    if not program:
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", *command]
    package = path.parents[2] / "cluster"
    done = subprocess.run(
        [*alone, str(python), "-B", *command],
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(package)},
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
