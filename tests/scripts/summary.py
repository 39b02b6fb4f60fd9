#!/usr/bin/env python3
"""Says in one line how many tests of a run of ctest passed, failed and were skipped, and why.

summary.py JUNIT.xml    exits 1 when a test failed, could not be run, or when none ran
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter

# What ctest writes when a test itself said that it skips; anything else could not be run.
SKIPPED = {"SKIP_REGULAR_EXPRESSION_MATCHED", "SKIP_RETURN_CODE=77"}
# GoogleTest prints the reason below the place; our scripts print it behind "skipped:".
REASON = re.compile(r": Skipped\n(.+)|^skipped: (.+)", re.MULTILINE)


def reason_of(output: str) -> str:
    match = REASON.search(output)
    return (match[1] or match[2]).strip() if match else "no reason given"


def summary(root: ElementTree.Element) -> tuple[str, bool]:
    """The line, and whether all is well."""
    passed, failed = 0, []
    reasons: Counter[str] = Counter()
    for case in root.iter("testcase"):
        skipped = case.find("skipped")
        if case.get("status") == "run":
            passed += 1
        elif skipped is not None and skipped.get("message") in SKIPPED:
            reasons[reason_of(case.findtext("system-out") or "")] += 1
        else:
            failed.append(case.get("name") or "?")
    line = f"test: {passed} passed"
    if failed:
        line += f"; failed {len(failed)}: " + ", ".join(failed)
    if reasons:
        why = ", ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
        line += f"; skipped {reasons.total()}: {why}"
    if not passed and not failed:
        line += "; no test ran"
    return line, bool(passed) and not failed


def main() -> int:
    line, good = summary(ElementTree.parse(sys.argv[1]).getroot())
    print(line)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
