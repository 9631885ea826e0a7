"""Checks of bridges, containers and endpoints, and of a flood's measurement."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, ip_json, looks_at, on
from labkernel.labs._docker import container, networks_of
from labkernel.labs._tables import route_to
from labkernel.labs.container_limit.commands import COUNT, FPING

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def ports(attempt: "Attempt", bridge: str) -> int:
    """The number of ports of a bridge of the host; -1 if there is no such bridge."""
    found = attempt.run("host", ["ls", f"/sys/class/net/{bridge}/brif"])
    return len(found.output.split()) if found.ok else -1


def still_full(bridge: str) -> "Check":
    """A bridge of the host has all the ports that it can have."""
    return has_ports(
        bridge,
        1023,
        "It must stay as it is: a container of yours on it goes (`docker rm --force c5`), and "
        f"`fill-bridge {bridge} 1023` brings back what was deleted.",
    )


def has_ports(bridge: str, number: int, hint: str = "") -> "Check":
    """A bridge of the host has so many ports."""

    @looks_at(on("host", Kind.LINK))
    def look(attempt: "Attempt") -> str:
        found = ports(attempt, bridge)
        if found != number:
            seen = f"it has {found}" if found >= 0 else "there is no such bridge"
            raise CheckFailed(Expected("host", f"{number} ports on {bridge}"), seen, hint)
        return f"{bridge} has {number} ports"

    return look


def is_port(interface: str, bridge: str) -> "Check":
    """An interface is a port of a bridge."""

    @looks_at(on("host", Kind.LINK))
    def look(attempt: "Attempt") -> str:
        expected = Expected("host", f"{interface} as a port of {bridge}")
        found = ip_json(attempt, "host", "link", "show", "dev", interface)
        if not found:
            hint = f"Make it: `ip link add {interface} type veth peer name {interface}-peer`."
            raise CheckFailed(expected, "there is no such interface", hint)
        master = found[0].get("master", "")
        if master == bridge:
            _require_others(attempt, bridge, expected)
            return f"{interface} is a port of {bridge}, which has {ports(attempt, bridge)}"
        raise CheckFailed(expected, *_not_a_port(attempt, bridge, master))

    return look


def _require_others(attempt: "Attempt", bridge: str, expected: Expected) -> None:
    """Raise CheckFailed unless the other ports are where they were, but for a few."""
    if (number := ports(attempt, bridge)) < 1000:
        hint = f"One port is enough for one. `fill-bridge {bridge} 1022` brings the others back."
        raise CheckFailed(expected, f"{bridge} has {number} ports: the others are gone", hint)


def _not_a_port(attempt: "Attempt", bridge: str, master: str) -> tuple[str, str]:
    if master:
        return f"it is a port of {master}", "That is another bridge."
    number = ports(attempt, bridge)
    if number >= 1023:
        return f"{bridge} has {number} ports still", "Delete a port first: `ip link del p1`."
    return "it is no port of any bridge", f"`ip link set … master {bridge}`"


def states(wanted: dict[str, str]) -> "Check":
    """Containers of the host are in these states."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        for name, state in wanted.items():
            expected = Expected("host", f"the container {name} to be {state}")
            found = container(attempt, "host", name).get("State")
            if found is None:
                hint = "Give it the name: `--name`." if name == "c5" else "Start afresh: Reset."
                raise CheckFailed(expected, "there is no such container", hint)
            if found["Status"] != state:
                raise CheckFailed(expected, f"it is {found['Status']}", _cause(found))
        return ", ".join(f"{name} is {state}" for name, state in wanted.items())

    return look


def on_the_bridge(name: str) -> "Check":
    """A container is connected to docker0, and has an address of it."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        own = networks_of(container(attempt, "host", name)).get("bridge")
        if own is None or not own.get("GlobalIPv6Address"):
            seen = "it is not" if own is None else "it has no address"
            hint = f"`docker inspect {name}` shows its networks."
            raise CheckFailed(Expected("host", f"{name} to be connected to docker0"), seen, hint)
        return f"{name} is connected to docker0"

    return look


def off_the_bridge(name: str) -> "Check":
    """A container has no port of docker0."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        if "bridge" in networks_of(container(attempt, "host", name)):
            expected = Expected("host", "docker0 as it was")
            hint = "A port that another has lost is no way past the limit."
            raise CheckFailed(expected, f"{name} has a port of it", hint)
        return f"{name} has no port of docker0"

    return look


def _cause(state: dict[str, str]) -> str:
    error = state.get("Error", "")
    if "exchange full" in error:
        return "The engine says: exchange full. The bridge that it is to join has no port left."
    return f"The engine says: {error}." if error else "`docker start …` starts it."


def routed(number: int) -> "Check":
    """The host has a route to each of so many endpoints, and none of them is a bridge's port."""

    @looks_at(on("host", Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        routes, on_bridges = attempt.run("host", COUNT).output.split()
        if int(routes) < number or int(on_bridges):
            seen = f"there are {routes}, and {on_bridges} on a bridge"
            raise CheckFailed(Expected("host", f"routes to {number} endpoints"), seen)
        return f"host has a route to each of {number} endpoints, none on a bridge"

    return look


def reaches_all(number: int, prefix: str) -> "Check":
    """The client gets an echo reply from every endpoint."""
    net = ipaddress.IPv6Network(prefix)
    every = "\n".join(str(net[index]) for index in range(1, number + 1))

    @looks_at(on("client", Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("client", f"echo replies from {number} endpoints")
        answered = attempt.run(
            "client", f"{FPING} 2>/dev/null", stdin=every.encode()
        ).output.split()
        if len(answered) < number:
            if not route_to(attempt, "client", prefix):
                raise CheckFailed(expected, *_no_route(attempt, prefix, len(answered)))
            hop = (route_to(attempt, "client", prefix) or {}).get("gateway", "")
            hint = "" if hop == "2001:db8:1::2" else "The next hop is the host: 2001:db8:1::2."
            raise CheckFailed(expected, f"only {len(answered)} answer", hint)
        return f"client gets echo replies from {number} endpoints"

    return look


def _no_route(attempt: "Attempt", prefix: str, answered: int) -> tuple[str, str]:
    words = attempt.run("client", ["ip", "-6", "route", "show", "root", prefix]).output.split()
    if words:
        seen = f"its route is for {words[0]}" + (f": {answered} answer" if answered else "")
        return seen, f"One route for all of them: {prefix}."
    return f"it has no route to {prefix}", "See `ip -6 route` on the client."


_LINE = re.compile(
    r"^(\d+) ports: (\d+) frames, (\d+) copies, (\d+) arrived, ([\d.]+) ms a frame$", re.MULTILINE
)


def read_flood(output: str) -> list[tuple[int, int, int, int, float]]:
    """Ports, frames, copies, arrived, and milliseconds a frame, of each measurement."""
    return [
        (int(ports), int(frames), int(copies), int(arrived), float(time))
        for ports, frames, copies, arrived, time in _LINE.findall(output)
    ]


def measured(*ports: int) -> "Check":
    """Each number of ports was measured; on the small bridge every copy arrived."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = read_flood(attempt.output)
        expected = f"measurements with {', '.join(map(str, ports))} ports"
        if [each[0] for each in found] != list(ports):
            seen = f"there are {', '.join(str(each[0]) for each in found) or 'none'}"
            raise CheckFailed(expected, seen)
        if found[0][2] != found[0][3]:
            raise CheckFailed(expected, f"with {found[0][0]} ports copies were lost")
        if found[-1][3] <= found[0][3]:
            raise CheckFailed(expected, "more ports did not make more copies")
        return f"one frame becomes {found[0][0] - 1} copies, or {found[-1][0] - 1}"

    return look
