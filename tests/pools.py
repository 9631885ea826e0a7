"""``python -m tests.pools``: every test, in two pools at a time.

The tests of labs wait most of the time: many of them share a processor.  What computes (it runs
emulated machines or browsers, builds images) gets as many workers as two cores can feed.  Each pool
is a pytest of its own; which tests wait, tests/conftest.py says (``waits``).
"""

import os
import signal
import subprocess
import sys
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labkernel import memory

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
OPTIONS = ["--dist=loadgroup", "--no-loadscope-reorder"]
#: where tests that wait are
WAITING = ("tests/backends/test_ordinary_user.py", "tests/labs", "tests/notebooks")
_GIB_EACH = 2  # that a lab which runs may take, with those that prove it


@dataclass(frozen=True)
class Pool:
    """Tests that run at the same time as those of another pool.

    :param workers: how many of them run at a time.
    """

    name: str
    workers: int
    arguments: tuple[str, ...]

    def command(self, junit: Path) -> list[str]:
        """What runs them, and writes a report."""
        words = [sys.executable, "-m", "pytest", "--quiet", f"--numprocesses={self.workers}"]
        return [*words, *OPTIONS, f"--junitxml={junit}", *self.arguments]


def testpaths() -> list[str]:
    """The folders of tests, those that take longest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[str] = settings["tool"]["pytest"]["ini_options"]["testpaths"]
    return found


def pools() -> tuple[Pool, Pool]:
    """The two, as large as this machine's memory allows."""
    waiting = max(1, min(6, memory.available() // (_GIB_EACH << 30)))
    return (
        Pool("waiting", waiting, ("-m", "waits", *WAITING)),
        Pool("computing", 2, ("-m", "not waits", *testpaths())),
    )


def main(out: Path) -> int:
    """Run both, say which says what, and end as the worse one does.

    :param out: where their reports go.
    """
    out.mkdir(parents=True, exist_ok=True)
    running = [_start(pool, out / f"junit-{pool.name}.xml") for pool in pools()]
    readers = [threading.Thread(target=_tell, args=each) for each in running]
    for reader in readers:
        reader.start()
    try:
        codes = [process.wait() for _, process in running]
    except KeyboardInterrupt:
        # the terminal has told both; their labs end with them
        codes = [process.wait() for _, process in running] + [130]
    for reader in readers:
        reader.join()
    return max(map(abs, codes))


def _start(pool: Pool, junit: Path) -> tuple[str, "subprocess.Popen[str]"]:
    process = subprocess.Popen(
        pool.command(junit),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # whoever started this in the background has it ignored, and tests send it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    return pool.name, process


def _tell(name: str, process: "subprocess.Popen[str]") -> None:
    lines: Iterable[str] = process.stdout or ()
    for line in lines:
        print(f"{name:9} | {line}", end="", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "out")))
