"""Checks of a node's state: routes, addresses, listening sockets."""

from typing import TYPE_CHECKING, Any

from labkernel.checks.events import Kind, looks_at, on
from labkernel.checks.tables import ip_json
from labkernel.errors import CheckFailed, Expected

if TYPE_CHECKING:
    from labkernel.attempt import Attempt, Check

_TYPES = ("local", "unicast", "blackhole", "unreachable", "prohibit", "throw", "anycast")


def route(node: str, spec: str, hint: str = "") -> "Check":
    """A node's routing tables have an entry that begins with `spec`.

    :param spec: as ``ip route show table all`` prints it, e.g. ``local 2001:db8:100::/64 dev lo``.
    """
    words = spec.split()
    net = words[1] if words[0] in _TYPES else words[0]
    family = "-6" if ":" in spec else "-4"

    @looks_at(on(node, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        listing = attempt.run(node, ["ip", family, "route", "show", "table", "all"]).output
        for line in listing.splitlines():
            if line.split()[: len(words)] == words:
                return f"{node} has the route {line.strip()}"
        seen, what_now = _without(attempt, node, family, net, listing)
        raise CheckFailed(Expected(node, f"the route `{spec}`"), seen, hint or what_now)

    return look


def _without(attempt: "Attempt", node: str, family: str, net: str, listing: str) -> tuple[str, str]:
    """The entry that a node has instead of the expected route, and what to try."""
    near = [line.strip() for line in listing.splitlines() if net in line.split()]
    if near:
        return f"for {net} it has “{near[0]}”", f"Delete that one: `ip {family} route del …`."
    for other in attempt.topology.nodes:
        if other.name != node and net in _routes(attempt, other.name, family).split():
            return f"the route to {net} is on {other.name}", f"It belongs on {node}."
    return f"it has none for {net}", ""


def _routes(attempt: "Attempt", node: str, family: str) -> str:
    return attempt.run(node, ["ip", family, "route", "show", "table", "all"]).output


def address(node: str, spec: str, hint: str = "") -> "Check":
    """A node has an address, usable (neither tentative nor a duplicate).

    :param spec: the address, with or without its prefix length.
    """

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        entries = {
            (info["local"], info["prefixlen"]): (link["ifname"], info)
            for link in ip_json(attempt, node, "address")
            for info in link.get("addr_info", ())
            if "local" in info
        }
        expected = Expected(node, f"the address {spec}")
        for (ip, length), (device, info) in entries.items():
            if spec in (ip, f"{ip}/{length}"):
                return _usable(expected, node, spec, device, info)
        have = [f"{ip}/{length}" for ip, length in entries if ip not in ("::1", "127.0.0.1")]
        raise CheckFailed(expected, f"it has {', '.join(have) or 'none'}", hint)

    return look


def _usable(expected: Expected, node: str, spec: str, device: str, info: dict[str, Any]) -> str:
    if info.get("dadfailed"):
        raise CheckFailed(expected, "another node has it: duplicate address detection failed")
    if info.get("tentative"):
        raise CheckFailed(expected, "it is still tentative", "Duplicate detection takes 1–2 s.")
    return f"{node} has {spec} on {device}"


def listens(node: str, port: int, at: str = "", hint: str = "") -> "Check":
    """A process on the node listens on a TCP port.

    :param at: the address that it must listen on; any when empty.
    """

    @looks_at()
    def look(attempt: "Attempt") -> str:
        listing = attempt.run(node, ["ss", "-Hltn", f"sport = :{port}"]).output
        found = [line.split()[3] for line in listing.splitlines() if line.strip()]
        wanted = f"TCP port {port}" + (f" of {at}" if at else "")
        expected = Expected(node, f"a process that listens on {wanted}")
        if not found:
            raise CheckFailed(expected, "there is none", hint)
        right = [each for each in found if not at or each in (f"{at}:{port}", f"[{at}]:{port}")]
        if not right:
            raise CheckFailed(expected, f"it listens on {', '.join(found)}", hint)
        return f"{node} listens on {right[0]}"

    return look
