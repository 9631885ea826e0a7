"""Checks of Docker engines, images and containers, for the labs that have an engine."""

import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.errors import last_line
from labkernel.labs._processes import is_stopped, states_of

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

SERVE_ADDRESS = """\
cat > /etc/nginx/sites-enabled/default <<'END'
server { listen [::]:80; location / { return 200 "You are $remote_addr\\n"; } }
END
nginx"""
"""A web server that tells each client its address, as the server sees it."""


#: seconds for an engine to say which one it is, and what it has
_ANSWER, _INSPECTION = 10, 30
VERSION = ["docker", "version", "-f", "{{.Server.Version}}"]


def no_engine(attempt: "Attempt", node: str, start: str) -> tuple[str, str] | None:
    """Why no engine answers, a clause, and what to try; ``None`` if one does.

    :param start: what to try where none runs.
    """
    if attempt.run(node, VERSION, timeout=_ANSWER).ok:
        return None
    states = states_of(attempt, node, "dockerd")
    if any(map(is_stopped, states)):
        return "dockerd is stopped by a signal", f"`pkill -CONT -x dockerd` on {node}."
    if states:
        return "dockerd runs, and does not answer", "`tail /run/dockerd.log` says what it does."
    return "no engine answers", start


def ask(attempt: "Attempt", node: str, *words: str) -> list[dict[str, Any]]:
    """The output of ``docker … inspect``; nothing if there is no such thing, or no engine."""
    found = attempt.run(node, ["docker", *words], timeout=_INSPECTION)
    start = found.output.find("[")
    if not found.ok or start < 0:
        return []
    try:
        listed = json.loads(found.output[start:])
    except ValueError:
        return []
    return [each for each in listed if isinstance(each, dict)]


def container(attempt: "Attempt", node: str, name: str) -> dict[str, Any]:
    """A container, as ``docker inspect`` tells it; empty if there is none."""
    return next(iter(ask(attempt, node, "container", "inspect", name)), {})


def address_of(attempt: "Attempt", node: str, name: str) -> str:
    """The global IPv6 address of a running container; empty if it has none."""
    found = container(attempt, node, name)
    if not found.get("State", {}).get("Running"):
        return ""
    given = [str(each.get("GlobalIPv6Address") or "") for each in networks_of(found).values()]
    return next(filter(None, given), "")


def networks_of(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The networks of a container, by their names."""
    networks = (found.get("NetworkSettings") or {}).get("Networks") or {}
    return {name: each for name, each in networks.items() if isinstance(each, dict)}


def subnets(attempt: "Attempt", node: str, network: str = "bridge") -> list[str]:
    """The IPv6 prefixes of a network of the engine."""
    found = ask(attempt, node, "network", "inspect", network)
    configured = [each for net in found for each in (net.get("IPAM") or {}).get("Config") or ()]
    return [each["Subnet"] for each in configured if ":" in each.get("Subnet", "")]


def engine(node: str, prefix: str = "") -> "Check":
    """The engine runs, and gives its containers addresses of a prefix."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, "a Docker engine")
        if trouble := no_engine(attempt, node, "Start it: start-dockerd."):
            said = (
                attempt.run(node, "tail -n 1 /run/dockerd.log").output.rpartition('" ')[2].strip()
            )
            seen, hint = trouble
            if "failed" in said and seen == "no engine answers":
                hint = f"Its log ends with: {said}"
            raise CheckFailed(expected, seen, hint)
        have = subnets(attempt, node)
        if prefix and prefix not in have:
            seen = f"its containers get {', '.join(have) or 'no IPv6 addresses'}"
            raise CheckFailed(f"{expected} with {prefix}", seen, "See --fixed-cidr-v6.")
        return f"{node} has an engine, whose containers get addresses of {prefix or have[0]}"

    return look


def image(node: str, name: str) -> "Check":
    """The engine has an image."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        if not ask(attempt, node, "image", "inspect", name):
            raise CheckFailed(Expected(node, f"the image {name}"), "the engine has none")
        return f"{node} has the image {name}"

    return look


def runs(node: str, name: str, address: str = "") -> "Check":
    """A container runs, and has an address."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"the container {name} to run")
        found = container(attempt, node, name)
        if not found:
            raise CheckFailed(expected, "there is none", f"See `docker ps --all` on {node}.")
        state = found["State"]
        if not state["Running"]:
            why = last_line(state.get("Error", ""))
            raise CheckFailed(expected, f"it is {state['Status']}", why)
        have = address_of(attempt, node, name)
        if address and have != address:
            raise CheckFailed(f"{expected} with {address}", f"it has {have or 'no address'}")
        return f"{name} runs" + (f" with {address}" if address else "")

    return look


def settled(node: str, interface: str = "docker0") -> "Check":
    """The addresses of the engine's bridge are in use: duplicate detection is over."""

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        listed = attempt.run(node, ["ip", "-6", "address", "show", "dev", interface, "tentative"])
        if not listed.ok or listed.output.strip():
            raise CheckFailed(Expected(node, f"{interface} to be ready"), "it is not yet")
        return f"{interface} is ready"

    return look


def seen_as(attempt: "Attempt", node: str, name: str, server: str, within: int = 1) -> str:
    """The address that a server sees when a container asks it; empty if no answer comes in time.

    :param within: seconds.
    """
    url, seconds = f"http://[{server}]/", str(within)
    words = ["docker", "exec", name, "wget", "-q", "-T", seconds, "-O", "-", url]
    answer = attempt.run(node, words).output
    return answer.removeprefix("You are ").strip() if answer.startswith("You are ") else ""


# As another container would: from an address of the same prefix that is made for it.
_ANOTHER = """\
ip -6 address add $1/128 dev eth0 nodad
ping -n -c 1 -W 2 -I $1 $2 > /dev/null && echo ICMPv6
python3 - "$1" "$2" <<'END'
import socket, sys
own, server = sys.argv[1:]
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as way:
    way.bind((own, 0))
    way.sendto(b"check", (server, 40000))
try:
    with socket.create_connection((server, 80), 2, (own, 0)) as way:
        way.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        print(way.makefile().read().splitlines()[-1])
except OSError:
    pass
END
ip -6 address del $1/128 dev eth0"""


def as_another(attempt: "Attempt", node: str, name: str, own: str, server: str) -> list[str]:
    """Ask a server by ICMPv6, UDP and TCP from a further address of a container; what came back,
    a line each: ``ICMPv6``, and what the web server says."""
    pid = str((container(attempt, node, name).get("State") or {}).get("Pid") or 0)
    words = ["nsenter", "-t", pid, "-n", "sh", "-c", _ANOTHER, "sh", own, server]
    return attempt.run(node, words).output.splitlines()
