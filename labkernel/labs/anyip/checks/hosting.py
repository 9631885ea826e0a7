"""Checks of a thousand sites and their rates."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import file, looks_at

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_LINE = re.compile(r"^(\w+): (\d+) of (\d+) answered, (\d+) addresses/s$", re.MULTILINE)


def read_rates(output: str) -> dict[str, tuple[int, int, int]]:
    """The output of measure-rate: for each way the answers, the requests, and the rate."""
    return {way: (int(a), int(n), int(rate)) for way, a, n, rate in _LINE.findall(output)}


_SITE = re.compile(r"^you asked (\S+) by the name (\S+), where (\S+) lives$", re.MULTILINE)


def all_sites(count: int, prefix: str) -> "Check":
    """Every site answered under its name, at its own address of the prefix."""
    net = ipaddress.ip_network(prefix)

    @looks_at(file("client", "/tmp/answers"))
    def look(attempt: "Attempt") -> str:
        answers = _SITE.findall(attempt.run("client", "cat /tmp/answers").output)
        right = {(name, ip) for ip, name, site in answers if name == site}
        names = {name for name, _ in right}
        addresses = {ip for _, ip in right if ipaddress.ip_address(ip) in net}
        if min(len(names), len(addresses)) < count:
            raise CheckFailed(
                f"{count} sites to answer, each at an address of its own",
                f"{len(names)} did, at {len(addresses)} addresses",
                "Does the server know them (the step before), and the client their addresses?",
            )
        return f"{len(names)} of {count} sites answered, each at an address of its own"

    return look


def measured(*ways: str) -> "Check":
    """Each way was measured, and every address that it asked has answered."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = read_rates(attempt.output)
        expected = "every address to answer, asked in each of the four ways"
        for way in ways:
            if way not in found:
                raise CheckFailed(expected, f"{way} was not measured")
            answered, count, _ = found[way]
            if answered < count:
                raise CheckFailed(expected, f"with {way} {answered} of {count} did")
        return f"all {sum(found[way][1] for way in ways):,} addresses answered"

    return look
