"""Checks of addresses and of what routers announce."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._tables import Address, addresses, gateways, runs, setting, solicit

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_LIFETIME = re.compile(r"^Router lifetime +: +(\d+)", re.MULTILINE)
_PREFIX = re.compile(r"^ *Prefix +: (\S+)$", re.MULTILINE)
_AUTO = re.compile(r"^ *Autonomous address conf\.: +(\w+)", re.MULTILINE)


def answered(count: int) -> "Check":
    """The step printed so many different link-local addresses."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = set(re.findall(r"^fe80:\S+", attempt.output, re.MULTILINE))
        if len(found) < count:
            raise CheckFailed(f"answers from {count} link-local addresses", f"{len(found)} came")
        return f"{len(found)} link-local addresses answered"

    return look


def configured(node: str, interface: str, prefix: str) -> "Check":
    """An advertisement has given a node an address of a prefix and a default route."""
    net = ipaddress.IPv6Network(prefix)
    expected = Expected(node, f"an address of {net} and a default route by advertisement")

    @looks_at(on(node, Kind.ADDRESS, Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        announced(attempt)
        return patient(attempt)

    def advertisement(attempt: "Attempt") -> str:
        _require_router(attempt, expected)
        _require_advertisement(attempt, expected, node, interface, net)
        return "the advertisement is right"

    def address_and_route(attempt: "Attempt") -> str:
        found = [each for each in addresses(attempt, node, interface) if each.ip in net]
        usable = [each for each in found if not each.tentative and not each.dadfailed]
        if not usable:
            seen, hint, permanent = _no_address(attempt, node, interface, found)
            raise CheckFailed(expected, seen, hint, permanent=permanent)
        by_ra = gateways(attempt, node, "ra")
        if not by_ra:
            hint, permanent = _deaf(attempt, node, interface)
            raise CheckFailed(expected, "it has no default route", hint, permanent=permanent)
        return f"{node} has an address of {net}, and a default route via {by_ra[0]}"

    # an answer may still be one of before: radvd reads its file some time after the signal
    announced = eventually(advertisement, within=2)
    patient = eventually(address_and_route, within=8, on=node)
    return look


def _require_router(attempt: "Attempt", expected: Expected) -> None:
    """An advertising daemon runs on the router."""
    if not runs(attempt, "router", "radvd"):
        forwards = setting(attempt, "router", "all.forwarding") == "1"
        hint = "" if forwards else "It refuses to start where net.ipv6.conf.all.forwarding is 0."
        seen = "no radvd runs on router"
        raise CheckFailed(expected, seen, hint or "Start it there.", permanent=True)


def _require_advertisement(
    attempt: "Attempt", expected: Expected, node: str, interface: str, net: ipaddress.IPv6Network
) -> None:
    """The router's answer to a solicitation has what an address and a route are made from."""
    told = solicit(attempt, node, interface).output
    lifetime, prefixes = _LIFETIME.search(told), _PREFIX.findall(told)
    if not lifetime:
        raise CheckFailed(
            expected,
            f"no router answers on {interface}",
            "Which interface stands in radvd.conf, and does it say `AdvSendAdvert on;`?",
        )
    if str(net) not in prefixes:
        seen = f"the advertisement has {', '.join(prefixes) or 'no prefix'}"
        raise CheckFailed(expected, seen, "Compare the prefix in /etc/radvd.conf.")
    if _AUTO.findall(told)[prefixes.index(str(net))] != "Yes":
        raise CheckFailed(
            expected,
            f"{net} is announced without the A flag",
            "Nobody makes an address of it then: AdvAutonomous on.",
        )
    if lifetime[1] == "0":
        raise CheckFailed(
            expected,
            "the advertisement has a router lifetime of 0",
            "0 means: I am no default router. See AdvDefaultLifetime in /etc/radvd.conf.",
        )


def _no_address(
    attempt: "Attempt", node: str, interface: str, found: list[Address]
) -> tuple[str, str, bool]:
    """What is seen, what to try, and whether it is permanent."""
    if any(each.dadfailed for each in found):
        return "the address is dadfailed", "Somebody on the link has it already.", True
    if found:
        return "the address is tentative", "Duplicate Address Detection takes a second.", False
    return "it has none", *_deaf(attempt, node, interface)


def _deaf(attempt: "Attempt", node: str, interface: str) -> tuple[str, bool]:
    """Why a node does not listen to advertisements, and whether that is permanent."""
    accept = setting(attempt, node, f"{interface}.accept_ra")
    if accept == "0":
        return f"accept_ra is 0 on {interface}: it does not listen to advertisements.", True
    if accept == "1" and setting(attempt, node, f"{interface}.forwarding") == "1":
        seen = f"forwarding is 1 and accept_ra is 1 on {interface}"
        return f"{seen}: a router listens only with 2.", True
    return "Look at `ip -6 address` and `ip -6 route` on it.", False


def no_default_router(node: str, interface: str) -> "Check":
    """The router says that it is no default router, and the node has no such route any more."""

    @looks_at(on(node, Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        announced(attempt)
        return gone(attempt)

    def advertisement(attempt: "Attempt") -> str:
        expected = Expected(node, "advertisements with a router lifetime of 0")
        told = solicit(attempt, node, interface).output
        lifetime = _LIFETIME.search(told)
        if not lifetime or lifetime[1] != "0":
            seen = f"it is {lifetime[1]} s" if lifetime else "no router answers"
            raise CheckFailed(expected, seen, "AdvDefaultLifetime 0; and radvd must read it: HUP.")
        return "the router says that it is no default router"

    def without(attempt: "Attempt") -> str:
        if gateways(attempt, node):
            raise CheckFailed(Expected(node, "no default route"), "it has one")
        return f"{node} has no default route any more, and keeps its addresses"

    announced = eventually(advertisement, within=2)
    gone = eventually(without, within=5, on=node)
    return look


def private(node: str, interface: str, prefix: str) -> "Check":
    """The node's address does not tell its MAC address (RFC 7217)."""
    net = ipaddress.IPv6Network(prefix)

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        mode = setting(attempt, node, f"{interface}.addr_gen_mode")
        if mode not in ("2", "3"):
            raise CheckFailed(
                Expected(node, f"an address of {net} that does not tell its MAC address"),
                f"addr_gen_mode is {mode} on {interface}: identifiers are made by EUI-64",
                "2 takes a secret from stable_secret, 3 makes one.",
            )
        return patient(attempt)

    def no_mac(attempt: "Attempt") -> str:
        expected = Expected(node, f"an address of {net} that does not tell its MAC address")
        found = [each for each in addresses(attempt, node, interface) if each.ip in net]
        telling = [each.ip for each in found if _tells_mac(attempt, node, interface, each.ip)]
        if telling:
            raise CheckFailed(
                expected,
                f"it still has {telling[0]}",
                "It was there before: flush it, and ask for an advertisement by rdisc6.",
                permanent=True,
            )
        if not any(not each.tentative for each in found):
            raise CheckFailed(expected, "it has none yet", f"`rdisc6 -1 {interface}`.")
        return f"no address of {node} in {net} tells its MAC address"

    patient = eventually(no_mac, within=6, on=node)
    return look


def _tells_mac(attempt: "Attempt", node: str, interface: str, ip: ipaddress.IPv6Address) -> bool:
    """Whether an address has the modified EUI-64 identifier (RFC 4291, appendix A)."""
    port = next(each for each in attempt.topology.ports_of(node) if each.name == interface)
    octets = bytearray.fromhex(port.mac.replace(":", ""))
    octets[0] ^= 2
    return ip.packed[8:] == bytes(octets[:3] + b"\xff\xfe" + octets[3:])


def temporary(node: str, interface: str, destination: str) -> "Check":
    """The node sends from a temporary address (RFC 8981)."""

    @looks_at(on(node, Kind.ADDRESS, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        value = setting(attempt, node, f"{interface}.use_tempaddr")
        if value != "2":
            raise CheckFailed(
                Expected(node, "it to send from a temporary address"),
                f"use_tempaddr is {value} on {interface}",
                "0: none; 1: they are made, but not preferred; 2: they are preferred.",
            )
        return patient(attempt)

    def sends(attempt: "Attempt") -> str:
        expected = Expected(node, "it to send from a temporary address")
        own = addresses(attempt, node, interface)
        found = [each.ip for each in own if each.temporary]
        if not found:
            raise CheckFailed(
                expected,
                "it has none",
                "They are made with a new address: flush, and ask for an advertisement.",
                permanent=any(not each.tentative for each in own),
            )
        got = attempt.run(node, ["ip", "-6", "route", "get", destination]).output.split()
        source = ipaddress.IPv6Address(got[got.index("src") + 1] if "src" in got else "::")
        if source not in found:
            raise CheckFailed(expected, f"to {destination} it sends from {source}")
        return f"to {destination}, {node} sends from a temporary address"

    patient = eventually(sends, within=6, on=node)
    return look


def duplicate(node: str, interface: str, address: str) -> "Check":
    """The node has found that an address is somebody else's, by a packet that is recorded."""

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        if not _entry(attempt, node, interface, address):
            raise CheckFailed(Expected(node, f"{address} to be dadfailed"), "it is not there")
        return patient(attempt)

    def failed(attempt: "Attempt") -> str:
        entry = _entry(attempt, node, interface, address)
        if not entry or not entry.dadfailed:
            raise CheckFailed(Expected(node, f"{address} to be dadfailed"), "it is not")
        return f"{address} is dadfailed on {node}: it is somebody else's, and not used"

    patient = eventually(failed, within=5, on=node)
    return look


def mended(node: str, interface: str, duplicate: str, own: str) -> "Check":
    """The node has an address of its own in place of the duplicate."""

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"{own}, and {duplicate} no more")
        if _entry(attempt, node, interface, duplicate):
            raise CheckFailed(expected, f"{duplicate} is there", "`ip -6 address del …`.")
        if not _entry(attempt, node, interface, own):
            raise CheckFailed(expected, f"{own} is not there", "`ip -6 address add …/64 dev …`.")
        return patient(attempt)

    def usable(attempt: "Attempt") -> str:
        entry = _entry(attempt, node, interface, own)
        expected = Expected(node, f"{own} to be usable")
        if entry and entry.dadfailed:
            seen, hint = "it is dadfailed", "Somebody on the link has it already."
            raise CheckFailed(expected, seen, hint, permanent=True)
        if not entry or entry.tentative:
            raise CheckFailed(expected, "it is tentative", "DAD takes a second: see dad_transmits.")
        return f"{node} has {own} to itself"

    patient = eventually(usable, within=5, on=node)
    return look


def _entry(attempt: "Attempt", node: str, interface: str, address: str) -> Address | None:
    wanted = ipaddress.IPv6Address(address)
    return next((e for e in addresses(attempt, node, interface) if e.ip == wanted), None)


def resolved(address: str) -> "Check":
    """The recording has a Neighbor Solicitation for an address and the Advertisement for it."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        about = {(p.kind, getattr(p.message, "target", "")) for p in attempt.packets}
        for kind, name in (("NS", "Neighbor Solicitation"), ("NA", "Neighbor Advertisement")):
            if (kind, address) not in about:
                raise CheckFailed(
                    f"a {name} for {address} on the link",
                    "none was recorded",
                    "A neighbour that is known is not asked for: flush the table first.",
                )
        return f"a Neighbor Solicitation asked for {address}, and an Advertisement came"

    return eventually(look, within=2)
