"""``python -m tests.times [--write] [DIRECTORY]``: where the time of the last ``make test`` went.

``make test`` writes a report for each of its pools (see pools.py), and tests/conftest.py notes for
each test the processor's time that it took, with all that it started and waited for: labs, too, as
each process of a lab is waited for by the one that started it.  ``--write`` puts the table into
CONTRIBUTING.md.
"""

import re
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.pools import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

#: the property of a test in the report
CPU = "cpu"
_MARKS = re.compile(r"(?<=<!-- times -->\n).*?(?=<!-- /times -->)", re.DOTALL)


@dataclass
class Row:
    """What a folder takes, or all.

    :param wall: seconds, if one test came after the other.
    :param cpu: seconds of all processors.
    """

    tests: int = 0
    wall: float = 0.0
    cpu: float = 0.0


def main(arguments: list[str]) -> int:
    """Print the table; 2 where there is no report."""
    out = Path(next((each for each in arguments if each != "--write"), "out"))
    reports = sorted(out.glob("junit-*.xml"))
    if not reports:
        print(f"there is no report in {out}. Try: make test", file=sys.stderr)
        return 2
    text = table([ET.parse(report) for report in reports])
    print(text, end="")
    if "--write" in arguments:
        page = ROOT / "CONTRIBUTING.md"
        page.write_text(_MARKS.sub(lambda _: text, page.read_text()))
    return 0


def table(reports: "Iterable[ET.ElementTree[ET.Element]]") -> str:
    """The reports as Markdown: a line for each folder, the one that takes longest first."""
    rows: defaultdict[str, Row] = defaultdict(Row)
    whole = 0.0
    for report in reports:
        whole = max([whole, *(float(each.get("time", 0)) for each in report.iter("testsuite"))])
        for case in report.iter("testcase"):
            _add(rows[_folder(case)], case)
    ordered = sorted(rows.items(), key=lambda item: -item[1].wall)
    total = Row(*(sum(values) for values in zip(*map(_numbers, rows.values()), strict=True)))
    lines = ["| | tests | one after the other | CPU |", "|---|---:|---:|---:|"]
    lines += [_line(name, row) for name, row in ordered]
    lines += [_line("all", total), "", f"The run as a whole took {_text(whole)}.", ""]
    return "\n".join(lines)


def _add(row: Row, case: ET.Element) -> None:
    row.tests += 1
    row.wall += float(case.get("time", 0))
    row.cpu += sum(
        float(each.get("value", 0)) for each in case.iter("property") if each.get("name") == CPU
    )


def _folder(case: ET.Element) -> str:
    """``tests.labs.test_proofs`` is in tests/labs."""
    return "/".join(case.get("classname", "").split(".")[:2])


def _line(name: str, row: Row) -> str:
    return f"| {name} | {row.tests} | {_text(row.wall)} | {_text(row.cpu)} |"


def _numbers(row: Row) -> tuple[int, float, float]:
    return row.tests, row.wall, row.cpu


def _text(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
