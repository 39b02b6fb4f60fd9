#!/usr/bin/env python3
"""Holds man pages, completions and the service's configuration to what the program says of itself.

pages_test.py INLIER PAGES    PAGES is the folder that inlier_pages has written.
"""

import gzip
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

INLIER, PAGES = sys.argv[1], Path(sys.argv[2])
FLAG = re.compile(r"^    --([a-z][\w-]*)", re.MULTILINE)


def output(*command: str, stdin: str = "") -> str:
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {ended.stderr}")
    return ended.stdout


def help_of(*words: str) -> str:
    return output(INLIER, *words)


COMMANDS = re.findall(r"^    ([a-z]+)  +[A-Z]", help_of("--help"), re.MULTILINE)
FLAGS = {command: FLAG.findall(help_of(command, "--help")) for command in COMMANDS}


def manual(name: str, section: int = 1) -> str:
    """The source of a man page, as a reader sees its words."""
    source = gzip.decompress((PAGES / f"man/man{section}/{name}.{section}.gz").read_bytes())
    return source.decode().replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")


def completed(*words: str) -> list[str]:
    """What bash offers after these words, the last of which may be begun."""
    script = PAGES / "bash-completion/completions/inlier"
    quoted = " ".join(f"'{word}'" for word in words)
    # compopt works only while bash completes, so here it does nothing.
    return output(
        "bash",
        "-c",
        f"compopt() {{ :; }}; source '{script}'; COMP_WORDS=(inlier {quoted}); "
        f"COMP_CWORD={len(words)}; _inlier; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    ).split()


class Manuals(unittest.TestCase):
    def test_each_command_has_one_with_all_its_flags(self) -> None:
        self.assertGreater(len(COMMANDS), 15)
        for command in COMMANDS:
            text = manual(f"inlier-{command}")
            for flag in FLAGS[command]:
                self.assertRegex(text, rf"(?m)^\\fB--{flag}\\fR", command)
            for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS"):
                self.assertIn(f".SH {heading}\n", text, command)

    def test_the_overview_names_each_command(self) -> None:
        for command in COMMANDS:
            self.assertIn(f"\\fB{command}\\fR\n", manual("inlier"))
            self.assertIn(f"\\fBinlier-{command}\\fR(1)", manual("inlier"))

    def test_options_of_the_engine_are_all_there(self) -> None:
        options = re.findall(r"^([a-z]+\.\w+) ", help_of("help", "options"), re.MULTILINE)
        self.assertGreater(len(options), 20)
        for option in options:
            self.assertIn(f"\\fB{option}\\fR\n", manual("inlier-options", 7))

    def test_the_words_are_those_of_the_help(self) -> None:
        words = re.sub(r"\\f[BR]|\.PP\n|\.TP\n", "", manual("inlier-query"))
        said = " ".join(help_of("query", "--help").split())
        self.assertIn("Search only among the items with this metadata. VALUE is a text,", said)
        self.assertIn("backslash before | * . or \\ makes it an ordinary character.", said)
        self.assertIn("backslash before | * . or \\ makes it an ordinary character.", words)

    @unittest.skipUnless(shutil.which("man"), "man-db is not installed")
    def test_roff_has_no_complaint(self) -> None:
        for page in sorted(PAGES.glob("man/man*/*.gz")):
            ended = subprocess.run(
                ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)],
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual((ended.returncode, ended.stderr), (0, ""), page.name)


class Completions(unittest.TestCase):
    def test_bash_offers_commands_flags_and_choices(self) -> None:
        self.assertEqual(completed("que"), ["query"])
        self.assertEqual(completed("query", "--fo"), ["--format"])
        self.assertEqual(completed("query", "--format", ""), ["text", "jsonl", "csv"])
        self.assertEqual(completed("query", "--format", "=", "j"), ["jsonl"])
        self.assertEqual(completed("query", "--format", "="), ["text", "jsonl", "csv"])
        self.assertIn("deep", completed("index", "--features", ""))
        self.assertEqual(completed("query", "--set", "match.ra"), ["match.ratio="])
        self.assertEqual(completed("help", "opt"), ["options"])
        self.assertEqual(completed("query", "--db", ""), [])  # bash goes on with folders
        self.assertEqual(completed("query", "ph"), [])  # bash goes on with files
        self.assertEqual(completed("nonsense", "--f"), [])

    def test_bash_offers_all_there_is(self) -> None:
        self.assertEqual(sorted(completed("")), sorted([*COMMANDS, "--help", "--version"]))
        for command in COMMANDS:
            expected = sorted(f"--{flag}" for flag in [*FLAGS[command], "help"])
            self.assertEqual(sorted(completed(command, "--")), expected)

    def test_zsh_and_fish_have_each_flag(self) -> None:
        zsh = (PAGES / "zsh/vendor-completions/_inlier").read_text()
        fish = (PAGES / "fish/vendor_completions.d/inlier.fish").read_text()
        for command in COMMANDS:
            self.assertIn(f"    '{command}:", zsh)
            self.assertIn(f"-n __fish_use_subcommand -a {command} ", fish)
            part = zsh.split(f"\n        {command})\n")[1].split(";;")[0]
            for flag in FLAGS[command]:
                self.assertRegex(part, rf"'\*?--{flag}=?\[")
                self.assertRegex(fish, rf"_from {command}' -l {flag} ")

    def test_shells_can_read_their_own(self) -> None:
        for shell, path in {
            "bash": "bash-completion/completions/inlier",
            "zsh": "zsh/vendor-completions/_inlier",
            "fish": "fish/vendor_completions.d/inlier.fish",
        }.items():
            with self.subTest(shell):
                if not shutil.which(shell):
                    self.skipTest(f"{shell} is not installed")
                output(shell, "-n", str(PAGES / path))

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_offers_flags_and_choices(self) -> None:
        script = PAGES / "fish/vendor_completions.d/inlier.fish"

        def offered(line: str) -> list[str]:
            begin = f"source {script}; complete -C '{line}'"
            lines = output("fish", "--no-config", "-c", begin).splitlines()
            return [line.split("\t")[0] for line in lines]

        self.assertEqual(offered("inlier que"), ["query"])
        self.assertIn("--format", offered("inlier query --f"))
        self.assertEqual(sorted(offered("inlier query --format ")), ["csv", "jsonl", "text"])
        self.assertEqual(offered("inlier query --set match.rat"), ["match.ratio="])


class Configuration(unittest.TestCase):
    def test_its_lines_are_the_defaults(self) -> None:
        text = (PAGES / "serve.conf").read_text()
        self.assertEqual(len(re.findall(r"^#\w+ =", text, re.MULTILINE)), len(FLAGS["serve"]) - 3)
        self.assertNotRegex(text, r"(?m) $")
        with tempfile.TemporaryDirectory() as folder:
            said = []
            for name, lines in {
                "as-installed": text,
                "all": re.sub(r"(?m)^#(\w+ =)", r"\1", text),
            }.items():
                file = Path(folder) / name
                file.write_text(lines)
                said.append(help_of("serve", "--config", str(file), "--check"))
        self.assertEqual(said[0], said[1])
        self.assertIn("/var/lib/inlier/catalogue", said[0])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
