"""Checks of what answers at the addresses of a prefix."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, follow, listens, looks_at
from labkernel.labs._tables import has_address
from labkernel.labs.anyip.rates import read_rates

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_ADDRESS = r"[0-9a-f:.]*[0-9a-f]"


_SITE = re.compile(r"^you asked (\S+) by the name (\S+), where (\S+) lives$", re.MULTILINE)


def alive(count: int, prefix: str) -> "Check":
    """The step saw as many addresses of the prefix alive as it should have."""
    return _distinct(rf"^({_ADDRESS}) is alive$", count, prefix, "alive")


def asked(count: int, prefix: str) -> "Check":
    """The web server told as many addresses of the prefix as it should have."""
    return _distinct(rf"^you asked ({_ADDRESS})$", count, prefix, "told by the web server")


def _distinct(pattern: str, count: int, prefix: str, what: str) -> "Check":
    net = ipaddress.ip_network(prefix)

    @looks_at()
    def look(attempt: "Attempt") -> str:
        output = attempt.output
        found = {ipaddress.ip_address(text) for text in re.findall(pattern, output, re.MULTILINE)}
        inside = [ip for ip in found if ip in net]
        if len(inside) < count:
            raise CheckFailed(
                f"{count} different addresses of {prefix}, {what}",
                f"there are {len(inside)}",
            )
        return f"{len(inside)} different addresses of {prefix} are {what}"

    return look


def bound(node: str, address: str, port: int, client: str) -> "Check":
    """A process listens on one address that no interface has, and serves the client."""
    listening = listens(node, port, at=address)

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"a server on {address} port {port}")
        if has_address(attempt, node, address):
            raise CheckFailed(
                expected,
                "now an interface has the address",
                f"That works, and for a million addresses? Delete it (`ip -6 address del {address}"
                "/… dev …`) and let the bind be free.",
            )
        try:
            seen = listening(attempt)
        except CheckFailed as failure:
            hint = "On [::] or * it listens on every address; bind it to the one."
            there_is_one = "listens on" in failure.seen
            raise CheckFailed(
                failure.expected, failure.seen, hint if there_is_one else failure.hint
            ) from None
        page = attempt.run(
            client, ["curl", "-s", "-g", "--max-time", "5", f"http://[{address}]:{port}/"]
        )
        if not page.ok:
            way = follow(attempt, client, address)
            raise CheckFailed(expected, f"{client} gets no page: {way.fault or 'no answer'}")
        return f"{seen}, and {client} got its page"

    return look


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
