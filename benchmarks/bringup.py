"""Labs of 3 to 300 nodes: from up() to "every node has answered a ping", and down() again.

``python benchmarks/bringup.py [--json] [--nodes 3,30] [--rounds N] [--image DIR]``; what is
compared, and what each way makes, is in README.md.
"""

import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from common import HERE, OURS, Missing, Report, Target, compiled, need, options, turns
from confine import confined
from conversation import Conversation, adopt_orphans

MUNET = "munet==0.17.3"
WAYS = (OURS, "floor", "mininet", "munet")
READING = 1.0  # seconds between show(lab) and the press of the button: nobody is faster

Words = Callable[[int, bool, Path], Sequence[str]]


def main() -> int:
    parser = options(__doc__, rounds=5)
    parser.add_argument("--nodes", default="3,30,100,300", help="(default: %(default)s)")
    parser.add_argument("--ways", default=",".join(WAYS), help="(default: %(default)s)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=30,
        help="per way, case and size; the "
        "round that is under way is finished (default: %(default)s)",
    )
    parser.add_argument(
        "--image",
        type=Path,
        help="the root file system below the floor's nodes (default: that of the image `base`)",
    )
    given = parser.parse_args()
    report = Report("bringup", WAYS)
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="bringup-") as scratch:
        ways = _ways(given.ways.split(","), given.image, Path(scratch), report)
        settle = compiled("settle", Path(scratch))
        bench = Bench(ways, given.rounds, given.seconds, Path(scratch), settle)
        for nodes in map(int, given.nodes.split(",")):
            _measure(nodes, bench, report)
    report.show(given.json)
    return 0


def _ways(
    names: Sequence[str], image: Path | None, scratch: Path, report: Report
) -> dict[str, Words]:
    """The words that start each way's process; a way that is not installed is noted."""
    made: dict[str, Words] = {}
    makers = {
        OURS: _ours,
        "floor": lambda: _floor(image, scratch),
        "mininet": _mininet,
        "munet": _munet,
    }
    for name in WAYS:
        try:
            if name not in names:
                raise Missing("left out by --ways")
            made[name] = makers[name]()
        except Missing as why:
            report.missing(name, why)
    return made


def _ours() -> Words:
    script = str(HERE / "ways/with_labkernel.py")
    return lambda nodes, fresh, _: [
        sys.executable,
        script,
        str(nodes),
        "fresh" if fresh else "prepare",
    ]


def _floor(image: Path | None, scratch: Path) -> Words:
    program = str(compiled("floor", scratch))
    lower = str(image) if image else ":".join(map(str, _layers()))
    return lambda nodes, *_: [program, str(nodes), lower]


def _layers() -> Sequence[Path]:
    """The layers of the image `base`, the uppermost first."""
    from labkernel import images

    layers: Sequence[Path] = images.find("base").layers
    return layers


def _mininet() -> Words:
    python = "/usr/bin/python3"  # the one that Debian's package is for
    script = str(HERE / "ways/with_mininet.py")
    if subprocess.run([python, "-c", "import mininet"], stderr=subprocess.DEVNULL).returncode:
        raise Missing("Mininet is not installed: apt install mininet bridge-utils")
    need("brctl", "bridge-utils")
    need("fping", "fping")
    return lambda nodes, *_: confined([python, script, str(nodes)])


def _munet() -> Words:
    python = _munet_venv() / "bin/python"
    script = str(HERE / "ways/with_munet.py")
    need("fping", "fping")
    return lambda nodes, _, rundir: confined([str(python), script, str(nodes), str(rundir)])


def _munet_venv() -> Path:
    """A virtual environment with munet, in the user's cache directory."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "labkernel" / "benchmarks" / MUNET.replace("==", "-")
    done = home / "complete"
    if not done.exists():
        print(f"installing {MUNET} into {home}", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        ran = subprocess.run(
            [home / "bin/python", "-m", "pip", "install", "--quiet", MUNET], stdout=sys.stderr
        )
        if ran.returncode:
            raise Missing(f"pip could not install {MUNET}")
        done.touch()
    return home


def _measure(nodes: int, bench: "Bench", report: Report) -> None:
    """All rows of one size."""
    up: dict[str, list[float]] = {}
    down: dict[str, list[float]] = {}
    cold: dict[str, list[float]] = {}
    case = f"{nodes}"
    for way, (to_up, to_down) in bench.rounds(nodes, case, report, fresh=False):
        up.setdefault(way, []).append(to_up)
        down.setdefault(way, []).append(to_down)
    fresh_case = f"{nodes}, from a fresh process"
    for way, (to_up, _) in bench.rounds(nodes, fresh_case, report, fresh=True):
        cold.setdefault(way, []).append(to_up)
    near = Target("floor", 2) if nodes >= 100 else Target("floor", plus=0.150)
    peers = [Target("mininet", 0.1)] * (nodes in {30, 100}) + [Target("munet", 0.2)]
    report.add(case, up, [near, *peers])
    report.add(f"{nodes} down", down, [near, *peers])
    report.add(fresh_case, cold, peers)


@dataclass(frozen=True)
class Bench:
    """What every round needs: the ways, and how often and how long they are measured."""

    ways: Mapping[str, Words]
    number: int
    seconds: float
    scratch: Path
    settle: Path

    def rounds(
        self, nodes: int, case: str, report: Report, *, fresh: bool
    ) -> Iterator[tuple[str, tuple[float, float]]]:
        """The ways in turn, with the seconds that each took up and down."""
        once = {way: partial(self._once, words, nodes, fresh) for way, words in self.ways.items()}
        return turns(once, self.number, self.seconds, report, case)

    def _once(self, words: Words, nodes: int, fresh: bool) -> tuple[float, float]:
        """One lab: the seconds to bring it up (from the process's own start, if fresh) and down."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            spoken = Conversation(words(nodes, fresh, Path(folder)), Path(folder))
            try:
                spoken.hear("ready")
                if not fresh:
                    time.sleep(READING)
                before = spoken.processes()
                up = spoken.tell("up")
                if fresh:
                    up = time.perf_counter() - spoken.started
                down = spoken.tell_down(before)
            finally:
                spoken.close()
                subprocess.run([self.settle], check=True)
        return up, down


if __name__ == "__main__":
    sys.exit(main())
