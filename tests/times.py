"""``python -m tests.times [--write]``: how long the tests of each folder take, one after the other.

``--write`` puts the table into CONTRIBUTING.md.  The processor's time is all that this machine does
meanwhile, as the nodes of labs are nobody's children: let it do nothing else.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from tests.pools import OPTIONS, ROOT, WAITING, pools, testpaths

_MARKS = re.compile(r"(?<=<!-- times -->\n).*?(?=<!-- /times -->)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """What a folder takes.

    :param wall: seconds.
    :param cpu: seconds of all processors.
    """

    folder: str
    tests: int
    wall: float
    cpu: float


def main(write: bool) -> int:
    """Measure, and print the table."""
    rows = [_measured(path, pools()[0 if path in WAITING else 1].workers) for path in testpaths()]
    text = table(rows)
    print(text, end="")
    if write:
        page = ROOT / "CONTRIBUTING.md"
        page.write_text(_MARKS.sub(lambda _: text, page.read_text()))
    return 0


def _measured(folder: str, workers: int) -> Row:
    with tempfile.TemporaryDirectory() as out:
        junit = Path(out, "junit.xml")
        words = [sys.executable, "-m", "pytest", "--quiet", f"--numprocesses={workers}", *OPTIONS]
        began, busy = time.monotonic(), _busy()
        subprocess.run([*words, f"--junitxml={junit}", folder], cwd=ROOT, check=False)
        took, used = time.monotonic() - began, _busy() - busy
        count = sum(int(each.get("tests", 0)) for each in ET.parse(junit).iter("testsuite"))
    return Row(folder, count, took, used)


def _busy() -> float:
    """Seconds for which the processors have worked, see proc_stat(5): all but idle and iowait."""
    user, nice, system, _, _, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def table(rows: list[Row]) -> str:
    """The rows as Markdown, with their sum."""
    total = Row(
        "all, one after the other", *(sum(c) for c in zip(*map(_numbers, rows), strict=True))
    )
    lines = ["| | tests | wall | CPU |", "|---|---:|---:|---:|"]
    lines += [
        f"| {r.folder} | {r.tests} | {_text(r.wall)} | {_text(r.cpu)} |" for r in (*rows, total)
    ]
    return "\n".join(lines) + "\n"


def _numbers(row: Row) -> tuple[int, float, float]:
    return row.tests, row.wall, row.cpu


def _text(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
