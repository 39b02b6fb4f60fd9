"""Compares the symbols that libinlier.so exports with exported_symbols.txt.

exported_symbols.py LIBRARY [--write]: a symbol that is missing breaks programs that use the
library, and one too many is a promise that nobody meant to make.
"""

import subprocess
import sys
from pathlib import Path

LIST = Path(__file__).with_name("exported_symbols.txt")


def exported(library: str) -> list[str]:
    """The names of what the library defines for others, sorted."""
    output = subprocess.run(
        ["nm", "-DC", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    names = set()
    for line in output.splitlines():
        name = line.split(maxsplit=2)[2]
        name = name.split("@@")[0].replace("[abi:cxx11]", "")
        if not name.startswith("INLIER_"):  # the version's own symbol
            names.add(name)
    return sorted(names)


def main() -> int:
    names = exported(sys.argv[1])
    if "--write" in sys.argv:
        LIST.write_text("\n".join(names) + "\n")
        return 0
    listed = LIST.read_text().splitlines()
    for name in sorted(set(names) - set(listed)):
        print("exported, but not in the list:", name)
    for name in sorted(set(listed) - set(names)):
        print("in the list, but not exported:", name)
    if names != listed:
        print("If that is meant: python3 tests/package/exported_symbols.py LIBRARY --write")
    return names != listed


if __name__ == "__main__":
    sys.exit(main())
