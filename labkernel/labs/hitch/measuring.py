"""Start time and memory against the number of certificates: measured, fitted, predicted."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labkernel.errors import CheckFailed, LabError
from labkernel.labs._memory import available_memory
from labkernel.labs.hitch import certificates
from labkernel.labs.hitch.commands import ALL

if TYPE_CHECKING:
    from labkernel.backends.base import OnProgress
    from labkernel.lab import Lab
    from labkernel.steps import Check

NUMBERS = (1_000, 5_000, 15_000)


@dataclass(frozen=True)
class Stack:
    """What terminates TLS, and with which OpenSSL.

    :param node: where it runs.
    :param program: what `time-start` calls it.
    :param kilobytes: what it takes for a certificate, measured; to say beforehand what is needed.
    """

    title: str
    node: str
    program: str
    kilobytes: int


STACKS = {
    "bullseye": Stack("Hitch 1.6, OpenSSL 1.1.1", "bullseye", "hitch", 15),
    "bookworm": Stack("Hitch 1.7, OpenSSL 3.0", "bookworm", "hitch", 25),
    "trixie": Stack("Hitch 1.8, OpenSSL 3.5", "trixie", "hitch", 30),
    "haproxy": Stack("HAProxy 3.0, OpenSSL 3.5", "trixie", "haproxy", 24),
    "nginx": Stack("nginx 1.26, a server block each", "trixie", "nginx", 42),
    "lazy": Stack("nginx 1.26, loaded when asked for", "trixie", "lazy", 1),
}

_LINE = re.compile(r"^(\w+), (\d+) certificates: ([\d.]+) s, (\d+) KiB$", re.MULTILINE)
#: what a file of a few hundred octets takes of a node's memory
_FILE_KILOBYTES = 5


@dataclass(frozen=True)
class Start:
    """One start of a stack: seconds until the right certificate came, KiB of its processes then."""

    stack: str
    number: int
    seconds: float
    kib: int


@dataclass(frozen=True)
class Line:
    """A straight line through what was measured.

    :param seconds: of start time, for a certificate; `seconds_before`: without any.
    :param octets: of memory, for a certificate; `octets_before`: without any.
    """

    seconds: float
    seconds_before: float
    octets: float
    octets_before: float

    def at(self, number: int) -> tuple[float, float]:
        """Seconds and octets with so many certificates."""
        return (
            self.seconds_before + self.seconds * number,
            self.octets_before + self.octets * number,
        )


def read(output: str, stack: str = "") -> list[Start]:
    """What `time-start` printed.

    :param stack: what the starts are of; what `time-start` calls it if not given.
    """
    found = _LINE.findall(output)
    return [Start(stack or name, int(n), float(s), int(kib)) for name, n, s, kib in found]


def fit(starts: Sequence[Start]) -> Line:
    """The line of least squares through starts of one stack.

    :raises LabError: there are not two numbers of certificates.
    """
    import numpy as np

    numbers = [each.number for each in starts]
    if len(set(numbers)) < 2:
        raise LabError("a line needs starts with two numbers of certificates. Try: measure more")
    seconds, seconds_before = np.polyfit(numbers, [each.seconds for each in starts], 1)
    octets, octets_before = np.polyfit(numbers, [each.kib * 1024 for each in starts], 1)
    return Line(float(seconds), float(seconds_before), float(octets), float(octets_before))


@dataclass(repr=False)
class Measurement:
    """The starts of several stacks; shown as a plot and a table."""

    starts: list[Start] = field(default_factory=list)

    def __str__(self) -> str:
        numbers = ", ".join(f"{number:,}" for number in self.numbers)
        return f"{len(self.stacks)} stacks, each started with {numbers} certificates"

    @property
    def stacks(self) -> list[str]:
        """The stacks, in the order in which they were measured."""
        return list(dict.fromkeys(each.stack for each in self.starts))

    @property
    def numbers(self) -> list[int]:
        """The numbers of certificates, ascending."""
        return sorted({each.number for each in self.starts})

    def of(self, stack: str) -> list[Start]:
        """The starts of one stack."""
        return [each for each in self.starts if each.stack == stack]

    def line(self, stack: str) -> Line:
        """See :func:`fit`."""
        return fit(self.of(stack))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """What a notebook shows: the plot, and the table."""
        from labkernel.labs.hitch import showing

        return showing.page(self)


def require_memory(available_mib: float, stack: Stack, number: int) -> None:
    """See that there is memory for a start.

    :raises LabError: with the numbers.
    """
    needed = 50 + number * (stack.kilobytes + _FILE_KILOBYTES) / 1000
    if available_mib < needed:
        raise LabError(
            f"{number:,} certificates in {stack.title} take about {needed:,.0f} MiB, and "
            f"{available_mib:,.0f} MiB are available. Try: end something else, or fewer"
        )


def measure(
    numbers: Iterable[int] = NUMBERS,
    stacks: Iterable[str] = tuple(STACKS),
    kind: str = "ec",
    lab: "Lab | None" = None,
    on_progress: "OnProgress | None" = None,
) -> Measurement:
    """Start each stack with each number of certificates; what runs on the nodes meanwhile, stays.

    :param numbers: 50,000 and 100,000 take minutes, and up to 4 GiB.
    :param stacks: names of :data:`STACKS`.
    :param kind: of certificates, see :data:`certificates.KINDS`.
    :param lab: the lab of this module if not given.
    :raises LabError: there is no such stack, not the memory for it, or it does not start.
    """
    chosen = {name: _stack(name) for name in stacks}
    ascending = sorted(set(numbers))
    tell = on_progress or (lambda *_: None)
    running = (lab or _own_lab()).up()
    for stack in chosen.values():
        require_memory(available_memory(running, stack.node), stack, ascending[-1])
    archives = certificates.make(ascending[-1], kind, tell)
    for node in dict.fromkeys(stack.node for stack in chosen.values()):
        tell(f"handing {ascending[-1]:,} certificates to {node}", None)
        running.put(node, _place(kind), archives)
    measurement, total, done = Measurement(), sum(ascending) * len(chosen), 0
    for name, stack in chosen.items():
        for number in ascending:
            tell(f"{stack.title}: {number:,} certificates", done / total)
            measurement.starts.append(_start(running, name, number, _place(kind)))
            done += number
    tell(str(measurement), 1.0)
    return measurement


def _own_lab() -> "Lab":
    from labkernel.labs import load

    return load("hitch")


def _stack(name: str) -> Stack:
    if name not in STACKS:
        raise LabError(f'there is no stack "{name}"; stacks: {", ".join(STACKS)}')
    return STACKS[name]


def _place(kind: str) -> str:
    """Where the nodes have certificates of a kind; apart, as another authority signs them."""
    return ALL if kind == "ec" else f"{ALL}-{kind}"


def _start(lab: "Lab", name: str, number: int, place: str) -> Start:
    stack = STACKS[name]
    words = ["env", f"CERTIFICATES={place}", "time-start", stack.program, str(number)]
    output = lab.run(stack.node, words, timeout=1000, expect=0).output
    return read(output, name)[0]


def timed(program: str, *numbers: int, flat: bool = False) -> "Check":
    """The step has timed a program's start with each of these numbers of certificates.

    :param flat: whether the program loads none of them at its start.
    """

    def look(lab: "Lab") -> str:
        outcome = lab.outcome()
        expected = f"expected the time of a start of {program} with {', '.join(map(str, numbers))}"
        found = [each for each in read(outcome.output if outcome else "") if each.stack == program]
        if [each.number for each in found] != list(numbers):
            seen = ", ".join(str(each.number) for each in found) or "none"
            raise CheckFailed(f"{expected} certificates", f"but there is that with {seen}")
        more = found[-1].number - found[0].number
        grown = found[-1].kib - found[0].kib
        if flat != (grown < more):
            seen = f"but {more} more certificates took {grown} KiB more"
            raise CheckFailed(expected, seen)
        return f"{program} served the last of {', '.join(map(str, numbers))} certificates"

    return look
