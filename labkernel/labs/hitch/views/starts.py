"""Starts of programs that terminate TLS: their times, and a line fitted to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from labkernel.errors import LabError


@dataclass(frozen=True)
class Stack:
    """A program that terminates TLS, and its OpenSSL.

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
    """Parse the output of `time-start`.

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
        raise LabError("a line needs starts with two numbers of certificates", "measure more")
    seconds, seconds_before = np.polyfit(numbers, [each.seconds for each in starts], 1)
    octets, octets_before = np.polyfit(numbers, [each.kib * 1024 for each in starts], 1)
    return Line(float(seconds), float(seconds_before), float(octets), float(octets_before))


@dataclass(repr=False)
class Starts:
    """The starts of several stacks."""

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
