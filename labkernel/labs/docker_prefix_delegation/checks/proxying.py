"""Checks of containers on the link."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._tables import setting
from labkernel.labs.docker_prefix_delegation.checks.giving import serves
from labkernel.packets import NeighborAdvertisement, NeighborSolicitation

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def unanswered(address: str) -> "Check":
    """The CPE has asked the link who has the address, and nobody has answered."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        packets = [packet.message for packet in attempt.packets]
        asked = [m for m in packets if isinstance(m, NeighborSolicitation) and m.target == address]
        answers = [
            m for m in packets if isinstance(m, NeighborAdvertisement) and m.target == address
        ]
        expected = Expected("lan", f"solicitations for {address}, and no advertisement")
        if not asked or answers:
            seen = "somebody advertises it" if answers else "nobody asks for it"
            raise CheckFailed(expected, seen)
        return f"the CPE asks who has {address}, and nobody answers"

    return look


def _proxies(attempt: "Attempt", node: str = "host") -> list[str]:
    listed = attempt.run(node, ["ip", "-6", "neigh", "show", "proxy"]).output.splitlines()
    return [line for line in listed if line.strip()]


def proxied(address: str) -> "Check":
    """The host answers for the container on the LAN, and the CPE reaches it."""
    served = serves("cpe", address)

    @looks_at(on("host", Kind.SETTING), sends=True)
    def look(attempt: "Attempt") -> str:
        # what the CPE has learnt before would hide that nobody answers now
        attempt.run("cpe", ["ip", "-6", "neigh", "flush", "to", address, "dev", "lan0"])
        try:
            seen = served(attempt)
        except CheckFailed as failure:
            fault, hint = _not_proxied(attempt, address)
            raise CheckFailed(failure.expected, fault or failure.seen, hint) from None
        if not any(line.split()[:3] == [address, "dev", "eth0"] for line in _proxies(attempt)):
            expected = Expected("host", f"a proxy entry for {address} on eth0")
            hint = "The kernel's own proxy was asked for: `ip -6 neigh add proxy …`."
            raise CheckFailed(expected, "there is none, and somebody else answers", hint)
        return seen

    return look


def _not_proxied(attempt: "Attempt", address: str) -> tuple[str, str]:
    mine = [line for line in _proxies(attempt) if line.split()[0] == address]
    if any(line.split()[0] == address for line in _proxies(attempt, "cpe")):
        return "the CPE is the proxy", "It is the CPE that asks: the host must answer."
    if not mine:
        others = ", ".join(line.split()[0] for line in _proxies(attempt))
        return f"the host is a proxy for {others or 'nobody'}", "`ip -6 neigh add proxy …`"
    if not any(line.split()[2] == "eth0" for line in mine):
        return "it is a proxy on another interface", "The question comes in by eth0."
    if setting(attempt, "host", "eth0.proxy_ndp") != "1":
        return "proxy_ndp is 0 on eth0", "The list is ignored until the switch is on."
    return "", "Does the host forward? See `sysctl net.ipv6.conf.all.forwarding`."


def not_listed(address: str) -> "Check":
    """No entry of the kernel's proxy names the address."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        if any(line.split()[0] == address for line in _proxies(attempt)):
            raise CheckFailed(Expected("host", f"no proxy entry for {address}"), "there is one")
        return "no proxy entry names it"

    return look


def has_more(*names: str) -> "Check":
    """Each of the containers has twenty further addresses, and the host is a proxy for some."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        for name in names:
            listed = attempt.run("host", ["docker", "exec", name, "ip", "-6", "address"]).output
            if (found := len(re.findall(r":1[0-2]\d/128 ", listed))) < 20:
                raise CheckFailed(Expected(name, "20 more addresses"), f"it has {found}")
        if (entries := len(_proxies(attempt))) < 21:
            raise CheckFailed(Expected("host", "21 proxy entries"), f"it has {entries}")
        return f"{', '.join(names)} have 20 more addresses each"

    return look


def usable(*names: str) -> "Check":
    """No address of the containers is tentative any more."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        for name in names:
            listed = attempt.run("host", ["docker", "exec", name, "ip", "-6", "address"]).output
            if "tentative" in listed:
                raise CheckFailed(Expected(name, "usable addresses"), "some are tentative")
        return "all of them can be used"

    return look
