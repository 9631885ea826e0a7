"""The IPv6 lab: from nothing until the client has made itself an address and reaches the internet.

``python benchmarks/slaac.py [--json] [--rounds N]``; what is compared is in README.md.
"""

import os
import sys
import time
from typing import TYPE_CHECKING

from common import HERE, OURS, Missing, Report, Target, options, turns

if TYPE_CHECKING:
    from collections.abc import Callable

BY_HAND = "by hand"
# of the lab's own time; what the protocols take is in both
TARGETS = (Target(BY_HAND, plus=1.0),)


def main() -> int:
    parser = options(__doc__, rounds=9)
    given = parser.parse_args()
    report = Report("slaac", (OURS, BY_HAND))
    samples: dict[str, list[float]] = {}
    ways: dict[str, Callable[[], float]] = {OURS: _ours, BY_HAND: _by_hand}
    for way, seconds in turns(ways, given.rounds, 120, report, "address"):
        samples.setdefault(way, []).append(seconds)
    report.add("address", samples, TARGETS)
    report.show(given.json)
    return 0


def _ours() -> float:
    from labkernel import RunningLab
    from labkernel.labs import ipv6

    name = f"slaac-{os.getpid()}"
    running = RunningLab(ipv6.lab, "namespaces", instance=name, options={"linger": 0})
    running.backend.prepare()  # as after show(lab)
    began = time.perf_counter()
    with running:
        outcome = running.do(ipv6.advertise)
        if not (
            outcome.passed and running.run("client", ["ping", "-n", "-c", "1", ipv6.INTERNET]).ok
        ):
            raise Missing(outcome.verdict())
        return time.perf_counter() - began


def _by_hand() -> float:
    from labkernel import Lab, Node, RunningLab

    script = (HERE / "ways/slaac.sh").read_text()
    lab, name = Lab("by-hand", [Node("host", image="ipv6")]), f"by-hand-{os.getpid()}"
    with RunningLab(lab, "namespaces", instance=name, options={"linger": 0}) as running:
        began = time.perf_counter()
        running.run("host", script, expect=0)
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
