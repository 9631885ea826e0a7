"""Checks of the delegated prefix, of Docker's part of it, and of who reaches its containers."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.labs._docker import address_of, seen_as, subnets
from labkernel.labs._tables import addresses, route_to, runs, setting
from labkernel.packets import NeighborAdvertisement, NeighborSolicitation

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_CONF = "/etc/wide-dhcpv6/dhcp6c.conf"
_PAGE = "It is a container that answers."


def told_to_delegate(prefix: str) -> "Check":
    """The file of the CPE's Kea names the prefix; whether Kea has read it is asked next."""

    def look(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"Kea to delegate from {prefix}")
        if prefix not in attempt.run("cpe", ["cat", "/etc/kea/kea-dhcp6.conf"]).output:
            raise CheckFailed(expected, "its file does not name it")
        return f"the file names {prefix}"

    return look


def asks(node: str) -> "Check":
    """The client for prefixes runs on a node."""

    def look(attempt: "Attempt") -> str:
        if not runs(attempt, node, "dhcp6c"):
            hint = "Start it: `dhcp6c -p /run/dhcp6c.pid eth0`; `dhcp6c -f -D eth0` says more."
            raise CheckFailed(Expected(node, "dhcp6c to ask"), "it does not run", hint)
        return f"dhcp6c runs on {node}"

    return look


def delegated(prefix: str, own: str) -> "Check":
    """The host was delegated a prefix, the CPE leads it there, and lo has the host's address."""

    def look(attempt: "Attempt") -> str:
        expected = Expected("host", f"{own} on lo, of the delegated {prefix}")
        entry = route_to(attempt, "cpe", prefix)
        if entry is None:
            raise CheckFailed(expected, "the CPE has delegated nothing", _not_asked(attempt))
        have = [str(each.ip) for each in addresses(attempt, "host", "lo")]
        if own not in have:
            seen = f"lo has {', '.join(have) or 'none'}"
            raise CheckFailed(expected, seen, _other_network(attempt))
        return f"the CPE leads {prefix} to the host, which is {own}"

    return look


def _not_asked(attempt: "Attempt") -> str:
    text = attempt.run("host", ["cat", _CONF]).output
    return (
        "" if "ia-pd" in text else "`interface eth0 { send ia-pd 0; };` asks; your file does not."
    )


def _other_network(attempt: "Attempt") -> str:
    text = attempt.run("host", ["cat", _CONF]).output
    number, length = re.search(r"sla-id (\d+)", text), re.search(r"sla-len (\d+)", text)
    if length and length[1] != "2":
        return f"62 + sla-len must be 64; yours is {62 + int(length[1])}."
    if number and number[1] != "3":
        return f"That is network number {number[1]}: see sla-id."
    if not re.search(r"prefix-interface lo\b", text):
        return "prefix-interface says which interface gets an address: lo."
    return "ifid is the number in the network."


def no_route(node: str, prefix: str) -> "Check":
    """The node leads the prefix nowhere."""

    def look(attempt: "Attempt") -> str:
        if route_to(attempt, node, prefix):
            raise CheckFailed(Expected(node, f"no route to {prefix}"), "it has one")
        return f"{node} has no route to {prefix}"

    return look


def given(node: str, whole: str, part: str) -> "Check":
    """The engine gives its containers addresses of a part of the delegated prefix."""
    delegation = ipaddress.IPv6Network(whole)

    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"an engine that gives containers addresses of {part}")
        have = subnets(attempt, node)
        if not have:
            raise CheckFailed(expected, *_no_subnet(attempt, node))
        if part not in have:
            raise CheckFailed(expected, f"it gives {have[0]}", _other_part(delegation, have[0]))
        return f"the engine gives its containers addresses of {part}"

    return look


def _no_subnet(attempt: "Attempt", node: str) -> tuple[str, str]:
    if not attempt.run(node, ["docker", "version"]).ok:
        return "no engine answers", "`start-dockerd` starts it, with the options given to it."
    return "it gives no IPv6 addresses", "`--ipv6` alone is not enough: see --fixed-cidr-v6."


def _other_part(delegation: ipaddress.IPv6Network, text: str) -> str:
    net = ipaddress.IPv6Network(text)
    if net == delegation:
        return "That is all of it: the host's own network on lo would be behind docker0."
    if net.supernet_of(delegation) or not net.subnet_of(delegation):
        return f"The CPE leads {delegation} to the host, and nothing else: no reply comes back."
    if net.prefixlen != 64:
        return "A network has a /64."
    return "It is delegated, but not the first of the four."


def untouched(address: str) -> "Check":
    """On the wire, the packets are to the container's own address: nobody has changed it."""

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

    def look(attempt: "Attempt") -> str:
        if not _fetches(attempt, node, address, within="3"):
            raise CheckFailed(Expected(node, f"the page of {address}"), "none comes")
        return f"{node} gets the page of {address}"

    return look


def open_ports(address: str, *ports: int) -> "Check":
    """The Internet gets a page from each port of the container."""

    def look(attempt: "Attempt") -> str:
        for port in ports:
            if not _fetches(attempt, "internet", address, port, "3"):
                expected = Expected("internet", f"a page from port {port} of the container")
                raise CheckFailed(expected, "none comes")
        return f"the Internet gets pages from the ports {' and '.join(map(str, ports))}"

    return look


def guarded(address: str, server: str) -> "Check":
    """The Internet gets in where it may and nowhere else, and the container gets out."""

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


def unanswered(address: str) -> "Check":
    """The CPE has asked the link who has the address, and nobody has answered."""

    def look(attempt: "Attempt") -> str:
        packets = [packet.message for packet in attempt.packets]
        asked = [m for m in packets if isinstance(m, NeighborSolicitation) and m.target == address]
        told = [m for m in packets if isinstance(m, NeighborAdvertisement) and m.target == address]
        expected = Expected("lan", f"solicitations for {address}, and no advertisement")
        if not asked or told:
            seen = "somebody advertises it" if told else "nobody asks for it"
            raise CheckFailed(expected, seen)
        return f"the CPE asks who has {address}, and nobody answers"

    return look


def _proxies(attempt: "Attempt", node: str = "host") -> list[str]:
    listed = attempt.run(node, ["ip", "-6", "neigh", "show", "proxy"]).output.splitlines()
    return [line for line in listed if line.strip()]


def proxied(address: str) -> "Check":
    """The host answers for the container on the LAN, and the CPE reaches it."""
    served = serves("cpe", address)

    def look(attempt: "Attempt") -> str:
        # what the CPE has learnt before would hide that nobody answers now
        attempt.run("cpe", ["ip", "-6", "neigh", "flush", "to", address, "dev", "lan0"])
        try:
            return served(attempt)
        except CheckFailed as failure:
            seen, hint = _not_proxied(attempt, address)
            raise CheckFailed(failure.expected, seen or failure.seen, hint) from None

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

    def look(attempt: "Attempt") -> str:
        if any(line.split()[0] == address for line in _proxies(attempt)):
            raise CheckFailed(Expected("host", f"no proxy entry for {address}"), "there is one")
        return "no proxy entry names it"

    return look


def has_more(*names: str) -> "Check":
    """Each of the containers has twenty further addresses, and the host is a proxy for some."""

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

    def look(attempt: "Attempt") -> str:
        for name in names:
            listed = attempt.run("host", ["docker", "exec", name, "ip", "-6", "address"]).output
            if "tentative" in listed:
                raise CheckFailed(Expected(name, "usable addresses"), "some are tentative")
        return "all of them can be used"

    return look
