"""What every benchmark shares: options, rounds that take turns, targets, the table and the JSON.

A *way* is one means of doing the measured thing: ``"ours"`` or a peer.  A *row* is one case with
the samples of every way, all taken in the same run.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

OURS = "ours"
HERE = Path(__file__).parent

T = TypeVar("T")


class Missing(Exception):
    """A way can't be measured here; the text says why and what to install."""


@dataclass(frozen=True)
class Target:
    """Ours takes at most `factor` times the peer's time, plus `plus` seconds."""

    peer: str
    factor: float = 1.0
    plus: float = 0.0

    def __str__(self) -> str:
        if self.factor < 1:
            return f"≥ {1 / self.factor:g}× faster than {self.peer}"
        times = f"{self.factor:g}× " if self.factor != 1 else ""
        return f"≤ {times}{self.peer}" + (f" + {self.plus * 1000:g} ms" if self.plus else "")

    def met(self, row: "Row") -> bool | None:
        """Whether the medians keep it; None where one of the two is missing."""
        ours, peer = row.median(OURS), row.median(self.peer)
        if ours is None or peer is None:
            return None
        return ours <= self.factor * peer + self.plus


@dataclass(frozen=True)
class Row:
    """One case: for each way its samples in seconds (none: it is missing)."""

    case: str
    samples: Mapping[str, Sequence[float]]
    targets: Sequence[Target] = ()

    def median(self, way: str) -> float | None:
        """The middle sample."""
        return median(self.samples[way]) if self.samples.get(way) else None

    def best(self, way: str) -> float | None:
        """The smallest sample."""
        return min(self.samples[way]) if self.samples.get(way) else None

    def as_json(self) -> dict[str, Any]:
        """The row in the declared form; `ours` and `peers` are medians."""
        return {
            "case": self.case,
            "ours": self.median(OURS),
            "peers": {way: self.median(way) for way in self.samples if way != OURS},
            "best": {way: self.best(way) for way in self.samples},
            "rounds": {way: len(taken) for way, taken in self.samples.items()},
            "targets": [{"target": str(t), "met": t.met(self)} for t in self.targets],
        }


@dataclass
class Report:
    """All rows of a benchmark, and for what is missing the reason."""

    benchmark: str
    ways: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def add(
        self, case: str, samples: Mapping[str, Sequence[float]], targets: Sequence[Target] = ()
    ) -> None:
        """Add a row; a way that has no sample stands in it as missing."""
        self.rows.append(Row(case, {way: samples.get(way, ()) for way in self.ways}, targets))

    def missing(self, way: str, why: object) -> None:
        """Say why a way has no numbers, or not all of them."""
        notes = self.notes.setdefault(way, [])
        if str(why) not in notes:
            notes.append(str(why))

    def as_json(self) -> dict[str, Any]:
        """The whole benchmark in the declared form."""
        return {
            "benchmark": self.benchmark,
            "machine": machine(),
            "unit": "seconds, median",
            "rows": [row.as_json() for row in self.rows],
            "notes": self.notes,
        }

    def show(self, as_json: bool) -> None:
        """Print it: for a script as one JSON object, for people as a table."""
        if as_json:
            print(json.dumps(self.as_json(), ensure_ascii=False, indent=2))
        else:
            _print_table(self)


def _print_table(report: Report) -> None:
    from rich.console import Console
    from rich.table import Table

    about = machine()
    table = Table(
        title=f"{report.benchmark}: median of interleaved rounds (the best in brackets)",
        caption=f"{about['cpu']}, {about['cores']} cores, Linux {about['kernel']}, "
        f"Python {about['python']}, {'root' if about['root'] else 'rootless'}",
    )
    table.add_column("case")
    for way in report.ways:
        table.add_column(way, justify="right")
    table.add_column("targets")
    for row in report.rows:
        table.add_row(row.case, *(_cell(row, way) for way in report.ways), _verdicts(row))
    console = Console(width=None if os.isatty(1) else 160)
    console.print(table)
    for way, notes in report.notes.items():
        for note in notes:
            console.print(f"{way}: {note}", style="yellow", highlight=False, markup=False)


def _cell(row: Row, way: str) -> str:
    middle, best = row.median(way), row.best(way)
    if middle is None or best is None:
        return "missing"
    return f"{readable(middle)} ({readable(best)})"


def _verdicts(row: Row) -> str:
    marks = {True: "[green]✓[/]", False: "[red]✗[/]", None: "?"}
    return "\n".join(f"{marks[target.met(row)]} {target}" for target in row.targets)


def readable(seconds: float) -> str:
    """A time with three digits: ``0.85 ms``, ``51.3 ms``, ``1.21 s``."""
    return f"{seconds * 1000:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def machine() -> dict[str, Any]:
    """What the numbers were taken on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "root": os.geteuid() == 0,
        "load": os.getloadavg()[0],
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def options(about: str | None, rounds: int) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object, not a table")
    parser.add_argument("--rounds", type=int, default=rounds, help="(default: %(default)s)")
    return parser


def turns(
    ways: Mapping[str, Callable[[], T]], rounds: int, seconds: float, report: Report, case: str
) -> Iterator[tuple[str, T]]:
    """Let the ways take turns, each round in the other order, and yield what they measure.

    A way that has used `seconds` is measured no further.  One that raises Missing or a LabError
    has no sample of that round and is noted; after three such rounds it is left out.
    """
    from labkernel.errors import LabError

    left = dict.fromkeys(ways, seconds)
    for number in range(rounds):
        for way in list(left) if number % 2 == 0 else list(left)[::-1]:
            started = time.monotonic()
            try:
                yield way, ways[way]()
            except (Missing, LabError) as why:
                report.missing(way, f"{case}: {why}")
                left[way] -= seconds / 3
            left[way] -= time.monotonic() - started
        left = {way: rest for way, rest in left.items() if rest > 0}


def compiled(source: str, into: Path) -> Path:
    """The program made from ``ways/SOURCE.c``.

    :raises Missing: there is no C compiler.
    """
    if not (compiler := shutil.which("cc")):
        raise Missing("there is no C compiler: apt install gcc libc6-dev")
    program = into / source
    subprocess.run([compiler, "-O2", "-o", program, HERE / "ways" / f"{source}.c"], check=True)
    return program


def need(program: str, package: str) -> str:
    """The path of a program.

    :raises Missing: it is not installed.
    """
    if found := shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
        return found
    raise Missing(f"{program} is not installed: apt install {package}")
