"""The time of a start: by version of OpenSSL, and beside HAProxy and nginx."""

from labkernel import Step
from labkernel.checks import both
from labkernel.labs.hitch.checks.benchmarking import found, timed
from labkernel.labs.hitch.commands.benchmarking import FIND_SLOWEST, STARTS, TIMED, time_starts
from labkernel.labs.hitch.topology import lab
from labkernel.labs.hitch.views.showing import of_step

_MEASURED = r": (?P<time>[\d.]+ s), (?P<memory>\d+ KiB)$"


def _time_start(name: str, title: str, node: str) -> Step:
    return lab.step(
        name,
        title,
        on=node,
        run=time_starts("hitch"),
        check=timed("hitch", *TIMED),
        wrong="time-start hitch 250 500",
        timeout=120,
        volatile=_MEASURED,
        view=of_step,
    )


old = _time_start("time-openssl-1-1", "Time the start with OpenSSL 1.1.1", "bullseye")
middle = _time_start("time-openssl-3-0", "Time the start with OpenSSL 3.0", "bookworm")
new = _time_start("time-openssl-3-5", "Time the start with OpenSSL 3.5", "trixie")

peers = lab.step(
    "peers",
    "Time Hitch, HAProxy and nginx with the same OpenSSL",
    on="trixie",
    run=time_starts("hitch", "haproxy", "nginx"),
    check=both(*(timed(program, *TIMED) for program in ("hitch", "haproxy", "nginx"))),
    undo=f"rm {STARTS}",
    wrong=time_starts("hitch", "hitch"),
    timeout=240,
    volatile=_MEASURED,
    view=of_step,
)

find = lab.task(
    "find",
    "Find the slowest of the three",
    on="trixie",
    about=f"{STARTS} has what the step before has measured. Which of hitch, haproxy and nginx "
    "takes longest for each further certificate? Write its name into /root/slowest.",
    solution=FIND_SLOWEST,
    check=found,
    undo="rm -f /root/slowest",
    hint=[
        "Not the longest start: the steepest line. What does a start take without certificates?",
        (
            f"For each of them: the seconds with {TIMED[-1]:,} certificates less the seconds with "
            f"{TIMED[0]}."
        ),
        f"`cat {STARTS}`, three subtractions, and `echo … > /root/slowest`; or a line of awk.",
    ],
)

lazy = lab.step(
    "lazy",
    "Load nginx's certificates on demand",
    on="trixie",
    run=time_starts("lazy"),
    check=both(timed("lazy", *TIMED, flat=True)),
    wrong="time-start lazy 250",
    volatile=_MEASURED,
    view=of_step,
)
