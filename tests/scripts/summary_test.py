#!/usr/bin/env python3
"""The line that scripts/test ends with, from what ctest 3.25 writes."""

import unittest
import xml.etree.ElementTree as ElementTree

from summary import summary


def case(name: str, status: str, message: str = "", output: str = "") -> str:
    skipped = f'<skipped message="{message}"/>' if message else ""
    return (
        f'<testcase name="{name}" status="{status}">{skipped}'
        f"<system-out>{output}</system-out></testcase>"
    )


def line(*cases: str) -> tuple[str, bool]:
    return summary(ElementTree.fromstring(f"<testsuite>{''.join(cases)}</testsuite>"))


GOOGLETEST = "[ RUN      ] A.B\n../../tests/a.cc:7: Skipped\nno data set\n[  SKIPPED ] A.B (1 ms)\n"


class SummaryTest(unittest.TestCase):
    def test_reasons_are_grouped(self) -> None:
        self.assertEqual(
            line(
                case("A.A", "run"),
                case("A.B", "notrun", "SKIP_REGULAR_EXPRESSION_MATCHED", GOOGLETEST),
                case("A.C", "notrun", "SKIP_REGULAR_EXPRESSION_MATCHED", GOOGLETEST),
                case("Page", "notrun", "SKIP_RETURN_CODE=77", "skipped: no browser\n"),
            ),
            ("test: 1 passed; skipped 3: no browser (1), no data set (2)", True),
        )

    def test_a_failure_is_named(self) -> None:
        self.assertEqual(
            line(case("A.A", "run"), case("A.B", "fail")),
            ("test: 1 passed; failed 1: A.B", False),
        )

    def test_a_program_that_is_not_there_is_a_failure(self) -> None:
        self.assertEqual(
            line(case("A.A", "run"), case("a_NOT_BUILT", "notrun", "Unable to find executable")),
            ("test: 1 passed; failed 1: a_NOT_BUILT", False),
        )

    def test_nothing_run_is_a_failure(self) -> None:
        self.assertEqual(line(), ("test: 0 passed; no test ran", False))
        text, good = line(case("P", "notrun", "SKIP_RETURN_CODE=77", "skipped: no browser"))
        self.assertEqual(text, "test: 0 passed; skipped 1: no browser (1); no test ran")
        self.assertFalse(good)


if __name__ == "__main__":
    unittest.main()
