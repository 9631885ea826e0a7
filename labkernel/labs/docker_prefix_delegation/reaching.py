"""Checks of who reaches the containers, and by which ports."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._docker import address_of, seen_as
from labkernel.labs._tables import route_to
from labkernel.labs.docker_prefix_delegation.delegating import given

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_PAGE = "It is a container that answers."


def untouched(address: str) -> "Check":
    """On the wire, the packets are to the container's own address: nobody has changed it."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        to = {packet.destination for packet in attempt.packets}
        if address not in to:
            seen = f"they go to {', '.join(sorted(to)) or 'nobody'}"
            raise CheckFailed(f"packets to {address} on the core", seen)
        return f"on the core the packets go to {address} itself"

    return look


def _fetches(
    attempt: "Attempt", node: str, address: str, port: int = 80, within: str = "1"
) -> bool:
    url = f"http://[{address}]:{port}/"
    return _PAGE in attempt.run(node, ["curl", "-sS", "--max-time", within, url]).output


def serves(node: str, address: str) -> "Check":
    """A node gets the container's page."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        if not _fetches(attempt, node, address, within="3"):
            raise CheckFailed(Expected(node, f"the page of {address}"), "none comes")
        return f"{node} gets the page of {address}"

    return look


def open_ports(address: str, *ports: int) -> "Check":
    """The Internet gets a page from each port of the container."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        for port in ports:
            if not _fetches(attempt, "internet", address, port, "3"):
                expected = Expected("internet", f"a page from port {port} of the container")
                raise CheckFailed(expected, "none comes")
        return f"the Internet gets pages from the ports {' and '.join(map(str, ports))}"

    return look


def guarded(address: str, server: str) -> "Check":
    """The Internet gets in where it may and nowhere else, and the container gets out."""

    @looks_at(on("host", Kind.FILTER), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = "the Internet to get in by port 80 and ICMPv6 alone"
        if _fetches(attempt, "internet", address, 8081):
            hint = "Is there a last rule that refuses the rest? `ip6tables -S FORWARD`"
            raise CheckFailed(expected, "port 8081 answers the Internet", hint)
        if not _fetches(attempt, "internet", address, 80, "3"):
            hint = "The rules are tried in their order: the one that refuses must be the last."
            raise CheckFailed(expected, "port 80 does not answer", hint)
        if not attempt.run("internet", ["ping", "-n", "-c", "1", "-W", "2", address]).ok:
            hint = "Without ICMPv6 no “packet too big” comes in either, and connections hang."
            raise CheckFailed(expected, "the container is deaf to ICMPv6", hint)
        if not seen_as(attempt, "host", "web", server, within=3):
            hint = "The answers to its own questions come in by FORWARD, too: ESTABLISHED."
            raise CheckFailed(expected, "the container can't ask the Internet any more", hint)
        return "port 80 and ICMPv6 get in, port 8081 does not, and answers come back"

    return look


def follows(whole: str, part: str, address: str) -> "Check":
    """The client has the new prefix, Docker a part of it, and the Internet gets there."""
    has_part = given("host", whole, part)

    @looks_at(on("cpe", Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("internet", f"the page of {address}")
        if not route_to(attempt, "cpe", whole):
            hint = "The host's client holds on to its old lease: restart dhcp6c."
            raise CheckFailed(expected, f"{whole} is not delegated to the host", hint)
        has_part(attempt)
        if address_of(attempt, "host", "web") != address:
            seen = f"web has {address_of(attempt, 'host', 'web') or 'no address: it does not run'}"
            raise CheckFailed(
                expected, seen, "Containers stop with the engine: `docker start web`."
            )
        for _ in range(3):
            if _fetches(attempt, "internet", address, within="2"):
                return f"the Internet gets the page of {address}"
        raise CheckFailed(expected, "none comes", "See `ip -6 route` on isp, cpe and host.")

    return look
