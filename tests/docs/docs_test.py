#!/usr/bin/env python3
"""Fails when a document names a path, command, flag or option that does not exist.

docs_test.py INLIER    INLIER is the program; its help says which commands, flags and options exist.

What counts as a name is read from the links, code spans and code blocks of README, CONTRIBUTING,
SECURITY and docs/. Documents that tell the past may name what is gone: docs/evaluation/history.md,
and decisions in docs/adr/ whose status is superseded. Other exceptions stand in exceptions.txt
beside this file, each with its reason; an exception that is no longer needed fails the test too.
"""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")

# A file of ours has one of these endings. Others (photo.jpg, shop.db) are a user's.
OURS = r"\.(?:cc|h|inc|py|cmake|md|yaml|toml|supp)"
PATH = re.compile(rf"[\w.*{{}},-]+(?:/[\w.*{{}},-]+)+/?|[\w*-]+/|[\w*-]+{OURS}|CMakeLists\.txt")
PROGRAM = re.compile(r"(?:^|[\s/])(inlier[-_][\w-]+|[a-z]+_test)(?=\s|$)")
FLAG = re.compile(r"(?<![\w-])--([a-z][\w-]*)")
COMMAND = re.compile(r"(?:^|[|;&$]\s*)(?:build/release/)?inlier +([a-z]+)")
OPTION = re.compile(r"\b([a-z]+\.[a-z]\w*)\b")


def documents() -> list[Path]:
    names = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
    found = [ROOT / name for name in names] + sorted((ROOT / "docs").rglob("*.md"))
    return [document for document in found if not tells_the_past(document)]


def tells_the_past(document: Path) -> bool:
    if document == ROOT / "docs/evaluation/history.md":
        return True
    is_decision = document.parent == ROOT / "docs/adr"
    return is_decision and "**Status:** superseded" in document.read_text()


@cache
def all_files() -> list[str]:
    """Every file of the repository, by its path from the root."""
    found = []
    for entry in ROOT.iterdir():
        if entry.name in {".git", "build"}:
            continue
        inside = entry.rglob("*") if entry.is_dir() else [entry]
        found += [str(path.relative_to(ROOT)) for path in inside if path.is_file()]
    return found


class Program:
    """What `inlier` says of itself."""

    def __init__(self, binary: str) -> None:
        self.binary = binary
        overview = self.output("--help")
        self.commands = set(re.findall(r"^    ([a-z]+)  +[A-Z]", overview, re.MULTILINE))
        self.flags = {"help", "version"}
        for command in self.commands:
            self.flags |= self.flags_of(command)
        options = self.output("help", "options")
        self.options = set(re.findall(r"^([a-z]+\.\w+) ", options, re.MULTILINE))
        self.stages = {option.split(".")[0] for option in self.options}

    def output(self, *arguments: str) -> str:
        run = [self.binary, *arguments]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout

    @cache  # noqa: B019  # there is one program for the whole run
    def flags_of(self, command: str) -> set[str]:
        return set(FLAG.findall(self.output(command, "--help")))


def code_of(text: str) -> list[str]:
    """The code spans, and the lines of the code blocks without their comments."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [
        re.sub(r"(^|\s)(#|//) .*", "", line) for block in blocks for line in block.splitlines()
    ]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", rest)]
    return [line.strip() for line in lines] + spans


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"\s", "-", kept)


def bad_links(document: Path, text: str) -> list[str]:
    bad = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists():
            bad.append(link)
        elif anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            if anchor not in map(slug, headings):
                bad.append(link)
    return bad


def expanded(path: str) -> list[str]:
    """`a/{b,c}.h` means two paths."""
    match = re.search(r"\{([^{}]*)\}", path)
    if not match:
        return [path]
    parts = match[1].split(",")
    return [one for part in parts for one in expanded(path.replace(match[0], part, 1))]


def exists(path: str, document: Path) -> bool:
    folders = [ROOT, ROOT / "include", document.parent]
    if any(next(folder.glob(path.rstrip("/")), None) for folder in folders):
        return True
    return "/" not in path and any(Path(name).match(path) for name in all_files())


def is_ours(path: str) -> bool:
    """Whether it looks like a path of this repository and not like one of a user or a system."""
    if path.startswith(("build/", "~", "/")):
        return False
    top = path.split("/")[0]
    return bool(re.search(rf"{OURS}$", path)) or ("/" in path and (ROOT / top).is_dir())


def bad_paths(document: Path, code: list[str]) -> list[str]:
    bad = []
    for line in code:
        for token in re.split(r"[\s()\[\]<>\"'=,;:]+(?![^{]*\})", line):
            for path in expanded(token.removeprefix("./")):
                if PATH.fullmatch(path) and is_ours(path) and not exists(path, document):
                    bad.append(path)
    return bad


def bad_scripts(text: str) -> list[str]:
    named = re.findall(r"\bscripts/([a-z][\w-]*)", text)
    return [f"scripts/{name}" for name in named if not (ROOT / "scripts" / name).exists()]


def bad_commands(program: Program, code: list[str]) -> list[str]:
    bad = []
    for line in code:
        bad += [f"inlier {name}" for name in COMMAND.findall(line) if name not in program.commands]
    return bad


def bad_flags(program: Program, code: list[str]) -> list[str]:
    bad = []
    for line in code:
        for part in re.split(r"[|;]", line):
            first = part.split()[0] if part.split() else ""
            command = COMMAND.match(part.strip())
            if command and command[1] in program.commands:
                known = program.flags_of(command[1]) | {"help"}
                bad += [f"inlier {command[1]} --{f}" for f in FLAG.findall(part) if f not in known]
            elif first.startswith(("--", "scripts/", "build/", "inlier")):
                # A script passes flags on to programs, so it is enough that one of ours has it.
                bad += [f"--{flag}" for flag in FLAG.findall(part) if not is_flag(program, flag)]
    return bad


def is_flag(program: Program, flag: str) -> bool:
    if flag in program.flags:
        return True
    quoted = (f"--{flag}", f'"{flag}"', f'"{flag},')  # in scripts, and with Boost's program options
    return any(one in text for text in sources() for one in quoted)


@cache
def sources() -> list[str]:
    """What our programs and scripts are made of, this test apart."""
    names = [name for name in all_files() if not name.startswith("tests/docs/")]
    kept = [name for name in names if name.startswith("scripts/") or name.endswith((".py", ".cc"))]
    return [(ROOT / name).read_text() for name in kept]


def bad_options(program: Program, code: list[str]) -> list[str]:
    bad = []
    for line in code:
        for option in OPTION.findall(line):
            stage, _, field = option.partition(".")
            is_file = f".{field}" in {".cc", ".h", ".py", ".png", ".jpg", ".html", ".json", ".csv"}
            if stage in program.stages and not is_file and option not in program.options:
                bad.append(option)
    return bad


def bad_programs(code: list[str]) -> list[str]:
    """Programs that we build must be targets of CMake or commands of our Python packages. Names of
    metrics and, in the manifests, of what Kubernetes knows look like theirs."""
    metrics = "".join(
        (ROOT / f"server/{name}").read_text() for name in ("metrics.cc", "shard_metrics.cc")
    )
    kept = ("CMakeLists.txt", "pyproject.toml", "base/writer.yaml", "base/readers.yaml")
    lists = [ROOT / name for name in all_files() if name.endswith(kept)]
    known = "\n".join(path.read_text() for path in lists)
    named = [name for line in code for name in PROGRAM.findall(line)]
    unknown = [name for name in named if not re.search(rf"\b{name}\b", known)]
    return [name for name in unknown if f'"{name}"' not in metrics]


def bad_names(program: Program, document: Path, text: str) -> set[str]:
    code = code_of(text)
    return {
        *bad_links(document, text),
        *bad_paths(document, code),
        *bad_scripts(text),
        *bad_commands(program, code),
        *bad_flags(program, code),
        *bad_options(program, code),
        *bad_programs(code),
    }


SAMPLE = """
[gone](gone.md) and `core/gone.cc`, `gone.h`, `scripts/gone`, `inlier gone`,
`--nowhere-known`, `inlier_gone`
```
inlier query photo.jpg --db shop.db --gone --set extract.gone=1   # --comment
git commit --amend; build/release/inlier gone
```
`core/image.h` and `photo.jpg`, `inlier query --db shop.db`, `match.ratio`, `core_test`
"""
BAD_IN_SAMPLE = {
    "--nowhere-known",
    "core/gone.cc",
    "extract.gone",
    "gone.h",
    "gone.md",
    "inlier gone",
    "inlier query --gone",
    "inlier_gone",
    "scripts/gone",
}


def read_exceptions() -> set[tuple[str, str]]:
    lines = [line for line in EXCEPTIONS.read_text().splitlines() if line and line[0] != "#"]
    found = set()
    for line in lines:
        document, name, reason = (field.strip() for field in line.split("|"))
        if not reason:
            raise ValueError(f"{EXCEPTIONS}: no reason for {name}")
        found.add((document, name))
    return found


def main() -> int:
    program = Program(sys.argv[1])
    seen = bad_names(program, ROOT / "README.md", SAMPLE)
    if seen != BAD_IN_SAMPLE:
        print(f"this test is blind to some names: {sorted(seen ^ BAD_IN_SAMPLE)}")
        return 1
    bad = {
        (str(document.relative_to(ROOT)), name)
        for document in documents()
        for name in bad_names(program, document, document.read_text())
    }
    excepted = read_exceptions()
    for document, name in sorted(bad - excepted):
        print(f"{document} names {name}, which does not exist")
    for document, name in sorted(excepted - bad):
        print(f"tests/docs/exceptions.txt excepts {name} in {document} without need")
    return 1 if bad ^ excepted else 0


if __name__ == "__main__":
    sys.exit(main())
