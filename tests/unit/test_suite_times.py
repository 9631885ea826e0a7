"""Where the time of the tests goes, from the reports of a run."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests import times

REPORT = """<testsuites><testsuite time="{0}">
  <testcase classname="tests.labs.test_proofs" name="a" time="60.0"><properties>
    <property name="cpu" value="2.5"/></properties></testcase>
  <testcase classname="tests.labs.test_drills.TestOne" name="b" time="2.0"/>
  <testcase classname="tests.unit.test_lab" name="c" time="1.0"><properties>
    <property name="cpu" value="1.0"/><property name="other" value="x"/></properties></testcase>
</testsuite></testsuites>"""


def test_a_line_for_each_folder() -> None:
    """Folders come with the number of their tests and their times, and all together at the end."""
    pools: list[ET.ElementTree[ET.Element]] = [
        ET.ElementTree(ET.fromstring(REPORT.format(time))) for time in ("100", "70")
    ]
    assert times.table(pools).splitlines()[2:] == [
        "| tests/labs | 4 | 2 min 04 s | 5 s |",
        "| tests/unit | 2 | 2 s | 2 s |",
        "| all | 6 | 2 min 06 s | 7 s |",
        "",
        "The run as a whole took 1 min 40 s.",
    ]


def test_without_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no test has run, it says how to have them run."""
    assert times.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"there is no report in {tmp_path}. Try: make test\n"
