"""Checks of the containers' firewall."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._docker import seen_as
from labkernel.labs._probes import let_in
from labkernel.labs.docker_prefix_delegation.checks.giving import fetches

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def open_ports(address: str, *ports: int) -> "Check":
    """The Internet gets a page from each port of the container."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        for port in ports:
            if not fetches(attempt, "internet", address, port, "3"):
                expected = Expected("internet", f"a page from port {port} of the container")
                raise CheckFailed(expected, "none comes")
        return f"the Internet gets pages from the ports {' and '.join(map(str, ports))}"

    return look


#: in the container, whose counters tell what arrives
_INSIDE = "docker exec web"


def guarded(address: str, server: str) -> "Check":
    """The Internet gets in by port 80 and ICMPv6, and by no other port of TCP or UDP; the container
    gets out by both."""

    @looks_at(on("host", Kind.FILTER), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = "the Internet to get in by port 80 and ICMPv6 alone"
        if fetches(attempt, "internet", address, 8081):
            hint = "Is there a last rule that refuses the rest? `ip6tables -S FORWARD`"
            raise CheckFailed(expected, "port 8081 answers the Internet", hint)
        if not fetches(attempt, "internet", address, 80, "3"):
            hint = "The rules are tried in their order: the one that refuses must be the last."
            raise CheckFailed(expected, "port 80 does not answer", hint)
        if not attempt.run("internet", ["ping", "-n", "-c", "1", "-W", "2", address]).ok:
            hint = "Without ICMPv6 no “packet too big” comes in either, and connections hang."
            raise CheckFailed(expected, "the container is deaf to ICMPv6", hint)
        if not seen_as(attempt, "host", "web", server, within=3):
            hint = "The answers to its own questions come in by FORWARD, too: ESTABLISHED."
            raise CheckFailed(expected, "the container can't ask the Internet any more", hint)
        entered = let_in(attempt, "internet", address, "host", wrap=_INSIDE, allowed=(80,))
        if entered:
            raise CheckFailed(expected, entered, "Is there a last rule that refuses the rest?")
        return "port 80 and ICMPv6 get in, port 8081 does not, and answers come back"

    return look
