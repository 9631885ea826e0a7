"""Containers on a node: an engine that is ready, a container, and a bridge that is full.

``python benchmarks/containers.py [--json] [--rounds N] [--full]``; README.md says what is compared.
"""

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from common import OURS, Report, options

if TYPE_CHECKING:
    from labkernel import RunningLab

WAYS = (OURS, "docker run", "ip -batch")
PORTS = 1023
BATCH = (
    "ip link add wide type bridge; seq 1024 | "
    "sed 's/.*/link add p& type veth peer name q& \\n link set p& master wide/' | ip -batch -; true"
)


def main() -> int:
    parser = options(__doc__, rounds=10)
    parser.add_argument("--full", action="store_true", help="all 1,023 containers: minutes")
    given = parser.parse_args()
    report = Report("containers", WAYS)
    report.add("engine ready", {OURS: [engine_ready() for _ in range(min(3, given.rounds))]})
    with_engine(report, given.rounds, given.full)
    report.add("a full bridge", {OURS: [fill("fill-bridge wide")], "ip -batch": [fill(BATCH)]})
    report.show(given.json)
    return 0


def new_lab() -> "RunningLab":
    """A lab of one node with an engine's image, on an instance of its own."""
    from labkernel import Lab, Node, RunningLab, images
    from labkernel.backends import make

    images.build("docker")
    lab = Lab("bench", nodes=[Node("host", image="docker", containers=True, memory=1024)])
    return RunningLab(lab, make("namespaces", instance=f"bench-{os.getpid()}", linger=0))


def timed(run: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def engine_ready() -> float:
    """From the start of the lab until its engine answers."""
    running = new_lab()

    def begin() -> None:
        running.up()
        running.run("host", "start-dockerd", expect=0)

    try:
        return timed(begin)
    finally:
        running.down()


def with_engine(report: Report, rounds: int, full: bool) -> None:
    """One container, by the library with a shared shim and by `docker run`, taking turns."""
    from labkernel.labs import container_limit

    command = "docker run --detach box"
    samples: dict[str, list[float]] = {OURS: [], "docker run": []}
    with new_lab() as running:
        running.run("host", "start-dockerd && make-box", expect=0)
        measured = container_limit.measure(count=rounds, lab=running)
        samples[OURS].append(measured.samples[-1][1] / rounds)
        for _ in range(rounds):
            samples["docker run"].append(timed(lambda: running.run("host", command, expect=0)))
        report.add(f"a container (of {rounds})", samples)
        if full:
            measured = container_limit.measure(full=True, lab=running)
            number, seconds, mib = measured.samples[-1]
            report.add(f"{number} containers", {OURS: [seconds]})
            each = (mib - measured.samples[0][2]) / (number - 1)
            report.missing(OURS, f"{number} containers: {mib:.0f} MiB, {each:.2f} MiB for each")


def fill(command: str) -> float:
    """A fresh bridge, until it takes no more."""
    with new_lab() as running:
        seconds = timed(lambda: running.run("host", command, timeout=300))
        listed = running.run("host", "ls /sys/class/net/wide/brif | wc -l", expect=0)
        if int(listed.output) != PORTS:
            raise SystemExit(f"{command}: the bridge has {listed.output.strip()} ports")
        return seconds


if __name__ == "__main__":
    raise SystemExit(main())
