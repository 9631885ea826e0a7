"""Probes that several checks run: what a filter lets pass, and who finds whose MAC address."""

import ipaddress
import random
import re
from typing import TYPE_CHECKING

from labkernel.labs._advertised import solicited as advertised
from labkernel.labs._probes import arrived
from labkernel.labs._tables import addresses
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, ROUTER

if TYPE_CHECKING:
    from labkernel import Attempt


def received(output: str) -> int:
    """The number of replies that ping counted."""
    found = re.search(r"(\d+) received", output)
    return int(found[1]) if found else 0


def pings(attempt: "Attempt", destination: str, *, node: str = "client", size: int = 56) -> bool:
    """True if one of three echo requests of a node is answered.

    :param size: octets of data; what the node has learned of the path's MTU is forgotten first.
    """
    options = f"-n -c 3 -i 0.3 -W 1 -s {size}"
    command = f"ip -6 route flush cache\nping {options} {destination}"
    return received(attempt.run(node, command).output) > 0


def solicited(attempt: "Attempt") -> bool:
    """True if the client's solicitation reaches the router, and an advertisement the client.

    The router's own count is asked, since an advertisement may come without being asked for.
    """
    before = _solicitations(attempt)
    return advertised(attempt, "client", "eth0") is not None and _solicitations(attempt) > before


def _solicitations(attempt: "Attempt") -> int:
    counters = attempt.run("router", ["cat", "/proc/net/snmp6"]).output
    found = re.search(r"^Icmp6InRouterSolicits\s+(\d+)", counters, re.MULTILINE)
    return int(found[1]) if found else 0


def client_address(attempt: "Attempt") -> ipaddress.IPv6Address | None:
    """An address that the client has on the LAN."""
    net = ipaddress.IPv6Network(ON_LAN)
    found = [each for each in addresses(attempt, "client", "eth0") if not each.tentative]
    return next((each.ip for each in found if each.ip in net), None)


def undiscovered(attempt: "Attempt") -> str:
    """The neighbour that can't be resolved, as a clause; empty if all can."""
    client = client_address(attempt)
    for node, interface, target in (
        ("client", "eth0", ROUTER),
        ("router", "eth1", client),
        ("router", "eth0", INTERNET),
    ):
        words = ["ndisc6", "-1", "-q", "-r", "2", "-w", "500", str(target), interface]
        if target and not attempt.run(node, words).ok:
            return f"{node} does not find the MAC address of {target}"
    return ""


# Refused is as good as answered: the segment has been there, and its answer has come back.
_CONNECT = b"""
import errno, socket, sys
with socket.socket(socket.AF_INET6) as way:
    way.settimeout(2)
    error = way.connect_ex((sys.argv[1], int(sys.argv[2])))
    print(errno.errorcode.get(error, error) if error else "connected")
"""
_DATAGRAM = b"""
import socket, sys
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as way:
    way.sendto(b"check", (sys.argv[1], int(sys.argv[2])))
"""


def reset(attempt: "Attempt", node: str, address: str) -> bool:
    """True if a TCP segment of a node to a random port is answered, be it by RST."""
    words = ["python3", "-", address, str(random.randrange(20000, 60000))]
    answer = attempt.run(node, words, stdin=_CONNECT).output.strip()
    return answer in ("connected", "ECONNREFUSED")


def delivered(attempt: "Attempt", node: str, address: str, at: str) -> bool:
    """True if a UDP datagram of a node to a random port arrives at another."""
    before = arrived(attempt, at)["UDP"]
    words = ["python3", "-", address, str(random.randrange(20000, 60000))]
    attempt.run(node, words, stdin=_DATAGRAM)
    return pings(attempt, address, node=node) and arrived(attempt, at)["UDP"] > before
