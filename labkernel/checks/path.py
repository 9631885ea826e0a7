"""The path of a packet through a lab, from node to node, according to the nodes' tables."""

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkernel.checks.tables import ip_json
from labkernel.errors import last_line

if TYPE_CHECKING:
    from labkernel.attempt import Attempt
    from labkernel.topology import Port

_LONGEST = 16


@dataclass(frozen=True)
class Path:
    """The path of a packet.

    :param nodes: the nodes on the path, the sender first.
    :param source: the source address; empty if the packet is not sent.
    :param fault: why it does not arrive, a clause; empty if the last node accepts it.
    :param hint: what to try, a sentence; empty when there is nothing to add.
    :param certain: whether waiting can't remove the fault.
    :param hops: for each node on the path except the last: its name, the outgoing interface, and
        the address of the next hop.
    """

    nodes: tuple[str, ...]
    source: str = ""
    fault: str = ""
    hint: str = ""
    certain: bool = True
    hops: tuple[tuple[str, str, str], ...] = ()

    @property
    def arrives(self) -> bool:
        """The packet arrives: a node accepts it."""
        return not self.fault


def follow(attempt: "Attempt", node: str, destination: str) -> Path:
    """Follow a packet from a node to an address, hop by hop, until a node accepts it.

    Reads the nodes' routing tables, addresses, sysctls and neighbour tables; sends no packets.
    """
    source, here, passed = "", node, [node]
    hops: list[tuple[str, str, str]] = []
    while True:
        entry, refused = _lookup(attempt, here, destination)
        source = source or entry.get("prefsrc", "")
        if refused:
            return Path(tuple(passed), source, *_no_route(here, destination, refused))
        if entry.get("type") == "local":
            return Path(tuple(passed), source, hops=tuple(hops))
        if len(passed) > 1 and not _forwards(attempt, here, destination):
            return Path(tuple(passed), source, *_does_not_forward(here, destination))
        hop, device = entry.get("gateway", destination), entry["dev"]
        following = _owner(attempt, here, device, hop)
        if following is None:
            fault, hint = _nobody(attempt, here, device, hop)
            return Path(tuple(passed), source, fault, hint, certain=False)
        if following in passed or len(passed) >= _LONGEST:
            return Path(tuple(passed), source, *_returns(here, following, destination))
        passed.append(following)
        hops.append((here, device, hop))
        here = following


def _lookup(attempt: "Attempt", node: str, destination: str) -> tuple[dict[str, Any], str]:
    found = attempt.run(node, ["ip", "-j", "route", "get", destination])
    if not found.ok:
        return {}, last_line(found.output) or "no answer"
    entries = json.loads(found.output)
    return (entries[0], "") if entries else ({}, "no route")


def _no_route(node: str, destination: str, refused: str) -> tuple[str, str]:
    family = "ip -6 route" if ":" in destination else "ip route"
    return (
        f"{node} has no route to {destination} ({refused})",
        f"Look at `{family}` on {node}: which entry covers it?",
    )


def _forwards(attempt: "Attempt", node: str, destination: str) -> bool:
    name = "net.ipv6.conf.all.forwarding" if ":" in destination else "net.ipv4.ip_forward"
    return attempt.run(node, ["sysctl", "-n", name]).output.strip() != "0"


def _does_not_forward(node: str, destination: str) -> tuple[str, str]:
    return (
        f"{node} gets what is for {destination}, and neither takes it nor forwards it",
        f"Is it for {node}? Then its table local must say so. If not, {node} must forward.",
    )


def _returns(node: str, following: str, destination: str) -> tuple[str, str]:
    return (
        f"{node} sends what is for {destination} back to {following}, from where it came",
        f"Which of the two should have it? See `ip route get {destination}` on each.",
    )


def _owner(attempt: "Attempt", node: str, device: str, address: str) -> str | None:
    """The node on the link of an interface that has an address."""
    across = _across(attempt, node, device)
    return next((p.node for p in across if _has(attempt, p.node, p.name, address)), None)


def _across(attempt: "Attempt", node: str, device: str) -> list["Port"]:
    """The other interfaces on an interface's link."""
    own = [port for port in attempt.topology.ports_of(node) if port.name == device]
    return [p for port in own for p in attempt.topology.on_link(port.link) if p.node != node]


def _has(attempt: "Attempt", node: str, device: str, address: str) -> bool:
    """Check if a node answers on an interface for an address: its own, by ARP, or as a proxy."""
    if _assigned(attempt, node, address):
        return True
    if ":" not in address:  # IPv4 answers for whatever its table local has
        return _lookup(attempt, node, address)[0].get("type") == "local"
    proxied = attempt.run(node, ["ip", "-6", "neigh", "show", "proxy", "dev", device]).output
    return address in proxied.split()


def _assigned(attempt: "Attempt", node: str, address: str) -> bool:
    wanted = ipaddress.ip_address(address)
    return any(
        ipaddress.ip_address(info["local"]) == wanted
        for link in ip_json(attempt, node, "address")
        for info in link.get("addr_info", ())
        if "local" in info  # a peer's address alone has none
    )


def undiscovered(attempt: "Attempt", path: Path) -> str:
    """The first hop of a path without neighbour discovery, a clause; empty if there is none."""
    for node, device, hop in path.hops:
        state = _neighbour(attempt, node, device, hop)
        if state in ("FAILED", "INCOMPLETE"):
            return f"{node} does not find the MAC address of {hop} (neighbour {state})"
    return ""


def _neighbour(attempt: "Attempt", node: str, device: str, address: str) -> str:
    """The state of an entry in a node's neighbour table; empty if there is none."""
    entries = ip_json(attempt, node, "neigh", "show", "to", address, "dev", device)
    return next((state for entry in entries for state in entry.get("state", ())), "")


def _nobody(attempt: "Attempt", node: str, device: str, hop: str) -> tuple[str, str]:
    state = _neighbour(attempt, node, device, hop)
    # any other state is of the time when somebody had it
    neighbour = f" (neighbour {state})" if state in ("FAILED", "INCOMPLETE") else ""
    fault = f"nobody on {node}'s {device} answers for {hop}{neighbour}"
    across = _across(attempt, node, device)
    for other in across:
        if _lookup(attempt, other.node, hop)[0].get("type") == "local":
            return fault, (
                f"{other.node} has it in its table local, but answers Neighbor Solicitations only "
                "for addresses of its interfaces and for those that it is a proxy for."
            )
    for other in across:
        if lost := _lost(attempt, other):
            return f"{fault}, and {lost}", "An interface that goes down loses its IPv6 addresses."
    return fault, f"Who should have {hop}? Look at `ip address` on the nodes of that link."


def _lost(attempt: "Attempt", port: "Port") -> str:
    """A clause if an interface is not there or not up; otherwise empty."""
    links = ip_json(attempt, port.node, "link", "show", "dev", port.name)
    if not links:
        return f"{port.node} has no interface {port.name}"
    return "" if "UP" in links[0].get("flags", ()) else f"{port.node}'s {port.name} is down"
